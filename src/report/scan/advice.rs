//! What can be said to a person about one code: its possible readings, what to do, and the lines
//! of the mapping file that do it. This is the one place where a finding becomes advice.

use std::collections::HashMap;

use serde::Serialize;

use super::printable::{is_obeyed, printable};
use super::variants::variant;
use crate::archive::TextFinding;
use crate::charset::{
    Mapping, Reason, SourceEncoding, Standard, candidates, read_code, readings as readings_of,
};
use crate::i18n::Lang;
use crate::t;

/// Codes that advice is remembered for; a clinic has some dozens.
const MAX_REMEMBERED: usize = 10_000;

/// A way to read a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadingView {
    /// By which standard.
    pub standard: String,
    /// The character itself.
    pub text: String,
    /// `U+9AD9`.
    pub points: String,
}

impl ReadingView {
    /// The character, or a box where no font can have it.
    pub fn shown(&self) -> &str {
        if self.is_private() || self.text.chars().any(is_obeyed) { "□" } else { &self.text }
    }

    fn is_private(&self) -> bool {
        !self.text.is_empty() && self.text.chars().all(|c| ('\u{e000}'..='\u{f8ff}').contains(&c))
    }
}

/// What can be said about a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The bytes with spaces. Without them `8E91` would be a number to a spreadsheet.
    pub bytes: String,
    /// Why it is reported, in words.
    pub meaning: String,
    /// Every possible reading.
    pub readings: Vec<ReadingView>,
    /// What to do.
    pub suggestion: String,
    /// Lines of the mapping file; a person picks one of them.
    pub rules: Vec<String>,
    /// What the lines speak of: the bytes, or their character.
    pub ruled: String,
}

/// Gives advice in one language and remembers it.
pub struct Adviser {
    lang: Lang,
    source: SourceEncoding,
    known: HashMap<(String, Reason), Advice>,
}

impl Adviser {
    /// One for a language and what the database declares.
    pub fn new(lang: Lang, source: SourceEncoding) -> Self {
        Self { lang, source, known: HashMap::new() }
    }

    /// What can be said about a finding.
    pub fn advise(&mut self, finding: &TextFinding) -> Advice {
        let key = (finding.code.clone(), finding.reason);
        if let Some(advice) = self.known.get(&key) {
            return advice.clone();
        }
        let advice = advice(self.lang, self.source, finding);
        if self.known.len() < MAX_REMEMBERED {
            self.known.insert(key, advice.clone());
        }
        advice
    }
}

fn advice(lang: Lang, source: SourceEncoding, finding: &TextFinding) -> Advice {
    let readings = readings(finding, source);
    let gaiji = is_gaiji(finding, &readings);
    let (ruled, rules) = rules(finding, source);
    Advice {
        bytes: spaced(&finding.code),
        meaning: t!(lang, finding.reason.text_id()),
        suggestion: suggestion(lang, finding, &readings, gaiji),
        readings,
        rules,
        ruled,
    }
}

/// The readings of a code. Bytes of UTF-8 have one; those of `SQL_ASCII` as many as encodings.
fn readings(finding: &TextFinding, source: SourceEncoding) -> Vec<ReadingView> {
    let view = |standard: &str, text: String| ReadingView {
        standard: standard.to_owned(),
        points: points(&text),
        text,
    };
    let character = finding.character.as_deref().and_then(glyph).map(String::from);
    let (sjis, code) = read_code(&finding.code);
    match (finding.reason, source) {
        (Reason::Packed | Reason::Shortened, _) | (_, SourceEncoding::Utf8) => {
            character.map(|text| view("Unicode", text)).into_iter().collect()
        }
        (Reason::Undecided | Reason::NotAscii | Reason::Cut, _) => {
            candidates(&code).into_iter().map(|c| view(c.form.word(), c.text)).collect()
        }
        _ if sjis => character.map(|text| view("Shift_JIS", text)).into_iter().collect(),
        _ => {
            let read = readings_of(&code).into_iter().map(|r| view(short(r.standard), r.text));
            let read: Vec<_> = read.collect();
            // The bytes of an unlabelled value need not be EUC-JP.
            let other = character.filter(|_| read.is_empty()).map(|text| view("Unicode", text));
            read.into_iter().chain(other).collect()
        }
    }
}

/// A standard's name where there is little room.
fn short(standard: Standard) -> &'static str {
    match standard {
        Standard::EucjpMs => "EUC_JP",
        Standard::JisX0213 => "JIS X 0213",
        Standard::Cp51932 => "CP51932",
        Standard::Gaiji => "gaiji",
    }
}

/// True for a code that can be nothing but user-defined. Shift_JIS has such codes, too; no
/// standard of EUC-JP reads them.
fn is_gaiji(finding: &TextFinding, readings: &[ReadingView]) -> bool {
    let (sjis, code) = read_code(&finding.code);
    let own = sjis && matches!(code.as_slice(), [0xf0..=0xf9, _]);
    if readings.is_empty() { own } else { readings.iter().all(ReadingView::is_private) }
}

fn suggestion(lang: Lang, finding: &TextFinding, readings: &[ReadingView], gaiji: bool) -> String {
    let own = readings.first().and_then(|reading| reading.text.chars().next());
    match finding.reason {
        Reason::OutsideJisX0213 => match own.and_then(variant) {
            Some(to) => t!(lang, "scan-advice-variant", to = to),
            None => t!(lang, "scan-advice-outside"),
        },
        Reason::Ambiguous if gaiji => t!(lang, "scan-advice-gaiji"),
        Reason::Ambiguous if readings.is_empty() => t!(lang, "scan-advice-no-reading"),
        Reason::Ambiguous => {
            let outside = readings.iter().filter(|reading| !is_target(&reading.text));
            let from = outside.filter_map(|reading| reading.text.chars().next());
            match from.filter_map(|from| Some((from, variant(from)?))).next() {
                Some((from, to)) => t!(lang, "scan-advice-ambiguous-variant", from = from, to = to),
                None => t!(lang, "scan-advice-ambiguous"),
            }
        }
        Reason::Invalid => t!(lang, "scan-advice-invalid"),
        Reason::NotAscii => t!(lang, "scan-advice-not-ascii"),
        Reason::Undecided => t!(lang, "scan-advice-undecided"),
        Reason::Cut => t!(lang, "scan-advice-cut"),
        Reason::Packed => t!(lang, "scan-advice-packed"),
        Reason::TooWide => t!(lang, "scan-advice-too-wide"),
        Reason::TooLong => t!(lang, "scan-advice-too-long"),
        Reason::BecameEqual => t!(lang, "scan-advice-became-equal"),
        Reason::Lossy => {
            let rule = finding.rule.as_deref().unwrap_or_default();
            t!(lang, "scan-advice-lossy", rule = rule)
        }
        Reason::DefinitionChanged => {
            let rule = finding.rule.as_deref().unwrap_or_default();
            t!(lang, "scan-advice-definition-changed", rule = rule)
        }
        Reason::Shortened => t!(lang, "scan-advice-shortened"),
    }
}

/// What is ruled about, and the lines that the mapping file would take as they are; only such
/// are shown.
fn rules(finding: &TextFinding, source: SourceEncoding) -> (String, Vec<String>) {
    if !matches!(finding.reason, Reason::OutsideJisX0213 | Reason::Ambiguous) {
        return Default::default();
    }
    let character = finding.character.as_deref().and_then(glyph);
    // A character of UTF-8 or Shift_JIS is named by its number, EUC-JP by its bytes.
    // In a database without a label only EUC-JP has codes of several readings.
    let (sjis, known) = read_code(&finding.code);
    let unlabelled = source == SourceEncoding::SqlAscii && finding.reason == Reason::Ambiguous;
    let euc = source == SourceEncoding::EucJp || unlabelled && !sjis;
    let code = match &finding.character {
        Some(points) if !euc => points.clone(),
        _ => finding.code.clone(),
    };
    let mut lines = Vec::new();
    let mut line = |rule: String, comment: String| {
        if accepted(&rule) {
            lines.push(format!("- {rule}  # {}", printable(&comment)));
        }
    };
    for reading in readings_of(&known).into_iter().filter(|_| euc) {
        let (text, standard) = (&reading.text, reading.standard);
        if is_target(text) {
            let rule = format!("{{code: \"{code}\", reading: {}}}", standard.word());
            line(rule, format!("{text} ({})", short(standard)));
        } else {
            replaced(&code, text.chars().next(), &mut line);
        }
    }
    if !euc {
        replaced(&code, character, &mut line);
    }
    // Where the target has the character, its reading says the same.
    if let Some(character) = character.filter(|c| !euc || !is_target(&c.to_string())) {
        line(format!("{{code: \"{code}\", keep: true}}"), character.to_string());
    }
    (code, lines)
}

/// The rule that writes the commoner form of a character.
fn replaced(code: &str, character: Option<char>, line: &mut impl FnMut(String, String)) {
    let Some(from) = character else { return };
    let Some(to) = variant(from) else { return };
    let points = points(&to.to_string());
    let rule = format!("{{code: \"{code}\", to: \"{points}\", lossy: true}}");
    line(rule, format!("{from} → {to}"));
}

/// True for a character that the cloud's database takes.
fn is_target(text: &str) -> bool {
    accepted(&format!("{{code: \"A1A1\", to: \"{}\"}}", points(text)))
}

/// True where the mapping file would take the rule.
fn accepted(rule: &str) -> bool {
    format!("rules: [{rule}]").parse::<Mapping>().is_ok()
}

/// `U+9AD9` as the character.
pub(super) fn glyph(points: &str) -> Option<char> {
    char::from_u32(u32::from_str_radix(points.strip_prefix("U+")?, 16).ok()?)
}

/// `U+304B U+309A`
fn points(text: &str) -> String {
    let points = text.chars().map(|c| format!("U+{:04X}", u32::from(c)));
    points.collect::<Vec<_>>().join(" ")
}

/// `8F F4 FB`
fn spaced(code: &str) -> String {
    let mut out = String::with_capacity(code.len().saturating_mul(2));
    for (place, digit) in code.chars().enumerate() {
        if place > 0 && place % 2 == 0 {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}
