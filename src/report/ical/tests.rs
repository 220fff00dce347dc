//! What a calendar program makes of the entries.

use std::collections::BTreeMap;

use icalendar::{Calendar, CalendarComponent, Component};

use super::*;
use crate::i18n::Lang;
use crate::plan::Plan;
use crate::report::sample;

/// The entries by id: name and value of their properties.
fn read(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "a bare line break");
    let calendar: Calendar = text.parse().unwrap();
    let events = calendar.components.iter().filter_map(CalendarComponent::as_event);
    let read = events.map(|event| {
        let properties = event.properties().iter();
        let properties = properties.map(|(name, value)| (name.clone(), value.value().to_owned()));
        (event.get_uid().unwrap().to_owned(), properties.collect())
    });
    read.collect()
}

#[test]
fn the_entries_look_as_a_calendar_program_expects() {
    insta::assert_snapshot!("publish_ja", publish(&sample::plan(), 12, Lang::Ja));
    insta::assert_snapshot!("cancel_en", cancel(&sample::rehearsal(), 13, Lang::En));
}

#[test]
fn a_calendar_program_reads_the_entries_with_times_zone_and_reminders() {
    let text = publish(&sample::plan(), 12, Lang::En);
    let events = read(&text);
    let uid = |name: &str| format!("JPN000000000000-{name}@orca-cutover");
    let names: Vec<&str> = events.keys().map(String::as_str).collect();
    let expected = ["decision", "no-return", "test-import", "window"].map(uid);
    assert_eq!(names, expected);
    let window = &events[&uid("window")];
    assert_eq!(window["DTSTART"], "20270121T190000");
    assert_eq!(window["DTEND"], "20270122T070000");
    assert_eq!((window["SEQUENCE"].as_str(), window["STATUS"].as_str()), ("12", "CONFIRMED"));
    assert_eq!(window["DTSTAMP"], "20270112T003000Z");
    assert_eq!(events[&uid("decision")]["DTSTART"], "20270122T063000");
    assert_eq!(text.matches("BEGIN:VALARM").count(), 7);
    assert!(text.contains("BEGIN:VTIMEZONE\r\nTZID:Asia/Tokyo\r\n"));
    assert_eq!(text, publish(&sample::plan(), 12, Lang::En), "the same plan, the same bytes");
}

#[test]
fn a_cancellation_is_about_the_same_entries_and_reminds_nobody() {
    let (published, cancelled) = (
        read(&publish(&sample::plan(), 12, Lang::Ja)),
        read(&cancel(&sample::plan(), 13, Lang::Ja)),
    );
    assert!(published.keys().eq(cancelled.keys()));
    assert!(cancelled.values().all(|event| event["STATUS"] == "CANCELLED"));
    assert!(cancelled.values().all(|event| event["SUMMARY"].starts_with("【中止】")));
    let text = cancel(&sample::plan(), 13, Lang::Ja);
    assert!(text.contains("METHOD:CANCEL\r\n") && !text.contains("VALARM"));
}

#[test]
fn a_rehearsal_says_so_and_does_not_touch_the_cutovers_entries() {
    for lang in [Lang::Ja, Lang::En] {
        let real = read(&publish(&sample::plan(), 1, lang));
        let rehearsed = read(&publish(&sample::rehearsal(), 1, lang));
        assert!(rehearsed.keys().all(|uid| !real.contains_key(uid)));
        let mark = crate::i18n::text(lang, "report-event-rehearsal", &[]);
        assert!(rehearsed.values().all(|event| event["SUMMARY"].starts_with(&mark)));
        assert!(real.values().all(|event| !event["SUMMARY"].contains(mark.trim())));
    }
}

#[test]
fn names_from_files_cannot_become_properties() {
    let mut plan: Plan = sample::plan();
    let evil = "x\r\nATTACH:http://a.test\nEND:VEVENT;,\\n";
    evil.clone_into(&mut plan.clinic.name);
    evil.clone_into(&mut plan.clinic.portal.tenant.name);
    evil.clone_into(&mut plan.clinic.clinic_id);
    evil.clone_into(&mut plan.clinic.mail.from);
    let text = publish(&plan, 1, Lang::Ja);
    let events = read(&text);
    assert_eq!(events.len(), 4);
    assert!(events.values().all(|event| !event.contains_key("ATTACH")));
    assert!(events.keys().all(|uid| uid.is_ascii() && !uid.contains(':')));
}
