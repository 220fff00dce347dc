//! A value that comes in pieces and has to fit into more than a width: it is held until it is
//! whole.

use super::escape::unescaped;
use super::finding::TextFinding;
use super::limits::MAX_TEXT_RUN;
use super::reader::Table;
use super::row_text::{describe, place};
use super::row_values::{Values, excessive, first_code};
use super::rows::Place;
use crate::charset::SourceEncoding;

/// What is held of the value.
#[derive(Default)]
pub(super) struct LongFit {
    /// As it was converted; `None` where it became too long to be looked at.
    text: Option<Vec<u8>>,
    /// The first code that is not ASCII, and its byte in the value.
    code: Option<(Vec<u8>, u64)>,
    begun: bool,
}

impl LongFit {
    /// Takes what has just been written for `source`.
    pub(super) fn piece(
        &mut self,
        encoding: SourceEncoding,
        source: &[u8],
        at: Place,
        converted: &[u8],
    ) {
        if !std::mem::replace(&mut self.begun, true) {
            self.text = Some(Vec::new());
        }
        if self.code.is_none() {
            let code = first_code(encoding, source);
            self.code = code.map(|(c, byte)| (c.to_vec(), at.offset.saturating_add(byte as u64)));
        }
        let held = self.text.take().filter(|text| text.len() <= MAX_TEXT_RUN);
        self.text = held.map(|mut text| {
            text.extend_from_slice(converted);
            text
        });
    }

    /// The value's end: what it has too much of. The row's key has not come yet.
    pub(super) fn end(&mut self, table: &Table, values: &Values, at: Place) -> Option<TextFinding> {
        let value = std::mem::take(self);
        let (code, offset) = value.code?;
        let excess = values.fit(at.column)?.excess(&unescaped(&value.text?))?;
        let mut finding = describe(&excessive(excess, &code, 0), offset);
        finding.row = at.row;
        place(&mut finding, table, at.column);
        Some(finding)
    }
}
