//! Puts the transcoder before whoever wants a table's rows, where a side of a comparison is not
//! UTF-8 yet. What it cannot convert is counted: such a table cannot be called the same.

use super::ArchiveError;
use super::crew::Take;
use super::finding::TextFinding;
use super::reader::Table;
use super::row_text::{Findings, RowText};
use super::rows::{Place, RowSink};
use super::scanned::Scanned;
use crate::charset::{Tally, Transcoder};
use crate::progress::Progress;

/// Rows in UTF-8 for `S`.
struct AsUtf8<'a, S> {
    text: RowText<'a>,
    out: Vec<u8>,
    tally: Tally,
    open: Open,
    sink: S,
}

/// Counts the codes for which a decision is missing.
#[derive(Default)]
struct Open(u64);

impl Findings for Open {
    fn note(&mut self, finding: TextFinding, _: &[u8]) {
        self.0 = self.0.saturating_add(u64::from(finding.reason.blocks()));
    }

    fn only_counts_shortened(&self) -> bool {
        true
    }
}

impl<S: RowSink> RowSink for AsUtf8<'_, S> {
    fn rows(&mut self, rows: &[u8], first: u64) {
        if rows.is_ascii() {
            return self.sink.rows(rows, first);
        }
        self.out.clear();
        self.text.rows(rows, first, &mut self.out, &mut self.tally, &mut self.open);
        self.sink.rows(&self.out, first);
    }

    fn text(&mut self, piece: &[u8], place: Place) {
        self.out.clear();
        self.text.piece(piece, place, &mut self.out, &mut self.tally, &mut self.open);
        self.sink.text(&self.out, place);
    }

    fn end_value(&mut self, place: Place, last: bool) {
        self.out.clear();
        self.text.end_value(place, &mut self.out, &mut self.tally, &mut self.open);
        if !self.out.is_empty() {
            self.sink.text(&self.out, place);
        }
        self.sink.end_value(place, last);
        if last {
            self.text.end_long_row(place.row, &mut self.open);
        }
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        self.sink.flush()
    }
}

/// Reads a table's rows for `sink`, in UTF-8 where there is a transcoder. `done` gets the sink
/// back, the number of rows, and the number of codes that could not be converted.
pub(super) fn rows_for<'a, S, F>(
    table: &'a Table,
    transcoder: Option<&Transcoder>,
    sink: S,
    progress: &'a Progress,
    done: F,
) -> Result<Box<dyn Take + Send + 'a>, ArchiveError>
where
    S: RowSink + Send + 'a,
    F: FnOnce(S, u64, u64) + Send + 'a,
{
    let Some(transcoder) = transcoder else {
        let done = |sink, rows| done(sink, rows, 0);
        return Ok(Box::new(Scanned::new(table, sink, progress, done)?));
    };
    let text = RowText::new(table, transcoder);
    let (tally, open) = (Tally::default(), Open::default());
    let sink = AsUtf8 { text, out: Vec::new(), tally, open, sink };
    let done = |sink: AsUtf8<'a, S>, rows| done(sink.sink, rows, sink.open.0);
    Ok(Box::new(Scanned::new(table, sink, progress, done)?))
}
