//! Changes to a definition, put into its bytes.
//!
//! Two changes of one place would make nonsense of it: cuts that overlap become one cut, and of
//! two other changes only the first is made.

use super::needs::Edit;
use super::sql::Sql;

/// The definition with all changes made.
pub(super) fn apply(definition: &[u8], mut edits: Vec<Edit>) -> Vec<u8> {
    edits.sort_by_key(|edit| (edit.place.start, edit.place.end));
    let mut out = Vec::with_capacity(definition.len());
    let mut done = 0;
    for edit in edits {
        if edit.place.start < done {
            if edit.with.is_empty() {
                done = done.max(edit.place.end);
            }
            continue;
        }
        out.extend_from_slice(definition.get(done..edit.place.start).unwrap_or_default());
        out.extend_from_slice(&edit.with);
        done = edit.place.end;
    }
    out.extend_from_slice(definition.get(done..).unwrap_or_default());
    tidy(out)
}

/// Clears away what cuts leave of a list: its first comma, or the list itself.
fn tidy(definition: Vec<u8>) -> Vec<u8> {
    let sql = Sql::new(&definition, false);
    let place = if let Some(at) = sql.find(&["WITH", "(", ","]) {
        sql.place(at.saturating_add(2)..at.saturating_add(3))
    } else if let Some(at) = sql.find(&["WITH", "(", ")"]) {
        sql.cut(at..at.saturating_add(3))
    } else {
        return definition;
    };
    let mut tidied = definition.get(..place.start).unwrap_or_default().to_vec();
    let rest = definition.get(place.end..).unwrap_or_default();
    // What followed a comma begins with a space.
    let rest = if tidied.ends_with(b"(") { rest.trim_ascii_start() } else { rest };
    tidied.extend_from_slice(rest);
    tidied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_made_from_front_to_back() {
        let text = b"abcdefgh";
        let edits = vec![Edit::swap(6..7, "G"), Edit::cut(1..3), Edit::cut(2..4)];
        assert_eq!(apply(text, edits), b"aefGh");
        assert_eq!(apply(text, vec![Edit::cut(0..8)]), b"");
        assert_eq!(apply(text, vec![Edit::swap(2..3, "x"), Edit::swap(2..4, "y")]), b"abxdefgh");
    }

    #[test]
    fn what_is_left_of_a_list_is_cleared_away() {
        assert_eq!(apply(b"T WITH (a=1, b=2);", vec![Edit::cut(8..11)]), b"T WITH (b=2);");
        assert_eq!(apply(b"T WITH (a=1, b=2);", vec![Edit::cut(8..16)]), b"T;");
    }
}
