//! Values that a rule has made equal: keys of two rows, keys of one `jsonb` value.
//!
//! Of keys only hashes are held, and only of rows whose key is not ASCII: no two of the others
//! can have become equal. Two different keys out of the most that are held have the same hash
//! once in ten million tables.

use std::collections::HashSet;

use memchr::memchr_iter;
use xxhash_rust::xxh3::Xxh3;

use super::escape::unescaped;
use super::json_keys::has_equal_keys;
use super::limits::{MAX_HELD_KEYS, MAX_KEY_VALUE, MAX_TEXT_RUN};
use super::reader::Table;
use super::rows::Place;

/// A row, as the source has it and as it is written, by the bytes of its columns.
struct Pair<'r> {
    source: Vec<&'r [u8]>,
    written: Vec<&'r [u8]>,
}

/// One unique key of a table.
struct Key {
    columns: Vec<usize>,
    seen: HashSet<u64>,
}

/// What is watched of a table.
pub(super) struct Equal<'a> {
    table: &'a Table,
    keys: Vec<Key>,
    /// Columns from the first to the last one that is looked at.
    width: usize,
    /// Rows whose key is ASCII are held, too, since a rule can make ASCII of something else.
    all: bool,
    held: usize,
    is_over: bool,
    long: Vec<LongValue>,
}

/// A value of a row that comes in pieces; `None` where it became too long to be looked at.
#[derive(Default)]
struct LongValue {
    source: Option<Vec<u8>>,
    written: Option<Vec<u8>>,
}

/// What has become equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Became<'e> {
    /// The row.
    pub(super) row: u64,
    /// Its columns that are concerned.
    pub(super) columns: &'e [usize],
}

impl<'a> Equal<'a> {
    /// `None` where nothing can become equal. `all`: see the field.
    pub(super) fn of(table: &'a Table, all: bool) -> Option<Self> {
        if table.unique.is_empty() && table.json.is_empty() {
            return None;
        }
        let keys = table.unique.iter().cloned();
        let keys = keys.map(|columns| Key { columns, seen: HashSet::new() }).collect();
        let last = table.unique.iter().flatten().chain(&table.json).max().copied();
        let width = last.map_or(0, |last| last.saturating_add(1));
        Some(Self { table, keys, width, all, held: 0, is_over: false, long: Vec::new() })
    }

    /// True where not all keys could be held.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Takes whole rows, and what was written for them.
    pub(super) fn rows<'r>(
        &mut self,
        rows: &'r [u8],
        written: &'r [u8],
        first: u64,
        found: &mut dyn FnMut(&[u8], Became<'_>),
    ) {
        if rows.is_ascii() && (!self.all || self.keys.is_empty()) {
            return;
        }
        let mut pair = Pair { source: Vec::new(), written: Vec::new() };
        let (mut start, mut written_at) = (0_usize, 0_usize);
        let ends = memchr_iter(b'\n', rows).zip(memchr_iter(b'\n', written));
        for ((end, written_end), row) in ends.zip(first..) {
            let source = rows.get(start..end).unwrap_or_default();
            if self.all || !source.is_ascii() {
                split(source, self.width, &mut pair.source);
                split(
                    written.get(written_at..written_end).unwrap_or_default(),
                    self.width,
                    &mut pair.written,
                );
                self.row(&pair, row, &mut |became| found(source, became));
            }
            (start, written_at) = (end.saturating_add(1), written_end.saturating_add(1));
        }
    }

    fn row(&mut self, pair: &Pair<'_>, row: u64, found: &mut dyn FnMut(Became<'_>)) {
        let source = |column: &usize| pair.source.get(*column).copied().unwrap_or_default();
        let written = |column: &usize| pair.written.get(*column).copied().unwrap_or_default();
        for key in &mut self.keys {
            let ascii = key.columns.iter().all(|column| source(column).is_ascii());
            if ascii && !self.all || key.columns.iter().any(|column| source(column) == b"\\N") {
                continue;
            }
            let mut hash = Xxh3::new();
            for column in &key.columns {
                let padded = self.table.widths.get(*column).copied().flatten();
                let value = written(column);
                let value = match padded.filter(|width| width.padded) {
                    Some(_) => value.trim_ascii_end(),
                    None => value,
                };
                hash.update(value);
                hash.update(b"\t");
            }
            let hash = hash.digest();
            if key.seen.contains(&hash) {
                found(Became { row, columns: &key.columns });
            } else if self.held < MAX_HELD_KEYS {
                key.seen.insert(hash);
                self.held = self.held.saturating_add(1);
            } else {
                self.is_over = true;
            }
        }
        for column in &self.table.json {
            let columns = std::slice::from_ref(column);
            if !source(column).is_ascii() && has_equal_keys(&unescaped(written(column))) {
                found(Became { row, columns });
            }
        }
    }

    /// Takes a piece of a value of a row that is too long, and what was written for it.
    pub(super) fn piece(&mut self, source: &[u8], at: Place, written: &[u8]) {
        if at.column >= self.width {
            return;
        }
        if self.long.len() <= at.column {
            self.long.resize_with(self.width, || LongValue {
                source: Some(Vec::new()),
                written: Some(Vec::new()),
            });
        }
        let is_json = self.table.json.contains(&at.column);
        let room = if is_json { MAX_TEXT_RUN } else { MAX_KEY_VALUE };
        let Some(value) = self.long.get_mut(at.column) else { return };
        for (held, piece) in [(&mut value.source, source), (&mut value.written, written)] {
            let fits = held.take().filter(|held| held.len().saturating_add(piece.len()) <= room);
            *held = fits.map(|mut held| {
                held.extend_from_slice(piece);
                held
            });
        }
    }

    /// The end of a row that came in pieces.
    pub(super) fn end_row(&mut self, row: u64, found: &mut dyn FnMut(&[u8], Became<'_>)) {
        let mut long = std::mem::take(&mut self.long);
        // What is not looked at is no key's; what was too long is NULL to the keys, and is told.
        let looked_at = |column: usize| {
            self.table.json.contains(&column)
                || self.keys.iter().any(|key| key.columns.contains(&column))
        };
        let lost = |(column, value): (usize, &LongValue)| {
            (value.source.is_none() || value.written.is_none()) && looked_at(column)
        };
        let is_over = long.iter().enumerate().any(lost);
        self.is_over |= is_over;
        for value in long.iter_mut().filter(|v| v.source.is_none() || v.written.is_none()) {
            *value = LongValue { source: Some(b"\\N".to_vec()), written: Some(b"\\N".to_vec()) };
        }
        let pair = Pair {
            source: long.iter().map(|value| value.source.as_deref().unwrap_or_default()).collect(),
            written: long
                .iter()
                .map(|value| value.written.as_deref().unwrap_or_default())
                .collect(),
        };
        let source = pair.source.join(&b'\t');
        self.row(&pair, row, &mut |became| found(&source, became));
    }
}

/// The first values of a row.
fn split<'r>(row: &'r [u8], width: usize, values: &mut Vec<&'r [u8]>) {
    values.clear();
    values.extend(row.split(|byte| *byte == b'\t').take(width));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table { unique: vec![vec![0], vec![1, 2]], json: vec![3], ..Table::default() }
    }

    /// Rows of a source in which `x` in UTF-8 stands for what became `written`.
    fn told(all: bool, pairs: &[(&str, &str)]) -> Vec<String> {
        let table = table();
        let (mut whole, mut pieces) = (Vec::new(), Vec::new());
        let mut equal = Equal::of(&table, all).unwrap();
        let rows: String = pairs.iter().map(|(source, _)| format!("{source}\n")).collect();
        let written: String = pairs.iter().map(|(_, written)| format!("{written}\n")).collect();
        equal.rows(rows.as_bytes(), written.as_bytes(), 1, &mut |_, became| {
            whole.push(format!("{}:{:?}", became.row, became.columns));
        });
        let mut equal = Equal::of(&table, all).unwrap();
        for ((source, written), row) in pairs.iter().zip(1..) {
            for (column, (source, written)) in
                source.split('\t').zip(written.split('\t')).enumerate()
            {
                let at = Place { row, column, offset: 0 };
                equal.piece(source.as_bytes(), at, written.as_bytes());
            }
            equal.end_row(row, &mut |_, became| {
                pieces.push(format!("{}:{:?}", became.row, became.columns));
            });
        }
        assert!(!equal.is_over());
        assert_eq!(whole, pieces);
        whole
    }

    #[test]
    fn keys_and_json_that_became_equal_are_found_in_whole_and_in_long_rows() {
        let pairs = [
            ("ｱ\t1\tｱ\t{}", "ア\t1\tア\t{}"),
            ("ア\t1\tア\t\\N", "ア\t1\tア\t\\N"),
            ("ｲ\t\\N\tア\t{}", "イ\t\\N\tア\t{}"),
            (
                "ｳ\t1\t2\t{\"ｱ\": \"\\\\\"\", \"ア\": 1}",
                "ウ\t1\t2\t{\"ア\": \"\\\\\"\", \"ア\": 1}",
            ),
            ("∑\t2\tア\t{}", "?\t2\tア\t{}"),
            ("?\t3\t?\t{}", "?\t3\t?\t{}"),
        ];
        assert_eq!(told(false, &pairs), ["2:[0]", "2:[1, 2]", "4:[3]"]);
        assert_eq!(told(true, &pairs), ["2:[0]", "2:[1, 2]", "4:[3]", "6:[0]"]);
    }

    #[test]
    fn only_so_many_keys_are_held() {
        let table = Table { unique: vec![vec![0]], ..Table::default() };
        let mut equal = Equal::of(&table, false).unwrap();
        equal.held = MAX_HELD_KEYS - 1;
        equal.rows("ｱ\n".as_bytes(), "ア\n".as_bytes(), 1, &mut |_, _| {});
        assert!(!equal.is_over());
        let mut found = 0;
        equal.rows("ｲ\nア\n".as_bytes(), "イ\nア\n".as_bytes(), 2, &mut |_, _| found += 1);
        assert!(equal.is_over() && found == 1);
        assert!(Equal::of(&Table::default(), true).is_none());
    }
}
