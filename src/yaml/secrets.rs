//! Finds secrets that stand in a file in clear, and says which bytes must not be shown.
//!
//! A finding is printed with the lines around it, so the secret's own bytes are masked in the
//! text that every finding of the file carries.

use super::{Node, Reader, Value};
use crate::diag::Span;

/// Keys whose value is a secret, in any mapping. A longer key counts where it ends with `_` and
/// one of them.
const SECRET_KEYS: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "pass",
    "secret",
    "token",
    "api_key",
    "login_id",
    "pin",
    "private_key",
];

/// How a private key of age begins.
const PRIVATE_KEY: &str = "AGE-SECRET-KEY-";

/// True for a private key of age, whatever it stands under.
pub(crate) fn is_private_key(text: &str) -> bool {
    text.trim_start().get(..PRIVATE_KEY.len()).is_some_and(|s| s.eq_ignore_ascii_case(PRIVATE_KEY))
}

/// True for a key that names a secret.
pub(super) fn is_secret_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('-', "_");
    SECRET_KEYS.iter().any(|name| {
        key.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    })
}

/// Reports every secret in clear and has the reader hide it.
pub(super) fn report(root: &Node, reader: &mut Reader) {
    let mut places = Vec::new();
    find("", &root.span, root, &mut places);
    if places.is_empty() {
        return;
    }
    // By lines as well: a block text's span covers its first line only.
    let mut hidden = in_lines(&reader.source().text.clone());
    hidden.extend(places.iter().map(|(_, _, value)| value.clone()));
    reader.hide(&hidden);
    for (key, span, _) in places {
        reader.report(reader.codes().secret_in_clear, span, vec![("key", key)]);
    }
}

fn find(key: &str, at: &Span, node: &Node, places: &mut Vec<(String, Span, Span)>) {
    match &node.value {
        Value::Scalar { .. } if node.text().is_some_and(is_private_key) => {
            places.push((key.to_owned(), at.clone(), node.span.clone()));
        }
        Value::Scalar { .. } | Value::Broken => {}
        Value::List(items) => items.iter().for_each(|item| find(key, at, item, places)),
        Value::Map(entries) => {
            for entry in entries {
                let scalar = entry.value.text().is_some() && !entry.value.is_null();
                if scalar && is_secret_key(&entry.key) {
                    let (key, value) = (entry.key_span.clone(), entry.value.span.clone());
                    places.push((entry.key.clone(), key, value));
                } else {
                    find(&entry.key, &entry.key_span, &entry.value, places);
                }
            }
        }
    }
}

/// Where secrets may stand, by lines alone: for files that are no YAML, and for values of more
/// than one line.
pub(super) fn in_lines(text: &str) -> Vec<Span> {
    let mut hidden = Vec::new();
    let mut at = 0_usize;
    // The indentation of a secret key whose value may go on in deeper lines.
    let mut inside: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let indent = line.len().saturating_sub(line.trim_start().len());
        if inside.is_some_and(|outer| indent > outer || line.trim().is_empty()) {
            if !names_a_place(line) {
                hidden.push(at..at.saturating_add(line.trim_end().len()));
            }
        } else {
            inside = None;
        }
        let upper = line.to_ascii_uppercase();
        if let Some(start) = upper.find(PRIVATE_KEY) {
            hidden.push(at.saturating_add(start)..at.saturating_add(line.trim_end().len()));
        }
        let mut from = 0_usize;
        while let Some(colon) = line.get(from..).and_then(|rest| rest.find(':')) {
            let end = from.saturating_add(colon);
            let key = line.get(from..end).unwrap_or_default();
            let key = key.rsplit([' ', '{', ',', '\t']).next().unwrap_or_default();
            let start = end.saturating_add(1);
            let value = line.get(start..).unwrap_or_default();
            if is_secret_key(key.trim_matches(['"', '\''])) && !value.trim_start().starts_with('{')
            {
                inside = Some(indent);
                let stop = at.saturating_add(line.trim_end().len());
                let start = at.saturating_add(start);
                if start < stop {
                    hidden.push(start..stop);
                }
                break;
            }
            from = start;
        }
        at = at.saturating_add(line.len());
    }
    hidden
}

/// True for a line that says where a secret lies, which is no secret.
fn names_a_place(line: &str) -> bool {
    let line = line.trim_start();
    ["file:", "env:", "credential:", "#"].iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::{in_lines, is_secret_key};

    #[test]
    fn keys_that_name_secrets_are_known_and_others_are_not() {
        assert!(is_secret_key("password"));
        assert!(is_secret_key("client_pass"));
        assert!(is_secret_key("SMTP-Password"));
        assert!(!is_secret_key("passage"));
        assert!(!is_secret_key("compass"));
        assert!(!is_secret_key("client_p12"));
    }

    #[test]
    fn a_private_key_is_hidden_whatever_it_stands_under() {
        let text = "recipients: [age-secret-key-1qqqq]\n[";
        let hidden = in_lines(text);
        assert_eq!(text.get(hidden[0].clone()), Some("age-secret-key-1qqqq]"));
    }

    #[test]
    fn a_secret_is_hidden_even_where_the_file_is_no_yaml() {
        let text = "a: 1\npassword: hunter2\nlogin_id: |\n  hunter3\nclient_pass:\n  file: x\n[";
        let shown: String = text
            .char_indices()
            .filter(|(at, _)| !in_lines(text).iter().any(|span| span.contains(at)))
            .map(|(_, letter)| letter)
            .collect();
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.contains("file: x"), "{shown}");
    }
}
