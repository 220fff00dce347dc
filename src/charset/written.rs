//! Names as they are written into a mapping file: so that the file gives back the very name.

use std::borrow::Cow;

/// A text in YAML's double quotes. What is not shown is written as its number.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_hidden(c) => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Controls, marks of direction and of lines; YAML refuses some of them as they are.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// `public.tbl_ptinf.name`; a part with a dot or a quote in it stands in SQL's quotes.
pub fn dotted(parts: &[&str]) -> String {
    let parts: Vec<Cow<'_, str>> = parts.iter().map(|part| in_quotes(part)).collect();
    parts.join(".")
}

fn in_quotes(part: &str) -> Cow<'_, str> {
    if part.trim().is_empty() || part.contains(['.', '"']) {
        Cow::Owned(format!("\"{}\"", part.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(part)
    }
}

/// The parts of what [`dotted`] wrote; `None` where it names nothing.
pub(super) fn parts(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (part, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let (part, after) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
                (Some(part.to_owned()).filter(|part| !part.trim().is_empty())?, after)
            }
        };
        parts.push(part);
        if after.is_empty() {
            return Some(parts);
        }
        rest = after.strip_prefix('.')?;
    }
}

/// The rest of a quoted part, and what stands behind it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut part = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        part.push_str(before);
        let Some(more) = after.strip_prefix('"') else {
            return (!part.is_empty()).then_some((part, after));
        };
        part.push('"');
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_through_the_file() {
        let kinds =
            ["a", ".", "\"", " ", "漢", "\\", "\u{1b}", "\u{9b}", "'", ":", "#", "\u{2028}"];
        let one = |n: usize| [kinds[n % 12], kinds[n / 12 % 12], kinds[n / 144]].concat();
        for n in 0..12 * 144 {
            let (name, other) = (one(n), one(12 * 144 - 1 - n));
            let written = dotted(&[&name, &other]);
            let yaml: String = serde_yaml::from_str(&quoted(&written)).unwrap();
            assert_eq!(yaml, written);
            assert_eq!(parts(&yaml).unwrap(), [name, other]);
        }
        assert_eq!(dotted(&["public", "tbl_ptinf", "氏名"]), "public.tbl_ptinf.氏名");
        for wrong in ["", ".", "a.", ".a", "a..b", "\"a", "\"a\"b", "\"\".a", "a.\"b"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }
}
