//! A step's outputs as words: known keys by their names, others as they are. Hashes are cut;
//! whole ones stand among the proofs and the files.

use serde_json::{Number, Value};

use super::words::{Words, grouped, short_hash};
use crate::i18n;
use crate::ids::show_bytes;
use crate::playbook::Outputs;

/// Longest value that is shown of a key nobody knows, in characters: outputs are free-form.
const MAX_VALUE_CHARS: usize = 80;

/// Most entries of a list that are shown.
const MAX_ENTRIES: usize = 8;

/// Most rules for characters that are named in a line: the most frequent ones.
const MAX_RULES: usize = 4;

/// Outputs that only the program reads, or that another line says better.
const HIDDEN: [&str; 6] = ["stamp", "message_id", "until", "upload_ms", "warnings", "identity"];

/// The order in which people look for them; what is not named here comes last.
const ORDER: [&str; 24] = [
    "archive",
    "database",
    "kept_as",
    "tables",
    "rows",
    "differences",
    "emptied_by_importer",
    "bytes",
    "bytes_in",
    "sha256",
    "server_version",
    "pg_dump_version",
    "encoding",
    "database_bytes",
    "free_bytes",
    "certificate",
    "free_slots",
    "clock_skew_secs",
    "slot_released",
    "proved_by_export",
    "rules",
    "level",
    "archive_version_from",
    "archive_version",
];

/// Name and value of each output that says something. The name is a word where the key is known.
pub(super) fn words(w: Words, outputs: &Outputs) -> Vec<(String, String)> {
    let place = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
    let mut told: Vec<(&String, &Value)> = outputs
        .iter()
        .filter(|(key, value)| !HIDDEN.contains(&key.as_str()) && says(value))
        .collect();
    told.sort_by_key(|(key, _)| place(key));
    told.into_iter().map(|(key, value)| (label(w, key), shown(w, key, value))).collect()
}

/// All outputs in one line.
pub(super) fn line(w: Words, outputs: &Outputs) -> String {
    let parts: Vec<String> =
        words(w, outputs).into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    parts.join("  ")
}

/// Rules of the calendar that did not hold but do not stop the run, with what to do.
pub(super) fn warnings(w: Words, outputs: &Outputs) -> Vec<(String, Option<String>)> {
    let codes = outputs.get("warnings").and_then(Value::as_array).into_iter().flatten();
    codes
        .filter_map(Value::as_str)
        .map(|code| {
            let rule = i18n::find(w.lang, code, &[]).unwrap_or_else(|| clipped(code));
            let text = crate::t!(w.lang, "report-warning-rule", rule = rule);
            (text, i18n::find(w.lang, &format!("{code}.hint"), &[]))
        })
        .collect()
}

/// False for what is empty and for "no": an output says what was found or made.
fn says(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        // An empty list of differences is the proof.
        _ => true,
    }
}

fn label(w: Words, key: &str) -> String {
    i18n::find(w.lang, &format!("report-output-{}", key.replace('_', "-")), &[])
        .unwrap_or_else(|| key.to_owned())
}

fn shown(w: Words, key: &str, value: &Value) -> String {
    match (key, value) {
        // The whole path stands among the files.
        ("archive", Value::String(path)) => clipped(path.rsplit('/').next().unwrap_or(path)),
        ("rules", Value::Array(rules)) => applied(w, rules),
        (_, Value::Number(number)) => quantity(w, key, number),
        (_, Value::String(text)) if is_hash(text) => short_hash(text),
        (_, Value::String(text)) => clipped(text),
        (_, Value::Bool(flag)) => w.say(if *flag { "report-yes" } else { "report-no" }),
        (_, Value::Array(list)) => some_of(list.iter().map(|v| shown(w, "", v)), list.len()),
        (_, Value::Object(map)) => some_of(
            map.iter().map(|(name, v)| format!("{} {}", clipped(name), shown(w, "", v))),
            map.len(),
        ),
        (_, Value::Null) => String::new(),
    }
}

fn quantity(w: Words, key: &str, number: &Number) -> String {
    if key.ends_with("_secs") {
        return number.as_i64().map_or_else(|| number.to_string(), |secs| signed(w, secs));
    }
    match number.as_u64() {
        Some(bytes) if key == "bytes" || key == "bytes_in" || key.ends_with("_bytes") => {
            show_bytes(bytes)
        }
        Some(number) => grouped(number),
        None => number.to_string(),
    }
}

fn signed(w: Words, seconds: i64) -> String {
    let length = w.duration(i64::try_from(seconds.unsigned_abs()).unwrap_or(i64::MAX));
    if seconds < 0 { format!("-{length}") } else { length }
}

/// The rules by which characters were changed, the most frequent first; those that lose
/// something are marked, because a person has to stand for them.
fn applied(w: Words, rules: &[Value]) -> String {
    let count = |rule: &Value| rule.get("count").and_then(Value::as_u64).unwrap_or_default();
    let is_lossy = |rule: &Value| rule.get("lossy").and_then(Value::as_bool).unwrap_or_default();
    let lossy = rules.iter().filter(|rule| is_lossy(rule)).count();
    let mut sorted: Vec<&Value> = rules.iter().collect();
    sorted.sort_by_key(|rule| std::cmp::Reverse((is_lossy(rule), count(rule))));
    let mut named: Vec<String> = sorted
        .iter()
        .take(MAX_RULES)
        .map(|rule| {
            let name = rule.get("rule").and_then(Value::as_str).unwrap_or("?");
            let mark = if is_lossy(rule) { w.say("report-rule-lossy") } else { String::new() };
            format!("{} {}{mark}", clipped(name), grouped(count(rule)))
        })
        .collect();
    if rules.len() > MAX_RULES {
        named.push("…".to_owned());
    }
    let id = match (rules.len(), lossy) {
        (0, _) => return w.say("report-none"),
        (_, 0) => "report-rules-none-lossy",
        _ => "report-rules-some-lossy",
    };
    let (names, all) = (named.join(", "), rules.len());
    crate::t!(w.lang, id, names = names, all = all, lossy = lossy)
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

    fn outputs(value: Value) -> Outputs {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn known_keys_have_words_and_long_values_are_cut() {
        let outputs = outputs(json!({
            "rows": 1_234_567, "bytes": 1_500_000, "sha256": "ab".repeat(32), "differences": [],
            "odd_key": "x\n".repeat(500), "archive": "/srv/orca/archives/final.dump",
            "clock_skew_secs": -3, "slot_released": false,
        }));
        let line = line(Words::new(Lang::En, false), &outputs);
        let odd = format!("odd_key: {}…", "x ".repeat(40));
        let expected = format!(
            "archive: final.dump  rows: 1,234,567  differences: 0  size: 1.5 MB  \
             SHA-256: abababababab  clock difference: -3 s  {odd}"
        );
        assert_eq!(line, expected);
    }

    #[test]
    fn what_only_the_program_reads_is_not_shown() {
        let outputs = outputs(json!({
            "stamp": {"writes": 36_609}, "message_id": "<a@example.test>", "until": "2027-01-12",
            "warnings": [], "slot_released": false, "note": "", "nothing": null,
        }));
        assert_eq!(line(Words::new(Lang::En, false), &outputs), "");
        assert!(warnings(Words::new(Lang::En, false), &outputs).is_empty());
    }

    #[test]
    fn rules_for_characters_are_named_the_lossy_ones_first() {
        let rule = |name: &str, count: u64, lossy: bool| json!({"rule": name, "count": count, "lossy": lossy});
        let mut rules =
            vec![rule("jis-wave-dash", 189, false), rule("jis-minus-sign", 4_189, false)];
        let shown =
            |rules: &[Value]| line(Words::new(Lang::En, false), &outputs(json!({"rules": rules})));
        assert_eq!(
            shown(&rules),
            "characters by rule: jis-minus-sign 4,189, jis-wave-dash 189 (2 rules; none lossy)"
        );
        rules.push(rule("geta", 1, true));
        rules.extend((1..4).map(|n| rule(&format!("rule-{n}"), n, false)));
        assert_eq!(
            shown(&rules),
            "characters by rule: geta 1 (lossy), jis-minus-sign 4,189, jis-wave-dash 189, \
             rule-3 3, … (6 rules, 1 of them lossy)"
        );
    }

    #[test]
    fn warnings_are_told_with_the_rule_and_what_to_do() {
        let outputs = outputs(json!({"warnings": ["calendar-stale"]}));
        let told = warnings(Words::new(Lang::En, false), &outputs);
        let (text, hint) = &told[0];
        assert_eq!(text, "warning, does not hold: the maintenance notices were read recently");
        assert!(hint.as_ref().is_some_and(|hint| hint.contains("Read the notices again")));
    }
}
