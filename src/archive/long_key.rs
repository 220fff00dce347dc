//! The key of a row that is too long to be held, put together from pieces of its values.
//!
//! Of a value only what a report shows is kept: its beginning where keys are shown, its end where
//! they are masked.

use super::excerpt::KEY_BYTES;
use super::finding::masked;
use super::reader::Table;
use super::row_text::Findings;

/// Bytes of a value's end that tell its mask.
const TAIL: usize = 5;

/// One row's key.
pub(super) struct LongKey {
    values: Vec<Value>,
    /// The key as it is reported, once all of it has come.
    named: Option<String>,
}

/// One column's value, as COPY writes it.
#[derive(Default)]
struct Value {
    head: Vec<u8>,
    tail: Vec<u8>,
    /// More came than the head holds.
    cut: bool,
    /// A byte came that no key of letters and digits has.
    other: bool,
}

impl LongKey {
    pub(super) fn new(table: &Table) -> Self {
        let values = table.key.iter().map(|_| Value::default()).collect();
        Self { values, named: table.key.is_empty().then(String::new) }
    }

    /// Takes a piece of the value of a column.
    pub(super) fn piece(&mut self, table: &Table, column: usize, piece: &[u8]) {
        let own = self.values.iter_mut().zip(&table.key).filter(|(_, at)| **at == column);
        own.for_each(|(value, _)| value.add(piece));
    }

    /// The value of a column is complete.
    pub(super) fn end_value(&mut self, table: &Table, column: usize, findings: &impl Findings) {
        if table.key.iter().max() == Some(&column) {
            self.named = Some(self.name(table, findings));
        }
    }

    /// The key, where it is known by now.
    pub(super) fn known(&self) -> Option<&str> {
        self.named.as_deref()
    }

    fn name(&self, table: &Table, findings: &impl Findings) -> String {
        let columns = table.columns.as_deref().unwrap_or_default();
        let named = table.key.iter().zip(&self.values).map(|(at, value)| {
            let shown = findings.key_text(&value.head).unwrap_or_else(|| masked(value.end()));
            format!("{}={shown}", columns.get(*at).map_or("", String::as_str))
        });
        named.collect::<Vec<_>>().join(",")
    }
}

impl Value {
    fn add(&mut self, piece: &[u8]) {
        let room = KEY_BYTES.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(piece.get(..room).unwrap_or_default());
        self.cut |= room < piece.len();
        self.other |= !piece.iter().all(u8::is_ascii_alphanumeric);
        let end = piece.get(piece.len().saturating_sub(TAIL)..).unwrap_or_default();
        self.tail.extend_from_slice(end);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
    }

    /// What has the same mask as the whole value.
    fn end(&self) -> &[u8] {
        match (self.cut, self.other) {
            (false, _) => &self.head,
            (true, false) => &self.tail,
            (true, true) => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::excerpt::Excerpts;
    use super::super::finding::TextFinding;
    use super::super::row_text::RowText;
    use super::super::rows::Place;
    use super::*;
    use crate::charset::{Mapping, Policy, SourceEncoding, Tally, Transcoder};

    #[derive(Default)]
    struct List(Vec<TextFinding>, Option<Excerpts>);

    impl Findings for List {
        fn note(&mut self, finding: TextFinding, _: &[u8]) {
            self.0.push(finding);
        }

        fn key_text(&self, value: &[u8]) -> Option<String> {
            self.1.as_ref().map(|shown| shown.key(value))
        }
    }

    fn table(key: &[usize]) -> Table {
        Table {
            schema: "public".into(),
            name: "t".into(),
            columns: Some(vec!["a".into(), "b".into(), "c".into()]),
            key: key.to_vec(),
            ..Table::default()
        }
    }

    /// The row whole and in pieces of `size` bytes.
    fn both(key: &[usize], row: &[&[u8]], size: usize, shown: bool) -> [Vec<TextFinding>; 2] {
        let table = table(key);
        let transcoder = Transcoder::new(SourceEncoding::EucJp, Policy::Orca, Mapping::default());
        let list = || List(Vec::new(), shown.then(|| Excerpts::new(SourceEncoding::EucJp)));
        let (mut out, mut tally) = (Vec::new(), Tally::default());
        let (mut whole, mut pieces) = (list(), list());
        let joined = [row.join(&b'\t').as_slice(), b"\n"].concat();
        RowText::new(&table, &transcoder).rows(&joined, 7, &mut out, &mut tally, &mut whole);
        let mut text = RowText::new(&table, &transcoder);
        for (column, value) in row.iter().enumerate() {
            let mut offset = 0;
            for piece in value.chunks(size) {
                let at = Place { row: 7, column, offset };
                text.piece(piece, at, &mut out, &mut tally, &mut pieces);
                offset += piece.len() as u64;
            }
            let at = Place { row: 7, column, offset };
            text.end_value(at, &mut out, &mut tally, &mut pieces);
        }
        text.end_long_row(7, &mut pieces);
        [whole.0, pieces.0]
    }

    #[test]
    fn a_row_in_pieces_has_the_key_of_the_whole_row() {
        let many = b"\xfc\xe2".repeat(1500);
        let long = format!("{}42", "0123456789".repeat(80));
        let kana = b"\xa4\xa2".repeat(400);
        let rows: [[&[u8]; 3]; 5] = [
            [b"0000017", &many, &many],
            [&many, b"1234567", b"\xfc\xe2"],
            [long.as_bytes(), &many, b""],
            [&kana, b"x", &many],
            [b"12", b"\\N", &many],
        ];
        for key in [&[][..], &[0], &[1, 0], &[0, 2]] {
            for row in &rows {
                for size in [2, 64, 4096] {
                    for shown in [false, true] {
                        let [whole, mut pieces] = both(key, row, size, shown);
                        assert_eq!(whole.len(), pieces.len());
                        // Before the key's last column only so many can wait for it.
                        let last = key.iter().max().map_or("", |at| ["a", "b", "c"][*at]);
                        pieces.sort_by_key(|f| (f.column.clone(), f.offset));
                        let mut without = 0;
                        for (found, expected) in pieces.iter_mut().zip(&whole) {
                            if found.key.is_empty() && found.column.as_str() <= last {
                                without += 1;
                                found.key.clone_from(&expected.key);
                            }
                            assert_eq!(found, expected);
                        }
                        assert!(without == 0 || without + 1000 <= whole.len(), "{without}");
                    }
                }
            }
        }
        let [_, pieces] = both(&[0], &rows[2], 64, false);
        assert_eq!(pieces.last().unwrap().key, "a=*42");
        let [_, pieces] = both(&[0], &rows[2], 64, true);
        let key = &pieces.last().unwrap().key;
        assert!(key.starts_with("a=0123456789") && key.ends_with('…'), "{key}");
    }
}
