//! A digest of a table's rows that does not depend on their order.
//!
//! Each row's SHA-256 is cut into two 128-bit numbers, which are added up modulo 2^128. A row
//! that is changed, lost or doubled changes the sums. By accident two different tables agree
//! with a chance of about 2^-256; making them agree on purpose would need control over the
//! clinic's rows and gains nothing, because both sides are the clinic's own data.

use sha2::{Digest, Sha256};

use super::ArchiveError;
use super::rows::{Place, RowSink};
use crate::charset::SourceEncoding;

/// Bytes of a row that are gathered before they are hashed.
const GATHERED: usize = 64 << 10;

/// The sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum(u128, u128);

impl Sum {
    fn add(&mut self, hash: &[u8]) {
        let number = |range: std::ops::Range<usize>| {
            let bytes = hash.get(range).and_then(|bytes| bytes.try_into().ok());
            u128::from_be_bytes(bytes.unwrap_or_default())
        };
        self.0 = self.0.wrapping_add(number(0..16));
        self.1 = self.1.wrapping_add(number(16..32));
    }

    fn bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let (first, second) = bytes.split_at_mut(16);
        first.copy_from_slice(&self.0.to_be_bytes());
        second.copy_from_slice(&self.1.to_be_bytes());
        bytes
    }

    /// 64 hexadecimal digits.
    pub(super) fn hex(self) -> String {
        hex::encode(self.bytes())
    }
}

/// What is hashed of a row.
pub(super) enum Columns {
    /// All of it, in the order in which it stands.
    AsTheyStand,
    /// Each value under its column's name, in no order; `None` leaves a column out.
    ByName(Vec<Option<String>>),
}

/// Adds up rows and checks the encoding of their values.
pub(super) struct RowDigest {
    columns: Columns,
    encoding: SourceEncoding,
    hasher: Sha256,
    gathered: Vec<u8>,
    by_name: Sum,
    pub(super) sum: Sum,
    pub(super) bytes: u64,
    /// Values (or pieces) that the encoding forbids: place and the bytes at fault.
    pub(super) bad: Vec<(Place, Vec<u8>)>,
    pub(super) bad_total: u64,
}

impl RowDigest {
    pub(super) fn new(columns: Columns, encoding: SourceEncoding) -> Self {
        Self {
            columns,
            encoding,
            hasher: Sha256::new(),
            gathered: Vec::new(),
            by_name: Sum::default(),
            sum: Sum::default(),
            bytes: 0,
            bad: Vec::new(),
            bad_total: 0,
        }
    }

    fn gather(&mut self, bytes: &[u8]) {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= GATHERED {
            self.hasher.update(&self.gathered);
            self.gathered.clear();
        }
    }

    fn take_hash(&mut self) -> [u8; 32] {
        self.hasher.update(&self.gathered);
        self.gathered.clear();
        self.hasher.finalize_reset().into()
    }

    fn check(&mut self, piece: &[u8], place: Place) {
        let Some(at) = self.encoding.first_invalid(piece) else { return };
        self.bad_total = self.bad_total.saturating_add(1);
        if self.bad.len() < super::limits::MAX_FINDINGS {
            let fault = piece.get(at..).unwrap_or_default();
            let fault = fault.get(..3.min(fault.len())).unwrap_or_default().to_vec();
            let offset = place.offset.saturating_add(at as u64);
            self.bad.push((Place { offset, ..place }, fault));
        }
    }
}

impl RowSink for RowDigest {
    fn text(&mut self, piece: &[u8], place: Place) {
        if !piece.is_ascii() {
            self.check(piece, place);
        }
        self.gather(piece);
    }

    fn end_value(&mut self, place: Place, last: bool) {
        let name = match &self.columns {
            Columns::AsTheyStand => {
                self.gather(if last { b"\n" } else { b"\t" });
                if last {
                    let hash = self.take_hash();
                    self.sum.add(&hash);
                }
                return;
            }
            Columns::ByName(names) => names.get(place.column).cloned().flatten(),
        };
        // The name comes behind the value, which has been gathered already; a tab cannot be
        // part of either.
        let counted = name.is_some();
        if let Some(name) = name {
            self.gather(b"\t");
            self.gather(name.as_bytes());
        }
        let hash = self.take_hash();
        if counted {
            self.by_name.add(&hash);
        }
        if last {
            let row = std::mem::take(&mut self.by_name);
            self.sum.add(&Sha256::digest(row.bytes()));
        }
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        Ok(())
    }
}
