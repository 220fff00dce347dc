//! A step's outputs as words: known keys by their names, others as they are. Hashes are cut;
//! whole ones stand among the proofs and the files.

use serde_json::Value;

use super::words::{Words, grouped, short_hash};
use crate::i18n;
use crate::ids::show_bytes;
use crate::playbook::Outputs;

/// Longest value that is shown of a key nobody knows, in characters: outputs are free-form.
const MAX_VALUE_CHARS: usize = 80;

/// Most entries of a list that are shown.
const MAX_ENTRIES: usize = 8;

/// Name and value of each output. The name is a word where the key is known.
pub(super) fn words(w: Words, outputs: &Outputs) -> Vec<(String, String)> {
    outputs
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (label(w, key), shown(w, key, value)))
        .collect()
}

/// All outputs in one line.
pub(super) fn line(w: Words, outputs: &Outputs) -> String {
    let parts: Vec<String> =
        words(w, outputs).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    parts.join("  ")
}

fn label(w: Words, key: &str) -> String {
    i18n::find(w.lang, &format!("report-output-{}", key.replace('_', "-")), &[])
        .unwrap_or_else(|| key.to_owned())
}

fn shown(w: Words, key: &str, value: &Value) -> String {
    let is_bytes = key == "bytes" || key.ends_with("_bytes");
    match value {
        Value::Number(number) => match number.as_u64() {
            Some(bytes) if is_bytes => show_bytes(bytes),
            Some(number) => grouped(number),
            None => number.to_string(),
        },
        Value::String(text) if is_hash(text) => short_hash(text),
        Value::String(text) => clipped(text),
        Value::Bool(flag) => w.say(if *flag { "report-yes" } else { "report-no" }),
        Value::Array(list) => some_of(list.iter().map(|v| shown(w, "", v)), list.len()),
        Value::Object(map) => some_of(
            map.iter().map(|(name, v)| format!("{} {}", clipped(name), shown(w, "", v))),
            map.len(),
        ),
        Value::Null => String::new(),
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// At most [`MAX_VALUE_CHARS`] characters, on one line.
fn clipped(text: &str) -> String {
    let mut out: String =
        text.chars().take(MAX_VALUE_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MAX_VALUE_CHARS).is_some() {
        out.push('…');
    }
    out
}

fn some_of(entries: impl Iterator<Item = String>, all: usize) -> String {
    if all == 0 {
        return "0".to_owned();
    }
    let mut shown: Vec<String> = entries.take(MAX_ENTRIES).collect();
    if all > MAX_ENTRIES {
        shown.push(format!("… ({all})"));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use serde_json::json;

    #[test]
    fn known_keys_have_words_and_long_values_are_cut() {
        let outputs: Outputs = [
            ("rows", json!(1_234_567)),
            ("bytes", json!(1_500_000)),
            ("sha256", json!("ab".repeat(32))),
            ("differences", json!([])),
            ("odd_key", json!("x\n".repeat(500))),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
        let line = line(Words::new(Lang::En, false), &outputs);
        let odd = format!("odd_key={}…", "x ".repeat(40));
        let expected =
            format!("size=1.5 MB  differences=0  {odd}  rows=1,234,567  SHA-256=abababababab");
        assert_eq!(line, expected);
    }
}
