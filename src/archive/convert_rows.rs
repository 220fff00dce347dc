//! A table's rows on their way through the transcoder to the compressing thread.
//!
//! Findings get their row's key here; what follows from them is decided elsewhere.

use std::sync::mpsc::SyncSender;

use super::ArchiveError;
use super::finding::{Found, TextFinding, masked};
use super::limits::{BATCH, MAX_FINDINGS};
use super::reader::Table;
use super::rows::{Place, RowSink};
use super::writer::Part;
use crate::charset::{Hit, Reason, Tally, Transcoder};

/// Longest part of a key's value that is looked at for masking.
const MAX_KEY_BYTES: usize = 64;

/// The findings by what follows from them.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) blocking: Found,
    pub(super) lossy: Found,
    pub(super) shortened: Found,
}

impl Notes {
    pub(super) fn note(&mut self, finding: TextFinding) {
        let found = match finding.reason {
            Reason::Lossy => &mut self.lossy,
            Reason::Shortened => &mut self.shortened,
            Reason::OutsideJisX0213 | Reason::Ambiguous | Reason::Invalid | Reason::NotAscii => {
                &mut self.blocking
            }
        };
        found.note(finding);
    }
}

/// Hands a part to the compressing thread.
pub(super) fn send(sender: &SyncSender<Part>, part: Part) -> Result<(), ArchiveError> {
    sender.send(part).map_err(|_| ArchiveError::Stopped)
}

pub(super) fn describe(hit: &Hit<'_>, base: u64) -> TextFinding {
    let point = |c: char| format!("U+{:04X}", c as u32);
    TextFinding {
        reason: hit.reason,
        code: hex::encode_upper(hit.code),
        character: hit.character.map(point),
        reading: hit.reading.map(point),
        rule: hit.rule.map(str::to_owned),
        schema: String::new(),
        table: String::new(),
        column: String::new(),
        row: 0,
        offset: base.saturating_add(hit.offset as u64),
        key: String::new(),
    }
}

/// Converts a table's values on their way to the compressing thread.
///
/// A value can only keep its number of characters or lose some (two half-width kana that become
/// one), so none outgrows its column; `char(n)` is padded again by the server that reads it.
pub(super) struct Converting<'a> {
    transcoder: Transcoder,
    table: &'a Table,
    /// The current row's key, as far as it has come.
    key: Vec<Vec<u8>>,
    /// The current row's findings; they are complete when the key is.
    row: Vec<TextFinding>,
    /// Joined kana by column, once the listed findings are enough.
    shortened: Vec<u64>,
    out: Vec<u8>,
    sender: &'a SyncSender<Part>,
    tally: &'a mut Tally,
    notes: &'a mut Notes,
}

impl<'a> Converting<'a> {
    /// For one table; `transcoder` must be narrowed to it.
    pub(super) fn new(
        transcoder: Transcoder,
        table: &'a Table,
        sender: &'a SyncSender<Part>,
        tally: &'a mut Tally,
        notes: &'a mut Notes,
    ) -> Self {
        Self {
            transcoder,
            table,
            key: vec![Vec::new(); table.key.len()],
            row: Vec::new(),
            shortened: vec![0; table.columns.as_ref().map_or(0, Vec::len)],
            out: Vec::with_capacity(BATCH),
            sender,
            tally,
            notes,
        }
    }

    /// Sends what is left, with the end mark as pg_dump writes it.
    pub(super) fn finish(mut self) -> Result<(), ArchiveError> {
        let columns = self.table.columns.iter().flatten();
        for (column, count) in columns.zip(&self.shortened).filter(|(_, count)| **count > 0) {
            let place = format!("{}.{}.{column}", self.table.schema, self.table.name);
            self.notes.shortened.add_unlisted(&place, *count);
        }
        self.out.extend_from_slice(b"\\.\n\n\n");
        send(self.sender, Part::Bytes(self.out))
    }

    fn remember_key(&mut self, piece: &[u8], column: usize) {
        for (value, at) in self.key.iter_mut().zip(&self.table.key) {
            if *at == column {
                let room = MAX_KEY_BYTES.saturating_sub(value.len()).min(piece.len());
                value.extend_from_slice(piece.get(..room).unwrap_or_default());
            }
        }
    }

    fn end_row(&mut self) {
        if !self.row.is_empty() {
            let columns = self.table.columns.as_deref().unwrap_or_default();
            let named = self.table.key.iter().zip(&self.key).map(|(at, value)| {
                format!("{}={}", columns.get(*at).map_or("", String::as_str), masked(value))
            });
            let key = named.collect::<Vec<_>>().join(",");
            for mut finding in self.row.drain(..) {
                finding.key.clone_from(&key);
                self.notes.note(finding);
            }
        }
        self.key.iter_mut().for_each(Vec::clear);
    }
}

impl RowSink for Converting<'_> {
    fn text(&mut self, piece: &[u8], place: Place) {
        self.remember_key(piece, place.column);
        if piece.is_ascii() {
            self.out.extend_from_slice(piece);
            return;
        }
        let Self { transcoder, table, row, out, tally, notes, shortened, .. } = self;
        let columns = table.columns.as_deref().unwrap_or_default();
        transcoder.transcode_value(piece, out, tally, &mut |hit| {
            if hit.reason == Reason::Shortened && notes.shortened.is_full() {
                // Old data is full of these; past the listed ones only the number matters.
                if let Some(count) = shortened.get_mut(place.column) {
                    *count = count.saturating_add(1);
                }
                return;
            }
            // A row full of bad bytes must not gather findings without end; what is over the
            // cap is counted at once, without its key.
            let mut finding = describe(&hit, place.offset);
            finding.schema.clone_from(&table.schema);
            finding.table.clone_from(&table.name);
            finding.column = columns.get(place.column).cloned().unwrap_or_default();
            finding.row = place.row;
            if row.len() < MAX_FINDINGS {
                row.push(finding);
            } else {
                notes.note(finding);
            }
        });
    }

    fn end_value(&mut self, _: Place, last: bool) {
        self.out.push(if last { b'\n' } else { b'\t' });
        if last {
            self.end_row();
        }
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        if self.notes.blocking.total > 0 {
            // The output cannot be used any more; only the search for findings goes on.
            self.out.clear();
        } else if self.out.len() >= BATCH {
            let batch = std::mem::replace(&mut self.out, Vec::with_capacity(BATCH));
            send(self.sender, Part::Bytes(batch))?;
        }
        Ok(())
    }
}
