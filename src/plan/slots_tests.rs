use chrono::{NaiveDate, TimeDelta, TimeZone};
use chrono_tz::Asia::Tokyo;

use super::slots::{Slot, SlotQuestion, slots};
use crate::calendar::{Maintenance, ReadBy, SourceReading, Window};
use crate::clock::Jst;
use crate::diag::SourceText;
use crate::playbook::{Clinic, load_clinic};

/// The sample clinic with opening hours: Thursday and Saturday until noon, Wednesday late.
fn clinic() -> Clinic {
    let hours = "hours:\n  mon: 09:00-18:00\n  tue: 09:00-18:00\n  wed: 09:00-20:30\n  \
                 thu: 09:00-12:00\n  fri: 09:00-18:00\n  sat: 09:00-12:30\n";
    let text = format!("{}{hours}", include_str!("../../examples/clinic.yaml"));
    load_clinic(&SourceText { name: "clinic.yaml".to_owned(), text: text.into() }).unwrap()
}

fn at(month: u32, day: u32, hour: u32, minute: u32) -> Jst {
    Tokyo.with_ymd_and_hms(2027, month, day, hour, minute, 0).unwrap()
}

fn date(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, month, day).unwrap()
}

fn maintenance() -> Maintenance {
    let window = |from, to| Window { from, to, title: "定期".to_owned() };
    Maintenance {
        readings: vec![SourceReading {
            by: ReadBy::People,
            source: "お知らせ".to_owned(),
            read_at: Some(at(1, 12, 9, 0)),
            read_by: "見本 太郎".to_owned(),
            windows: vec![
                window(at(1, 22, 0, 0), at(1, 22, 5, 0)),
                window(at(1, 26, 23, 0), at(1, 27, 4, 0)),
            ],
        }],
    }
}

fn question<'q>(clinic: &'q Clinic, maintenance: &'q Maintenance) -> SlotQuestion<'q> {
    SlotQuestion {
        clinic,
        maintenance,
        now: at(1, 12, 12, 0),
        from: date(1, 12),
        days: 40,
        length: TimeDelta::hours(6),
        certificate_ends: None,
        tested_at: Some(at(1, 13, 15, 0)),
        tested: false,
    }
}

fn codes(all: &[Slot], day: NaiveDate) -> Vec<String> {
    let slot = all.iter().find(|slot| slot.day == day).unwrap();
    slot.reasons.iter().map(|reason| reason.code.clone()).collect()
}

#[test]
fn nearer_dates_say_why_they_do_not_do() {
    let (clinic, maintenance) = (clinic(), maintenance());
    let all = slots(&question(&clinic, &maintenance));
    assert_eq!(codes(&all, date(1, 12)), ["slots-test-import-planned"]);
    // Seven days after the proof at 15:00: the evening of the 20th is the first; but Wednesday
    // closes at 20:30, so the work would begin at 21:30.
    assert_eq!(codes(&all, date(1, 19)), ["slots-test-import-planned"]);
    assert_eq!(codes(&all, date(1, 20)), Vec::<String>::new());
    assert_eq!(all[8].start, at(1, 20, 21, 30));
    // Thursday: open until noon, so 19:00 counts, and maintenance follows at midnight.
    assert_eq!(codes(&all, date(1, 21)), ["calendar-maintenance-overlap.block"]);
    assert_eq!(codes(&all, date(1, 22)), Vec::<String>::new());
    assert_eq!(codes(&all, date(1, 26)), ["calendar-maintenance-overlap.block"]);
    assert_eq!(codes(&all, date(1, 31)), ["calendar-month-end.warn"]);
    assert_eq!(codes(&all, date(2, 10)), ["calendar-billing-days.warn"]);
    // The foundation day: a holiday does, and is told.
    let holiday = all.iter().find(|slot| slot.day == date(2, 11)).unwrap();
    assert!(holiday.reasons.is_empty() && holiday.notes[0].code == "slots-holiday");
}

#[test]
fn the_night_ends_before_the_clinic_opens_and_the_certificate_outlasts_it() {
    let (clinic, maintenance) = (clinic(), maintenance());
    let long = SlotQuestion { length: TimeDelta::hours(14), ..question(&clinic, &maintenance) };
    let all = slots(&long);
    assert_eq!(codes(&all, date(1, 28)), ["slots-opens-before"]);
    // Saturday evening: Sunday is closed.
    assert_eq!(codes(&all, date(1, 23)), Vec::<String>::new());
    // Sunday evening: Monday morning is not.
    assert_eq!(codes(&all, date(1, 24)), ["slots-opens-before"]);
    let short =
        SlotQuestion { certificate_ends: Some(at(2, 24, 1, 0)), ..question(&clinic, &maintenance) };
    let all = slots(&short);
    // Thirty days after 01:00 on the 25th is the certificate's last moment... a day too late.
    assert_eq!(codes(&all, date(1, 24)), Vec::<String>::new());
    assert_eq!(codes(&all, date(1, 25)), ["slots-certificate"]);
}

#[test]
fn what_is_not_known_is_said() {
    let (mut clinic, maintenance) = (clinic(), maintenance());
    clinic.hours = None;
    let from = NaiveDate::from_ymd_opt(2028, 1, 12).unwrap();
    let all =
        slots(&SlotQuestion { from, days: 1, tested_at: None, ..question(&clinic, &maintenance) });
    let notes: Vec<&str> = all[0].notes.iter().map(|note| note.code.as_str()).collect();
    assert_eq!(notes, ["slots-holidays-unknown", "slots-hours-unknown"]);
    assert_eq!(codes(&all, from), ["slots-no-test-import"]);
}
