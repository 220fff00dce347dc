//! Keys of `jsonb` values that have become equal: of two the server keeps one, without a word.
//!
//! It reads what the server wrote, which has no two equal keys in one object. Numbers and words
//! are passed over, so that none is too large or too precise.

use std::collections::HashSet;

/// True where an object, at whatever depth, has a key twice.
pub(super) fn has_equal_keys(json: &[u8]) -> bool {
    // The keys of every open object; nothing for an open list.
    let mut open: Vec<Option<HashSet<&[u8]>>> = Vec::new();
    let mut at = 0_usize;
    while let Some(byte) = json.get(at) {
        match byte {
            b'{' => open.push(Some(HashSet::new())),
            b'[' => open.push(None),
            b'}' | b']' => {
                open.pop();
            }
            b'"' => {
                let start = at.saturating_add(1);
                at = start.saturating_add(length(json.get(start..).unwrap_or_default()));
                let text = json.get(start..at).unwrap_or_default();
                let behind = json.get(at.saturating_add(1)..).unwrap_or_default();
                if behind.trim_ascii_start().starts_with(b":")
                    && let Some(Some(keys)) = open.last_mut()
                    && !keys.insert(text)
                {
                    return true;
                }
            }
            _ => {}
        }
        at = at.saturating_add(1);
    }
    false
}

/// The length of a string up to its closing quote.
fn length(text: &[u8]) -> usize {
    let mut escaped = false;
    let end = text.iter().position(|byte| {
        let closes = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    });
    end.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_of_one_object_are_held_against_one_another() {
        for json in [
            r#"{"ア": 1, "イ": {"ア": 2}, "ウ": [{"ア": 1}, {"ア": 1}]}"#,
            r#"{"a": "a", "b": "b\": \"a\": "}"#,
            r#"["a", "a", 1e99999, "\\", "a"]"#,
            r#""a""#,
            "{",
            "\"",
            "",
        ] {
            assert!(!has_equal_keys(json.as_bytes()), "{json}");
        }
        for json in [
            r#"{"ア": 1, "ア": 2}"#,
            r#"[0, {"x": {"\"": 1, "y": [], "\"": 123456789012345678901234567890}}]"#,
        ] {
            assert!(has_equal_keys(json.as_bytes()), "{json}");
        }
        let deep = format!("{}\"a\"{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(!has_equal_keys(deep.as_bytes()));
    }
}
