//! A row that is too long to be held: its values come in pieces, and its findings wait for its
//! key.

use super::escape::{EscapedLength, ends_in_escape, escape_from, unescaped};
use super::finding::TextFinding;
use super::limits::{MAX_FINDINGS, MAX_TEXT_RUN};
use super::long_key::LongKey;
use super::reader::Table;
use super::row_text::{Findings, describe, place};
use super::row_values::{Offsets, Values, first_that_grows, too_wide};
use super::rows::Place;
use super::widths::Characters;
use crate::charset::{Reason, Tally, Transcoder};

/// Where the text goes and what is counted.
pub(super) struct Sinks<'s, F> {
    pub(super) out: &'s mut Vec<u8>,
    pub(super) tally: &'s mut Tally,
    pub(super) findings: &'s mut F,
}

/// What is remembered of the row.
pub(super) struct LongRow {
    key: LongKey,
    /// The row's findings so far; they are complete when the key is.
    waiting: Vec<TextFinding>,
    value: LongValue,
}

/// What is remembered of the current value.
#[derive(Default)]
struct LongValue {
    /// How much of it is converted.
    done: EscapedLength,
    /// What waits, because its encoding is judged by all of it.
    held: Vec<u8>,
    characters: Characters,
    /// The first code that grew, and its byte in the value.
    grown: Option<(Vec<u8>, u64)>,
}

impl LongRow {
    pub(super) fn new(table: &Table) -> Self {
        Self { key: LongKey::new(table), waiting: Vec::new(), value: LongValue::default() }
    }

    /// Appends a piece of a value, or holds it until the value is complete.
    pub(super) fn piece<F: Findings>(
        &mut self,
        (table, transcoder, values): (&Table, &Transcoder, Option<&Values>),
        piece: &[u8],
        at: Place,
        sinks: &mut Sinks<'_, F>,
    ) {
        self.key.piece(table, at.column, piece);
        let transcoder = values.and_then(|v| v.own(at.column)).unwrap_or(transcoder);
        if values.is_none_or(|values| !values.unlabelled) {
            return self.convert((table, transcoder, values), piece, at, sinks);
        }
        let held = &mut self.value.held;
        held.extend_from_slice(piece);
        // ASCII needs no judgement, and what is too much is judged as it is.
        let may_go = held.is_ascii() || held.len() > MAX_TEXT_RUN;
        if may_go && !ends_in_escape(held) {
            self.release((table, transcoder), at, sinks);
        }
    }

    /// The end of a value.
    pub(super) fn end_value<F: Findings>(
        &mut self,
        (table, transcoder, values): (&Table, &Transcoder, Option<&Values>),
        at: Place,
        sinks: &mut Sinks<'_, F>,
    ) {
        let transcoder = values.and_then(|v| v.own(at.column)).unwrap_or(transcoder);
        self.release((table, transcoder), at, sinks);
        let value = std::mem::take(&mut self.value);
        if let Some(width) = values.and_then(|values| values.width(at.column))
            && width.is_exceeded(&value.characters)
            && let Some((code, offset)) = value.grown
        {
            let mut finding = describe(&too_wide(&code, 0), offset);
            finding.row = at.row;
            place(&mut finding, table, at.column);
            self.wait(finding, sinks.findings);
        }
        self.key.end_value(table, at.column, sinks.findings);
        self.hand_on(sinks.findings);
    }

    /// The end of the row.
    pub(super) fn end<F: Findings>(&mut self, table: &Table, findings: &mut F) {
        self.hand_on(findings);
        self.key = LongKey::new(table);
    }

    /// Findings that have waited get their key, where it is known.
    fn hand_on<F: Findings>(&mut self, findings: &mut F) {
        let Some(key) = self.key.known() else { return };
        for mut finding in self.waiting.drain(..) {
            key.clone_into(&mut finding.key);
            findings.note(finding, &[]);
        }
    }

    /// Converts what was held, as one value without its escapes.
    fn release<F: Findings>(
        &mut self,
        (table, transcoder): (&Table, &Transcoder),
        at: Place,
        sinks: &mut Sinks<'_, F>,
    ) {
        let held = std::mem::take(&mut self.value.held);
        if held.is_empty() {
            return;
        }
        let place = Offsets::new(true, self.value.done);
        self.value.done.add(&held);
        // As it stands, escapes and all: without its backslash a NULL would become a letter.
        if held.is_ascii() {
            return sinks.out.extend_from_slice(&held);
        }
        let raw = unescaped(&held);
        sinks.findings.observe(table, at.column, &raw);
        let start = sinks.out.len();
        self.transcode((table, transcoder), &raw, at, sinks, place);
        escape_from(sinks.out, start);
    }

    fn convert<F: Findings>(
        &mut self,
        (table, transcoder, values): (&Table, &Transcoder, Option<&Values>),
        piece: &[u8],
        at: Place,
        sinks: &mut Sinks<'_, F>,
    ) {
        let start = sinks.out.len();
        let mut grown_at = Offsets::new(false, self.value.done);
        let place = Offsets::new(false, self.value.done);
        self.transcode((table, transcoder), piece, at, sinks, place);
        if values.and_then(|values| values.width(at.column)).is_some() {
            let value = &mut self.value;
            value.characters.add(sinks.out.get(start..).unwrap_or_default());
            if value.grown.is_none() {
                let grown = first_that_grows(transcoder, piece);
                value.grown = grown.map(|(code, at)| (code.to_vec(), grown_at.of(piece, at)));
            }
        }
        self.value.done.add(piece);
    }

    fn transcode<F: Findings>(
        &mut self,
        (table, transcoder): (&Table, &Transcoder),
        bytes: &[u8],
        at: Place,
        sinks: &mut Sinks<'_, F>,
        mut offsets: Offsets,
    ) {
        let Sinks { out, tally, findings } = sinks;
        transcoder.transcode_value(bytes, out, tally, &mut |hit| {
            if hit.reason == Reason::Shortened && findings.only_counts_shortened() {
                return findings.count_shortened(table, at.column);
            }
            let mut finding = describe(&hit, 0);
            finding.offset = offsets.of(bytes, hit.offset);
            finding.row = at.row;
            place(&mut finding, table, at.column);
            self.wait(finding, *findings);
        });
    }

    /// A row full of bad bytes must not gather findings without end; what is over the cap before
    /// the key has come is handed on at once, without it.
    fn wait<F: Findings>(&mut self, mut finding: TextFinding, findings: &mut F) {
        if let Some(key) = self.key.known() {
            key.clone_into(&mut finding.key);
            findings.note(finding, &[]);
        } else if self.waiting.len() < MAX_FINDINGS {
            self.waiting.push(finding);
        } else {
            findings.note(finding, &[]);
        }
    }
}
