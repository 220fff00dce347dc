//! The reports of `orca-cutover archive` as text for people.

use std::fmt::Write as _;

use crate::archive::{
    ArchiveInfo, CompareReport, Compared, ConvertReport, Found, Release, Rewrite, RewriteAction,
    RowDifference, RowDifferenceKind, TableComparison, Verdict, VerifyReport,
};
use crate::charset::{AbsentPlace, Reason};
use crate::i18n::Lang;
use crate::ids::show_bytes;
use crate::t;

/// Findings that are shown to a person; `--json` has more.
const SHOWN_FINDINGS: usize = 20;

/// `label: value` lines.
struct Sheet(Lang, String);

impl Sheet {
    fn line(&mut self, id: &str, value: impl std::fmt::Display) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = writeln!(self.1, "{}: {value}", t!(self.0, id));
        self
    }

    fn say(&mut self, text: &str) -> &mut Self {
        self.1.push_str(text);
        self.1.push('\n');
        self
    }
}

pub(super) fn show_info(info: &ArchiveInfo, lang: Lang) -> String {
    let mut sheet = Sheet(lang, String::new());
    sheet
        .line("archive-info-version", info.archive_version)
        .line("archive-info-compression", info.compression)
        .line("archive-info-created", &info.created)
        .line("archive-info-database", &info.database)
        .line("archive-info-server", &info.server_version)
        .line("archive-info-pg-dump", &info.pg_dump_version)
        .line("archive-info-encoding", info.encoding.postgres_name())
        .line("archive-info-bytes", show_bytes(info.bytes))
        .line("archive-info-tables", info.tables.len())
        .line("archive-info-readable", releases(&info.restorable.readable_by))
        .line("archive-info-restorable", releases(&info.restorable.as_it_stands))
        .say(&t!(lang, "archive-info-only-head"));
    sheet.1
}

/// From the first to the last, `-` for none: what a release knows, the next ones know.
fn releases(releases: &[Release]) -> String {
    match releases {
        [] => "-".to_owned(),
        [only] => only.to_string(),
        [first, .., last] => format!("{first}-{last}"),
    }
}

fn show_rewrites(sheet: &mut Sheet, rewrites: &[Rewrite]) {
    let lang = sheet.0;
    for rewrite in rewrites.iter().take(SHOWN_FINDINGS) {
        let id = match rewrite.action {
            RewriteAction::Rewritten => "archive-rewritten",
            RewriteAction::LeftOut => "archive-left-out",
            RewriteAction::ForUtf8 => "archive-for-utf8",
        };
        sheet.say(&t!(lang, id, entry = rewrite.entry, feature = rewrite.feature));
    }
    let more = rewrites.len().saturating_sub(SHOWN_FINDINGS);
    if more > 0 {
        sheet.say(&t!(lang, "archive-findings-more", count = more));
    }
}

/// What a server lacks, one line each.
pub(super) fn show_lacks(all: &[String]) -> String {
    all.iter().map(|line| format!("{line}\n")).collect()
}

pub(super) fn show_verified(report: &VerifyReport, lang: Lang) -> String {
    let mut sheet = Sheet(lang, String::new());
    sheet
        .say(&t!(lang, "archive-verified"))
        .line("archive-info-version", report.archive_version)
        .line("archive-info-encoding", report.encoding.postgres_name())
        .line("archive-info-bytes", show_bytes(report.bytes))
        .line("archive-info-tables", report.tables.len())
        .line("archive-info-rows", report.rows)
        .line("archive-info-large-objects", report.large_objects)
        .line("archive-info-sha256", &report.sha256);
    if let Some(text) = &report.target_text {
        let forms: u64 = text.other_forms.iter().map(|rule| rule.count).sum();
        let id = if text.outside == 0 && forms == 0 {
            "archive-target-clean"
        } else {
            "archive-target-unclean"
        };
        sheet.say(&t!(lang, id, outside = text.outside, forms = forms));
    }
    if !report.text_checked {
        sheet.say(&t!(lang, "archive-unchecked-text"));
    }
    sheet.1
}

pub(super) fn show_converted(report: &ConvertReport, lang: Lang) -> String {
    let mut sheet = Sheet(lang, String::new());
    sheet
        .say(&t!(lang, "archive-converted"))
        .line("archive-info-version", report.archive_version)
        .line("archive-info-bytes", show_bytes(report.bytes_out))
        .line("archive-info-tables", report.tables.len())
        .line("archive-info-rows", report.rows)
        .line("archive-info-sha256", &report.sha256);
    for rule in &report.rules {
        let id = if rule.lossy { "archive-rule-lossy" } else { "archive-rule" };
        sheet.say(&t!(lang, id, rule = rule.rule, count = rule.count));
    }
    sheet.1.push_str(&show_slips(&report.unknown_places, lang));
    show_rewrites(&mut sheet, &report.rewrites);
    if let Some(release) = report.needs_server {
        sheet.say(&t!(lang, "archive-needs-server", release = release));
    }
    sheet.1.push_str(&show_found(&report.lossy, lang));
    if report.definitions.total > 0 {
        sheet.say(&t!(lang, "archive-definitions-changed", count = report.definitions.total));
        sheet.1.push_str(&show_found(&report.definitions, lang));
    }
    if !report.keys_not_held.is_empty() {
        let tables = report.keys_not_held.join(", ");
        sheet.say(&t!(lang, "archive-keys-not-held", tables = tables));
    }
    if report.shortened.total > 0 {
        let (count, places) = (report.shortened.total, report.shortened.places());
        sheet.say(&t!(lang, "archive-shortened", count = count, places = places));
    }
    sheet.1
}

pub(super) fn show_found(found: &Found, lang: Lang) -> String {
    let mut text = String::new();
    for finding in found.findings.iter().take(SHOWN_FINDINGS) {
        let line = t!(
            lang,
            "archive-finding",
            schema = finding.schema,
            table = finding.table,
            column = finding.column,
            row = finding.row,
            key = finding.key,
            code = finding.code,
            character = finding.character.clone().unwrap_or_default(),
            reason = t!(lang, reason_id(finding.reason))
        );
        text.push_str(&line);
        text.push('\n');
    }
    let shown = found.findings.len().min(SHOWN_FINDINGS) as u64;
    if found.total > shown {
        let count = found.total.saturating_sub(shown);
        text.push_str(&t!(lang, "archive-findings-more", count = count));
        text.push('\n');
    }
    text + &show_slips(&found.unknown_places, lang)
}

/// What the mapping file names for nothing.
fn show_slips(places: &[AbsentPlace], lang: Lang) -> String {
    let line = |place: &AbsentPlace| {
        t!(lang, "charset-unknown-place", name = place.name, line = place.line) + "\n"
    };
    places.iter().map(line).collect()
}

pub(super) fn reason_id(reason: Reason) -> &'static str {
    reason.text_id()
}

pub(super) fn show_compared(report: &CompareReport, lang: Lang) -> String {
    let result = match report.result {
        Compared::Same => "archive-compare-same",
        Compared::Different => "archive-compare-different",
        Compared::CouldNotTell => "archive-compare-could-not-tell",
    };
    let mut sheet = Sheet(lang, String::new());
    sheet.say(&t!(lang, result)).line("archive-info-rows", report.actual_rows);
    let objects = &report.large_objects;
    if !objects.same {
        let (expected, actual) = (objects.expected, objects.actual);
        sheet.say(&t!(lang, "archive-compare-objects", expected = expected, actual = actual));
    }
    for table in report.tables.iter().filter(|table| table.verdict != Verdict::Same) {
        show_table(table, &mut sheet);
    }
    sheet.1
}

fn show_table(table: &TableComparison, sheet: &mut Sheet) {
    let lang = sheet.0;
    let rows = |rows: Option<u64>| rows.map_or_else(|| "-".to_owned(), |rows| rows.to_string());
    sheet.say(&t!(
        lang,
        "archive-compare-table",
        schema = table.schema,
        table = table.table,
        verdict = t!(lang, verdict_id(table.verdict)),
        expected = rows(table.expected_rows),
        actual = rows(table.actual_rows)
    ));
    if !table.columns.is_empty() {
        let columns = table.columns.join(", ");
        sheet.say(&t!(lang, "archive-compare-columns", columns = columns));
    }
    if table.undecided > 0 {
        sheet.say(&t!(lang, "archive-compare-undecided", count = table.undecided));
    }
    for row in &table.differences {
        sheet.say(&show_difference(row, lang));
    }
    if table.differing_rows_at_least > table.differences.len() as u64 {
        let count = table.differing_rows_at_least;
        sheet.say(&t!(lang, "archive-compare-at-least", count = count));
    }
}

fn show_difference(row: &RowDifference, lang: Lang) -> String {
    let number = |row: Option<u64>| row.map_or_else(|| "-".to_owned(), |row| row.to_string());
    t!(
        lang,
        difference_id(row.kind),
        key = if row.key.is_empty() { "-" } else { &row.key },
        expected = number(row.expected_row),
        actual = number(row.actual_row),
        columns = row.columns.join(", ")
    )
}

pub(super) fn difference_id(kind: RowDifferenceKind) -> &'static str {
    match kind {
        RowDifferenceKind::Missing => "archive-difference-missing",
        RowDifferenceKind::Extra => "archive-difference-extra",
        RowDifferenceKind::Changed => "archive-difference-changed",
    }
}

pub(super) fn verdict_id(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Same => "archive-verdict-same",
        Verdict::RowsDiffer => "archive-verdict-rows-differ",
        Verdict::ColumnsDiffer => "archive-verdict-columns-differ",
        Verdict::Missing => "archive-verdict-missing",
        Verdict::Extra => "archive-verdict-extra",
        Verdict::AsExpected => "archive-verdict-as-expected",
        Verdict::CouldNotTell => "archive-verdict-could-not-tell",
    }
}
