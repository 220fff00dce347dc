//! A table's rows turned into UTF-8, and every finding given its place: row, column, key.
//!
//! Converting, scanning and comparing all read a clinic's text through this one door. What
//! follows from a finding is decided elsewhere; the rows that come in have the right shape.

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::equal::Equal;
use super::equal_found::became_equal;
use super::escape::EscapedLength;
use super::finding::{TextFinding, masked};
use super::long_fit::LongFit;
use super::long_row::{LongRow, Sinks};
use super::padding::{LongPadding, Padding};
use super::reader::Table;
use super::row_values::Values;
use super::rows::Place;
use crate::charset::{Hit, Reason, Tally, Transcoder};

/// Takes findings.
pub(super) trait Findings {
    /// One finding, with the value (as COPY writes it) in which it was made; the value is empty
    /// where it was too long to be held.
    fn note(&mut self, finding: TextFinding, value: &[u8]);

    /// True where the places of joined kana are not wanted any more, only their number.
    fn only_counts_shortened(&self) -> bool {
        false
    }

    /// Counts joined kana of a column.
    fn count_shortened(&mut self, _table: &Table, _column: usize) {}

    /// Sees a value of a `SQL_ASCII` database that is not ASCII, without its escapes.
    fn observe(&mut self, _table: &Table, _column: usize, _value: &[u8]) {}

    /// Told once of a table of which not all keys are held against one another.
    fn not_all_keys_held(&mut self, _table: &Table) {}

    /// A key's value (as COPY writes it) in clear; `None` where it must be masked.
    fn key_text(&self, _value: &[u8]) -> Option<String> {
        None
    }
}

/// One table's text.
pub(super) struct RowText<'a> {
    table: &'a Table,
    transcoder: Transcoder,
    /// What single values need; `None` where whole rows can be converted at once.
    values: Option<Values>,
    /// `None` where no value is filled up with blanks.
    padding: Option<Padding>,
    long: LongRow,
    long_padding: LongPadding,
    long_fit: LongFit,
    /// `None` where nothing can become equal, or nobody asks.
    equal: Option<Equal<'a>>,
}

impl<'a> RowText<'a> {
    /// For one table; `transcoder` is the archive's.
    pub(super) fn new(table: &'a Table, transcoder: &Transcoder) -> Self {
        let transcoder = transcoder.for_table(&table.schema, &table.name);
        let values = Values::of(table, &transcoder);
        Self {
            table,
            transcoder,
            values,
            padding: Padding::of(table),
            long: LongRow::new(table),
            long_padding: LongPadding::default(),
            long_fit: LongFit::default(),
            equal: None,
        }
    }

    /// Looks for values that become equal, too. It needs all rows of the table in one go.
    pub(super) fn watching(mut self) -> Self {
        self.equal = Equal::of(self.table, self.transcoder.makes_ascii());
        self
    }

    /// Appends whole rows in UTF-8 to `out`.
    pub(super) fn rows(
        &mut self,
        rows: &[u8],
        first: u64,
        out: &mut Vec<u8>,
        tally: &mut Tally,
        findings: &mut impl Findings,
    ) {
        let start = out.len();
        if self.values.is_some() {
            self.value_by_value(rows, first, out, tally, findings);
        } else {
            self.all_at_once(rows, first, out, tally, findings);
        }
        let Self { table, transcoder, values, equal: Some(equal), .. } = self else { return };
        let (about, was_over) = ((*table, &*transcoder, values.as_ref()), equal.is_over());
        let written = out.get(start..).unwrap_or_default();
        equal.rows(rows, written, first, &mut |row, became| {
            let Some((mut finding, value)) = became_equal(about, row, became) else { return };
            finding.key = named_key(about.0, &key_of(about.0, row), findings);
            findings.note(finding, value);
        });
        if equal.is_over() && !was_over {
            findings.not_all_keys_held(about.0);
        }
    }

    fn all_at_once(
        &self,
        rows: &[u8],
        first: u64,
        out: &mut Vec<u8>,
        tally: &mut Tally,
        findings: &mut impl Findings,
    ) {
        // ASCII passes untouched, so all rows go through in one call; where in which row a
        // finding stands is only asked when there is one.
        let mut at = RowAt::new(rows, first);
        let (table, padding) = (self.table, self.padding.as_ref());
        let (start, composed) = (out.len(), tally.composed());
        let mut lacks_blanks = false;
        self.transcoder.transcode_value(rows, out, tally, &mut |hit| {
            let (column, offset) = at.find(hit.offset);
            lacks_blanks |= hit.reason == Reason::Shortened
                && padding.is_some_and(|padding| padding.width(column).is_some());
            if hit.reason == Reason::Shortened && findings.only_counts_shortened() {
                return findings.count_shortened(table, column);
            }
            let mut finding = describe(&hit, 0);
            finding.offset = offset;
            finding.row = at.number;
            place(&mut finding, table, column);
            finding.key = at.key(table, findings);
            findings.note(finding, at.value());
        });
        // Sound marks that are composed are only counted.
        if let Some(padding) = padding
            && (lacks_blanks || tally.composed() > composed)
        {
            padding.rows(out, start);
        }
    }

    /// The same for a table where values differ in what holds for them.
    fn value_by_value(
        &self,
        rows: &[u8],
        first: u64,
        out: &mut Vec<u8>,
        tally: &mut Tally,
        findings: &mut impl Findings,
    ) {
        let Self { table, transcoder, values: Some(values), padding, .. } = self else { return };
        let rows = rows.strip_suffix(b"\n").unwrap_or(rows);
        for (row, number) in rows.split(|byte| *byte == b'\n').zip(first..) {
            let mut key: Option<String> = None;
            for (column, value) in row.split(|byte| *byte == b'\t').enumerate() {
                if column > 0 {
                    out.push(b'\t');
                }
                if values.unlabelled && !value.is_ascii() {
                    findings.observe(table, column, &values.raw(value));
                }
                let start = out.len();
                values.convert(transcoder, column, value, out, tally, &mut |hit, offset| {
                    if hit.reason == Reason::Shortened && findings.only_counts_shortened() {
                        return findings.count_shortened(table, column);
                    }
                    let mut finding = describe(&hit, 0);
                    finding.offset = offset;
                    finding.row = number;
                    place(&mut finding, table, column);
                    let key =
                        key.get_or_insert_with(|| named_key(table, &key_of(table, row), findings));
                    finding.key.clone_from(key);
                    findings.note(finding, value);
                });
                if let Some(padding) = padding.as_ref().filter(|_| !value.is_ascii()) {
                    padding.value(column, out, start);
                }
            }
            out.push(b'\n');
        }
    }

    /// Appends a piece of a value of a row that is too long.
    pub(super) fn piece(
        &mut self,
        piece: &[u8],
        at: Place,
        out: &mut Vec<u8>,
        tally: &mut Tally,
        findings: &mut impl Findings,
    ) {
        let about = (self.table, &self.transcoder, self.values.as_ref());
        let start = out.len();
        self.long.piece(about, piece, at, &mut Sinks { out, tally, findings });
        if self.values.as_ref().and_then(|values| values.fit(at.column)).is_some() {
            let written = out.get(start..).unwrap_or_default();
            self.long_fit.piece(self.transcoder.source(), piece, at, written);
        }
        if let Some(equal) = &mut self.equal {
            equal.piece(piece, at, out.get(start..).unwrap_or_default());
        }
        if self.padded(at.column).is_some() {
            self.long_padding.piece(piece, out, start);
        }
    }

    /// The end of a value that came in pieces; what was held of it is appended.
    pub(super) fn end_value(
        &mut self,
        at: Place,
        out: &mut Vec<u8>,
        tally: &mut Tally,
        findings: &mut impl Findings,
    ) {
        let about = (self.table, &self.transcoder, self.values.as_ref());
        let start = out.len();
        self.long.end_value(about, at, &mut Sinks { out, tally, findings });
        if let Some(values) = self.values.as_ref().filter(|values| values.fit(at.column).is_some())
        {
            let written = out.get(start..).unwrap_or_default();
            self.long_fit.piece(self.transcoder.source(), &[], at, written);
            if let Some(finding) = self.long_fit.end(self.table, values, at) {
                findings.note(finding, &[]);
            }
        }
        if let Some(equal) = &mut self.equal {
            equal.piece(&[], at, out.get(start..).unwrap_or_default());
        }
        if let Some(width) = self.padded(at.column) {
            self.long_padding.piece(&[], out, start);
            self.long_padding.end(width, out);
        }
    }

    /// How many characters blanks fill a column's values up to.
    fn padded(&self, column: usize) -> Option<u64> {
        self.padding.as_ref().and_then(|padding| padding.width(column))
    }

    /// The end of a row that came in pieces.
    pub(super) fn end_long_row(&mut self, row: u64, findings: &mut impl Findings) {
        self.long.end(self.table, findings);
        let Self { table, transcoder, values, equal: Some(equal), .. } = self else { return };
        let (about, was_over) = ((*table, &*transcoder, values.as_ref()), equal.is_over());
        // Columns behind those of the key are not held, so that the row has no name here.
        equal.end_row(row, &mut |row, became| {
            if let Some((finding, _)) = became_equal(about, row, became) {
                findings.note(finding, &[]);
            }
        });
        if equal.is_over() && !was_over {
            findings.not_all_keys_held(about.0);
        }
    }
}

fn key_of<'r>(table: &Table, row: &'r [u8]) -> Vec<&'r [u8]> {
    let value = |at: &usize| row.split(|byte| *byte == b'\t').nth(*at).unwrap_or_default();
    table.key.iter().map(value).collect()
}

/// Finds rows and columns in a block of rows, for offsets that only grow: each byte is looked at
/// once, however many findings there are.
struct RowAt<'a> {
    rows: &'a [u8],
    /// Where the current row begins and ends.
    start: usize,
    end: usize,
    /// Its number; the one before the block's first, until one was asked for.
    number: u64,
    column: usize,
    /// Where the current value begins and ends.
    value: (usize, usize),
    /// How far the current value is counted, and how long that is without escapes.
    counted: usize,
    length: EscapedLength,
    /// The row's key, once it was asked for.
    key: Option<String>,
}

impl<'a> RowAt<'a> {
    fn new(rows: &'a [u8], first: u64) -> Self {
        let length = EscapedLength::default();
        let number = first.saturating_sub(1);
        Self {
            rows,
            start: 0,
            end: 0,
            number,
            column: 0,
            value: (0, 0),
            counted: 0,
            length,
            key: None,
        }
    }

    /// Goes to the row that holds `offset`; gives the column, and the byte in its value.
    fn find(&mut self, offset: usize) -> (usize, u64) {
        if offset >= self.end {
            let passed = self.rows.get(self.end..offset).unwrap_or_default();
            let newlines = memchr_iter(b'\n', passed).count() as u64;
            let behind = memrchr(b'\n', passed).map_or(0, |at| at.saturating_add(1));
            self.start = self.end.saturating_add(behind);
            self.number = self.number.saturating_add(newlines).saturating_add(1);
            let rest = self.rows.get(offset..).unwrap_or_default();
            let length = memchr(b'\n', rest).map_or(rest.len(), |at| at.saturating_add(1));
            self.end = offset.saturating_add(length);
            (self.column, self.key) = (0, None);
            self.begin_value(self.start, offset);
        }
        if offset >= self.value.1 {
            let passed = self.rows.get(self.value.1..offset).unwrap_or_default();
            self.column = self.column.saturating_add(memchr_iter(b'\t', passed).count());
            let behind = memrchr(b'\t', passed).map_or(0, |at| at.saturating_add(1));
            self.begin_value(self.value.1.saturating_add(behind), offset);
        }
        self.length.add(self.rows.get(self.counted..offset).unwrap_or_default());
        self.counted = offset;
        (self.column, self.length.bytes)
    }

    /// A value begins here; it ends at the first separator, which may be before `offset`.
    fn begin_value(&mut self, start: usize, offset: usize) {
        let rest = self.rows.get(start..).unwrap_or_default();
        let length = memchr2(b'\t', b'\n', rest).unwrap_or(rest.len());
        let end = start.saturating_add(length);
        self.value = (start, end);
        (self.counted, self.length) = (start.min(offset), EscapedLength::default());
    }

    /// The value of the last offset.
    fn value(&self) -> &'a [u8] {
        self.rows.get(self.value.0..self.value.1).unwrap_or_default()
    }

    /// The current row's key.
    fn key(&mut self, table: &Table, findings: &impl Findings) -> String {
        let row = self.rows.get(self.start..self.end).unwrap_or_default();
        let row = row.strip_suffix(b"\n").unwrap_or(row);
        self.key.get_or_insert_with(|| named_key(table, &key_of(table, row), findings)).clone()
    }
}

/// A finding without its place; `base` is the position of what the hit counts from.
pub(super) fn describe(hit: &Hit<'_>, base: u64) -> TextFinding {
    let point = |c: char| format!("U+{:04X}", c as u32);
    TextFinding {
        reason: hit.reason,
        code: hit.written_code(),
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

pub(super) fn place(finding: &mut TextFinding, table: &Table, column: usize) {
    finding.schema.clone_from(&table.schema);
    finding.table.clone_from(&table.name);
    let columns = table.columns.as_deref().unwrap_or_default();
    finding.column = columns.get(column).cloned().unwrap_or_default();
}

pub(super) fn named_key(table: &Table, values: &[&[u8]], findings: &impl Findings) -> String {
    let columns = table.columns.as_deref().unwrap_or_default();
    let named = table.key.iter().zip(values).map(|(at, value)| {
        let shown = findings.key_text(value).unwrap_or_else(|| masked(value));
        format!("{}={shown}", columns.get(*at).map_or("", String::as_str))
    });
    named.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charset::{Mapping, Policy, SourceEncoding};

    #[derive(Default)]
    struct List(Vec<(TextFinding, Vec<u8>)>);

    impl Findings for List {
        fn note(&mut self, finding: TextFinding, value: &[u8]) {
            self.0.push((finding, value.to_vec()));
        }
    }

    fn table() -> Table {
        Table {
            schema: "public".into(),
            name: "t".into(),
            columns: Some(vec!["memo".into(), "id".into(), "name".into()]),
            key: vec![1],
            ..Table::default()
        }
    }

    fn transcoder() -> Transcoder {
        Transcoder::new(SourceEncoding::EucJp, Policy::Orca, Mapping::default())
    }

    #[test]
    fn findings_get_row_column_offset_and_key() {
        let rows = b"a\t0000017\tb\n\\n\\\\\xfc\xe2\t0000018\t\n\t0000019\tx\xfc\xe2\xfc\xe3\n";
        let table = table();
        let (mut out, mut tally, mut list) = (Vec::new(), Tally::default(), List::default());
        RowText::new(&table, &transcoder()).rows(rows, 10, &mut out, &mut tally, &mut list);
        let places: Vec<_> = list
            .0
            .iter()
            .map(|(f, value)| (f.row, f.column.as_str(), f.offset, f.key.as_str(), value.len()))
            .collect();
        assert_eq!(
            places,
            [
                (11, "memo", 2, "id=*18", 6),
                (12, "name", 1, "id=*19", 5),
                (12, "name", 3, "id=*19", 5)
            ]
        );
        assert_eq!(list.0[1].0.code, "FCE2");
    }

    #[test]
    fn a_row_in_pieces_gives_the_same_findings() {
        let table = table();
        let mut text = RowText::new(&table, &transcoder());
        let (mut out, mut tally, mut list) = (Vec::new(), Tally::default(), List::default());
        let at = |column, offset| Place { row: 7, column, offset };
        text.piece(b"abc", at(0, 0), &mut out, &mut tally, &mut list);
        text.piece(b"d\xfc\xe2", at(0, 3), &mut out, &mut tally, &mut list);
        text.piece(b"0000018", at(1, 0), &mut out, &mut tally, &mut list);
        assert!(list.0.is_empty());
        text.end_value(at(1, 7), &mut out, &mut tally, &mut list);
        text.end_long_row(7, &mut list);
        let (finding, _) = &list.0[0];
        assert_eq!(
            (finding.row, finding.column.as_str(), finding.offset, finding.key.as_str()),
            (7, "memo", 4, "id=*18")
        );
    }
}
