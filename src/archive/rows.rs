//! The rows of a COPY block, value by value, as its bytes stream by.
//!
//! It knows tabs, newlines and the end mark, nothing of characters: a byte below 0x80 is always
//! itself in EUC-JP and in UTF-8, so the separators cannot be part of a character.

use super::ArchiveError;
use super::limits::MAX_TEXT_RUN;

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
    /// A piece of a value: all of it, or cut behind an ASCII byte.
    fn text(&mut self, piece: &[u8], place: Place);
    /// The value is complete; `last` at a row's end.
    fn end_value(&mut self, place: Place, last: bool);
    /// A good moment to hand on what has gathered.
    fn flush(&mut self) -> Result<(), ArchiveError>;
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    RowStart,
    Value,
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
}

impl<'a> RowScanner<'a> {
    pub(super) fn new(shape: Shape<'a>) -> Self {
        let place = Place { row: 1, column: 0, offset: 0 };
        Self { shape, place, state: State::RowStart, held: Vec::new() }
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
        if self.held.is_empty() {
            let used = self.scan(bytes, offset, sink)?;
            self.held.extend_from_slice(bytes.get(used..).unwrap_or_default());
        } else {
            let mut all = std::mem::take(&mut self.held);
            all.extend_from_slice(bytes);
            let used = self.scan(&all, offset, sink)?;
            all.drain(..used.min(all.len()));
            self.held = all;
        }
        if self.held.len() > MAX_TEXT_RUN {
            return Err(ArchiveError::TooLarge { what: "a value", limit: MAX_TEXT_RUN, offset });
        }
        sink.flush()
    }

    /// Checks that the block ended with its end mark.
    pub(super) fn finish(&self, offset: u64) -> Result<u64, ArchiveError> {
        if self.state == State::Ended && self.held.is_empty() {
            Ok(self.rows())
        } else {
            Err(ArchiveError::Damaged { what: "a table's data has no end mark", offset })
        }
    }

    fn scan(
        &mut self,
        bytes: &[u8],
        offset: u64,
        sink: &mut impl RowSink,
    ) -> Result<usize, ArchiveError> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            match self.state {
                // COPY escapes every backslash, so a row cannot begin like the end mark.
                State::RowStart => match rest {
                    [b'\\', b'.', ..] => {
                        self.state = State::Ended;
                        at = at.saturating_add(2);
                    }
                    [b'\\'] => break,
                    _ => self.state = State::Value,
                },
                State::Value => match rest.iter().position(|b| matches!(b, b'\t' | b'\n')) {
                    Some(length) => {
                        self.value(rest.get(..length).unwrap_or_default(), sink);
                        self.separator(rest.get(length) == Some(&b'\n'), sink)?;
                        at = at.saturating_add(length).saturating_add(1);
                    }
                    None => {
                        let ascii = rest.iter().rposition(u8::is_ascii);
                        let length = ascii.map_or(0, |last| last.saturating_add(1));
                        self.value(rest.get(..length).unwrap_or_default(), sink);
                        at = at.saturating_add(length);
                        break;
                    }
                },
                State::Ended => {
                    if rest.iter().any(|byte| *byte != b'\n') {
                        let what = "bytes follow a table's end mark";
                        return Err(ArchiveError::Damaged { what, offset });
                    }
                    at = bytes.len();
                }
            }
        }
        Ok(at)
    }

    fn value(&mut self, piece: &[u8], sink: &mut impl RowSink) {
        if !piece.is_empty() {
            sink.text(piece, self.place);
            self.place.offset = self.place.offset.saturating_add(piece.len() as u64);
        }
    }

    fn separator(&mut self, last: bool, sink: &mut impl RowSink) -> Result<(), ArchiveError> {
        let found = self.place.column.saturating_add(1);
        // A table without columns has rows of one empty value.
        let expected = self.shape.columns.max(1);
        if last != (found == expected) {
            return Err(ArchiveError::RowShape {
                schema: self.shape.schema.to_owned(),
                table: self.shape.table.to_owned(),
                row: self.place.row,
                expected,
                found: if last { found } else { found.saturating_add(1) },
            });
        }
        sink.end_value(self.place, last);
        self.place.offset = 0;
        if last {
            self.place.column = 0;
            self.place.row = self.place.row.saturating_add(1);
            self.state = State::RowStart;
        } else {
            self.place.column = found;
        }
        Ok(())
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
        for size in 1..data.len() {
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
    fn rows_of_a_wrong_shape_are_named() {
        for data in ["a\n", "a\tb\tc\n"] {
            let error = scanner(2).feed(data.as_bytes(), 0, &mut Collect::default()).unwrap_err();
            assert!(matches!(error, ArchiveError::RowShape { row: 1, expected: 2, .. }));
        }
        let mut scanner = scanner(1);
        scanner.feed(b"a\n", 0, &mut Collect::default()).unwrap();
        assert!(scanner.finish(0).is_err());
    }
}
