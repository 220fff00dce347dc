//! From the file's words to decisions that can be carried out, or the first thing that is wrong.

use std::collections::HashSet;
use std::hash::Hash;

use super::super::CharsetError;
use super::super::policy::{CutRule, Encoding, KanaRule, Packed};
use super::decision::{decide, standard};
use super::file::{File, Word};
use super::place::{Places, Scoped};
use super::{Code, Mapping};

/// Most entries of one list: every code that exists could be named, no more.
const MAX_MAPPING_RULES: usize = 20_000;

/// Checks a whole file of `bytes` bytes.
pub(super) fn check(file: File, bytes: usize) -> Result<Mapping, CharsetError> {
    let lists =
        [file.rules.len(), file.reading.len(), file.encodings.len(), file.packed_columns.len()];
    if let Some(rules) = lists.into_iter().find(|length| *length > MAX_MAPPING_RULES) {
        return Err(CharsetError::MappingTooLarge { bytes, rules });
    }
    let mut mapping = Mapping {
        kana: choice(file.half_width_kana.as_ref(), "half_width_kana", &KanaRule::WORDS)?,
        cut: choice(file.cut_characters.as_ref(), "cut_characters", &CutRule::WORDS)?,
        ..Mapping::default()
    };
    rules(&file, &mut mapping)?;
    let mut seen = Seen::default();
    for entry in &file.reading {
        let places = Places::read(&entry.tables, &entry.columns)?;
        seen.check(&"reading", &places, 0, &entry.reading)?;
        mapping.readings.push(Scoped { value: standard(&entry.reading)?, places });
    }
    for entry in &file.encodings {
        let places = Places::read(&entry.tables, &entry.columns)?;
        seen.check(&"encoding", &places, 0, &entry.encoding)?;
        let value = word(&entry.encoding, "encoding", &Encoding::WORDS)?;
        mapping.encodings.push(Scoped { value, places });
    }
    for (column, choice) in &file.packed_columns {
        let line = choice.referenced.line();
        let Some(places) = Places::column(column, line) else {
            let name = column.chars().take(64).collect();
            return Err(CharsetError::MappingPlace { line, name });
        };
        // One column can be written in several ways: `a.b`, `"a".b`.
        seen.check(&"packed", &places, 0, choice)?;
        let value = word(choice, "packed_columns", &Packed::WORDS)?;
        mapping.packed.push(Scoped { value, places });
    }
    mapping.file = file;
    Ok(mapping)
}

fn rules(file: &File, mapping: &mut Mapping) -> Result<(), CharsetError> {
    let mut seen = Seen::<Code>::default();
    for (at, rule) in file.rules.iter().enumerate() {
        let number = at.saturating_add(1);
        let value = decide(number, rule)?;
        let places = Places::read(&rule.tables, &rule.columns)?;
        seen.check(&value.code, &places, number, &rule.code)?;
        mapping.decisions.push(Scoped { value, places });
    }
    Ok(())
}

/// What was said of which place, so that nothing is said twice.
struct Seen<T>(HashSet<(T, String)>);

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self(HashSet::new())
    }
}

impl<T: Clone + Eq + Hash> Seen<T> {
    fn check(
        &mut self,
        what: &T,
        places: &Places,
        rule: usize,
        word: &Word,
    ) -> Result<(), CharsetError> {
        for key in places.keys() {
            if !self.0.insert((what.clone(), key)) {
                return Err(CharsetError::MappingTwice {
                    rule,
                    line: word.referenced.line(),
                    code: word.value.chars().take(32).collect(),
                });
            }
        }
        Ok(())
    }
}

fn choice<T: Copy>(
    written: Option<&Word>,
    field: &'static str,
    known: &[(&'static str, T)],
) -> Result<Option<T>, CharsetError> {
    written.map(|written| word(written, field, known)).transpose()
}

/// One of a few words.
pub(super) fn word<T: Copy>(
    written: &Word,
    field: &'static str,
    known: &[(&'static str, T)],
) -> Result<T, CharsetError> {
    let found = known.iter().find(|(word, _)| *word == written.value);
    found.map(|(_, value)| *value).ok_or_else(|| CharsetError::MappingWord {
        field,
        line: written.referenced.line(),
        word: written.value.chars().take(32).collect(),
        known: known.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", "),
    })
}
