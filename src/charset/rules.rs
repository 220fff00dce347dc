//! The built-in rules by name, and how often each rule was applied.

use serde::{Deserialize, Serialize};

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

/// Rules without a table of their own; their numbers follow the tables above.
pub(super) const OTHER_RULES: [&str; 3] =
    ["kana-full-width", "kana-sound-mark-joined", "sound-mark-composed"];

pub(super) const VENDOR_AT: usize = JIS_FORMS.len();
pub(super) const KANA_FULL_WIDTH: usize = VENDOR_AT + VENDOR_FORMS.len();
pub(super) const KANA_JOINED: usize = KANA_FULL_WIDTH + 1;
pub(super) const MARK_COMPOSED: usize = KANA_FULL_WIDTH + 2;
/// The first number of a mapping file's rules.
pub(super) const MAPPING_AT: usize = KANA_FULL_WIDTH + OTHER_RULES.len();

/// Name and lossiness of every built-in rule, by number.
pub(super) fn built_in() -> Vec<(String, bool)> {
    let tables = JIS_FORMS.iter().chain(&VENDOR_FORMS);
    let named = tables.map(|rule| (rule.name.to_owned(), rule.lossy));
    named.chain(OTHER_RULES.iter().map(|name| ((*name).to_owned(), false))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_numbers_and_names_agree() {
        let rules = built_in();
        assert_eq!(rules.len(), MAPPING_AT);
        assert_eq!(rules[VENDOR_AT].0, "vendor-sum-to-question-mark");
        assert_eq!(rules[KANA_FULL_WIDTH].0, "kana-full-width");
        assert_eq!(rules[KANA_JOINED].0, "kana-sound-mark-joined");
        assert_eq!(rules[MARK_COMPOSED].0, "sound-mark-composed");
    }
}
