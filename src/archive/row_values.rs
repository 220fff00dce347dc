//! Rows value by value: for tables where a column has rules of its own, where a value can
//! outgrow its column, and for `SQL_ASCII`, where each value has to be judged as a whole.
//!
//! It is the slow way; most tables never need it. Where a finding stands is the caller's.

use std::borrow::Cow;
use std::sync::Arc;

use super::escape::{EscapedLength, escape_from, unescaped};
use super::fit::{Excess, Fit};
use super::reader::Table;
use super::widths::{Characters, Width};
use crate::charset::{Hit, Reason, SourceEncoding, Tally, Transcoder};

/// What the values of a table need.
pub(super) struct Values {
    /// Columns with a transcoder of their own, by position.
    own: Vec<Option<Transcoder>>,
    /// By position; empty where nothing can outgrow its column.
    widths: Vec<Option<Width>>,
    /// What else values have to fit into, by position: what is seen in a whole value only.
    fits: Vec<Option<Arc<Fit>>>,
    /// True for `SQL_ASCII`: values are whole and without escapes.
    pub(super) unlabelled: bool,
}

impl Values {
    /// `None` where whole rows can be converted at once.
    pub(super) fn of(table: &Table, transcoder: &Transcoder) -> Option<Self> {
        let columns = table.columns.as_deref().unwrap_or_default();
        let own = columns.iter();
        let own: Vec<_> =
            own.map(|name| transcoder.for_column(&table.schema, &table.name, name)).collect();
        let unlabelled = transcoder.source() == SourceEncoding::SqlAscii;
        let lengthens = transcoder.lengthens();
        let mut widths = if lengthens { table.widths.clone() } else { Vec::new() };
        let fits = table.fits.iter();
        // Kanji that are two bytes become three: a name can always be too long.
        let fits = fits.map(|fit| fit.clone().filter(|fit| lengthens || fit.has_name()));
        let mut fits: Vec<_> = fits.collect();
        if unlabelled {
            let whole = widths.drain(..).map(|width| width.map(|w| Arc::new(Fit::Width(w))));
            whole.zip(&mut fits).for_each(|(width, fit)| *fit = width.or_else(|| fit.take()));
        }
        let needed = unlabelled
            || own.iter().any(Option::is_some)
            || widths.iter().any(Option::is_some)
            || fits.iter().any(Option::is_some);
        needed.then_some(Self { own, widths, fits, unlabelled })
    }

    /// The column's transcoder, where it is not the table's.
    pub(super) fn own(&self, column: usize) -> Option<&Transcoder> {
        self.own.get(column).and_then(Option::as_ref)
    }

    /// What the column takes, where a value can outgrow it.
    pub(super) fn width(&self, column: usize) -> Option<Width> {
        self.widths.get(column).copied().flatten()
    }

    /// What a whole value of the column has to fit into beside its width.
    pub(super) fn fit(&self, column: usize) -> Option<&Fit> {
        self.fits.get(column)?.as_deref()
    }

    /// What a converted value has too much of.
    fn excess(&self, column: usize, value: &[u8]) -> Option<Excess> {
        if let Some(width) = self.width(column) {
            let mut characters = Characters::default();
            characters.add(value);
            return width.is_exceeded(&characters).then_some(Excess::Characters);
        }
        self.fit(column)?.excess(&unescaped(value))
    }

    /// A value's bytes as the transcoder wants them.
    pub(super) fn raw<'b>(&self, value: &'b [u8]) -> Cow<'b, [u8]> {
        if self.unlabelled { unescaped(value) } else { Cow::Borrowed(value) }
    }

    /// Appends one whole value. Findings come with their byte in the value; the last argument of
    /// `on_hit` is that byte.
    pub(super) fn convert(
        &self,
        table: &Transcoder,
        column: usize,
        value: &[u8],
        out: &mut Vec<u8>,
        tally: &mut Tally,
        on_hit: &mut dyn FnMut(Hit<'_>, u64),
    ) {
        // NULL and everything else that is ASCII stays as it is, and cannot grow.
        if value.is_ascii() {
            return out.extend_from_slice(value);
        }
        let transcoder = self.own(column).unwrap_or(table);
        let raw = self.raw(value);
        let start = out.len();
        let mut place = Offsets::new(self.unlabelled, EscapedLength::default());
        transcoder.transcode_value(&raw, out, tally, &mut |hit| {
            let offset = place.of(&raw, hit.offset);
            on_hit(hit, offset);
        });
        if self.unlabelled {
            escape_from(out, start);
        }
        let Some(excess) = self.excess(column, out.get(start..).unwrap_or_default()) else {
            return;
        };
        let grown = match excess {
            Excess::Characters => first_that_grows(transcoder, &raw),
            Excess::Bytes => None,
        };
        // Of an unlabelled value no single code can be told from it.
        if let Some((code, offset)) = grown.or_else(|| first_code(transcoder.source(), &raw)) {
            let mut place = Offsets::new(self.unlabelled, EscapedLength::default());
            on_hit(excessive(excess, code, offset), place.of(&raw, offset));
        }
    }
}

/// The places of findings in a value, for offsets that only grow: each byte is looked at once.
pub(super) struct Offsets {
    /// Nothing is escaped any more.
    plain: bool,
    length: EscapedLength,
    counted: usize,
}

impl Offsets {
    /// `before`: what has come of the value earlier.
    pub(super) fn new(plain: bool, before: EscapedLength) -> Self {
        Self { plain, length: before, counted: 0 }
    }

    /// The byte in the value for an offset in `bytes`.
    pub(super) fn of(&mut self, bytes: &[u8], offset: usize) -> u64 {
        if self.plain {
            return self.length.bytes.saturating_add(offset as u64);
        }
        self.length.add(bytes.get(self.counted..offset).unwrap_or_default());
        self.counted = offset;
        self.length.bytes
    }
}

/// A value that has more characters than its column takes, told of its first code that grew.
pub(super) fn too_wide(code: &[u8], offset: usize) -> Hit<'_> {
    let reason = Reason::TooWide;
    Hit { reason, form: None, code, character: None, reading: None, offset, rule: None }
}

/// A value that has too much, told of one of its codes.
pub(super) fn excessive(excess: Excess, code: &[u8], offset: usize) -> Hit<'_> {
    let reason = match excess {
        Excess::Characters => Reason::TooWide,
        Excess::Bytes => Reason::TooLong,
    };
    Hit { reason, ..too_wide(code, offset) }
}

/// The first code of a text that is not ASCII, and where it stands.
pub(super) fn first_code(source: SourceEncoding, text: &[u8]) -> Option<(&[u8], usize)> {
    let at = text.iter().position(|byte| !byte.is_ascii())?;
    let rest = text.get(at..)?;
    Some((rest.get(..code_length(source, *rest.first()?).min(rest.len()))?, at))
}

/// How long a code is that begins with this byte.
fn code_length(source: SourceEncoding, lead: u8) -> usize {
    let utf8 = source == SourceEncoding::Utf8;
    match lead {
        0..=0x7f => 1,
        0xf0.. if utf8 => 4,
        0xe0.. if utf8 => 3,
        0x8f if source == SourceEncoding::EucJp => 3,
        _ => 2,
    }
}

/// The first code of a value that becomes two characters, and where it stands.
pub(super) fn first_that_grows<'b>(
    transcoder: &Transcoder,
    value: &'b [u8],
) -> Option<(&'b [u8], usize)> {
    let mut out = Vec::new();
    let mut at = 0_usize;
    while let Some(lead) = value.get(at).copied() {
        let length = code_length(transcoder.source(), lead);
        let end = at.saturating_add(length).min(value.len());
        let code = value.get(at..end).unwrap_or_default();
        out.clear();
        transcoder.transcode_value(code, &mut out, &mut Tally::default(), &mut |_| {});
        if String::from_utf8_lossy(&out).chars().nth(1).is_some() {
            return Some((code, at));
        }
        at = end;
    }
    None
}
