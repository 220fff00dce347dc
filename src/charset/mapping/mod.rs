//! The clinic's mapping file: what a person decided for what no table decides.
//!
//! ```yaml
//! reading: eucjp-ms            # or a list: [{reading: jis-x-0213, tables: [tbl_x]}]
//! half_width_kana: full-width  # or keep
//! packed_columns: {tbl_syskanri.kanritbl: apart}  # a part with a dot in it: '"a.b".c'
//! cut_characters: geta         # or drop
//! encodings:
//!   - {encoding: euc-jp, tables: [tbl_ptinf]}
//! rules:
//!   - {code: "8FF4FB", to: "U+9AD8", lossy: true}
//!   - {code: "FCE2", reading: cp51932, columns: [tbl_ptinf.name]}
//!   - {code: "U+9AD9", keep: true}
//! ```

mod absent;
mod check;
mod decision;
mod file;
mod place;

use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::CharsetError;
use super::policy::{CutRule, Encoding, KanaRule, Packed};
use super::reading::Standard;

pub use absent::{AbsentPlace, KnownTable};
pub(super) use decision::{Action, Code, Decision};
pub(super) use place::{Level, Places, Scoped};

/// Largest mapping file: a clinic's decisions are some dozens of lines.
const MAX_MAPPING_BYTES: usize = 1 << 20;

/// A mapping file that has been read and checked. The default one decides nothing. It writes
/// itself back as it was read, without comments.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    file: file::File,
    pub(super) decisions: Vec<Scoped<Decision>>,
    pub(super) readings: Vec<Scoped<Standard>>,
    pub(super) encodings: Vec<Scoped<Encoding>>,
    pub(super) packed: Vec<Scoped<Packed>>,
    pub(super) kana: Option<KanaRule>,
    pub(super) cut: Option<CutRule>,
}

impl Mapping {
    /// A mapping that leaves half-width kana as they are: legal in a converted archive, so that
    /// a look at one must not call them wrong.
    pub fn keeping_half_width_kana() -> Self {
        let file = file::File { half_width_kana: Some(file::word("keep")), ..Default::default() };
        Self { file, kana: Some(KanaRule::Keep), ..Self::default() }
    }

    /// How many decisions of all kinds it has.
    pub fn len(&self) -> usize {
        let single = [self.kana.is_some(), self.cut.is_some()];
        [self.decisions.len(), self.readings.len(), self.encodings.len(), self.packed.len()]
            .into_iter()
            .chain(single.map(usize::from))
            .fold(0, usize::saturating_add)
    }

    /// True where it decides nothing at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True where a rule can make two code points of one code.
    pub(super) fn lengthens(&self) -> bool {
        let is_pair = |item: &Scoped<Decision>| match item.value.action {
            Action::To(text) | Action::Read(text) => text.second.is_some(),
            Action::Keep => false,
        };
        self.decisions.iter().any(is_pair)
            || self.readings.iter().any(|item| item.value == Standard::JisX0213)
    }

    /// True where a rule writes ASCII for something else.
    pub(super) fn makes_ascii(&self) -> bool {
        self.decisions.iter().any(|item| match item.value.action {
            Action::To(text) | Action::Read(text) => text.first.is_ascii(),
            Action::Keep => false,
        })
    }

    /// All places that something is said of.
    pub(super) fn places(&self) -> impl Iterator<Item = &Places> {
        let decisions = self.decisions.iter().map(|item| &item.places);
        let readings = self.readings.iter().map(|item| &item.places);
        let encodings = self.encodings.iter().map(|item| &item.places);
        decisions.chain(readings).chain(encodings).chain(self.packed.iter().map(|p| &p.places))
    }
}

impl FromStr for Mapping {
    type Err = CharsetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_MAPPING_BYTES {
            return Err(CharsetError::MappingTooLarge { bytes: text.len(), rules: 0 });
        }
        let file: file::File = serde_yaml::from_str(text).map_err(|error| {
            let line = error.location().map_or(0, |place| place.line());
            CharsetError::MappingSyntax { line }
        })?;
        check::check(file, text.len())
    }
}

impl Serialize for Mapping {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.file.serialize(serializer)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
