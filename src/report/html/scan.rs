//! A scan as a document: 文字の確認報告書. For the people who decide, on paper or in a browser.

use super::markup::{Markup, all, el, tag, text};
use super::page::{document, prose, row, section, table, table_below, td};
use crate::i18n::Lang;
use crate::report::scan::{CodeView, ScanView};
use crate::report::terminal::scan as words;
use crate::report::words::{Words, grouped};
use crate::t;

/// Findings that are listed. With more the paper is not read any more; CSV has all.
const LISTED: usize = 500;
/// Codes that are listed.
const CODES: usize = 500;
/// Places that are shown with a code: all that a scan remembers.
const FIRST: usize = 5;

/// The scan as one HTML file.
pub fn scan(view: &ScanView, lang: Lang) -> String {
    let w = Words::new(lang, false);
    let mut sections = vec![cover(view, w)];
    if !view.reasons.is_empty() {
        sections.push(section(w, "scan-reasons", [reasons(view, w)]));
    }
    if !view.codes.is_empty() {
        sections.push(section(w, "scan-codes", codes(view, w)));
    }
    if !view.columns.is_empty() {
        sections.push(section(w, "scan-columns", [columns(view, w)]));
    }
    if !view.evidence.is_empty() {
        sections.push(section(w, "scan-evidence", [evidence(view, w)]));
    }
    if !view.column_rules.is_empty() {
        let lines = tag("pre", "", view.column_rules.join("\n"));
        sections.push(section(w, "scan-column-rules", [lines]));
    }
    if !view.listed.is_empty() {
        sections.push(section(w, "scan-findings", findings(view, w)));
    }
    if !view.rules.is_empty() {
        sections.push(section(w, "scan-rules", [rules(view, w)]));
    }
    document(w, &w.say("scan-heading"), &view.scanned.name, sections)
}

fn cover(view: &ScanView, w: Words) -> Markup {
    let rows = words::cover(view, w).into_iter();
    let rows = rows.map(|(label, value)| row([tag("th", "", label), td(value)]));
    let class = if view.clean { "result ok" } else { "result block" };
    let about = el("table", &[("class", "cover")], [el("tbody", &[], rows)]);
    let mut parts = vec![about, tag("p", class, words::result(view, w))];
    if view.joined > 0 {
        parts.push(tag("p", "", t!(w.lang, "scan-joined", count = grouped(view.joined))));
    }
    let notices = words::notices(view, w).into_iter();
    parts.extend(notices.map(|notice| el("p", &[("class", "hint warn")], [prose(&notice)])));
    let class = if view.values_shown { "hint warn" } else { "hint" };
    parts.push(el("p", &[("class", class)], [prose(&words::masking(view, w))]));
    all(parts)
}

fn state(open: bool, w: Words) -> Markup {
    let (class, id) = if open { ("word block", "scan-open") } else { ("word ok", "scan-decided") };
    tag("td", class, w.say(id))
}

fn reasons(view: &ScanView, w: Words) -> Markup {
    let rows = view.reasons.iter().map(|reason| {
        let count = tag("td", "num", grouped(reason.count));
        row([state(reason.open, w), td(&reason.meaning), count])
    });
    table(w, &["scan-state", "scan-reason", "scan-count"], rows)
}

fn codes(view: &ScanView, w: Words) -> Vec<Markup> {
    let rows = view.codes.iter().take(CODES).map(|code| {
        let bytes = tag("span", "mono", &code.bytes);
        let state =
            tag("span", "hint", w.say(if code.open { "scan-open" } else { "scan-decided" }));
        row([
            el("td", &[("class", "time")], [bytes, state]),
            el("td", &[], readings(code, w)),
            el("td", &[("class", "where")], occurrences(code, w)),
            el("td", &[], advice(code)),
        ])
    });
    let heads = ["scan-bytes", "scan-readings", "scan-occurrences", "scan-suggestion"];
    let mut parts = vec![table(w, &heads, rows)];
    let left = view.codes.len().saturating_sub(CODES);
    if left > 0 {
        parts.push(tag("p", "", t!(w.lang, "scan-codes-more", count = grouped(left as u64))));
    }
    parts
}

fn readings(code: &CodeView, w: Words) -> Vec<Markup> {
    if code.readings.is_empty() {
        return vec![text(w.say("scan-no-reading"))];
    }
    let shown = code.readings.iter().map(|reading| {
        let glyph = tag("span", "glyph", reading.shown());
        let standard = format!("{} {}", reading.points, reading.standard);
        el("div", &[("class", "reading")], [glyph, tag("span", "hint", standard)])
    });
    shown.collect()
}

/// The count, and the columns and first places below it.
fn occurrences(code: &CodeView, w: Words) -> Vec<Markup> {
    let said = words::occurrences(code, FIRST, w);
    let mut lines = said.lines();
    let mut parts = vec![text(lines.next().unwrap_or_default())];
    parts.extend(lines.map(|line| tag("span", "hint mono", line)));
    parts
}

fn advice(code: &CodeView) -> Vec<Markup> {
    let mut parts = vec![tag("span", "hint", &code.meaning), prose(&code.suggestion)];
    if !code.rules.is_empty() {
        parts.push(tag("pre", "", code.rules.join("\n")));
    }
    parts
}

fn columns(view: &ScanView, w: Words) -> Markup {
    let rows = view.columns.iter().map(|column| {
        row([
            tag("td", "mono", &column.name),
            tag("td", "num", grouped(column.open)),
            tag("td", "num", grouped(column.decided)),
            tag("td", "num", grouped(column.joined)),
        ])
    });
    table(w, &["scan-column", "scan-open", "scan-decided", "scan-joined-head"], rows)
}

fn evidence(view: &ScanView, w: Words) -> Markup {
    let rows = view.evidence.iter().map(|column| {
        let name = tag("td", "mono", &column.name);
        let counts = words::evidence_counts(column).map(|count| tag("td", "num", grouped(count)));
        row(std::iter::once(name).chain(counts).chain([td(&column.meaning)]))
    });
    table(w, &words::EVIDENCE, rows)
}

fn findings(view: &ScanView, w: Words) -> Vec<Markup> {
    let mut heads =
        vec!["scan-column", "scan-key-and-row", "scan-offset", "scan-bytes", "scan-readings"];
    if view.values_shown {
        heads.push("scan-value");
    }
    let heads: Vec<String> = heads.into_iter().map(|id| w.say(id)).collect();
    let rows = view.listed.iter().take(LISTED).map(|finding| {
        let mut cells = vec![
            tag("td", "mono", finding.place()),
            td(words::where_in_table(finding)),
            tag("td", "num", finding.offset.to_string()),
            tag("td", "mono", &finding.bytes),
            td(words::glyphs(&finding.readings)),
        ];
        if view.values_shown {
            cells.push(td(finding.value.as_deref().unwrap_or_default()));
        }
        row(cells)
    });
    let mut parts = vec![table_below(&heads, rows)];
    let shown = view.listed.len().min(LISTED) as u64;
    let left = view.total().saturating_sub(shown);
    if left > 0 {
        parts.push(el("p", &[], [prose(&words::more(view, left, w))]));
    }
    parts
}

fn rules(view: &ScanView, w: Words) -> Markup {
    let rows = view.rules.iter().map(|rule| {
        let lossy = w.say(if rule.lossy { "report-yes" } else { "report-no" });
        row([tag("td", "mono", &rule.rule), tag("td", "num", grouped(rule.count)), td(lossy)])
    });
    table(w, &["scan-rule", "scan-count", "scan-lossy"], rows)
}
