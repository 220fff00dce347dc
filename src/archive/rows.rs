//! The rows of a COPY block as its bytes stream by: whole rows, or pieces of a row that is too
//! long to be held.
//!
//! It knows tabs, newlines and the end mark, nothing of characters: a byte below 0x40 is always
//! itself in every encoding that PostgreSQL stores or that `SQL_ASCII` may hide, so the
//! separators cannot be part of a character.

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::ArchiveError;
use super::copy_text::{self, InPieces};
use super::limits::{MAX_HELD_ROW, MAX_TEXT_RUN};

/// Where in the table a piece of a value stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// Row, from 1.
    pub(super) row: u64,
    /// Column, from 0.
    pub(super) column: usize,
    /// Byte in the value at which the piece begins.
    pub(super) offset: u64,
}

/// What is done with the rows.
pub(super) trait RowSink {
    /// Some whole rows, each with its newline and the right number of values; `first` is the
    /// number of the first one.
    fn rows(&mut self, rows: &[u8], first: u64);
    /// A piece of a value of a row that is too long: all of it, or cut behind an ASCII byte.
    fn text(&mut self, piece: &[u8], place: Place);
    /// The value of a row that is too long is complete; `last` at the row's end.
    fn end_value(&mut self, place: Place, last: bool);
    /// A good moment to hand on what has gathered.
    fn flush(&mut self) -> Result<(), ArchiveError>;
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between rows; what is held is the beginning of one.
    Rows,
    /// Inside a row that is too long to be held; what is held is the end of a piece.
    LongRow,
    Ended,
}

/// The table a scanner reads, for its errors.
pub(super) struct Shape<'a> {
    pub(super) schema: &'a str,
    pub(super) table: &'a str,
    pub(super) columns: usize,
}

/// Takes a COPY block apart.
pub(super) struct RowScanner<'a> {
    shape: Shape<'a>,
    place: Place,
    state: State,
    held: Vec<u8>,
    /// The current value of a row that is too long to be held.
    value: InPieces,
}

impl<'a> RowScanner<'a> {
    pub(super) fn new(shape: Shape<'a>) -> Self {
        let place = Place { row: 1, column: 0, offset: 0 };
        Self { shape, place, state: State::Rows, held: Vec::new(), value: InPieces::default() }
    }

    /// Rows that were complete so far.
    pub(super) fn rows(&self) -> u64 {
        self.place.row.saturating_sub(1)
    }

    /// Takes the next bytes. `offset` is the archive's position, for errors.
    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        offset: u64,
        sink: &mut impl RowSink,
    ) -> Result<(), ArchiveError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.state {
                State::Rows => self.whole_rows(rest, offset, sink)?,
                State::LongRow => self.long_row(rest, offset, sink)?,
                State::Ended if rest.iter().all(|byte| *byte == b'\n') => &[],
                State::Ended => {
                    let what = "bytes follow a table's end mark";
                    return Err(ArchiveError::Damaged { what, offset });
                }
            };
        }
        sink.flush()
    }

    /// Checks that the block ended with its end mark.
    pub(super) fn finish(&self, offset: u64) -> Result<u64, ArchiveError> {
        let ended = match self.state {
            State::Ended => self.held.is_empty(),
            State::Rows => self.held == b"\\.",
            State::LongRow => false,
        };
        if ended {
            Ok(self.rows())
        } else {
            Err(ArchiveError::Damaged { what: "a table's data has no end mark", offset })
        }
    }

    /// Hands on the rows that are complete, holds the rest; gives what it did not look at.
    fn whole_rows<'b>(
        &mut self,
        bytes: &'b [u8],
        offset: u64,
        sink: &mut impl RowSink,
    ) -> Result<&'b [u8], ArchiveError> {
        if self.held.is_empty() {
            let Some(last) = memrchr(b'\n', bytes) else { return self.hold(bytes, offset, sink) };
            let (whole, rest) = bytes.split_at(last.saturating_add(1));
            let left = self.block(whole, offset, sink)?;
            // Behind the end mark nothing is a row any more.
            if self.state == State::Ended {
                return Ok(bytes.get(whole.len().saturating_sub(left)..).unwrap_or_default());
            }
            return self.hold(rest, offset, sink);
        }
        let Some(end) = memchr(b'\n', bytes) else { return self.hold(bytes, offset, sink) };
        let (whole, rest) = bytes.split_at(end.saturating_add(1));
        let mut row = std::mem::take(&mut self.held);
        row.extend_from_slice(whole);
        self.block(&row, offset, sink)?;
        row.clear();
        self.held = row;
        Ok(rest)
    }

    fn hold<'b>(
        &mut self,
        bytes: &'b [u8],
        offset: u64,
        sink: &mut impl RowSink,
    ) -> Result<&'b [u8], ArchiveError> {
        self.held.extend_from_slice(bytes);
        if self.held.len() > MAX_HELD_ROW {
            self.state = State::LongRow;
            let held = std::mem::take(&mut self.held);
            let mut rest = held.as_slice();
            while !rest.is_empty() {
                rest = self.long_row(rest, offset, sink)?;
            }
        }
        Ok(&[])
    }

    /// Checks every row's shape and hands all of them on at once; gives the number of bytes
    /// behind the end mark.
    fn block(
        &mut self,
        block: &[u8],
        offset: u64,
        sink: &mut impl RowSink,
    ) -> Result<usize, ArchiveError> {
        let first = self.place.row;
        let tabs = self.shape.columns.max(1).saturating_sub(1);
        let mut start = 0;
        for end in memchr_iter(b'\n', block) {
            let row = block.get(start..end).unwrap_or_default();
            // COPY escapes every backslash, so no row can begin like the end mark.
            if row.starts_with(b"\\.") {
                if row.len() > 2 {
                    let what = "bytes follow a table's end mark";
                    return Err(ArchiveError::Damaged { what, offset });
                }
                self.state = State::Ended;
                break;
            }
            let found = memchr_iter(b'\t', row).count();
            if found != tabs {
                return Err(self.wrong_shape(found.saturating_add(1)));
            }
            self.place.row = self.place.row.saturating_add(1);
            start = end.saturating_add(1);
        }
        let rows = block.get(..start).unwrap_or_default();
        if let Some((at, what)) = copy_text::fault(rows) {
            let before = rows.get(..at).unwrap_or_default();
            let row = first.saturating_add(memchr_iter(b'\n', before).count() as u64);
            return Err(self.not_copy_text(row, what));
        }
        if start > 0 {
            sink.rows(rows, first);
        }
        Ok(block.len().saturating_sub(start).saturating_sub(2))
    }

    /// Goes on with a row that is handed on in pieces; gives what it did not look at.
    fn long_row<'b>(
        &mut self,
        bytes: &'b [u8],
        offset: u64,
        sink: &mut impl RowSink,
    ) -> Result<&'b [u8], ArchiveError> {
        let Some(length) = memchr2(b'\t', b'\n', bytes) else {
            let ascii = bytes.iter().rposition(u8::is_ascii);
            let length = ascii.map_or(0, |last| last.saturating_add(1));
            if length > 0 {
                self.value(bytes.get(..length).unwrap_or_default(), sink)?;
            }
            self.held.extend_from_slice(bytes.get(length..).unwrap_or_default());
            if self.held.len() > MAX_TEXT_RUN {
                return Err(ArchiveError::TooLarge {
                    what: "a value",
                    limit: MAX_TEXT_RUN,
                    offset,
                });
            }
            return Ok(&[]);
        };
        self.value(bytes.get(..length).unwrap_or_default(), sink)?;
        self.separator(bytes.get(length) == Some(&b'\n'), sink)?;
        Ok(bytes.get(length.saturating_add(1)..).unwrap_or_default())
    }

    /// Hands on a piece with what was held of it.
    fn value(&mut self, piece: &[u8], sink: &mut impl RowSink) -> Result<(), ArchiveError> {
        let mut held = std::mem::take(&mut self.held);
        let whole = if held.is_empty() {
            piece
        } else {
            held.extend_from_slice(piece);
            &held
        };
        if let Some(what) = self.value.feed(whole) {
            return Err(self.not_copy_text(self.place.row, what));
        }
        if !whole.is_empty() {
            sink.text(whole, self.place);
            self.place.offset = self.place.offset.saturating_add(whole.len() as u64);
        }
        Ok(())
    }

    fn separator(&mut self, last: bool, sink: &mut impl RowSink) -> Result<(), ArchiveError> {
        let found = self.place.column.saturating_add(1);
        // A table without columns has rows of one empty value.
        if last != (found == self.shape.columns.max(1)) {
            return Err(self.wrong_shape(if last { found } else { found.saturating_add(1) }));
        }
        if let Some(what) = self.value.end() {
            return Err(self.not_copy_text(self.place.row, what));
        }
        sink.end_value(self.place, last);
        self.place.offset = 0;
        if last {
            self.place.column = 0;
            self.place.row = self.place.row.saturating_add(1);
            self.state = State::Rows;
        } else {
            self.place.column = found;
        }
        Ok(())
    }

    fn not_copy_text(&self, row: u64, what: &'static str) -> ArchiveError {
        ArchiveError::NotCopyText {
            schema: self.shape.schema.to_owned(),
            table: self.shape.table.to_owned(),
            row,
            what,
        }
    }

    fn wrong_shape(&self, found: usize) -> ArchiveError {
        ArchiveError::RowShape {
            schema: self.shape.schema.to_owned(),
            table: self.shape.table.to_owned(),
            row: self.place.row,
            expected: self.shape.columns.max(1),
            found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Collect {
        rows: Vec<Vec<Vec<u8>>>,
        row: Vec<Vec<u8>>,
        value: Vec<u8>,
    }

    impl RowSink for Collect {
        fn rows(&mut self, rows: &[u8], first: u64) {
            assert_eq!(first as usize, self.rows.len() + 1);
            let (last, whole) = rows.split_last().unwrap();
            assert_eq!(*last, b'\n');
            for row in whole.split(|byte| *byte == b'\n') {
                self.rows.push(row.split(|byte| *byte == b'\t').map(<[u8]>::to_vec).collect());
            }
        }
        fn text(&mut self, piece: &[u8], place: Place) {
            assert_eq!(place.offset as usize, self.value.len());
            assert_eq!(place.column, self.row.len());
            self.value.extend_from_slice(piece);
        }
        fn end_value(&mut self, _: Place, last: bool) {
            self.row.push(std::mem::take(&mut self.value));
            if last {
                self.rows.push(std::mem::take(&mut self.row));
            }
        }
        fn flush(&mut self) -> Result<(), ArchiveError> {
            Ok(())
        }
    }

    fn scanner(columns: usize) -> RowScanner<'static> {
        RowScanner::new(Shape { schema: "public", table: "t", columns })
    }

    #[test]
    fn rows_are_the_same_however_the_bytes_are_cut() {
        let data = "a\t山田\\t\n\\N\t\n\\\\.\tx\n\\.\n\n\n".as_bytes();
        let expected = vec![
            vec![b"a".to_vec(), "山田\\t".as_bytes().to_vec()],
            vec![b"\\N".to_vec(), b"".to_vec()],
            vec![b"\\\\.".to_vec(), b"x".to_vec()],
        ];
        for size in 1..=data.len() {
            let mut sink = Collect::default();
            let mut scanner = scanner(2);
            for piece in data.chunks(size) {
                scanner.feed(piece, 0, &mut sink).unwrap();
            }
            assert_eq!(scanner.finish(0).unwrap(), 3);
            assert_eq!(sink.rows, expected, "pieces of {size}");
        }
    }

    #[test]
    fn a_row_that_is_too_long_comes_in_pieces_and_the_next_one_whole() {
        let long = "あ".repeat(MAX_HELD_ROW);
        let data = format!("1\t{long}\n2\tx\n3\t{long}\n\\.\n\n\n");
        for size in [1000, 70_001, data.len()] {
            let mut sink = Collect::default();
            let mut scanner = scanner(2);
            for piece in data.as_bytes().chunks(size) {
                scanner.feed(piece, 0, &mut sink).unwrap();
            }
            assert_eq!(scanner.finish(0).unwrap(), 3);
            assert_eq!(sink.rows.len(), 3);
            assert_eq!(sink.rows[1], [b"2".to_vec(), b"x".to_vec()]);
            assert!(sink.rows[0][1] == long.as_bytes() && sink.rows[2][1] == long.as_bytes());
        }
        let mut scanner = scanner(3);
        let error = scanner.feed(data.as_bytes(), 0, &mut Collect::default()).unwrap_err();
        assert!(matches!(error, ArchiveError::RowShape { row: 1, expected: 3, found: 2, .. }));
    }

    #[test]
    fn rows_of_a_wrong_shape_are_named() {
        for (data, found) in [("a\n", 1), ("a\tb\tc\n", 3)] {
            let error = scanner(2).feed(data.as_bytes(), 0, &mut Collect::default()).unwrap_err();
            assert!(
                matches!(error, ArchiveError::RowShape { row: 1, expected: 2, found: f, .. } if f == found)
            );
        }
        let mut scanner = scanner(1);
        scanner.feed(b"a\n", 0, &mut Collect::default()).unwrap();
        assert!(scanner.finish(0).is_err());
    }

    #[test]
    fn nothing_but_newlines_may_follow_the_end_mark() {
        for data in ["a\n\\.\n\nb\n", "\\.x\n", "\\.\tx\n", "\\.\n\\.\n"] {
            let mut scanner = scanner(1);
            let error = scanner.feed(data.as_bytes(), 9, &mut Collect::default()).unwrap_err();
            assert!(matches!(error, ArchiveError::Damaged { offset: 9, .. }), "{data:?}");
        }
        let mut scanner = scanner(0);
        scanner.feed(b"\n\n\\.\n\n\n", 0, &mut Collect::default()).unwrap();
        assert_eq!(scanner.finish(0).unwrap(), 2);
    }
}
