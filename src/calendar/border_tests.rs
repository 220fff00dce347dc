//! Every time rule at its borders, in a table: the moment before, the moment, the moment after,
//! written in four zones, over leap days and the ends of years.

use chrono::{DateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::{
    ImportKind, Maintenance, ReadBy, SourceReading, Verdict, Window, WindowQuestion, check_window,
};
use crate::clock::{Jst, to_jst};

const ZONES: [Tz; 4] = [Tz::UTC, Tz::Asia__Tokyo, Tz::America__New_York, Tz::Pacific__Apia];

/// A case: what is asked, and what each named rule says.
struct Case {
    what: &'static str,
    start: &'static str,
    hours: i64,
    now: &'static str,
    proved: Option<&'static str>,
    read_at: &'static str,
    windows: &'static [(&'static str, &'static str)],
    expected: &'static [(&'static str, Verdict)],
}

/// A night on which everything holds; cases change one thing of it.
const GOOD: Case = Case {
    what: "a good night",
    start: "2027-01-21T19:00:00",
    hours: 6,
    now: "2027-01-21T12:00:00",
    proved: Some("2027-01-12T14:00:00"),
    read_at: "2027-01-21T00:00:00",
    windows: &[],
    expected: &[],
};

const EVENING: &str = "calendar-not-before-19";
const TESTED: &str = "calendar-test-import-too-late";
const OVERLAP: &str = "calendar-maintenance-overlap";
const STALE: &str = "calendar-stale";
const BILLING: &str = "calendar-billing-days";
const MONTH_END: &str = "calendar-month-end";
const PAST: &str = "calendar-start-past";

const CASES: &[Case] = &[
    GOOD,
    Case {
        what: "a second before 19:00",
        start: "2027-01-21T18:59:59",
        expected: &[(EVENING, Verdict::Block)],
        ..GOOD
    },
    Case { what: "after midnight", start: "2027-01-22T00:00:00", ..GOOD },
    Case { what: "the last second of the night", start: "2027-01-22T04:59:59", ..GOOD },
    Case {
        what: "the morning",
        start: "2027-01-22T05:00:00",
        expected: &[(EVENING, Verdict::Block)],
        ..GOOD
    },
    Case { what: "seven days to the second", proved: Some("2027-01-14T19:00:00"), ..GOOD },
    Case {
        what: "a second less than seven days",
        proved: Some("2027-01-14T19:00:01"),
        expected: &[(TESTED, Verdict::Block)],
        ..GOOD
    },
    Case { what: "never tested", proved: None, expected: &[(TESTED, Verdict::Block)], ..GOOD },
    Case {
        what: "tested afterwards",
        proved: Some("2027-01-30T19:00:00"),
        expected: &[(TESTED, Verdict::Block)],
        ..GOOD
    },
    Case {
        what: "seven days over a leap day",
        start: "2028-03-06T19:00:00",
        now: "2028-03-06T12:00:00",
        read_at: "2028-03-06T00:00:00",
        proved: Some("2028-02-28T19:00:00"),
        expected: &[(BILLING, Verdict::Warn)],
        ..GOOD
    },
    Case {
        what: "a second less over a leap day",
        start: "2028-03-06T19:00:00",
        now: "2028-03-06T12:00:00",
        read_at: "2028-03-06T00:00:00",
        proved: Some("2028-02-28T19:00:01"),
        expected: &[(BILLING, Verdict::Warn), (TESTED, Verdict::Block)],
        ..GOOD
    },
    Case {
        what: "six days by date without the leap day",
        start: "2027-03-06T19:00:00",
        now: "2027-03-06T12:00:00",
        read_at: "2027-03-06T00:00:00",
        proved: Some("2027-02-28T19:00:00"),
        expected: &[(BILLING, Verdict::Warn), (TESTED, Verdict::Block)],
        ..GOOD
    },
    Case {
        what: "maintenance ends a second before",
        windows: &[("2027-01-21T17:00:00", "2027-01-21T18:59:59")],
        ..GOOD
    },
    Case {
        what: "maintenance ends with the start",
        windows: &[("2027-01-21T17:00:00", "2027-01-21T19:00:00")],
        expected: &[(OVERLAP, Verdict::Block)],
        ..GOOD
    },
    Case {
        what: "maintenance overlaps by a second",
        windows: &[("2027-01-21T17:00:00", "2027-01-21T19:00:01")],
        expected: &[(OVERLAP, Verdict::Block)],
        ..GOOD
    },
    Case {
        what: "maintenance begins with the end",
        windows: &[("2027-01-22T01:00:00", "2027-01-22T03:00:00")],
        expected: &[(OVERLAP, Verdict::Block)],
        ..GOOD
    },
    Case {
        what: "maintenance begins a second after",
        windows: &[("2027-01-22T01:00:01", "2027-01-22T03:00:00")],
        ..GOOD
    },
    Case {
        what: "maintenance of a second in the middle",
        windows: &[("2027-01-21T22:00:00", "2027-01-21T22:00:01")],
        expected: &[(OVERLAP, Verdict::Block)],
        ..GOOD
    },
    Case {
        what: "the second window of two",
        windows: &[
            ("2027-01-16T22:00:00", "2027-01-17T05:00:00"),
            ("2027-01-21T23:00:00", "2027-01-22T05:00:00"),
        ],
        expected: &[(OVERLAP, Verdict::Block)],
        ..GOOD
    },
    Case { what: "read a day ago to the second", read_at: "2027-01-20T12:00:00", ..GOOD },
    Case {
        what: "read a second more than a day ago",
        read_at: "2027-01-20T11:59:59",
        expected: &[(STALE, Verdict::Block)],
        ..GOOD
    },
    Case {
        what: "read in the future: the clock was set back",
        read_at: "2027-01-21T12:00:01",
        expected: &[(STALE, Verdict::Block)],
        ..GOOD
    },
    Case { what: "asked in the start's second", now: "2027-01-21T19:00:00", ..GOOD },
    Case {
        what: "asked a second late",
        now: "2027-01-21T19:00:01",
        expected: &[(PAST, Verdict::Block)],
        ..GOOD
    },
    Case {
        what: "the clock jumped a day ahead",
        now: "2027-01-22T12:00:00",
        expected: &[(PAST, Verdict::Block), (STALE, Verdict::Block)],
        ..GOOD
    },
    Case {
        what: "the last billing day",
        start: "2027-02-10T23:59:59",
        now: "2027-02-10T12:00:00",
        read_at: "2027-02-10T00:00:00",
        expected: &[(BILLING, Verdict::Warn)],
        ..GOOD
    },
    Case {
        what: "the day after",
        start: "2027-02-11T00:00:00",
        now: "2027-02-10T12:00:00",
        read_at: "2027-02-10T00:00:00",
        ..GOOD
    },
    Case {
        what: "the last day of a leap February",
        start: "2028-02-29T19:00:00",
        hours: 4,
        now: "2028-02-29T12:00:00",
        read_at: "2028-02-29T00:00:00",
        expected: &[(MONTH_END, Verdict::Warn)],
        ..GOOD
    },
    Case {
        what: "the 28th of a leap February",
        start: "2028-02-28T19:00:00",
        hours: 4,
        now: "2028-02-28T12:00:00",
        read_at: "2028-02-28T00:00:00",
        ..GOOD
    },
    Case {
        what: "the 28th of another February",
        start: "2027-02-28T19:00:00",
        hours: 4,
        now: "2027-02-28T12:00:00",
        read_at: "2027-02-28T00:00:00",
        expected: &[(MONTH_END, Verdict::Warn)],
        ..GOOD
    },
    Case {
        what: "the end of a year",
        start: "2027-12-31T19:00:00",
        now: "2027-12-31T12:00:00",
        read_at: "2027-12-31T00:00:00",
        expected: &[(MONTH_END, Verdict::Warn)],
        ..GOOD
    },
    Case {
        what: "a window into the new year's maintenance",
        start: "2027-12-31T19:00:00",
        now: "2027-12-31T12:00:00",
        read_at: "2027-12-31T00:00:00",
        windows: &[("2028-01-01T01:00:00", "2028-01-04T06:00:00")],
        expected: &[(MONTH_END, Verdict::Warn), (OVERLAP, Verdict::Block)],
        ..GOOD
    },
    Case {
        what: "New Year's night",
        start: "2028-01-01T00:00:00",
        now: "2027-12-31T12:00:00",
        read_at: "2027-12-31T00:00:00",
        expected: &[(BILLING, Verdict::Warn)],
        ..GOOD
    },
];

/// A wall time of Tokyo as somebody in `zone` would write the same moment.
fn written(text: &str, zone: Tz) -> Jst {
    let jst = DateTime::parse_from_rfc3339(&format!("{text}+09:00")).unwrap();
    let there = jst.with_timezone(&zone).to_rfc3339();
    to_jst(DateTime::parse_from_rfc3339(&there).unwrap())
}

#[test]
fn every_rule_holds_at_its_borders_in_every_zone() {
    for zone in ZONES {
        for case in CASES {
            let at = |text| written(text, zone);
            let windows = case
                .windows
                .iter()
                .map(|(from, to)| Window { from: at(from), to: at(to), title: "x".to_owned() })
                .collect();
            let reading = SourceReading {
                by: ReadBy::Program,
                source: "feed".to_owned(),
                read_at: Some(at(case.read_at)),
                read_by: String::new(),
                windows,
            };
            let maintenance = Maintenance { readings: vec![reading] };
            let start = at(case.start);
            let results = check_window(&WindowQuestion {
                purpose: ImportKind::Production,
                start,
                end: start + TimeDelta::hours(case.hours),
                now: at(case.now),
                maintenance: &maintenance,
                max_age: TimeDelta::hours(24),
                proved_test_import_at: case.proved.map(at),
            });
            let mut found: Vec<(&str, Verdict)> = results
                .iter()
                .filter(|result| result.verdict != Verdict::Ok)
                .map(|result| (result.code, result.verdict))
                .collect();
            found.sort();
            let mut expected = case.expected.to_vec();
            expected.sort();
            assert_eq!(found, expected, "{} ({zone})", case.what);
        }
    }
}

/// What people read last tells how fresh everything they keep is; each calendar that the program
/// reads must be fresh by itself.
#[test]
fn one_stale_calendar_blocks_beside_a_fresh_one() {
    let at = |day| chrono_tz::Asia::Tokyo.with_ymd_and_hms(2027, 1, day, 12, 0, 0).unwrap();
    let reading = |by, day: Option<u32>| SourceReading {
        by,
        source: format!("{day:?}"),
        read_at: day.map(at),
        read_by: String::new(),
        windows: Vec::new(),
    };
    for (readings, holds) in [
        (vec![], false),
        (vec![reading(ReadBy::People, Some(21))], true),
        (vec![reading(ReadBy::People, Some(1)), reading(ReadBy::People, Some(21))], true),
        (vec![reading(ReadBy::Program, Some(1)), reading(ReadBy::Program, Some(21))], false),
        (vec![reading(ReadBy::Program, None), reading(ReadBy::People, Some(21))], false),
        (vec![reading(ReadBy::Program, Some(21)), reading(ReadBy::People, Some(1))], false),
    ] {
        let maintenance = Maintenance { readings };
        let results = check_window(&WindowQuestion {
            purpose: ImportKind::Test,
            start: at(21),
            end: at(22),
            now: at(21),
            maintenance: &maintenance,
            max_age: TimeDelta::hours(24),
            proved_test_import_at: None,
        });
        let stale = results.iter().find(|result| result.code == STALE).unwrap();
        assert_eq!(stale.verdict == Verdict::Ok, holds, "{maintenance:?}");
    }
}
