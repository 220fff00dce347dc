//! The calendar around the entries.

use chrono::Utc;

use super::events::{Event, events};
use super::lines::Lines;
use crate::clock::Jst;
use crate::i18n::Lang;
use crate::plan::Plan;
use crate::report::words::Words;
use crate::t;

/// A local time, whose zone stands beside it.
const LOCAL: &str = "%Y%m%dT%H%M%S";

/// Japan has had one offset since 1951: one rule for all times.
const ZONE: [(&str, &str); 9] = [
    ("BEGIN", "VTIMEZONE"),
    ("TZID", "Asia/Tokyo"),
    ("BEGIN", "STANDARD"),
    ("DTSTART", "19700101T000000"),
    ("TZOFFSETFROM", "+0900"),
    ("TZOFFSETTO", "+0900"),
    ("TZNAME", "JST"),
    ("END", "STANDARD"),
    ("END", "VTIMEZONE"),
];

/// Entries to be put into calendars. A later `sequence` replaces an earlier one: the caller
/// gives a number that only grows, such as that of the journal's last record.
pub fn publish(plan: &Plan, sequence: u64, lang: Lang) -> String {
    calendar(plan, sequence, lang, false)
}

/// The same entries called off. `sequence` must be higher than when they were published.
pub fn cancel(plan: &Plan, sequence: u64, lang: Lang) -> String {
    calendar(plan, sequence, lang, true)
}

fn calendar(plan: &Plan, sequence: u64, lang: Lang, is_cancelled: bool) -> String {
    let w = Words::new(lang, plan.rehearsal);
    let mut lines = Lines::default();
    lines.plain("BEGIN", "VCALENDAR");
    lines.plain("VERSION", "2.0");
    lines.plain("PRODID", "-//orca-cutover//cutover plan//EN");
    lines.plain("CALSCALE", "GREGORIAN");
    lines.plain("METHOD", if is_cancelled { "CANCEL" } else { "PUBLISH" });
    let name = t!(lang, "report-event-calendar", clinic = plan.clinic.name);
    lines.text("X-WR-CALNAME", &name);
    for (name, value) in ZONE {
        lines.plain(name, value);
    }
    let entry = Entry { w, plan, sequence, is_cancelled };
    for event in events(plan) {
        entry.write(&event, &mut lines);
    }
    lines.plain("END", "VCALENDAR");
    lines.into_string()
}

struct Entry<'a> {
    w: Words,
    plan: &'a Plan,
    sequence: u64,
    is_cancelled: bool,
}

impl Entry<'_> {
    fn write(&self, event: &Event, lines: &mut Lines) {
        let local = |at: &Jst| at.format(LOCAL).to_string();
        let stamp = self.plan.made_at.with_timezone(&Utc).format("%Y%m%dT%H%M%SZ");
        let summary = self.summary(event);
        lines.plain("BEGIN", "VEVENT");
        lines.plain("UID", &self.uid(event));
        lines.plain("DTSTAMP", &stamp.to_string());
        lines.plain("SEQUENCE", &self.sequence.to_string());
        lines.plain("ORGANIZER", &self.organizer());
        lines.plain("DTSTART;TZID=Asia/Tokyo", &local(&event.from));
        if let Some(until) = &event.until {
            lines.plain("DTEND;TZID=Asia/Tokyo", &local(until));
        }
        lines.text("SUMMARY", &summary);
        lines.text("DESCRIPTION", &self.description());
        lines.plain("STATUS", if self.is_cancelled { "CANCELLED" } else { "CONFIRMED" });
        let is_busy = event.is_busy && !self.is_cancelled && !self.plan.rehearsal;
        lines.plain("TRANSP", if is_busy { "OPAQUE" } else { "TRANSPARENT" });
        // Nobody is to be reminded of what is called off.
        for alarm in event.alarms.iter().filter(|_| !self.is_cancelled) {
            lines.plain("BEGIN", "VALARM");
            lines.plain("ACTION", "DISPLAY");
            lines.plain("TRIGGER", alarm);
            lines.text("DESCRIPTION", &summary);
            lines.plain("END", "VALARM");
        }
        lines.plain("END", "VEVENT");
    }

    /// The same for every plan of a clinic, so that a new plan moves the entries of the old one; a
    /// rehearsal's are others than the cutover's.
    fn uid(&self, event: &Event) -> String {
        let id = self.plan.clinic.clinic_id.chars();
        let id: String = id.filter(char::is_ascii_alphanumeric).collect();
        let rehearsal = if self.plan.rehearsal { "-rehearsal" } else { "" };
        format!("{id}{rehearsal}-{}@orca-cutover", event.name)
    }

    /// Whoever publishes or calls off must be named (RFC 5546): who sends this clinic's mails.
    fn organizer(&self) -> String {
        let from = self.plan.clinic.mail.from.chars();
        format!("mailto:{}", from.filter(char::is_ascii_graphic).collect::<String>())
    }

    fn summary(&self, event: &Event) -> String {
        let w = self.w;
        let what = w.say(&format!("report-event-{}", event.name));
        let said = t!(w.lang, "report-event-summary", what = what, clinic = self.plan.clinic.name);
        let rehearsal = if w.rehearsal { w.say("report-event-rehearsal") } else { String::new() };
        let cancelled =
            if self.is_cancelled { w.say("report-event-cancelled") } else { String::new() };
        format!("{cancelled}{rehearsal}{said}")
    }

    fn description(&self) -> String {
        let (w, plan) = (self.w, self.plan);
        let (cutover, tenant) = (&plan.clinic.cutover, &plan.clinic.portal.tenant);
        let from = w.minute(&cutover.production_at);
        let window = format!("{from} – {}", w.minute(&cutover.window_end));
        let said = t!(
            w.lang,
            "report-event-description",
            clinic = plan.clinic.name,
            tenant = format!("{} {}", tenant.orcamo_id, tenant.name),
            window = window,
            decision = w.minute(&plan.latest_rollback_at),
            digest = plan.digest
        );
        if !w.rehearsal {
            return said;
        }
        let (banner, legend) = (w.say("report-rehearsal"), w.say("report-rehearsal-legend"));
        format!("{banner}\n{legend}\n{said}")
    }
}
