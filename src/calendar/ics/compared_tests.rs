//! Held against independent readers: whole files against recurring-ical-events, rules against
//! dateutil. `scripts/ics-fixtures.py` has written what they say.

use chrono::{NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Asia::Tokyo;

use super::read;
use crate::clock::{Jst, to_jst};
use crate::diag::SourceText;

fn midnight(day: &str) -> Jst {
    let day: NaiveDate = day.parse().unwrap();
    Tokyo.from_local_datetime(&day.and_hms_opt(0, 0, 0).unwrap()).unwrap()
}

fn utc(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y%m%dT%H%M%S").unwrap()
}

#[test]
fn whole_files_are_read_as_another_reader_reads_them() {
    for (text, expected) in [
        (
            include_str!("../../../tests/fixtures/ics/google.ics"),
            include_str!("../../../tests/fixtures/ics/google.expected"),
        ),
        (
            include_str!("../../../tests/fixtures/ics/outlook.ics"),
            include_str!("../../../tests/fixtures/ics/outlook.expected"),
        ),
        (
            include_str!("../../../tests/fixtures/ics/apple.ics"),
            include_str!("../../../tests/fixtures/ics/apple.expected"),
        ),
    ] {
        let mut expected = expected.lines();
        let (from, until) = expected.next().unwrap().split_once(' ').unwrap();
        let (from, until) = (midnight(from), midnight(until));
        let source = SourceText { name: "maintenance.ics".to_owned(), text: text.into() };
        let reading = read(&source, from, until).unwrap();
        assert!(reading.notes.is_empty(), "{:?}", reading.notes);
        // The other reader leaves out what only touches the span.
        let found = reading.windows.iter().filter(|w| w.from < until && w.to > from).map(|w| {
            let utc = |at: Jst| at.with_timezone(&Utc).format("%Y%m%dT%H%M%SZ").to_string();
            format!("{} {} {}", utc(w.from), utc(w.to), w.title)
        });
        let expected: Vec<String> = expected.map(|line| line.replace('\t', " ")).collect();
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn rules_name_the_times_that_dateutil_finds() {
    let all = include_str!("../../../tests/fixtures/ics/rules.expected");
    let (mut compared, mut never) = (0, 0);
    for line in all.lines() {
        let [start, stop, rule, count, few] = *line.split(' ').collect::<Vec<_>>().as_slice()
        else {
            panic!("{line}")
        };
        let text = format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:{start}Z\nDURATION:PT1M\nRRULE:{rule}\n\
             END:VEVENT\nEND:VCALENDAR\n"
        );
        let source = SourceText { name: "rule.ics".to_owned(), text: text.as_str().into() };
        let at = |text: &str| to_jst(utc(text).and_utc());
        let reading = match read(&source, at(start), at(stop)) {
            Ok(reading) => reading,
            // A rule that never comes is an error here.
            Err(findings) => {
                assert_eq!(findings.0[0].code, "calendar-ics-rule-never", "{line}");
                assert_eq!(count, "1", "{line}");
                never += 1;
                continue;
            }
        };
        let found: Vec<NaiveDateTime> =
            reading.windows.iter().map(|window| window.from.naive_utc()).collect();
        let shown = found.iter().take(8).chain(found.iter().skip(8).rev().take(2).rev());
        let shown: Vec<String> = shown.map(|at| at.format("%Y%m%dT%H%M%S").to_string()).collect();
        assert_eq!(
            (found.len().to_string().as_str(), shown.join(",").as_str()),
            (count, few),
            "{line}"
        );
        compared += 1;
    }
    assert!(compared > 550 && never < 50, "{compared} compared, {never} never");
}
