//! Rows by their keys: the second and third look at tables that differ.
//!
//! First each side's rows are added up in 65,536 buckets by the hash of their key; then the
//! rows of some of the buckets that differ are kept, as hashes, a row number, and the key. A
//! changed row stays in its bucket, since its key does. No other value is ever held.

use std::collections::BTreeSet;

use super::ArchiveError;
use super::digest::each;
use super::rows::{Place, RowSink};
use super::values::{Order, ValueHashes};

/// Buckets of a table.
const BUCKETS: usize = 1 << 16;
/// Most rows of a table that are kept on each side.
const MAX_KEPT_ROWS: u64 = 4096;
/// About the most memory that they take.
const MAX_KEPT_BYTES: usize = 4 << 20;
/// Longest part of a key's value that is kept.
const MAX_KEY_BYTES: usize = 64;
/// What a kept row takes beside its hashes.
const ROW_OVERHEAD: usize = 256;

/// What both sides of a table have in common.
#[derive(Clone, Debug)]
pub(super) struct Keyed {
    /// The columns in their common order.
    pub(super) columns: Vec<String>,
    /// The primary key's columns, as places in that order; empty where none is known.
    pub(super) key: Vec<usize>,
}

impl Keyed {
    /// How many rows of a table with so many columns are kept.
    fn room(&self) -> u64 {
        let row = self.columns.len().saturating_mul(8).saturating_add(ROW_OVERHEAD);
        MAX_KEPT_ROWS.min((MAX_KEPT_BYTES / row) as u64)
    }
}

/// The sums of one side.
pub(super) struct Buckets {
    sums: Vec<u64>,
    rows: Vec<u32>,
}

impl Default for Buckets {
    fn default() -> Self {
        Self { sums: vec![0; BUCKETS], rows: vec![0; BUCKETS] }
    }
}

impl Buckets {
    /// Adds another part of the same table.
    pub(super) fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.sums.iter_mut().zip(&other.sums) {
            *mine = mine.wrapping_add(*theirs);
        }
        for (mine, theirs) in self.rows.iter_mut().zip(&other.rows) {
            *mine = mine.saturating_add(*theirs);
        }
    }

    /// How many buckets differ, and those of them whose rows can be kept.
    pub(super) fn differing(&self, other: &Self, keyed: &Keyed) -> (u64, BTreeSet<u16>) {
        let (mut number, mut chosen, mut room) = (0_u64, BTreeSet::new(), keyed.room());
        let (mine, theirs) = (self.sums.iter().zip(&self.rows), other.sums.iter().zip(&other.rows));
        for (bucket, (mine, theirs)) in (0..=u16::MAX).zip(mine.zip(theirs)) {
            if mine == theirs {
                continue;
            }
            number = number.saturating_add(1);
            if let Some(left) = room.checked_sub(u64::from(*mine.1.max(theirs.1))) {
                room = left;
                chosen.insert(bucket);
            }
        }
        (number, chosen)
    }
}

/// A row that was kept.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Its number on its side, from 1.
    pub(super) number: u64,
    /// Of all of it.
    pub(super) hash: u128,
    /// Of its key.
    pub(super) key_hash: u128,
    /// The beginnings of its key's values.
    pub(super) key: Vec<Vec<u8>>,
    /// A hash of each value, in the common order.
    pub(super) values: Vec<u64>,
}

/// What is gathered.
pub(super) enum Gather {
    /// Sums.
    Sums(Box<Buckets>),
    /// The rows of these buckets.
    Rows(BTreeSet<u16>, Vec<Row>),
}

/// Puts one side's rows into their buckets.
pub(super) struct KeyedRows {
    values: ValueHashes,
    key: Vec<usize>,
    /// The key's columns as they stand.
    columns: Vec<usize>,
    /// The key of a row that comes in pieces.
    long: Vec<Vec<u8>>,
    room: usize,
    pub(super) gather: Gather,
}

impl KeyedRows {
    pub(super) fn new(keyed: &Keyed, order: Order, gather: Gather) -> Self {
        let standing = |place: &usize| {
            (0..keyed.columns.len()).find(|column| order.place(*column) == Some(*place))
        };
        let columns: Vec<usize> = keyed.key.iter().filter_map(standing).collect();
        Self {
            key: keyed.key.clone(),
            long: vec![Vec::new(); columns.len()],
            columns,
            room: usize::try_from(keyed.room()).unwrap_or(usize::MAX),
            values: ValueHashes::new(order),
            gather,
        }
    }

    /// Takes the row whose values have been hashed; `key` finds its key.
    fn row(&mut self, number: u64, key: impl FnOnce(&[usize]) -> Vec<Vec<u8>>) {
        let hash = self.values.row_hash();
        let key_hash = if self.key.is_empty() { hash } else { self.values.hash_of(&self.key) };
        let bucket = bucket(key_hash);
        match &mut self.gather {
            Gather::Sums(buckets) => {
                if let Some(sum) = buckets.sums.get_mut(usize::from(bucket)) {
                    *sum = sum.wrapping_add(low(hash));
                }
                if let Some(rows) = buckets.rows.get_mut(usize::from(bucket)) {
                    *rows = rows.saturating_add(1);
                }
            }
            Gather::Rows(wanted, rows) if wanted.contains(&bucket) && rows.len() < self.room => {
                let values = self.values.hashes().iter().map(|hash| low(*hash)).collect();
                rows.push(Row { number, hash, key_hash, key: key(&self.columns), values });
            }
            Gather::Rows(..) => {}
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the hash's last bits are meant")]
fn bucket(hash: u128) -> u16 {
    hash as u16
}

/// Half of a hash is enough where the whole one has told already that there is a difference.
#[expect(clippy::cast_possible_truncation, reason = "half of the hash is meant")]
fn low(hash: u128) -> u64 {
    hash as u64
}

fn beginning(value: &[u8]) -> &[u8] {
    value.get(..MAX_KEY_BYTES.min(value.len())).unwrap_or_default()
}

impl RowSink for KeyedRows {
    fn rows(&mut self, rows: &[u8], first: u64) {
        let mut number = first;
        each(rows, |row| {
            self.values.row(row);
            self.row(number, |columns| {
                let values: Vec<_> = row.split(|byte| *byte == b'\t').collect();
                let value = |column: &usize| values.get(*column).copied().unwrap_or_default();
                columns.iter().map(|column| beginning(value(column)).to_vec()).collect()
            });
            number = number.saturating_add(1);
        });
    }

    fn text(&mut self, piece: &[u8], place: Place) {
        self.values.piece(piece);
        let keys = self.long.iter_mut().zip(&self.columns);
        for (value, _) in keys.filter(|(_, column)| **column == place.column) {
            let room = MAX_KEY_BYTES.saturating_sub(value.len()).min(piece.len());
            value.extend_from_slice(piece.get(..room).unwrap_or_default());
        }
    }

    fn end_value(&mut self, place: Place, last: bool) {
        self.values.end_value(place.column);
        if last {
            let key = self.long.iter_mut().map(std::mem::take).collect();
            self.row(place.row, |_| key);
        }
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        Ok(())
    }
}
