//! A scan as JSON: the summary first, then all findings, one a line, as they come.

use std::io::{self, Write};

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

fn value(out: &mut impl Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
}
