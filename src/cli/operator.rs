//! Who acts: a person's name, given by hand. The journal is evidence of who did what, and a
//! log-in name that several people share says nothing.

use crate::diag::{Fact, Kind, Problem};

/// Names that are nobody's.
const NOBODY: [&str; 3] = ["root", "administrator", "admin"];

/// The operator's name as it was given.
///
/// # Errors
/// Where none was given, or what was given is no person's name.
pub(super) fn operator(given: Option<&str>) -> Result<String, Problem> {
    let name = given.unwrap_or_default().trim();
    if name.is_empty() {
        return Err(Problem::new("cli-operator-missing", Kind::Input));
    }
    if NOBODY.iter().any(|nobody| name.eq_ignore_ascii_case(nobody)) {
        return Err(Problem::new("cli-operator-nobody", Kind::Input).with(Fact::open("name", name)));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::operator;

    #[test]
    fn only_a_person_s_name_is_an_operator() {
        for nobody in [None, Some(""), Some("  "), Some("\u{3000}")] {
            assert_eq!(operator(nobody).unwrap_err().code, "cli-operator-missing");
        }
        for nobody in ["root", " Root ", "ADMIN"] {
            assert_eq!(operator(Some(nobody)).unwrap_err().code, "cli-operator-nobody");
        }
        assert_eq!(operator(Some(" 見本 太郎 ")).unwrap(), "見本 太郎");
    }
}
