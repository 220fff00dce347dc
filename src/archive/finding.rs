//! Findings about text: where, which code, why. Never the value, and a key only masked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::limits::MAX_FINDINGS;
use crate::charset::{AbsentPlace, Reason};

/// Tables and codes named in a one-line summary.
const NAMED: usize = 5;
/// Distinct places and codes that are counted by name.
const MAX_COUNTED: usize = 10_000;

/// One code in one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextFinding {
    /// Why it is reported.
    pub reason: Reason,
    /// The code's bytes, hexadecimal.
    pub code: String,
    /// What PostgreSQL reads there, `U+9AD9`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub character: Option<String>,
    /// What a reading as EUC_JIS_2004 gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
    /// The lossy rule that was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Schema; empty in the table of contents.
    pub schema: String,
    /// Table, or the kind of the entry in the table of contents.
    pub table: String,
    /// Column.
    pub column: String,
    /// Row in the COPY block, from 1; 0 in the table of contents.
    pub row: u64,
    /// Byte in the value (as COPY writes it), from 0.
    pub offset: u64,
    /// The primary key's columns with all but the last two characters hidden.
    pub key: String,
}

/// All findings of a pass: a capped list, and counts that are not capped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// How many there are.
    pub total: u64,
    /// The first of them.
    pub findings: Vec<TextFinding>,
    /// How many by `schema.table.column`.
    pub by_column: BTreeMap<String, u64>,
    /// How many of the listed kinds by code; joined kana past the list are not among them.
    pub by_code: BTreeMap<String, u64>,
    /// What the mapping file names and the database does not have: it may be why something is
    /// left to decide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_places: Vec<AbsentPlace>,
}

impl Found {
    pub(super) fn note(&mut self, finding: TextFinding) {
        self.total = self.total.saturating_add(1);
        let place = format!("{}.{}.{}", finding.schema, finding.table, finding.column);
        count(&mut self.by_column, &place, 1);
        count(&mut self.by_code, &finding.code, 1);
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    /// True where no more findings are listed, only counted.
    pub(super) fn is_full(&self) -> bool {
        self.findings.len() >= MAX_FINDINGS
    }

    /// Counts findings of a column that are not listed.
    pub(super) fn add_unlisted(&mut self, place: &str, number: u64) {
        self.total = self.total.saturating_add(number);
        count(&mut self.by_column, place, number);
    }

    /// The columns with the most findings, for one line.
    pub fn places(&self) -> String {
        most(&self.by_column)
    }

    /// The commonest codes, for one line.
    pub fn codes(&self) -> String {
        most(&self.by_code)
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str, number: u64) {
    if let Some(count) = counts.get_mut(name) {
        *count = count.saturating_add(number);
    } else if counts.len() < MAX_COUNTED {
        counts.insert(name.to_owned(), number);
    }
}

fn most(counts: &BTreeMap<String, u64>) -> String {
    let mut sorted: Vec<_> = counts.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let named = sorted.iter().take(NAMED).map(|(name, count)| format!("{name} ({count})"));
    let mut text = named.collect::<Vec<_>>().join(", ");
    if sorted.len() > NAMED {
        text.push_str(", …");
    }
    text
}

/// A key's value with all but its end hidden: enough to find a row beside its number, not
/// enough to name a patient.
pub(super) fn masked(value: &[u8]) -> String {
    let plain = value.iter().all(u8::is_ascii_alphanumeric);
    match value {
        [.., a, b] if plain && value.len() >= 5 => {
            format!("*{}{}", char::from(*a), char::from(*b))
        }
        _ => "*".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_at_most_two_characters_and_never_text() {
        assert_eq!(masked(b"0000012"), "*12");
        assert_eq!(masked(b"12"), "*");
        assert_eq!(masked("山田太郎".as_bytes()), "*");
    }
}
