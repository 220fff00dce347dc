//! "Did you mean".

/// Names less alike than this are not worth a guess (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.75;

/// The known name most like `written`; `None` where none is alike.
pub(crate) fn closest<'k>(
    written: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    // A pasted essay is no typing error, and comparing it would be slow.
    if written.len() > 100 {
        return None;
    }
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(written, name), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_slip_of_the_finger_is_guessed_and_another_word_is_not() {
        let known = ["timeout", "retry", "needs"];
        assert_eq!(closest("timout", known), Some("timeout"));
        assert_eq!(closest("need", known), Some("needs"));
        assert_eq!(closest("colour", known), None);
    }
}
