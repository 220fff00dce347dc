//! A mapping file to be filled in: every code with its readings, every rule still a comment.

use std::fmt::Write as _;

use super::printable::printable;
use super::view::{CodeView, ScanView, readings_text};
use crate::i18n::Lang;
use crate::t;

/// The skeleton. As it stands it decides nothing.
pub fn mapping_skeleton(view: &ScanView, lang: Lang) -> String {
    let mut out = String::new();
    for sentence in [t!(lang, "scan-rules-what"), t!(lang, "scan-rules-how")] {
        comment(&mut out, "", &sentence);
    }
    out.push_str("rules: []\n");
    let open = view.codes.iter().filter(|code| code.open);
    let (with, without): (Vec<_>, Vec<_>) = open.partition(|code| !code.rules.is_empty());
    if !view.column_rules.is_empty() {
        comment(&mut out, "", &t!(lang, "scan-rules-columns"));
        for line in &view.column_rules {
            comment(&mut out, "", line.strip_prefix("# ").unwrap_or(line));
        }
    }
    if !with.is_empty() {
        out.push_str("# rules:\n");
    }
    for code in with {
        describe(&mut out, code, lang);
        for rule in &code.rules {
            comment(&mut out, "  ", rule);
        }
    }
    for code in without {
        describe(&mut out, code, lang);
    }
    out
}

fn describe(out: &mut String, code: &CodeView, lang: Lang) {
    out.push_str("#\n");
    let head = t!(
        lang,
        "scan-rules-code",
        bytes = code.bytes,
        readings = readings_text(&code.readings),
        count = code.count,
        columns = code.named_columns.join(", ")
    );
    comment(out, "  # ", &head);
    comment(out, "  # ", &format!("{}: {}", code.meaning, code.suggestion));
}

/// One line; a name from the database cannot end the comment.
fn comment(out: &mut String, indent: &str, text: &str) {
    // Writing into a String does not fail.
    let _ = writeln!(out, "# {indent}{}", printable(text));
}
