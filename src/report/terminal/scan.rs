//! A scan on a terminal: what needs a decision, where, and what can be done.

use std::fmt::Write as _;

use comfy_table::{Cell, Color};

use super::paint::Paint;
use crate::i18n::Lang;
use crate::ids::show_bytes;
use crate::report::scan::{CodeView, EvidenceView, FindingView, ReadingView, ScanView};
use crate::report::words::{Words, grouped};
use crate::t;

/// Findings that are listed; the files hold all of them.
const LISTED: usize = 20;
/// Codes that are shown; the files hold all of them.
const CODES: usize = 40;
/// Places that are shown with a code.
const FIRST: usize = 1;
/// Columns that are shown.
const COLUMNS: usize = 30;

/// The scan, for a terminal of `width` columns.
pub fn scan(view: &ScanView, lang: Lang, colour: bool, width: usize) -> String {
    let view = &view.printable();
    let (w, paint) = (Words::new(lang, false), Paint::new(colour, width));
    let mut out = format!("{}: {}\n", w.say("scan-heading"), view.scanned.name);
    out.push_str(&paint.pairs(&cover(view, w)));
    // Writing into a String does not fail.
    let _ = writeln!(out, "\n{}", result(view, w));
    for notice in notices(view, w) {
        let _ = writeln!(out, "{notice}");
    }
    if !view.reasons.is_empty() {
        out.push_str(&paint.heading(&w.say("scan-reasons")));
        out.push_str(&reasons(view, w, paint));
    }
    if !view.codes.is_empty() {
        out.push_str(&paint.heading(&w.say("scan-codes")));
        out.push_str(&codes(view, w, paint));
    }
    if view.columns.iter().any(|column| column.open > 0 || column.decided > 0) {
        out.push_str(&paint.heading(&w.say("scan-columns")));
        out.push_str(&columns(view, w, paint));
    }
    if !view.evidence.is_empty() {
        out.push_str(&paint.heading(&w.say("scan-evidence")));
        out.push_str(&evidence(view, w, paint));
    }
    let lines = lines(view, w);
    if !lines.is_empty() {
        out.push_str(&paint.heading(&w.say("scan-lines")));
        out.push_str(&lines);
    }
    if !view.listed.is_empty() {
        out.push_str(&paint.heading(&w.say("scan-findings")));
        out.push_str(&findings(view, w, paint));
    }
    if view.joined > 0 {
        let _ = writeln!(out, "{}", t!(lang, "scan-joined", count = grouped(view.joined)));
    }
    if view.definitions > 0 {
        let _ =
            writeln!(out, "{}", t!(lang, "scan-definitions", count = grouped(view.definitions)));
    }
    if !view.keys_not_held.is_empty() {
        let tables = view.keys_not_held.join(", ");
        let _ = writeln!(out, "{}", t!(lang, "scan-keys-not-held", tables = tables));
    }
    let _ = writeln!(out, "{}", masking(view, w));
    out
}

/// The result in a sentence.
pub(in crate::report) fn result(view: &ScanView, w: Words) -> String {
    if view.clean && view.decided == 0 {
        return w.say("scan-result-clean");
    }
    if view.clean {
        return t!(w.lang, "scan-result-decided", count = grouped(view.decided));
    }
    let codes = at_least(view.open_codes as u64, view.uncounted > 0);
    let count = grouped(view.open);
    t!(w.lang, "scan-result-open", count = count, codes = codes)
}

/// What a person should know besides, a sentence each.
pub(in crate::report) fn notices(view: &ScanView, w: Words) -> Vec<String> {
    let slips = view.unknown_places.iter();
    let slips = slips
        .map(|place| t!(w.lang, "charset-unknown-place", name = place.name, line = place.line));
    let uncounted =
        (view.uncounted > 0).then(|| t!(w.lang, "scan-uncounted", count = grouped(view.uncounted)));
    uncounted.into_iter().chain(slips).collect()
}

/// Whether patients' data can be read in what is shown.
pub(in crate::report) fn masking(view: &ScanView, w: Words) -> String {
    w.say(if view.values_shown { "scan-values-shown" } else { "scan-values-masked" })
}

/// Labels and values of what was scanned.
pub(in crate::report) fn cover(view: &ScanView, w: Words) -> Vec<(String, String)> {
    let scanned = &view.scanned;
    let kind = if scanned.live { "scan-kind-live" } else { "scan-kind-dump" };
    let rules = t!(w.lang, "scan-policy-rules", count = scanned.mapping_rules);
    [
        ("scan-kind", w.say(kind)),
        ("scan-database", format!("{} ({})", scanned.database, scanned.encoding)),
        ("scan-server", scanned.server_version.clone()),
        ("scan-created", scanned.created.clone()),
        ("scan-policy", format!("{} ({rules})", scanned.policy)),
        (
            "scan-size",
            t!(
                w.lang,
                "scan-size-value",
                tables = grouped(scanned.tables as u64),
                rows = grouped(scanned.rows),
                bytes = show_bytes(scanned.bytes)
            ),
        ),
    ]
    .into_iter()
    .map(|(id, value)| (w.say(id), value))
    .collect()
}

fn heads(w: Words, ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| w.say(id)).collect()
}

fn open_word(open: bool, w: Words) -> Cell {
    if open {
        Cell::new(w.say("scan-open")).fg(Color::Red)
    } else {
        Cell::new(w.say("scan-decided")).fg(Color::Green)
    }
}

fn reasons(view: &ScanView, w: Words, paint: Paint) -> String {
    let rows = view.reasons.iter().map(|reason| {
        vec![
            open_word(reason.open, w),
            Cell::new(&reason.meaning),
            Cell::new(grouped(reason.count)),
        ]
    });
    let heads = heads(w, &["scan-state", "scan-reason", "scan-count"]);
    paint.table(&heads, rows.collect(), &[0, 2])
}

fn codes(view: &ScanView, w: Words, paint: Paint) -> String {
    let rows = view.codes.iter().take(CODES).map(|code| {
        vec![
            Cell::new(&code.bytes),
            Cell::new(readings(code, w)),
            Cell::new(occurrences(code, FIRST, w)),
            Cell::new(&code.suggestion),
        ]
    });
    let heads = heads(w, &["scan-bytes", "scan-readings", "scan-occurrences", "scan-suggestion"]);
    let mut out = paint.table(&heads, rows.collect(), &[0]);
    let left = view.codes.len().saturating_sub(CODES);
    if left > 0 {
        let _ = writeln!(out, "{}", t!(w.lang, "scan-codes-more", count = grouped(left as u64)));
    }
    out
}

/// The lines of the mapping file below one another and unbroken, so that they can be copied.
fn lines(view: &ScanView, w: Words) -> String {
    let mut out = String::new();
    for line in &view.column_rules {
        // Writing into a String does not fail.
        let _ = writeln!(out, "{line}");
    }
    let open = view.codes.iter().take(CODES).filter(|code| code.open && !code.rules.is_empty());
    let rules: Vec<String> = open.flat_map(|code| code.rules.iter().cloned()).collect();
    if !rules.is_empty() {
        let _ = writeln!(out, "rules:  # {}\n{}", w.say("scan-lines-how"), rules.join("\n"));
    }
    out
}

fn readings(code: &CodeView, w: Words) -> String {
    if code.readings.is_empty() {
        return w.say("scan-no-reading");
    }
    let lines = code.readings.iter().map(|r| format!("{} {} {}", r.shown(), r.points, r.standard));
    lines.collect::<Vec<_>>().join("\n")
}

/// How often, in which columns, and the first `places` of them with their rows.
pub(in crate::report) fn occurrences(code: &CodeView, places: usize, w: Words) -> String {
    let mut text = t!(
        w.lang,
        "scan-occurrences-value",
        count = grouped(code.count),
        tables = at_least(code.tables as u64, code.more_columns),
        columns = at_least(code.columns as u64, code.more_columns)
    );
    for name in &code.named_columns {
        // Writing into a String does not fail.
        let _ = write!(text, "\n{name}");
    }
    if code.columns > code.named_columns.len() {
        text.push_str("\n…");
    }
    for finding in code.first.iter().take(places) {
        let at = format!("{} {}", finding.place(), where_in_table(finding));
        let _ = write!(text, "\n{}", t!(w.lang, "scan-first", place = at));
    }
    text
}

/// `256+` where counting stopped there.
pub(in crate::report) fn at_least(count: u64, more: bool) -> String {
    format!("{}{}", grouped(count), if more { "+" } else { "" })
}

fn columns(view: &ScanView, w: Words, paint: Paint) -> String {
    let wanted = view.columns.iter().filter(|column| column.open > 0 || column.decided > 0);
    let rows = wanted.take(COLUMNS).map(|column| {
        vec![
            Cell::new(&column.name),
            Cell::new(grouped(column.open)),
            Cell::new(grouped(column.decided)),
        ]
    });
    let heads = heads(w, &["scan-column", "scan-open", "scan-decided"]);
    paint.table(&heads, rows.collect(), &[1, 2])
}

/// Heads of the evidence, in the order of [`evidence_counts`].
pub(in crate::report) const EVIDENCE: [&str; 8] = [
    "scan-column",
    "scan-evidence-euc-jp",
    "scan-evidence-shift-jis",
    "scan-evidence-utf-8",
    "scan-evidence-several",
    "scan-evidence-cut",
    "scan-evidence-none",
    "scan-evidence-verdict",
];

/// Values by what they can be.
pub(in crate::report) fn evidence_counts(column: &EvidenceView) -> [u64; 6] {
    let found = &column.evidence;
    let several = found.several.saturating_add(found.same);
    [found.only_euc_jp, found.only_shift_jis, found.only_utf_8, several, found.cut, found.none]
}

fn evidence(view: &ScanView, w: Words, paint: Paint) -> String {
    let rows = view.evidence.iter().take(COLUMNS).map(|column| {
        let counts = evidence_counts(column).map(|count| Cell::new(grouped(count)));
        let name = std::iter::once(Cell::new(&column.name));
        name.chain(counts).chain(std::iter::once(Cell::new(&column.meaning))).collect()
    });
    paint.table(&heads(w, &EVIDENCE), rows.collect(), &[])
}

fn findings(view: &ScanView, w: Words, paint: Paint) -> String {
    let rows = view.listed.iter().take(LISTED).map(|finding| {
        let mut cells = vec![
            Cell::new(finding.place()),
            Cell::new(where_in_table(finding)),
            Cell::new(finding.offset),
            Cell::new(&finding.bytes),
            Cell::new(glyphs(&finding.readings)),
        ];
        if view.values_shown {
            cells.push(Cell::new(finding.value.as_deref().unwrap_or_default()));
        }
        cells
    });
    let mut heads = heads(
        w,
        &["scan-column", "scan-key-and-row", "scan-offset", "scan-bytes", "scan-readings"],
    );
    if view.values_shown {
        heads.push(w.say("scan-value"));
    }
    let mut out = paint.table(&heads, rows.collect(), &[2, 3]);
    let shown = view.listed.len().min(LISTED) as u64;
    let left = view.total().saturating_sub(shown);
    if left > 0 {
        let _ = writeln!(out, "{}", more(view, left, w));
    }
    out
}

/// The key and the row's number.
pub(in crate::report) fn where_in_table(finding: &FindingView) -> String {
    match (finding.key.as_str(), finding.row) {
        (key, 0) => key.to_owned(),
        ("", row) => format!("#{row}"),
        (key, row) => format!("{key} #{row}"),
    }
}

/// `髙 / 翏`
pub(in crate::report) fn glyphs(readings: &[ReadingView]) -> String {
    readings.iter().map(ReadingView::shown).collect::<Vec<_>>().join(" / ")
}

/// How many findings are not listed, and where they are.
pub(in crate::report) fn more(view: &ScanView, left: u64, w: Words) -> String {
    match &view.all_in {
        Some(file) => t!(w.lang, "scan-more-in", count = grouped(left), file = file),
        None => t!(w.lang, "scan-more", count = grouped(left)),
    }
}
