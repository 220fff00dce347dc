//! Large, dense, endless and damaged files: an answer in time, and no panic.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::tests::read_text;

/// Whatever a file holds, it is answered within this; a machine under load needs some of it.
const BUDGET: Duration = Duration::from_secs(20);

fn calendar(events: &str) -> String {
    format!("BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")
}

fn event(uid: usize, lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:{uid}\n{lines}\nDURATION:PT1M\nEND:VEVENT\n")
}

/// The code of the first finding, or `ok`.
fn answer(text: &str) -> &'static str {
    let start = Instant::now();
    let answer = read_text(text);
    assert!(start.elapsed() < BUDGET, "{:?}", start.elapsed());
    answer.map_or_else(|findings| findings.0[0].code, |_| "ok")
}

#[test]
fn dense_and_endless_rules_are_refused_in_time() {
    for (rule, code) in [
        ("FREQ=SECONDLY", "calendar-ics-rule-dense"),
        ("FREQ=SECONDLY;COUNT=100", "ok"),
        ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "calendar-ics-rule-dense"),
        ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "calendar-ics-rule-dense"),
        ("FREQ=SECONDLY;UNTIL=20270101T003000Z", "ok"),
        ("FREQ=MINUTELY", "calendar-ics-too-many-windows"),
        ("FREQ=HOURLY", "calendar-ics-too-many-windows"),
        ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "calendar-ics-rule-never"),
        ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30;COUNT=9", "calendar-ics-rule-never"),
        (
            "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,1,2,3,4,5;BYSECOND=0,1,2,3",
            "calendar-ics-too-many-windows",
        ),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;UNTIL=20280101", "calendar-ics-rule-never"),
        ("FREQ=YEARLY;COUNT=4000000000", "calendar-ics-rule"),
        ("FREQ=YEARLY;INTERVAL=65536", "calendar-ics-rule"),
        ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU", "ok"),
    ] {
        let text = calendar(&event(1, &format!("DTSTART:20270101T000000Z\nRRULE:{rule}")));
        assert_eq!(answer(&text), code, "{rule}");
    }
}

#[test]
fn the_whole_budget_is_spent_in_time() {
    for (start, rule, code) in [
        ("18000101T000000Z", "FREQ=HOURLY;BYMONTH=1;BYMONTHDAY=1;BYHOUR=1", "ok"),
        ("18000101T000000Z", "FREQ=HOURLY;BYDAY=MO;BYHOUR=1", "ok"),
        ("18000101T000000Z", "FREQ=HOURLY", "calendar-ics-too-many-windows"),
        (
            "20261215T000000Z",
            "FREQ=SECONDLY;BYMONTH=12;UNTIL=20270101T000000Z",
            "calendar-ics-too-many-windows",
        ),
        (
            "18000101T000000Z",
            "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3,4,5,6,7,8;UNTIL=20270101",
            "ok",
        ),
        (
            "18000101T000000Z",
            "FREQ=YEARLY;BYHOUR=1,2,3;BYMINUTE=1,2,3,4,5,6,7,8;BYWEEKNO=1,5,9;UNTIL=20270101",
            "ok",
        ),
    ] {
        let text = calendar(&event(1, &format!("DTSTART:{start}\nRRULE:{rule}")));
        let before = Instant::now();
        assert_eq!(answer(&text), code, "{rule}");
        println!("{rule} {:?}", before.elapsed());
    }
}

#[test]
fn many_costly_rules_share_one_budget() {
    for (start, rule, count, code) in [
        ("19700101", "FREQ=DAILY;BYMONTH=1;BYMONTHDAY=1", 4_000, "calendar-ics-rule-dense"),
        ("19700101", "FREQ=YEARLY", 4_000, "calendar-ics-rule-dense"),
        ("19700101T000000Z", "FREQ=HOURLY;BYYEARDAY=1;BYHOUR=1", 4_000, "calendar-ics-rule-dense"),
        ("20260101", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 4_000, "calendar-ics-rule-never"),
        ("20260101", "FREQ=YEARLY", 1_900, "ok"),
        ("22000101", "FREQ=DAILY", 4_000, "ok"),
    ] {
        let length = if start.len() == 8 { "DURATION:P1D" } else { "DURATION:PT1M" };
        let mut events = String::new();
        for uid in 0..count {
            let line = format!("DTSTART:{start}\nRRULE:{rule}");
            events += &event(uid, &line).replace("DURATION:PT1M", length);
        }
        assert_eq!(answer(&calendar(&events)), code, "{rule} {count} times");
    }
}

#[test]
fn files_have_limits() {
    let one = event(1, "DTSTART:20270101T000000Z");
    assert_eq!(answer(&calendar(&one.repeat(5_000))), "ok");
    assert_eq!(answer(&calendar(&one.repeat(5_001))), "calendar-ics-too-many-events");
    let text = calendar(&one);
    let room = 1024 * 1024 - text.len();
    let filled = |more: usize| text.replacen("UID", &format!("X-A:{}\nUID", "a".repeat(more)), 1);
    assert_eq!(answer(&filled(room - 5)), "ok");
    assert_eq!(answer(&filled(room - 4)), "calendar-ics-too-large");
    let many: String = (0..2_001)
        .map(|uid| {
            event(
                uid,
                &format!(
                    "DTSTART:202701{:02}T{:02}{:02}00Z",
                    uid / 1440 + 1,
                    uid / 60 % 24,
                    uid % 60
                ),
            )
        })
        .collect();
    assert_eq!(answer(&calendar(&many)), "calendar-ics-too-many-windows");
    // One long folded line, deep nesting, a thousand exceptions, a broken file throughout.
    assert_eq!(
        answer(&calendar(&one.replacen("UID", &format!("X-A:{}\nUID", "\n a".repeat(300_000)), 1))),
        "ok"
    );
    assert_eq!(answer(&"BEGIN:VCALENDAR\n".repeat(60_000)), "calendar-ics-structure");
    let broken: String = (0..4_000).map(|uid| event(uid, "DTSTART:x")).collect();
    assert_eq!(read_text(&calendar(&broken)).unwrap_err().0.len(), 20);
    let except = "EXDATE:".to_owned() + &vec!["20270102T000000Z"; 50_000].join(",");
    let text =
        calendar(&event(1, &format!("DTSTART:20270101T000000Z\nRRULE:FREQ=DAILY\n{except}")));
    assert_eq!(answer(&text), "ok");
    let moved: String = (0..4_900)
        .map(|n| {
            event(
                1,
                &format!(
                    "RECURRENCE-ID:20270101T0{}{:02}{:02}Z\nDTSTART:20280101T000000Z",
                    n / 3600,
                    n / 60 % 60,
                    n % 60
                ),
            )
        })
        .collect();
    assert_eq!(
        answer(&calendar(&(event(1, "DTSTART:20270101T000000Z\nRRULE:FREQ=DAILY") + &moved))),
        "ok"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_damage_makes_it_panic(
        at in any::<prop::sample::Index>(),
        end in any::<prop::sample::Index>(),
        instead in "[-A-Z0-9:;=,TZ\\n\\r \"あ]{0,12}",
        file in 0..3_usize,
    ) {
        let text = [
            include_str!("../../../tests/fixtures/ics/google.ics"),
            include_str!("../../../tests/fixtures/ics/outlook.ics"),
            include_str!("../../../tests/fixtures/ics/apple.ics"),
        ][file];
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
        let start = *at.get(&places);
        let length = end.index(40);
        let stop = text[start..].char_indices().nth(length).map_or(text.len(), |(more, _)| start + more);
        let damaged = format!("{}{instead}{}", &text[..start], &text[stop..]);
        let _ = read_text(&damaged);
    }

    #[test]
    fn no_rule_makes_it_panic(
        rule in "FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY|MINUTELY)(;(INTERVAL|COUNT)=[0-9]{1,6})?\
            (;(BYMONTH|BYMONTHDAY|BYYEARDAY|BYWEEKNO|BYHOUR|BYMINUTE|BYSECOND|BYSETPOS)=-?[0-9]{1,3}(,-?[0-9]{1,2})?){0,3}\
            (;BYDAY=(-?[0-9]{1,2})?(MO|TU|SU)(,FR)?)?",
        start in "(16|19|20|21)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|2[0-9]|3[01])",
    ) {
        let text = calendar(&event(1, &format!("DTSTART:{start}T000000Z\nRRULE:{rule}")));
        let before = Instant::now();
        let _ = read_text(&text);
        prop_assert!(before.elapsed() < BUDGET, "{}", text);
    }
}
