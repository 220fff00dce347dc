//! A table's rows, added up, with their text held against the encoding that is declared.

use super::ArchiveError;
use super::digest::{RowDigest, each};
use super::finding::{Found, TextFinding};
use super::limits::MAX_FINDINGS;
use super::reader::Table;
use super::rows::{Place, RowSink};
use super::target::{Target, TargetText};
use crate::charset::{Reason, SourceEncoding};

/// Bytes at a fault that are shown: the longest code that begins with it.
const SHOWN: usize = 3;

/// What was found out about a table's text.
pub(super) struct TextCheck {
    /// What is outside ORCA's characters, for UTF-8.
    pub(super) target: Option<TargetText>,
    /// Values that the encoding forbids: place and the bytes at fault.
    bad: Vec<(Place, Vec<u8>)>,
    bad_total: u64,
}

/// Checks and adds up.
pub(super) struct Checked {
    encoding: SourceEncoding,
    digest: RowDigest,
    target: Option<Target>,
    bad: Vec<(Place, Vec<u8>)>,
    bad_total: u64,
}

impl Checked {
    pub(super) fn new(encoding: SourceEncoding) -> Self {
        let target = (encoding == SourceEncoding::Utf8).then(Target::new);
        Self { encoding, digest: RowDigest::new(), target, bad: Vec::new(), bad_total: 0 }
    }

    pub(super) fn finish(self) -> (RowDigest, TextCheck) {
        let target = self.target.map(Target::finish);
        (self.digest, TextCheck { target, bad: self.bad, bad_total: self.bad_total })
    }

    fn is_valid(&self, bytes: &[u8]) -> bool {
        match self.encoding {
            SourceEncoding::Utf8 => simdutf8::basic::from_utf8(bytes).is_ok(),
            other => bytes.is_ascii() || other.first_invalid(bytes).is_none(),
        }
    }

    /// Finds the bad values of a block in which there is one.
    fn find_bad(&mut self, rows: &[u8], first: u64) {
        let mut row_number = first;
        each(rows, |row| {
            if !self.is_valid(row) {
                for (column, value) in row.split(|byte| *byte == b'\t').enumerate() {
                    self.value(value, Place { row: row_number, column, offset: 0 });
                }
            }
            row_number = row_number.saturating_add(1);
        });
    }

    fn value(&mut self, piece: &[u8], place: Place) {
        let Some(at) = self.encoding.first_invalid(piece) else { return };
        self.bad_total = self.bad_total.saturating_add(1);
        if self.bad.len() < MAX_FINDINGS {
            let fault = piece.get(at..).unwrap_or_default();
            let fault = fault.get(..SHOWN.min(fault.len())).unwrap_or_default().to_vec();
            let offset = place.offset.saturating_add(at as u64);
            self.bad.push((Place { offset, ..place }, fault));
        }
    }
}

impl RowSink for Checked {
    fn rows(&mut self, rows: &[u8], first: u64) {
        // ASCII separates values in every encoding, so a block is valid where all of them are.
        if self.is_valid(rows) {
            if let Some(target) = &mut self.target {
                target.rows(rows);
            }
        } else {
            self.find_bad(rows, first);
        }
        self.digest.rows(rows, first);
    }

    fn text(&mut self, piece: &[u8], place: Place) {
        self.value(piece, place);
        if let Some(target) = &mut self.target {
            target.text(piece);
        }
        self.digest.text(piece, place);
    }

    fn end_value(&mut self, place: Place, last: bool) {
        self.digest.end_value(place, last);
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        Ok(())
    }
}

impl TextCheck {
    /// Lists the bad values.
    pub(super) fn note_bad(&self, table: &Table, found: &mut Found) {
        let columns = table.columns.as_deref().unwrap_or_default();
        for (place, fault) in &self.bad {
            found.note(TextFinding {
                reason: Reason::Invalid,
                code: hex::encode_upper(fault),
                character: None,
                reading: None,
                rule: None,
                schema: table.schema.clone(),
                table: table.name.clone(),
                column: columns.get(place.column).cloned().unwrap_or_default(),
                row: place.row,
                offset: place.offset,
                key: String::new(),
            });
        }
        let unlisted = self.bad_total.saturating_sub(self.bad.len() as u64);
        found.total = found.total.saturating_add(unlisted);
    }
}
