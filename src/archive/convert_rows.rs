//! A table's rows on their way through the transcoder to the compressing threads.
//!
//! What a finding means for the conversion is decided here; where it stands is known already.

use super::ArchiveError;
use super::compress::{Outlet, Plain};
use super::finding::{Found, TextFinding};
use super::limits::BATCH;
use super::reader::Table;
use super::row_text::{Findings, RowText};
use super::rows::{Place, RowSink};
use crate::charset::{Reason, Tally, Transcoder};

/// The findings by what follows from them.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) blocking: Found,
    pub(super) lossy: Found,
    pub(super) shortened: Found,
    /// SQL that was changed.
    pub(super) definitions: Found,
    /// Tables of which not all keys were held against one another.
    pub(super) keys_not_held: Vec<String>,
    /// Joined kana by column of the current table, once the listed findings are enough.
    counted: Vec<u64>,
}

impl Findings for Notes {
    fn note(&mut self, finding: TextFinding, _: &[u8]) {
        let found = match finding.reason {
            Reason::Lossy => &mut self.lossy,
            Reason::Shortened => &mut self.shortened,
            Reason::DefinitionChanged => &mut self.definitions,
            Reason::OutsideJisX0213
            | Reason::Ambiguous
            | Reason::Invalid
            | Reason::NotAscii
            | Reason::Undecided
            | Reason::Cut
            | Reason::Packed
            | Reason::TooWide
            | Reason::TooLong
            | Reason::BecameEqual => &mut self.blocking,
        };
        found.note(finding);
    }

    fn not_all_keys_held(&mut self, table: &Table) {
        self.keys_not_held.push(format!("{}.{}", table.schema, table.name));
    }

    fn only_counts_shortened(&self) -> bool {
        self.shortened.is_full()
    }

    fn count_shortened(&mut self, _: &Table, column: usize) {
        if self.counted.len() <= column {
            self.counted.resize(column.saturating_add(1), 0);
        }
        if let Some(count) = self.counted.get_mut(column) {
            *count = count.saturating_add(1);
        }
    }
}

impl Notes {
    /// Gives the counted columns of a finished table their names.
    fn settle(&mut self, table: &Table) {
        let columns = table.columns.iter().flatten();
        for (column, count) in columns.zip(self.counted.drain(..)).filter(|(_, count)| *count > 0) {
            let place = format!("{}.{}.{column}", table.schema, table.name);
            self.shortened.add_unlisted(&place, count);
        }
    }
}

/// Converts a table's values and hands them to the compressing threads.
pub(super) struct Converting<'a> {
    table: &'a Table,
    text: RowText<'a>,
    out: Plain,
    outlet: &'a mut Outlet,
    tally: &'a mut Tally,
    notes: &'a mut Notes,
}

impl<'a> Converting<'a> {
    pub(super) fn new(
        transcoder: &Transcoder,
        table: &'a Table,
        outlet: &'a mut Outlet,
        tally: &'a mut Tally,
        notes: &'a mut Notes,
    ) -> Self {
        let text = RowText::new(table, transcoder).watching();
        let out = outlet.first();
        Self { table, text, out, outlet, tally, notes }
    }

    /// Sends what is left, with the end mark as pg_dump writes it.
    pub(super) fn finish(mut self) -> Result<(), ArchiveError> {
        self.notes.settle(self.table);
        self.out.bytes.extend_from_slice(b"\\.\n\n\n");
        self.outlet.send(self.out)
    }
}

impl RowSink for Converting<'_> {
    fn rows(&mut self, rows: &[u8], first: u64) {
        self.text.rows(rows, first, &mut self.out.bytes, self.tally, self.notes);
    }

    fn text(&mut self, piece: &[u8], place: Place) {
        self.text.piece(piece, place, &mut self.out.bytes, self.tally, self.notes);
    }

    fn end_value(&mut self, place: Place, last: bool) {
        self.text.end_value(place, &mut self.out.bytes, self.tally, self.notes);
        self.out.bytes.push(if last { b'\n' } else { b'\t' });
        if last {
            self.text.end_long_row(place.row, self.notes);
        }
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        if self.notes.blocking.total > 0 {
            // The output cannot be used any more; only the search for findings goes on.
            self.out.clear();
        } else if self.out.len() >= BATCH {
            self.outlet.pass(&mut self.out)?;
        }
        Ok(())
    }
}
