//! A digest of a table's rows that does not depend on their order.
//!
//! Each row is hashed (XXH3, 128 bits) and the hashes are added up modulo 2^128. A row that is
//! changed, lost or doubled changes the sum. By accident two different tables agree with a
//! chance of about 2^-128. The hash is not cryptographic: who controls the rows of one side can
//! make a different table agree on purpose. That is no gain here, since both sides are the
//! clinic's own data and whoever writes the second one could as well leave it unchanged. Whether
//! a *file* is the one that was written is proved by its SHA-256, not by this.

use memchr::memchr_iter;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::ArchiveError;
use super::rows::{Place, RowSink};
use super::values::{Order, ValueHashes};

/// The sum of rows' hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum(u128);

impl Sum {
    pub(super) fn add(&mut self, hash: u128) {
        self.0 = self.0.wrapping_add(hash);
    }

    /// The sum of both sides' rows.
    pub(super) fn join(&mut self, other: Self) {
        self.add(other.0);
    }

    /// 32 hexadecimal digits.
    pub(super) fn hex(self) -> String {
        format!("{:032x}", self.0)
    }
}

/// Adds up rows.
pub(super) struct RowDigest {
    /// For columns that are not hashed in the order in which they stand.
    by_value: Option<ValueHashes>,
    long: Box<Xxh3>,
    pub(super) sum: Sum,
    pub(super) bytes: u64,
}

impl RowDigest {
    /// Hashes rows as they stand.
    pub(super) fn new() -> Self {
        Self { by_value: None, long: Box::default(), sum: Sum::default(), bytes: 0 }
    }

    /// Hashes values one by one, in another order of columns.
    pub(super) fn in_order(order: Order) -> Self {
        Self { by_value: Some(ValueHashes::new(order)), ..Self::new() }
    }
}

/// The rows of a block, without their newlines.
pub(super) fn each(block: &[u8], mut take: impl FnMut(&[u8])) {
    let mut start = 0;
    for end in memchr_iter(b'\n', block) {
        take(block.get(start..end).unwrap_or_default());
        start = end.saturating_add(1);
    }
}

impl RowSink for RowDigest {
    fn rows(&mut self, rows: &[u8], _: u64) {
        self.bytes = self.bytes.saturating_add(rows.len() as u64);
        let Self { by_value, sum, .. } = self;
        match by_value {
            None => each(rows, |row| sum.add(xxh3_128(row))),
            Some(values) => each(rows, |row| {
                values.row(row);
                sum.add(values.row_hash());
            }),
        }
    }

    fn text(&mut self, piece: &[u8], _: Place) {
        self.bytes = self.bytes.saturating_add(piece.len() as u64);
        match &mut self.by_value {
            None => self.long.update(piece),
            Some(values) => values.piece(piece),
        }
    }

    fn end_value(&mut self, place: Place, last: bool) {
        self.bytes = self.bytes.saturating_add(1);
        if let Some(values) = &mut self.by_value {
            values.end_value(place.column);
            if last {
                self.sum.add(values.row_hash());
            }
        } else if last {
            self.sum.add(self.long.digest128());
            self.long.reset();
        } else {
            self.long.update(b"\t");
        }
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(digest: &mut RowDigest, rows: &[u8]) -> Sum {
        digest.rows(rows, 1);
        digest.sum
    }

    /// The same rows as if each were too long to be held.
    fn in_pieces(digest: &mut RowDigest, rows: &[u8]) -> Sum {
        each(rows, |row| {
            let values: Vec<_> = row.split(|byte| *byte == b'\t').collect();
            for (column, value) in values.iter().enumerate() {
                let place = Place { row: 1, column, offset: 0 };
                for piece in value.chunks(2) {
                    digest.text(piece, place);
                }
                digest.end_value(place, column + 1 == values.len());
            }
        });
        digest.sum
    }

    #[test]
    fn a_row_has_the_same_hash_whole_and_in_pieces_and_in_any_order() {
        let rows = b"1\tabc\t\\N\n2\t\tx\n\t\t\n".as_slice();
        let turned = b"\t\t\n\\N\tabc\t1\nx\t\t2\n".as_slice();
        let plain = whole(&mut RowDigest::new(), rows);
        assert_eq!(in_pieces(&mut RowDigest::new(), rows), plain);
        let ordered = |order: &[usize]| RowDigest::in_order(Order::new(order.to_vec()));
        let expected = whole(&mut ordered(&[0, 1, 2]), rows);
        assert_eq!(whole(&mut ordered(&[2, 1, 0]), turned), expected);
        assert_eq!(in_pieces(&mut ordered(&[2, 1, 0]), turned), expected);
        assert_ne!(whole(&mut ordered(&[0, 1, 2]), turned), expected);
        assert_ne!(whole(&mut RowDigest::new(), b"1\tabc\t\n2\t\tx\n\t\t\n"), plain);
    }

    #[test]
    fn doubled_rows_do_not_cancel_out() {
        let two = whole(&mut RowDigest::new(), b"a\na\n");
        assert_ne!(two, whole(&mut RowDigest::new(), b"b\nb\n"));
        assert_ne!(two, whole(&mut RowDigest::new(), b"a\n"));
        let mut joined = whole(&mut RowDigest::new(), b"a\n");
        joined.join(whole(&mut RowDigest::new(), b"a\n"));
        assert_eq!((joined, two.hex().len()), (two, 32));
    }
}
