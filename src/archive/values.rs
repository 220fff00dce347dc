//! The hashes of a row's values, put into an order of columns that both sides share.
//!
//! Rows that are too long to be held give the same hashes as whole ones.

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// For each column, in the order in which it stands, its place in the common order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order(Vec<usize>);

impl Order {
    #[cfg(test)]
    pub(super) fn new(places: Vec<usize>) -> Self {
        Self(places)
    }

    /// The place of each of `columns` in `common`; `None` where they are not the same columns.
    pub(super) fn of(columns: &[String], common: &[String]) -> Option<Self> {
        let place = |column: &String| common.iter().position(|name| name == column);
        let places: Vec<usize> = columns.iter().map(place).collect::<Option<_>>()?;
        let mut seen = places.clone();
        seen.sort_unstable();
        seen.dedup();
        (seen.len() == common.len() && places.len() == common.len()).then_some(Self(places))
    }

    /// The place of a column.
    pub(super) fn place(&self, column: usize) -> Option<usize> {
        self.0.get(column).copied()
    }
}

/// One row's values.
pub(super) struct ValueHashes {
    order: Order,
    hashes: Vec<u128>,
    scratch: Vec<u8>,
    long: Box<Xxh3>,
}

impl ValueHashes {
    pub(super) fn new(order: Order) -> Self {
        let hashes = vec![0; order.0.len()];
        Self { order, hashes, scratch: Vec::new(), long: Box::default() }
    }

    /// Takes a whole row.
    pub(super) fn row(&mut self, row: &[u8]) {
        let values = row.split(|byte| *byte == b'\t');
        for (value, place) in values.zip(&self.order.0) {
            if let Some(hash) = self.hashes.get_mut(*place) {
                *hash = xxh3_128(value);
            }
        }
    }

    /// Takes a piece of a value.
    pub(super) fn piece(&mut self, piece: &[u8]) {
        self.long.update(piece);
    }

    /// The value that came in pieces is complete.
    pub(super) fn end_value(&mut self, column: usize) {
        let place = self.order.place(column);
        if let Some(hash) = place.and_then(|place| self.hashes.get_mut(place)) {
            *hash = self.long.digest128();
        }
        self.long.reset();
    }

    /// The hashes in the common order.
    pub(super) fn hashes(&self) -> &[u128] {
        &self.hashes
    }

    /// A hash of the whole row.
    pub(super) fn row_hash(&mut self) -> u128 {
        self.scratch.clear();
        self.scratch.extend(self.hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        xxh3_128(&self.scratch)
    }

    /// A hash of some of the values.
    pub(super) fn hash_of(&mut self, places: &[usize]) -> u128 {
        self.scratch.clear();
        let hashes = places.iter().filter_map(|place| self.hashes.get(*place));
        self.scratch.extend(hashes.flat_map(|hash| hash.to_le_bytes()));
        xxh3_128(&self.scratch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_columns_have_a_common_order() {
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let common = names(&["a", "b", "c"]);
        let order = Order::of(&names(&["c", "a", "b"]), &common);
        assert_eq!(order, Some(Order::new(vec![2, 0, 1])));
        for other in [&["a", "b"][..], &["a", "b", "d"], &["a", "a", "b"], &["a", "b", "c", "c"]] {
            assert_eq!(Order::of(&names(other), &common), None, "{other:?}");
        }
    }
}
