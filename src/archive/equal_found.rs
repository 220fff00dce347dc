//! What is told of values that have become equal: the code that a rule changed, and where.

use super::equal::Became;
use super::escape::EscapedLength;
use super::finding::TextFinding;
use super::reader::Table;
use super::row_text::{describe, place};
use super::row_values::{Offsets, Values, first_code};
use crate::charset::{Hit, Reason, Transcoder};

/// The finding, without the row's key, and the value that it stands in. Where the other row is
/// the one that was changed, it names the first code here.
pub(super) fn became_equal<'r>(
    (table, transcoder, values): (&Table, &Transcoder, Option<&Values>),
    row: &'r [u8],
    became: Became<'_>,
) -> Option<(TextFinding, &'r [u8])> {
    let value = |column: usize| row.split(|byte| *byte == b'\t').nth(column).unwrap_or_default();
    let told = |column: usize, changed: bool| {
        let value = value(column);
        let raw = values.map_or(value.into(), |values| values.raw(value));
        let transcoder = values.and_then(|values| values.own(column)).unwrap_or(transcoder);
        let (code, offset) = first_code(transcoder.source(), &raw).unwrap_or_default();
        let reason = Reason::BecameEqual;
        let (form, character) = (None, None);
        let first = Hit { reason, form, code, character, reading: None, offset, rule: None };
        let mut hit = (!changed).then_some(first);
        if changed {
            transcoder.changes(&raw, &mut |change| {
                let (code, offset, character) = (change.code, change.offset, change.character);
                hit = Some(Hit { code, offset, character, rule: Some(change.rule), ..first });
                false
            });
        }
        let mut finding = describe(&hit?, 0);
        let plain = values.is_some_and(|values| values.unlabelled);
        let place_of = Offsets::new(plain, EscapedLength::default()).of(&raw, hit?.offset);
        finding.offset = place_of;
        finding.row = became.row;
        place(&mut finding, table, column);
        Some((finding, value))
    };
    let columns = || became.columns.iter().copied();
    let changed = columns().find_map(|column| told(column, true));
    let text = || columns().find(|column| !value(*column).is_ascii());
    let any = || text().or_else(|| columns().next());
    changed.or_else(|| told(any()?, false))
}
