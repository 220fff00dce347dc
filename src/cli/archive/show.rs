//! The reports of `orca-cutover archive` as text for people.

use std::fmt::Write as _;

use crate::archive::{ArchiveInfo, CompareReport, ConvertReport, Found, Verdict, VerifyReport};
use crate::charset::Reason;
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
        .line("archive-info-compression", &info.compression)
        .line("archive-info-created", &info.created)
        .line("archive-info-database", &info.database)
        .line("archive-info-server", &info.server_version)
        .line("archive-info-pg-dump", &info.pg_dump_version)
        .line("archive-info-encoding", info.encoding.postgres_name())
        .line("archive-info-bytes", show_bytes(info.bytes))
        .line("archive-info-tables", info.tables.len())
        .say(&t!(lang, "archive-info-only-head"));
    sheet.1
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
    sheet.1.push_str(&show_found(&report.lossy, lang));
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
    text
}

pub(super) fn reason_id(reason: Reason) -> &'static str {
    match reason {
        Reason::OutsideJisX0213 => "charset-reason-outside-jisx0213",
        Reason::Ambiguous => "charset-reason-ambiguous",
        Reason::Invalid => "charset-reason-invalid",
        Reason::NotAscii => "charset-reason-not-ascii",
        Reason::Lossy => "charset-reason-lossy",
        Reason::Shortened => "charset-reason-shortened",
    }
}

pub(super) fn show_compared(report: &CompareReport, lang: Lang) -> String {
    let result = if report.same { "archive-compare-same" } else { "archive-compare-different" };
    let mut sheet = Sheet(lang, String::new());
    sheet.say(&t!(lang, result)).line("archive-info-rows", report.actual_rows);
    for table in report.tables.iter().filter(|table| table.verdict != Verdict::Same) {
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
    }
    sheet.1
}

pub(super) fn verdict_id(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Same => "archive-verdict-same",
        Verdict::RowsDiffer => "archive-verdict-rows-differ",
        Verdict::ColumnsDiffer => "archive-verdict-columns-differ",
        Verdict::Missing => "archive-verdict-missing",
        Verdict::Extra => "archive-verdict-extra",
        Verdict::AsExpected => "archive-verdict-as-expected",
    }
}
