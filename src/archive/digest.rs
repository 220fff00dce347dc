//! A digest of a table's rows that does not depend on their order.
//!
//! Each row's SHA-256 is cut into two 128-bit numbers, which are added up modulo 2^128. A row
//! that is changed, lost or doubled changes the sums. By accident two different tables agree
//! with a chance of about 2^-256; making them agree on purpose would need control over the
//! clinic's rows and gains nothing, because both sides are the clinic's own data.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::ArchiveError;
use super::rows::{Place, RowSink};
use crate::charset::{Mapping, Policy, RuleCount, SourceEncoding, Tally, Transcoder};

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

    /// The sum of both sides' rows.
    pub(super) fn join(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
        self.1 = self.1.wrapping_add(other.1);
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
    /// Each value under its column's name, in no order.
    ByName(Vec<String>),
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
    /// Looks whether the values stay inside ORCA's characters.
    target: Option<Target>,
}

/// The strict conversion of text that is UTF-8 already: it must change nothing.
struct Target {
    strict: Transcoder,
    scratch: Vec<u8>,
    tally: Tally,
    outside: BTreeMap<String, u64>,
    total: u64,
}

/// What a converted archive must not hold, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TargetText {
    /// Characters outside JIS X 0213; a mapping file's `keep` leaves such.
    pub outside: u64,
    /// How many by character, `U+9AD9`.
    pub by_character: BTreeMap<String, u64>,
    /// Characters that have another form in the JIS mapping (～ for 〜).
    pub other_forms: Vec<RuleCount>,
}

impl TargetText {
    pub(super) fn add(&mut self, other: Self) {
        self.outside = self.outside.saturating_add(other.outside);
        for (character, count) in other.by_character {
            let sum = self.by_character.entry(character).or_default();
            *sum = sum.saturating_add(count);
        }
        for rule in other.other_forms {
            match self.other_forms.iter_mut().find(|mine| mine.rule == rule.rule) {
                Some(mine) => mine.count = mine.count.saturating_add(rule.count),
                None => self.other_forms.push(rule),
            }
        }
    }
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
            target: None,
        }
    }

    /// Also counts what is outside ORCA's characters; for UTF-8 only.
    pub(super) fn with_target(mut self) -> Self {
        if self.encoding == SourceEncoding::Utf8 {
            self.target = Some(Target {
                strict: Transcoder::new(self.encoding, Policy::Orca, Mapping::default()),
                scratch: Vec::new(),
                tally: Tally::default(),
                outside: BTreeMap::new(),
                total: 0,
            });
        }
        self
    }

    /// What [`RowDigest::with_target`] counted.
    pub(super) fn target_text(&mut self) -> Option<TargetText> {
        self.target.take().map(|target| TargetText {
            outside: target.total,
            other_forms: target.strict.counts(&target.tally),
            by_character: target.outside,
        })
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

impl Target {
    fn check(&mut self, piece: &[u8]) {
        self.scratch.clear();
        let Self { strict, scratch, tally, outside, total } = self;
        strict.transcode_value(piece, scratch, tally, &mut |hit| {
            *total = total.saturating_add(1);
            let Some(c) = hit.character else { return };
            let character = format!("U+{:04X}", c as u32);
            if outside.len() < super::limits::MAX_FINDINGS || outside.contains_key(&character) {
                let count = outside.entry(character).or_default();
                *count = count.saturating_add(1);
            }
        });
    }
}

impl RowSink for RowDigest {
    fn text(&mut self, piece: &[u8], place: Place) {
        if !piece.is_ascii() {
            self.check(piece, place);
            if let Some(target) = &mut self.target {
                target.check(piece);
            }
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
            Columns::ByName(names) => names.get(place.column).cloned().unwrap_or_default(),
        };
        // The name comes behind the value, which has been gathered already; a tab cannot be
        // part of either.
        self.gather(b"\t");
        self.gather(name.as_bytes());
        let hash = self.take_hash();
        self.by_name.add(&hash);
        if last {
            let row = std::mem::take(&mut self.by_name);
            self.sum.add(&Sha256::digest(row.bytes()));
        }
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        Ok(())
    }
}
