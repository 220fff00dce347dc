//! Every notice of `tests/fixtures/notices` against what a person reads in it.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::NaiveDate;

use super::{Notice, Status, parse};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/notices");
const CODE: &str = "calendar-notice-";

/// What is expected of a notice. Windows, rules and errors are compared whole; notes and titles
/// where they are named.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    read_on: NaiveDate,
    /// `2027-01-16T22:00 2027-01-17T05:00 planned`
    windows: Vec<String>,
    /// `FREQ=WEEKLY;BYDAY=SU 02:00 05:00 planned`
    recurring: Vec<String>,
    errors: BTreeSet<String>,
    #[serde(default)]
    notes: BTreeSet<String>,
    #[serde(default)]
    titles: Option<Vec<Option<String>>>,
    #[serde(default)]
    year_assumed: Option<bool>,
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Planned => "planned",
        Status::Cancelled => "cancelled",
        Status::Reserve => "reserve",
    }
}

fn windows(notice: &Notice) -> Vec<String> {
    let line = |window: &super::NoticeWindow| {
        let form = "%Y-%m-%dT%H:%M";
        let (from, to) = (window.from.format(form), window.to.format(form));
        format!("{from} {to} {}", status(window.status))
    };
    notice.windows.iter().map(line).collect()
}

fn recurring(notice: &Notice) -> Vec<String> {
    let clock = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let line = |rule: &super::Recurring| {
        let (start, end) = (clock(rule.start_minutes), clock(rule.end_minutes));
        format!("{} {start} {end} {}", rule.rule, status(rule.status))
    };
    notice.recurring.iter().map(line).collect()
}

fn codes(findings: &[super::NoticeFinding]) -> BTreeSet<String> {
    findings.iter().map(|finding| finding.code.replacen(CODE, "", 1)).collect()
}

fn differences(text: &str, expected: &Expected) -> Vec<String> {
    let notice = parse(text, expected.read_on);
    let mut wrong = Vec::new();
    let mut same = |what: &str, found: String, wanted: String| {
        if found != wanted {
            wrong.push(format!("  {what}\n    found  {found}\n    wanted {wanted}"));
        }
    };
    same("windows", format!("{:?}", windows(&notice)), format!("{:?}", expected.windows));
    same("rules", format!("{:?}", recurring(&notice)), format!("{:?}", expected.recurring));
    same("errors", format!("{:?}", codes(&notice.errors)), format!("{:?}", expected.errors));
    let notes = codes(&notice.notes);
    let missing: Vec<_> = expected.notes.difference(&notes).collect();
    same("notes missing", format!("{missing:?}"), "[]".to_owned());
    if let Some(titles) = &expected.titles {
        let found: Vec<_> = notice.windows.iter().map(|window| window.title.clone()).collect();
        let named: Vec<_> = found
            .iter()
            .zip(titles)
            .map(|(found, wanted)| wanted.as_ref().and(found.clone()))
            .collect();
        same("titles", format!("{named:?}"), format!("{titles:?}"));
    }
    if let Some(assumed) = expected.year_assumed {
        let found: BTreeSet<bool> = notice.windows.iter().map(|w| w.year_assumed).collect();
        same("year assumed", format!("{found:?}"), format!("{:?}", BTreeSet::from([assumed])));
    }
    for words in
        notice.windows.iter().map(|w| &w.words).chain(notice.errors.iter().map(|e| &e.words))
    {
        for piece in words.split(" … ") {
            let there = text.contains(piece.trim_end_matches('…'));
            same("words of the text", format!("{there} {piece}"), format!("true {piece}"));
        }
    }
    wrong
}

#[test]
fn every_notice_is_read_as_a_person_reads_it() {
    let mut names: Vec<_> = std::fs::read_dir(Path::new(FOLDER))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
        .collect();
    names.sort();
    assert!(names.len() >= 240, "only {} notices found", names.len());
    let mut report = String::new();
    let mut failed = 0;
    for path in &names {
        let text = std::fs::read_to_string(path).unwrap();
        let expected = std::fs::read_to_string(path.with_extension("json")).unwrap();
        let expected: Expected = serde_json::from_str(&expected).unwrap();
        let wrong = differences(&text, &expected);
        if !wrong.is_empty() {
            failed += 1;
            let name = path.file_stem().unwrap().to_string_lossy();
            report.push_str(&format!("{name}\n{text}\n{}\n\n", wrong.join("\n")));
        }
    }
    assert!(failed == 0, "{failed} of {} notices:\n{report}", names.len());
}
