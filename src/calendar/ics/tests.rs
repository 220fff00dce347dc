//! What an event means, case by case, and what is refused.

use chrono::TimeDelta;

use super::{IcsReading, read};
use crate::clock::{Jst, to_jst};
use crate::diag::{Finding, Findings, SourceText};
use crate::i18n::Lang;

pub(super) fn at(text: &str) -> Jst {
    to_jst(chrono::DateTime::parse_from_rfc3339(text).unwrap())
}

pub(super) fn read_text(text: &str) -> Result<IcsReading, Findings> {
    let source = SourceText { name: "maintenance.ics".to_owned(), text: text.into() };
    read(&source, at("2027-01-01T00:00:00+09:00"), at("2027-12-31T00:00:00+09:00"))
}

/// One event with these lines.
fn event(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:m\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n")
}

/// Windows as `01-21 19:00+3:30`: month, day, time in Tokyo and hours with minutes.
fn shown(reading: &IcsReading) -> Vec<String> {
    let window = |window: &crate::calendar::Window| {
        let minutes = (window.to - window.from).num_minutes();
        format!("{}+{}:{:02}", window.from.format("%m-%d %H:%M"), minutes / 60, minutes % 60)
    };
    reading.windows.iter().map(window).collect()
}

fn windows(text: &str) -> Vec<String> {
    shown(&read_text(text).unwrap_or_else(|findings| panic!("{text}\n{findings:?}")))
}

fn codes(findings: &[Finding]) -> Vec<(&'static str, usize)> {
    findings.iter().map(|finding| (finding.code, finding.line_column().0)).collect()
}

#[test]
fn times_are_taken_in_their_zone() {
    for (lines, expected) in [
        ("DTSTART:20270121T100000Z\nDTEND:20270121T133000Z", "01-21 19:00+3:30"),
        ("DTSTART;TZID=Asia/Tokyo:20270121T190000\nDURATION:PT3H30M", "01-21 19:00+3:30"),
        (
            "dtstart;tzid=\"Tokyo Standard Time\":20270121T190000\ndtend:20270121T110000Z",
            "01-21 19:00+1:00",
        ),
        (
            "DTSTART;TZID=/mozilla.org/20050126_1/Asia/Tokyo:20270121T190000\nDURATION:PT1H",
            "01-21 19:00+1:00",
        ),
        (
            "DTSTART;TZID=America/New_York:20270121T050000\nDTEND;TZID=Asia/Tokyo:20270121T200000",
            "01-21 19:00+1:00",
        ),
        ("DTSTART;TZID=GMT Standard Time:20270701T110000\nDURATION:PT1H", "07-01 19:00+1:00"),
        // A time that London's clock skips, and one that it shows twice.
        ("DTSTART;TZID=Europe/London:20270328T013000\nDURATION:PT1H", "03-28 10:30+1:00"),
        ("DTSTART;TZID=Europe/London:20271031T013000\nDURATION:PT1H", "10-31 09:30+1:00"),
        // Days are Japanese days; the end is not part of it.
        ("DTSTART;VALUE=DATE:20270121", "01-21 00:00+24:00"),
        ("DTSTART;VALUE=DATE:20270121\nDTEND;VALUE=DATE:20270124", "01-21 00:00+72:00"),
        ("DTSTART:20270121\nDURATION:P2D", "01-21 00:00+48:00"),
        ("DTSTART;VALUE=DATE:20270121\nDURATION:P1W", "01-21 00:00+168:00"),
        // A day of the calendar has 23 hours when the clock is put forward.
        ("DTSTART;TZID=Europe/London:20270327T120000\nDURATION:P1D", "03-27 21:00+23:00"),
        ("DTSTART:20270121T235960Z\nDURATION:PT1M", "01-22 08:59+0:01"),
    ] {
        assert_eq!(windows(&event(lines)), [expected], "{lines}");
    }
}

#[test]
fn a_zone_may_be_defined_in_the_file() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Clinic\n\
         BEGIN:STANDARD\nDTSTART:16011028T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n\
         TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\n\
         BEGIN:DAYLIGHT\nDTSTART:16010325T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\n\
         TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE\n";
    // The same as Europe/Berlin, on every side of its moves.
    for time in [
        "20270101T120000",
        "20270328T015959",
        "20270328T020000",
        "20270328T023000",
        "20270328T030000",
        "20270701T000000",
        "20271031T015959",
        "20271031T023000",
        "20271031T030000",
        "20271201T000000",
    ] {
        let text = |id: &str| {
            event(&format!("DTSTART;TZID={id}:{time}\nDURATION:PT1H")).replacen(
                "BEGIN:VEVENT",
                &format!("{zone}BEGIN:VEVENT"),
                1,
            )
        };
        assert_eq!(windows(&text("Clinic")), windows(&text("Europe/Berlin")), "{time}");
    }
    let broken = event("DTSTART:20270121T100000Z").replacen(
        "BEGIN:VEVENT",
        "BEGIN:VTIMEZONE\nTZID:Clinic\nBEGIN:STANDARD\nDTSTART:19700101T000000\nEND:STANDARD\n\
         END:VTIMEZONE\nBEGIN:VEVENT",
        1,
    );
    let findings = read_text(&broken).unwrap_err();
    assert_eq!(codes(&findings.0), [("calendar-ics-zone-definition", 2)]);
}

#[test]
fn series_have_further_times_exceptions_and_an_end() {
    for (lines, expected) in [
        ("RRULE:FREQ=DAILY;COUNT=2", &["01-21 19:00+1:00", "01-22 19:00+1:00"][..]),
        ("RRULE:FREQ=DAILY;UNTIL=20270122T100000Z", &["01-21 19:00+1:00", "01-22 19:00+1:00"]),
        ("RRULE:FREQ=DAILY;UNTIL=20270122T095959Z", &["01-21 19:00+1:00"]),
        ("RRULE:FREQ=DAILY;UNTIL=20270122", &["01-21 19:00+1:00", "01-22 19:00+1:00"]),
        ("RRULE:FREQ=DAILY;UNTIL=20270101", &["01-21 19:00+1:00"]),
        ("RDATE;TZID=Asia/Tokyo:20270123T080000", &["01-21 19:00+1:00", "01-23 08:00+1:00"]),
        (
            "RDATE;VALUE=PERIOD:20270123T000000Z/PT2H,20270124T000000Z/20270124T030000Z",
            &["01-21 19:00+1:00", "01-23 09:00+2:00", "01-24 09:00+3:00"],
        ),
        (
            "RRULE:FREQ=DAILY;COUNT=4\nEXDATE;TZID=Asia/Tokyo:20270122T190000\nEXDATE:20270123T100000Z",
            &["01-21 19:00+1:00", "01-24 19:00+1:00"],
        ),
        ("RRULE:FREQ=DAILY;COUNT=2\nEXDATE:20270121T100000Z", &["01-22 19:00+1:00"]),
        ("RRULE:FREQ=DAILY;COUNT=2\nEXDATE;VALUE=DATE:20270121", &["01-22 19:00+1:00"]),
        // DTSTART counts although the rule does not name it; the 21st is a Thursday.
        (
            "RRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20270123T000000Z",
            &["01-21 19:00+1:00", "01-22 19:00+1:00"],
        ),
    ] {
        let text =
            event(&format!("DTSTART;TZID=Asia/Tokyo:20270121T190000\nDURATION:PT1H\n{lines}"));
        assert_eq!(windows(&text), expected, "{lines}");
    }
    // A window that began before the span and reaches into it; one that ends where it begins.
    assert_eq!(
        windows(&event("DTSTART;VALUE=DATE:20261230\nDURATION:P5D")),
        ["12-30 00:00+120:00"]
    );
    assert_eq!(windows(&event("DTSTART;VALUE=DATE:20261230\nDURATION:P2D")), ["12-30 00:00+48:00"]);
    assert_eq!(windows(&event("DTSTART;VALUE=DATE:20261230\nDURATION:P1D")), [""; 0]);
}

/// A daily series of three from 21 January, and further events.
fn series(more: &[&str]) -> String {
    let start = "DTSTART;TZID=Asia/Tokyo:20270121T190000\nDURATION:PT1H";
    let mut text = format!(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSEQUENCE:1\n{start}\nRRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\n"
    );
    for lines in more {
        text += &format!("BEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT\n");
    }
    text + "END:VCALENDAR\n"
}

#[test]
fn single_times_are_moved_and_cancelled_and_the_newest_version_counts() {
    let (first, second, third) = ("01-21 19:00+1:00", "01-22 19:00+1:00", "01-23 19:00+1:00");
    let day_two = "RECURRENCE-ID:20270122T100000Z";
    for (more, expected) in [
        (&[][..], &[first, second, third][..]),
        (
            &[&format!("{day_two}\nDTSTART:20270130T000000Z\nDTEND:20270130T020000Z")[..]],
            &[first, third, "01-30 09:00+2:00"],
        ),
        (&[&format!("{day_two}\nSTATUS:CANCELLED")], &[first, third]),
        (&["RECURRENCE-ID;VALUE=DATE:20270122\nSTATUS:CANCELLED"], &[first, third]),
        // Moved, moved again, and out of order.
        (
            &[
                &format!("{day_two}\nSEQUENCE:3\nDTSTART:20270131T000000Z\nDURATION:PT1H"),
                &format!("{day_two}\nSEQUENCE:2\nDTSTART:20270130T000000Z\nDURATION:PT1H"),
            ],
            &[first, third, "01-31 09:00+1:00"],
        ),
        (
            &[
                &format!("{day_two}\nDTSTAMP:20270102T000000Z\nSTATUS:CANCELLED"),
                &format!(
                    "{day_two}\nDTSTAMP:20270101T000000Z\nDTSTART:20270130T000000Z\nDURATION:PT1H"
                ),
            ],
            &[first, third],
        ),
        // A newer version of all of it; an older one.
        (&["SEQUENCE:2\nDTSTART:20270201T000000Z\nDURATION:PT2H"], &["02-01 09:00+2:00"]),
        (&["SEQUENCE:0\nDTSTART:20270201T000000Z\nDURATION:PT2H"], &[first, second, third]),
        (&["SEQUENCE:2\nSTATUS:CANCELLED"], &[]),
        (
            &[
                "SEQUENCE:2\nSTATUS:CANCELLED",
                &format!("{day_two}\nSEQUENCE:1\nDTSTART:20270130T000000Z\nDURATION:PT1H"),
            ],
            &[],
        ),
        // Two versions of the same rank: both are kept.
        (
            &["SEQUENCE:1\nDTSTART:20270201T000000Z\nDURATION:PT2H"],
            &[first, second, third, "02-01 09:00+2:00"],
        ),
    ] {
        assert_eq!(windows(&series(more)), expected, "{more:?}");
    }
    let cancel = |text: &str| text.replacen("BEGIN:VCALENDAR", "BEGIN:VCALENDAR\nMETHOD:CANCEL", 1);
    assert_eq!(windows(&cancel(&series(&[]))), [""; 0]);
    // A cancellation in a calendar of its own.
    let text = series(&[]) + &cancel(&event("SEQUENCE:1\nDTSTAMP:20270101T000000Z"));
    assert_eq!(windows(&text), [""; 0]);
    // Moved although the series itself is not in the file.
    let text = event(&format!("{day_two}\nDTSTART:20270130T000000Z\nDURATION:PT1H"));
    assert_eq!(windows(&text), ["01-30 09:00+1:00"]);
}

#[test]
fn what_a_file_leaves_open_is_told() {
    for (lines, code, line, expected) in [
        (
            "DTSTART:20270121T190000\nDURATION:PT1H",
            "calendar-ics-note-floating",
            5,
            "01-21 19:00+1:00",
        ),
        ("DTSTART:20270121T100000Z", "calendar-ics-note-no-length", 2, "01-21 19:00+0:00"),
        ("DTSTART:20270121\nDTEND:20270121", "calendar-ics-note-no-length", 2, "01-21 00:00+24:00"),
        (
            "DTSTART:20270121T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20270122",
            "calendar-ics-note-excluded-day",
            8,
            "01-21 19:00+1:00",
        ),
    ] {
        let reading = read_text(&event(lines)).unwrap();
        assert_eq!(codes(&reading.notes), [(code, line)], "{lines}");
        assert_eq!(shown(&reading), [expected], "{lines}");
    }
}

#[test]
fn titles_are_one_line() {
    let text = event("DTSTART:20270121T100000Z\nDURATION:PT1H")
        .replace("SUMMARY:m", "SUMMARY;LANGUAGE=ja:月例\\n メンテ\\, 全\n 部\\; \\\\o/");
    let reading = read_text(&text.replace('\n', "\r\n")).unwrap();
    assert_eq!(reading.windows[0].title, "月例 メンテ, 全部; \\o/");
    let nameless = text.replacen("SUMMARY", "X-SUMMARY", 1);
    assert_eq!(read_text(&nameless).unwrap().windows[0].title, "1");
}

#[test]
fn what_is_not_understood_is_an_error_with_its_line() {
    let start = "DTSTART:20270121T100000Z";
    for (lines, code, line) in [
        ("DURATION:PT1H", "calendar-ics-missing", 2),
        (&format!("{start}\n{start}"), "calendar-ics-twice", 6),
        (&format!("{start}\nDTEND:20270121T110000Z\nDURATION:PT1H"), "calendar-ics-twice", 7),
        ("DTSTART:2027-01-21", "calendar-ics-time", 5),
        ("DTSTART:20270229", "calendar-ics-time", 5),
        ("DTSTART:20270121T2500Z", "calendar-ics-time", 5),
        ("DTSTART:20270121T240000Z", "calendar-ics-time", 5),
        ("DTSTART;VALUE=DATE:20270121T100000Z", "calendar-ics-time", 5),
        ("DTSTART:+20270121", "calendar-ics-time", 5),
        ("DTSTART:99990121", "calendar-ics-time", 5),
        ("DTSTART;TZID=Mars/Olympus:20270121T100000", "calendar-ics-zone", 5),
        (&format!("{start}\nDTEND:20270121T095959Z"), "calendar-ics-end", 6),
        (&format!("{start}\nDTEND:20270122"), "calendar-ics-kinds", 6),
        (&format!("{start}\nDURATION:-PT1H"), "calendar-ics-duration", 6),
        (&format!("{start}\nDURATION:P"), "calendar-ics-duration", 6),
        (&format!("{start}\nDURATION:PT"), "calendar-ics-duration", 6),
        (&format!("{start}\nDURATION:P1H"), "calendar-ics-duration", 6),
        (&format!("{start}\nDURATION:P99999D"), "calendar-ics-duration", 6),
        (&format!("{start}\nRRULE:FREQ=DAILY;BYDAY=XXMO"), "calendar-ics-rule", 6),
        (&format!("{start}\nRRULE:FREQ=SOMETIMES"), "calendar-ics-rule", 6),
        (&format!("{start}\nRRULE:FREQ=DAILY;COUNT=-1"), "calendar-ics-rule", 6),
        (&format!("{start}\nRRULE:FREQ=DAILY;COUNT=2;UNTIL=20270201"), "calendar-ics-rule", 6),
        (&format!("{start}\nRRULE:FREQ=DAILY;INTERVAL=0"), "calendar-ics-rule", 6),
        (&format!("{start}\nRRULE:FREQ=DAILY;RSCALE=HEBREW"), "calendar-ics-rule", 6),
        (&format!("{start}\nRRULE:FREQ=WEEKLY;BYMONTHDAY=1"), "calendar-ics-rule", 6),
        (&format!("{start}\nRRULE:"), "calendar-ics-rule", 6),
        (
            &format!("{start}\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
            "calendar-ics-rule-never",
            6,
        ),
        (&format!("{start}\nEXRULE:FREQ=DAILY"), "calendar-ics-unsupported", 6),
        (&format!("{start}\nSEQUENCE:x"), "calendar-ics-unsupported", 6),
        (
            &format!("{start}\nRECURRENCE-ID;RANGE=THISANDFUTURE:20270121T100000Z"),
            "calendar-ics-this-and-future",
            6,
        ),
        (
            &format!("{start}\nRECURRENCE-ID:20270121T100000Z\nRRULE:FREQ=DAILY"),
            "calendar-ics-unsupported",
            7,
        ),
        ("DTSTART:20270121\nEXDATE:20270121T100000Z", "calendar-ics-kinds", 6),
        (&format!("{start}\nRDATE:20270122T100000Z/20270121T100000Z"), "calendar-ics-end", 6),
        (&format!("{start}\nnonsense"), "calendar-ics-line", 6),
        (&format!("{start}\nEND:VTODO"), "calendar-ics-structure", 6),
    ] {
        let findings = read_text(&event(lines)).unwrap_err();
        assert_eq!(codes(&findings.0), [(code, line)], "{lines}");
        for lang in [Lang::Ja, Lang::En] {
            let view = serde_json::to_value(findings.0[0].view(lang)).unwrap();
            let message = view["message"].as_str().unwrap();
            assert!(!message.contains("calendar-ics") && !message.contains('{'), "{message}");
            assert!(view["hint"].is_string(), "{code}");
        }
    }
    let whole = event(start);
    for (text, code) in [
        (String::new(), "calendar-ics-no-calendar"),
        (
            "<!DOCTYPE html>\n<html><body>login: here</body></html>\n".to_owned(),
            "calendar-ics-no-calendar",
        ),
        ("BEGIN:VEVENT\nEND:VEVENT\n".to_owned(), "calendar-ics-no-calendar"),
        (whole.replace("END:VCALENDAR\n", ""), "calendar-ics-structure"),
        (
            whole.replacen("BEGIN:VCALENDAR", "BEGIN:VCALENDAR\nMETHOD:REPLY", 1),
            "calendar-ics-unsupported",
        ),
        ("BEGIN:VCALENDAR\n".to_owned() + &"BEGIN:X\n".repeat(20), "calendar-ics-structure"),
    ] {
        assert_eq!(read_text(&text).unwrap_err().0[0].code, code, "{text}");
    }
    // An empty calendar says that nothing is planned.
    assert_eq!(windows("BEGIN:VCALENDAR\nEND:VCALENDAR"), [""; 0]);
}

#[test]
fn every_code_has_its_texts_in_both_languages() {
    let mut codes = std::collections::BTreeSet::new();
    for source in [
        include_str!("mod.rs"),
        include_str!("event.rs"),
        include_str!("when.rs"),
        include_str!("series.rs"),
        include_str!("tree.rs"),
        include_str!("zone.rs"),
    ] {
        codes.extend(source.split('"').filter(|piece| piece.starts_with("calendar-ics-")));
    }
    assert!(codes.len() > 20, "{codes:?}");
    for code in codes {
        for lang in [Lang::Ja, Lang::En] {
            for id in [code.to_owned(), format!("{code}.hint")] {
                assert!(crate::i18n::find(lang, &id, &[]).is_some(), "{id} in {lang:?}");
            }
        }
    }
}

#[test]
fn a_span_that_is_a_moment_is_answered() {
    let text = event("DTSTART:20270121T100000Z\nDURATION:PT1H");
    let source = SourceText { name: "m".to_owned(), text: text.as_str().into() };
    let count = |at: Jst| read(&source, at, at).unwrap().windows.len();
    let start = at("2027-01-21T19:00:00+09:00");
    assert_eq!(count(start), 1);
    assert_eq!(count(start + TimeDelta::hours(1)), 1);
    assert_eq!(count(start + TimeDelta::minutes(61)), 0);
    assert_eq!(count(start - TimeDelta::seconds(1)), 0);
}
