//! The built-in rules by name, and how often each rule was applied.

use serde::{Deserialize, Serialize};

use super::policy::Form;
use super::reading::Standard;

/// How often a rule was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCount {
    /// The rule's name; rules of a mapping file are `map-` and the code.
    pub rule: String,
    /// How often.
    pub count: u64,
    /// True where information is lost.
    pub lossy: bool,
}

/// Counts by rule, for one worker; add them up with [`Tally::add`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(Vec<u64>);

impl Tally {
    /// Counts one application.
    pub(super) fn count(&mut self, rule: usize) {
        if self.0.len() <= rule {
            self.0.resize(rule.saturating_add(1), 0);
        }
        if let Some(count) = self.0.get_mut(rule) {
            *count = count.saturating_add(1);
        }
    }

    /// The count of a rule.
    pub(super) fn of(&self, rule: usize) -> u64 {
        self.0.get(rule).copied().unwrap_or(0)
    }

    /// How many combining sound marks became one character with their kana: the values have
    /// fewer characters, of which no hit tells.
    pub fn composed(&self) -> u64 {
        self.of(MARK_COMPOSED)
    }

    /// Adds another tally of the same transcoder.
    pub fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = mine.saturating_add(*theirs);
        }
    }
}

/// A built-in rule that replaces one character by another.
pub(super) struct Replacement {
    pub(super) name: &'static str,
    pub(super) from: char,
    pub(super) to: char,
    pub(super) lossy: bool,
}

const fn rule(name: &'static str, from: char, to: char, lossy: bool) -> Replacement {
    Replacement { name, from, to, lossy }
}

/// The published substitutions of the Microsoft mapping by the JIS mapping: one to one, so
/// nothing is lost.
pub(super) const JIS_FORMS: [Replacement; 9] = [
    rule("jis-wave-dash", '\u{ff5e}', '\u{301c}', false),
    rule("jis-minus-sign", '\u{ff0d}', '\u{2212}', false),
    rule("jis-double-vertical-line", '\u{2225}', '\u{2016}', false),
    rule("jis-cent-sign", '\u{ffe0}', '\u{a2}', false),
    rule("jis-pound-sign", '\u{ffe1}', '\u{a3}', false),
    rule("jis-not-sign", '\u{ffe2}', '\u{ac}', false),
    rule("jis-yen-sign", '\u{ffe5}', '\u{a5}', false),
    rule("jis-overline", '\u{ffe3}', '\u{203e}', false),
    rule("jis-em-dash", '\u{2015}', '\u{2014}', false),
];

/// What the vendor's scripts replace without a word. Here each is named, counted and listed,
/// and applied only under `orca-vendor`.
pub(super) const VENDOR_FORMS: [Replacement; 3] = [
    rule("vendor-sum-to-question-mark", '\u{2211}', '?', true),
    rule("vendor-ladder-high", '髙', '高', true),
    rule("vendor-e269-to-space", '\u{e269}', '\u{3000}', true),
];

/// Rules without a table of their own, and whether they lose information; their numbers follow
/// the tables above.
pub(super) const OTHER_RULES: [(&str, bool); 14] = [
    ("kana-full-width", false),
    ("kana-sound-mark-joined", false),
    ("kana-sound-mark-apart", false),
    ("sound-mark-composed", false),
    ("read-eucjp-ms", false),
    ("read-jis-x-0213", false),
    ("read-cp51932", false),
    ("read-gaiji", false),
    ("value-euc-jp", false),
    ("value-shift-jis", false),
    ("value-utf-8", false),
    ("cut-to-geta", true),
    ("cut-dropped", true),
    ("jis-x-0213-form-merged", true),
];

pub(super) const VENDOR_AT: usize = JIS_FORMS.len();
pub(super) const KANA_FULL_WIDTH: usize = VENDOR_AT + VENDOR_FORMS.len();
pub(super) const KANA_JOINED: usize = KANA_FULL_WIDTH + 1;
pub(super) const KANA_APART: usize = KANA_FULL_WIDTH + 2;
pub(super) const MARK_COMPOSED: usize = KANA_FULL_WIDTH + 3;
const READ: usize = KANA_FULL_WIDTH + 4;
const VALUE_EUC_JP: usize = KANA_FULL_WIDTH + 8;
const VALUE_SHIFT_JIS: usize = KANA_FULL_WIDTH + 9;
const VALUE_UTF_8: usize = KANA_FULL_WIDTH + 10;
pub(super) const CUT_TO_GETA: usize = KANA_FULL_WIDTH + 11;
pub(super) const CUT_DROPPED: usize = KANA_FULL_WIDTH + 12;
pub(super) const FORM_MERGED: usize = KANA_FULL_WIDTH + 13;
/// The first number of a mapping file's rules.
pub(super) const MAPPING_AT: usize = KANA_FULL_WIDTH + OTHER_RULES.len();

/// The rule that counts codes read by a convention that the mapping file names.
pub(super) fn read_by(standard: Standard) -> usize {
    match standard {
        Standard::EucjpMs => READ,
        Standard::JisX0213 => READ + 1,
        Standard::Cp51932 => READ + 2,
        Standard::Gaiji => READ + 3,
    }
}

/// The rule that counts values taken for an encoding because no other one is possible.
pub(super) fn value(form: Form) -> usize {
    match form {
        Form::EucJp => VALUE_EUC_JP,
        Form::ShiftJis => VALUE_SHIFT_JIS,
        Form::Utf8 => VALUE_UTF_8,
    }
}

/// Name and lossiness of every built-in rule, by number.
pub(super) fn built_in() -> Vec<(String, bool)> {
    let tables = JIS_FORMS.iter().chain(&VENDOR_FORMS);
    let named = tables.map(|rule| (rule.name.to_owned(), rule.lossy));
    named.chain(OTHER_RULES.iter().map(|(name, lossy)| ((*name).to_owned(), *lossy))).collect()
}

/// Where a rule of [`built_in`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Under `orca` and `orca-vendor`.
    Orca,
    /// Under `orca-vendor` only.
    Vendor,
    /// In a `SQL_ASCII` database.
    SqlAscii,
    /// Where the mapping file says so.
    Mapping,
}

/// A built-in rule as documents show it.
#[derive(Clone, Debug)]
pub struct RuleInfo {
    /// Its name in reports; `charset-rule-` and the name is the id of its text.
    pub name: &'static str,
    /// The character that it replaces by another.
    pub replaces: Option<(char, char)>,
    /// Where it holds.
    pub holds: Holds,
    /// True where information is lost.
    pub lossy: bool,
}

/// Every built-in rule, for documents.
pub fn built_in_rules() -> Vec<RuleInfo> {
    let replaced = |rule: &Replacement, holds| RuleInfo {
        name: rule.name,
        replaces: Some((rule.from, rule.to)),
        holds,
        lossy: rule.lossy,
    };
    let jis = JIS_FORMS.iter().map(|rule| replaced(rule, Holds::Orca));
    let vendor = VENDOR_FORMS.iter().map(|rule| replaced(rule, Holds::Vendor));
    let others = OTHER_RULES.iter().map(|(name, lossy)| RuleInfo {
        name,
        replaces: None,
        holds: match name.split('-').next() {
            Some("value") => Holds::SqlAscii,
            Some("read" | "cut") => Holds::Mapping,
            _ if matches!(*name, "kana-sound-mark-apart" | "jis-x-0213-form-merged") => {
                Holds::Mapping
            }
            _ => Holds::Orca,
        },
        lossy: *lossy,
    });
    jis.chain(vendor).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_numbers_and_names_agree() {
        let rules = built_in();
        assert_eq!(rules.len(), MAPPING_AT);
        for (at, name) in [
            (VENDOR_AT, "vendor-sum-to-question-mark"),
            (KANA_FULL_WIDTH, "kana-full-width"),
            (KANA_JOINED, "kana-sound-mark-joined"),
            (KANA_APART, "kana-sound-mark-apart"),
            (MARK_COMPOSED, "sound-mark-composed"),
            (VALUE_EUC_JP, "value-euc-jp"),
            (VALUE_SHIFT_JIS, "value-shift-jis"),
            (VALUE_UTF_8, "value-utf-8"),
            (CUT_TO_GETA, "cut-to-geta"),
            (CUT_DROPPED, "cut-dropped"),
            (FORM_MERGED, "jis-x-0213-form-merged"),
        ] {
            assert_eq!(rules[at].0, name);
        }
        for standard in Standard::ALL {
            assert_eq!(rules[read_by(standard)].0, format!("read-{}", standard.word()));
        }
        assert_eq!(built_in_rules().len(), MAPPING_AT);
    }
}
