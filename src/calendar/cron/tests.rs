//! What expressions mean, by tables that a person can check with a calendar.

use chrono::{DateTime, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::{Cron, CronError};
use crate::diag::{Explain, Problem};
use crate::i18n::Lang;

fn cron(expression: &str) -> Cron {
    expression.parse().unwrap()
}

/// A wall-clock time of a zone; `true` where the second time round is meant.
fn at(zone: Tz, wall: &str, again: bool) -> DateTime<Tz> {
    let wall = NaiveDateTime::parse_from_str(wall, "%Y-%m-%d %H:%M:%S").unwrap();
    let found = zone.from_local_datetime(&wall);
    if again { found.latest().unwrap() } else { found.earliest().unwrap() }
}

fn show(at: DateTime<Tz>) -> String {
    at.format("%Y-%m-%d %H:%M:%S %z").to_string()
}

/// The next times after `start`, and the same backwards from the last of them.
fn next(expression: &str, zone: Tz, start: &str, count: usize) -> Vec<String> {
    let cron = cron(expression);
    let start = at(zone, start, false);
    let mut found = Vec::new();
    let mut now = start;
    while let Some(next) = cron.next_after(now).filter(|_| found.len() < count) {
        assert!(next > now);
        found.push(next);
        now = next;
    }
    for pair in found.windows(2) {
        assert_eq!(cron.previous_before(pair[1]), Some(pair[0]), "{expression} backwards");
    }
    found.into_iter().map(show).collect()
}

#[test]
fn expressions_mean_what_crontab_5_says() {
    // 2027-01-21 is a Thursday.
    for (expression, expected) in [
        ("0 19 * * *", "2027-01-21 19:00:00"),
        ("0 12 * * *", "2027-01-22 12:00:00"),
        ("*/15 * * * *", "2027-01-21 12:15:00"),
        ("0 0 * * 0", "2027-01-24 00:00:00"),
        ("0 0 * * 7", "2027-01-24 00:00:00"),
        ("0 0 * * sun", "2027-01-24 00:00:00"),
        ("0 0 * * 5-7", "2027-01-22 00:00:00"),
        ("0 0 * * mon-wed,SAT", "2027-01-23 00:00:00"),
        ("0 0 1 FEB *", "2027-02-01 00:00:00"),
        // Both restricted: the 25th or a Friday.
        ("0 0 25 * 5", "2027-01-22 00:00:00"),
        // A field that begins with `*` is not: an odd day of the month that is a Monday.
        ("0 0 */2 * 1", "2027-01-25 00:00:00"),
        ("0 0 25 * */5", "2027-04-25 00:00:00"),
        ("0 0 29 2 *", "2028-02-29 00:00:00"),
        ("0 0 31 * *", "2027-01-31 00:00:00"),
        ("0 0 31 4-6 *", "2027-05-31 00:00:00"),
        ("59 23 31 12 *", "2027-12-31 23:59:00"),
        ("0 0 1 1 *", "2028-01-01 00:00:00"),
        ("@yearly", "2028-01-01 00:00:00"),
        ("@annually", "2028-01-01 00:00:00"),
        ("@monthly", "2027-02-01 00:00:00"),
        ("@weekly", "2027-01-24 00:00:00"),
        ("@daily", "2027-01-22 00:00:00"),
        ("@midnight", "2027-01-22 00:00:00"),
        ("@hourly", "2027-01-21 13:00:00"),
        ("5-50/20 12 * * *", "2027-01-21 12:05:00"),
        ("  0\t19  * * * ", "2027-01-21 19:00:00"),
        // Six fields: the second comes first.
        ("30 0 19 * * *", "2027-01-21 19:00:30"),
        ("*/20 * * * * *", "2027-01-21 12:00:20"),
        ("0 0 0 25 * 5", "2027-01-22 00:00:00"),
    ] {
        let found = next(expression, chrono_tz::Asia::Tokyo, "2027-01-21 12:00:00", 1);
        assert_eq!(found, [format!("{expected} +0900")], "{expression}");
    }
    assert_eq!(next("0 0 30 2 *", Tz::UTC, "2027-01-21 12:00:00", 1), [""; 0]);
    assert_eq!(next("0 0 31 2,4,6,9,11 *", Tz::UTC, "2027-01-21 12:00:00", 1), [""; 0]);
    assert_eq!(cron("0 0 30 2 *").previous_before(at(Tz::UTC, "2027-01-21 12:00:00", false)), None);
}

#[test]
fn leap_days_keep_their_distance_also_across_2100() {
    assert_eq!(
        next("0 0 29 2 *", Tz::UTC, "2090-01-01 00:00:00", 4),
        [
            "2092-02-29 00:00:00 +0000",
            "2096-02-29 00:00:00 +0000",
            "2104-02-29 00:00:00 +0000",
            "2108-02-29 00:00:00 +0000",
        ]
    );
    // A leap day that is a Sunday; the day of week begins with `*`, so both must hold.
    assert_eq!(
        next("0 0 29 2 */7", Tz::UTC, "2026-01-01 00:00:00", 4),
        [
            "2032-02-29 00:00:00 +0000",
            "2060-02-29 00:00:00 +0000",
            "2088-02-29 00:00:00 +0000",
            "2128-02-29 00:00:00 +0000",
        ]
    );
}

#[test]
fn a_skipped_hour_is_made_up_for_once_unless_it_follows_the_clock() {
    // New York, 2027-03-14: 02:00 becomes 03:00.
    let new_york = chrono_tz::America::New_York;
    for (expression, expected) in [
        ("30 2 * * *", &["2027-03-14 03:00:00 -0400", "2027-03-15 02:30:00 -0400"][..]),
        ("0,15,30 2 * * *", &["2027-03-14 03:00:00 -0400", "2027-03-15 02:00:00 -0400"]),
        ("0 2,3 * * *", &["2027-03-14 03:00:00 -0400", "2027-03-15 02:00:00 -0400"]),
        ("30 2 14 3 *", &["2027-03-14 03:00:00 -0400", "2028-03-14 02:30:00 -0400"]),
        ("59 1 * * *", &["2027-03-14 01:59:00 -0500", "2027-03-15 01:59:00 -0400"]),
        ("30 * * * *", &["2027-03-14 01:30:00 -0500", "2027-03-14 03:30:00 -0400"]),
        ("*/30 2 * * *", &["2027-03-15 02:00:00 -0400", "2027-03-15 02:30:00 -0400"]),
        ("30 */2 * * *", &["2027-03-14 04:30:00 -0400", "2027-03-14 06:30:00 -0400"]),
        ("*/30 30 2 * * *", &["2027-03-15 02:30:00 -0400", "2027-03-15 02:30:30 -0400"]),
    ] {
        assert_eq!(next(expression, new_york, "2027-03-14 01:10:00", 2), expected, "{expression}");
    }
    // Midnight itself is skipped in São Paulo, half an hour on Lord Howe.
    assert_eq!(
        next("10 0 * * *", chrono_tz::America::Sao_Paulo, "2018-11-03 12:00:00", 2),
        ["2018-11-04 01:00:00 -0200", "2018-11-05 00:10:00 -0200"]
    );
    assert_eq!(
        next("15 2 * * *", chrono_tz::Australia::Lord_Howe, "2026-10-03 12:00:00", 2),
        ["2026-10-04 02:30:00 +1100", "2026-10-05 02:15:00 +1100"]
    );
}

#[test]
fn a_repeated_hour_is_done_once_unless_it_follows_the_clock() {
    // New York, 2027-11-07: 02:00 becomes 01:00.
    let new_york = chrono_tz::America::New_York;
    for (expression, expected) in [
        ("30 1 * * *", &["2027-11-07 01:30:00 -0400", "2027-11-08 01:30:00 -0500"][..]),
        ("0 1 * * *", &["2027-11-07 01:00:00 -0400", "2027-11-08 01:00:00 -0500"]),
        ("0 2 * * *", &["2027-11-07 02:00:00 -0500", "2027-11-08 02:00:00 -0500"]),
        ("30 * * * *", &["2027-11-07 01:30:00 -0400", "2027-11-07 01:30:00 -0500"]),
        ("*/40 1 * * *", &["2027-11-07 01:00:00 -0400", "2027-11-07 01:40:00 -0400"]),
    ] {
        assert_eq!(next(expression, new_york, "2027-11-07 00:45:00", 2), expected, "{expression}");
    }
    // Asked the second time round: what was done the first time is not done again.
    let again = at(new_york, "2027-11-07 01:10:00", true);
    let found = |text: &str| cron(text).next_after(again).map(show).unwrap();
    assert_eq!(found("30 1 * * *"), "2027-11-08 01:30:00 -0500");
    assert_eq!(found("30 * * * *"), "2027-11-07 01:30:00 -0500");
    let before = |text: &str| cron(text).previous_before(again).map(show).unwrap();
    assert_eq!(before("30 1 * * *"), "2027-11-07 01:30:00 -0400");
    assert_eq!(before("30 * * * *"), "2027-11-07 01:30:00 -0400");
    assert_eq!(before("5 * * * *"), "2027-11-07 01:05:00 -0500");
    // The first time round: the second still lies ahead.
    let first = at(new_york, "2027-11-07 01:40:00", false);
    let found = cron("*/30 1 * * *").next_after(first).map(show).unwrap();
    assert_eq!(found, "2027-11-07 01:00:00 -0500");
}

#[test]
fn the_day_that_apia_left_out_is_left_out() {
    let apia = chrono_tz::Pacific::Apia;
    for (expression, expected) in [
        ("0 12 * * *", &["2011-12-29 12:00:00 -1000", "2011-12-31 12:00:00 +1400"][..]),
        ("0 12 30 12 *", &["2012-12-30 12:00:00 +1400", "2013-12-30 12:00:00 +1400"]),
        ("0 12 * * 5", &["2012-01-06 12:00:00 +1400", "2012-01-13 12:00:00 +1400"]),
        ("0 */12 * * *", &["2011-12-29 12:00:00 -1000", "2011-12-31 00:00:00 +1400"]),
    ] {
        assert_eq!(next(expression, apia, "2011-12-29 11:00:00", 2), expected, "{expression}");
    }
}

#[test]
fn parts_of_seconds_are_before_and_after() {
    let cron = cron("* * * * * *");
    let whole = at(Tz::UTC, "2027-01-21 12:00:00", false);
    let part = whole + chrono::TimeDelta::milliseconds(250);
    let second = chrono::TimeDelta::seconds(1);
    assert_eq!(cron.next_after(part), Some(whole + second));
    assert_eq!(cron.previous_before(part), Some(whole));
    assert_eq!(cron.previous_before(whole), Some(whole - second));
    // From is inside, to is not.
    let found: Vec<_> = cron.between(whole, whole + second * 3).collect();
    assert_eq!(found, [whole, whole + second, whole + second * 2]);
    assert_eq!(cron.between(part, whole + second).count(), 0);
}

#[test]
fn what_crontab_5_does_not_know_is_refused() {
    for wrong in [
        "",
        "* * * *",
        "* * * * * * *",
        "60 * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 0 *",
        "* * * 13 *",
        "* * * * 8",
        "5/10 * * * *",
        "*/0 * * * *",
        "9-5 * * * *",
        "@reboot",
        "@every 5m",
        "1,,2 * * * *",
        "+1 * * * *",
        "* * L * *",
        "* * ? * *",
        "* * * * 5#2",
        "* * * foo *",
        "- * * * *",
        "99999999999 * * * *",
    ] {
        let error: CronError = wrong.parse::<Cron>().unwrap_err();
        assert!(error.code().starts_with("calendar-cron-"));
        let problem = Problem::from(error);
        for lang in [Lang::Ja, Lang::En] {
            assert!(problem.hint(lang).is_some(), "{wrong}");
        }
    }
    assert!(format!("{}0 * * * *", "0,".repeat(300)).parse::<Cron>().is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[-0-9a-z*,/@ ]{0,30}") {
        let _ = text.parse::<Cron>();
    }
}
