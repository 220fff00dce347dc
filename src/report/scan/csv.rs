//! All findings as CSV that Excel opens by a double click: UTF-8 with its mark, CRLF, and no
//! cell that Excel would take for a formula.

use std::io::{self, Write};

use super::view::{FindingView, ScanView, readings_text};
use crate::archive::ScanFinding;
use crate::i18n::Lang;
use crate::t;

/// What tells Excel that the file is UTF-8.
const MARK: &str = "\u{feff}";

/// Writes all findings; a column for the value only where values are shown.
///
/// # Errors
/// When writing fails.
pub fn write_csv(
    out: &mut impl Write,
    findings: impl Iterator<Item = io::Result<ScanFinding>>,
    view: &ScanView,
    lang: Lang,
) -> io::Result<()> {
    out.write_all(MARK.as_bytes())?;
    let heads = [
        "scan-csv-reason",
        "scan-csv-meaning",
        "scan-csv-schema",
        "scan-csv-table",
        "scan-csv-column",
        "scan-csv-key",
        "scan-csv-row",
        "scan-csv-offset",
        "scan-csv-bytes",
        "scan-csv-readings",
        "scan-csv-suggestion",
        "scan-csv-value",
    ];
    let columns = if view.values_shown { heads.len() } else { heads.len().saturating_sub(1) };
    line(out, heads.iter().take(columns).map(|id| t!(lang, id)))?;
    let mut adviser = view.adviser(lang);
    for found in findings {
        let shown = FindingView::new(&found?, &mut adviser).printable_lines();
        line(out, cells(shown).into_iter().take(columns))?;
    }
    Ok(())
}

fn cells(shown: FindingView) -> [String; 12] {
    let reason = serde_json::to_value(shown.reason).unwrap_or_default();
    [
        reason.as_str().unwrap_or_default().to_owned(),
        shown.meaning,
        shown.schema,
        shown.table,
        shown.column,
        shown.key,
        shown.row.to_string(),
        shown.offset.to_string(),
        shown.bytes,
        readings_text(&shown.readings),
        shown.suggestion,
        shown.value.unwrap_or_default(),
    ]
}

fn line(out: &mut impl Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        out.write_all(quoted(&defused(&cell)).as_bytes())?;
    }
    out.write_all(b"\r\n")
}

/// A cell that Excel would calculate is told to be text. A tab or a line's end at the front is
/// passed over by Excel, so they count as well.
fn defused(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
