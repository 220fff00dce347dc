//! The texts of the table of contents on their way to UTF-8: names and definitions.
//!
//! Scanning and converting read them through this one door, so that both find the same.

use std::collections::HashSet;

use super::definitions::identifier;
use super::finding::TextFinding;
use super::fit::NAME_BYTES;
use super::needs::Setting;
use super::reader::name;
use super::row_text::{Findings, describe};
use super::row_values::first_code;
use super::sql::{Kind, Sql};
use super::toc::Entry;
use crate::charset::{Hit, Reason, SourceEncoding, Tally, Transcoder};

/// The field whose text is SQL.
const DEFINITION: &str = "definition";

/// Kinds of entries whose definition is carried out. Comments are not, and labels of
/// enumerations change with the values.
const CODE: [&[u8]; 16] = [
    b"FUNCTION",
    b"PROCEDURE",
    b"AGGREGATE",
    b"TABLE",
    b"FOREIGN TABLE",
    b"CONSTRAINT",
    b"CHECK CONSTRAINT",
    b"DOMAIN",
    b"VIEW",
    b"MATERIALIZED VIEW",
    b"RULE",
    b"TRIGGER",
    b"EVENT TRIGGER",
    b"INDEX",
    b"DEFAULT",
    b"POLICY",
];

/// What is needed to convert them.
pub(super) struct TocTexts<'a> {
    transcoder: &'a Transcoder,
    encoding: SourceEncoding,
    escapes: bool,
    /// Names that are too long; each is told once, though many entries hold it.
    told: HashSet<Vec<u8>>,
}

impl<'a> TocTexts<'a> {
    pub(super) fn new(entries: &[Entry], transcoder: &'a Transcoder) -> Self {
        let escapes = Setting::new(entries, None).escapes;
        Self { transcoder, encoding: transcoder.source(), escapes, told: HashSet::new() }
    }

    /// Converts an entry's texts in place.
    pub(super) fn convert(
        &mut self,
        entry: &mut Entry,
        tally: &mut Tally,
        findings: &mut impl Findings,
    ) {
        let kind = name(entry.desc.as_deref(), self.encoding);
        let tag = name(entry.tag.as_deref(), self.encoding);
        let is_code = entry.desc.as_deref().is_some_and(|desc| CODE.contains(&desc));
        for (field, text) in entry.texts() {
            let Some(bytes) = text.as_mut().filter(|bytes| !bytes.is_ascii()) else { continue };
            let mut note = |mut finding: TextFinding| {
                kind.clone_into(&mut finding.table);
                field.clone_into(&mut finding.column);
                tag.clone_into(&mut finding.key);
                findings.note(finding, bytes);
            };
            let mut out = Vec::with_capacity(bytes.len().saturating_mul(2));
            self.transcoder.transcode_value(bytes, &mut out, tally, &mut |hit| {
                // Text of a definition is no record: joined kana move nothing there.
                if hit.reason != Reason::Shortened {
                    note(describe(&hit, 0));
                }
            });
            if field == DEFINITION {
                self.names(bytes, &out, &mut note);
            }
            if field == DEFINITION && is_code {
                self.transcoder.changes(bytes, &mut |change| {
                    let reason = Reason::DefinitionChanged;
                    let mut finding = self.finding(reason, change.code, change.offset);
                    finding.rule = Some(change.rule.to_owned());
                    note(finding);
                    true
                });
            }
            *bytes = out;
        }
    }

    /// Names and labels that PostgreSQL would cut, and labels that became equal.
    fn names(&mut self, source: &[u8], converted: &[u8], note: &mut impl FnMut(TextFinding)) {
        let before = Sql::new(source, self.escapes);
        let after = Sql::new(converted, self.escapes);
        let labels = after.find(&["AS", "ENUM", "("]).filter(|_| after.are(0, &["CREATE", "TYPE"]));
        let mut seen = HashSet::new();
        for at in 0..after.len() {
            let is_label = labels.is_some() && after.kind(at) == Some(Kind::Text);
            if is_label && !seen.insert(after.word(at)) {
                let (start, word) = (before.place(at..at.saturating_add(1)).start, before.word(at));
                let mut told = false;
                self.transcoder.changes(word, &mut |change| {
                    let offset = start.saturating_add(change.offset);
                    let mut finding = self.finding(Reason::BecameEqual, change.code, offset);
                    finding.rule = Some(change.rule.to_owned());
                    note(finding);
                    told = true;
                    false
                });
                // The label before was the one that changed.
                if !told {
                    let (code, offset) = first_code(self.encoding, word).unwrap_or_default();
                    note(self.finding(Reason::BecameEqual, code, start.saturating_add(offset)));
                }
            }
            let name = match after.kind(at) {
                Some(Kind::Text) if is_label => label(after.word(at)),
                _ => identifier(&after, at),
            };
            let Some(name) = name.filter(|name| name.len() > NAME_BYTES && !name.is_ascii()) else {
                continue;
            };
            if !self.told.insert(name) {
                continue;
            }
            let start = before.place(at..at.saturating_add(1)).start;
            let (code, offset) = first_code(self.encoding, before.word(at)).unwrap_or_default();
            let offset = start.saturating_add(offset);
            note(self.finding(Reason::TooLong, code, offset));
        }
    }

    /// A finding about a code of a definition.
    fn finding(&self, reason: Reason, code: &[u8], offset: usize) -> TextFinding {
        let character = name(Some(code), self.encoding).chars().next();
        let form = None;
        describe(&Hit { reason, form, code, character, reading: None, offset, rule: None }, 0)
    }
}

/// The text of a label, with doubled quotes as they stand.
fn label(word: &[u8]) -> Option<Vec<u8>> {
    let text = word.strip_prefix(b"E").unwrap_or(word);
    Some(text.strip_prefix(b"'")?.strip_suffix(b"'")?.to_vec())
}
