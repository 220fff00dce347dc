//! A scan as JSON: the summary first, then all findings, one a line, as they come.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::view::{FindingView, ScanView};
use crate::archive::ScanFinding;
use crate::i18n::Lang;

/// Writes `{"summary": {...}, "findings": [...]}`.
///
/// # Errors
/// When writing fails.
pub fn write_json(
    out: &mut impl Write,
    view: &ScanView,
    findings: impl Iterator<Item = io::Result<ScanFinding>>,
    lang: Lang,
) -> io::Result<()> {
    out.write_all(b"{\"summary\":")?;
    value(out, view)?;
    out.write_all(b",\n\"findings\":[")?;
    let mut adviser = view.adviser(lang);
    for (place, found) in findings.enumerate() {
        out.write_all(if place == 0 { b"\n" } else { b",\n" })?;
        value(out, &FindingView::new(&found?, &mut adviser))?;
    }
    out.write_all(b"\n]}\n")?;
    Ok(())
}

fn value(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Visible)).map_err(io::Error::from)
}

/// JSON that can be looked at on a terminal: U+007F to U+009F are legal in it as they are, and a
/// terminal obeys them.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| c.is_control()) {
            let (before, from) = rest.split_at(at);
            write!(out, "{before}\\u{:04x}", u32::from(c))?;
            rest = from.get(c.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}
