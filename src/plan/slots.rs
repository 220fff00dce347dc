//! The first dates on which a cutover satisfies every rule, and why nearer ones do not. Pure.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Asia::Tokyo;
use serde::Serialize;

use super::checks::is_overridden;
use crate::calendar::holidays::{Known, holiday, last_known_year};
use crate::calendar::{self, ImportKind, Maintenance, RuleResult, WindowQuestion, check_window};
use crate::clock::{Jst, show};
use crate::i18n::Lang;
use crate::playbook::Clinic;

/// Earliest start of a cutover (manual of 2019, chapter 5).
const EVENING: NaiveTime = match NaiveTime::from_hms_opt(19, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
/// Patients and staff leave a while after the doors close.
const AFTER_CLOSING: TimeDelta = TimeDelta::minutes(60);
/// The way back must have ended this long before the doors open.
const BEFORE_OPENING: TimeDelta = TimeDelta::minutes(60);
/// The certificate must outlast the cutover by this much, as in the go/no-go list.
const CERTIFICATE_AFTER: TimeDelta = TimeDelta::days(30);
/// Between the test import's proof and production, as in the calendar's rule.
const TEST_BEFORE: TimeDelta = TimeDelta::days(7);

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct SlotQuestion<'q> {
    /// The clinic's values.
    pub clinic: &'q Clinic,
    /// What is announced.
    pub maintenance: &'q Maintenance,
    /// The present moment.
    pub now: Jst,
    /// The first day that is looked at.
    pub from: NaiveDate,
    /// How many days are looked at.
    pub days: u32,
    /// From the service's stop to the end of everything: forecast, margin and roll-back.
    pub length: TimeDelta,
    /// End of the client certificate, where it is known.
    pub certificate_ends: Option<Jst>,
    /// When the test import was proved, or else when it is expected to be.
    pub tested_at: Option<Jst>,
    /// True where `tested_at` is a proof and not a plan.
    pub tested: bool,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// The day.
    pub day: NaiveDate,
    /// When the cutover would start.
    #[serde(with = "crate::clock::serde_jst")]
    pub start: Jst,
    /// When everything would have ended.
    #[serde(with = "crate::clock::serde_jst")]
    pub end: Jst,
    /// Why not; empty where every rule holds.
    pub reasons: Vec<Reason>,
    /// What a person should know all the same: a holiday, or that the list of them ends before.
    pub notes: Vec<Reason>,
}

/// Why a day does not do. The text is that of the rule: `<code>` with these arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The rule's code; for a calendar rule with its side: `calendar-maintenance-overlap.block`.
    pub code: String,
    /// The text's arguments.
    pub args: Vec<(String, String)>,
}

impl Reason {
    fn new(code: &str, args: &[(&str, String)]) -> Self {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { code: code.to_owned(), args }
    }

    fn of_rule(rule: &RuleResult) -> Self {
        let args: Vec<(&str, String)> = rule.args.clone();
        Self::new(&format!("{}.{}", rule.code, rule.verdict.word()), &args)
    }
}

/// Every day of the question, in order.
pub fn slots(question: &SlotQuestion<'_>) -> Vec<Slot> {
    question.from.iter_days().take(question.days as usize).map(|day| slot(question, day)).collect()
}

fn slot(question: &SlotQuestion<'_>, day: NaiveDate) -> Slot {
    let clinic = question.clinic;
    let holiday_of = |day| matches!(holiday(day), Known::Holiday(_));
    let closes = clinic.hours.and_then(|hours| hours.on(day, holiday_of(day))).map(|(_, to)| to);
    let earliest = closes.map_or(EVENING, |closes| {
        let after = closes.overflowing_add_signed(AFTER_CLOSING);
        // Past midnight there is no evening left to begin in.
        if after.1 == 0 { after.0.max(EVENING) } else { NaiveTime::MIN }
    });
    let start = at(day, earliest);
    let end = start.checked_add_signed(question.length).unwrap_or(start);
    let mut reasons = Vec::new();
    if earliest == NaiveTime::MIN {
        reasons.push(Reason::new("slots-open-late", &[("day", day.to_string())]));
    }
    rules(question, start, end, &mut reasons);
    opening(question, start, end, &holiday_of, &mut reasons);
    certificate(question, end, &mut reasons);
    let mut notes = Vec::new();
    match holiday(day) {
        Known::Holiday(name) => {
            let both = [Lang::Ja, Lang::En].map(|lang| name.name(lang)).join(" / ");
            notes.push(Reason::new("slots-holiday", &[("name", both)]));
        }
        Known::Unknown => notes.push(Reason::new(
            "slots-holidays-unknown",
            &[("year", last_known_year().to_string())],
        )),
        Known::NoHoliday => {}
    }
    if clinic.hours.is_none() {
        notes.push(Reason::new("slots-hours-unknown", &[]));
    }
    Slot { day, start, end, reasons, notes }
}

fn rules(question: &SlotQuestion<'_>, start: Jst, end: Jst, reasons: &mut Vec<Reason>) {
    let results = check_window(&WindowQuestion {
        purpose: ImportKind::Production,
        start,
        end,
        now: question.now,
        maintenance: question.maintenance,
        max_age: question.clinic.calendar.max_age(),
        proved_test_import_at: question.tested_at,
    });
    for rule in results {
        let holds = rule.verdict == calendar::Verdict::Ok;
        // How fresh the notices are says nothing about a day; it is told once, beside the list.
        if holds
            || rule.code == "calendar-stale"
            || is_overridden(rule.code, &question.clinic.overrides)
        {
            continue;
        }
        if rule.code == "calendar-test-import-too-late" {
            reasons.push(test_import(question));
        } else {
            reasons.push(Reason::of_rule(&rule));
        }
    }
}

fn test_import(question: &SlotQuestion<'_>) -> Reason {
    let Some(tested) = question.tested_at else { return Reason::new("slots-no-test-import", &[]) };
    let first = tested.checked_add_signed(TEST_BEFORE).unwrap_or(tested);
    let code = if question.tested { "slots-test-import" } else { "slots-test-import-planned" };
    Reason::new(code, &[("tested", show(&tested)), ("first", show(&first))])
}

/// The clinic opens again only after everything has ended, the way back included.
fn opening(
    question: &SlotQuestion<'_>,
    start: Jst,
    end: Jst,
    holiday_of: &dyn Fn(NaiveDate) -> bool,
    reasons: &mut Vec<Reason>,
) {
    let Some(hours) = question.clinic.hours else { return };
    let mut day = start.date_naive();
    // The window is shorter than a week, whatever the clinic's size.
    for _ in 0..8 {
        let Some((opens, _)) = hours.on(day, holiday_of(day)) else {
            day = day.succ_opt().unwrap_or(day);
            continue;
        };
        let opens_at = at(day, opens);
        if opens_at > start && opens_at < end.checked_add_signed(BEFORE_OPENING).unwrap_or(end) {
            let args = [("opens", show(&opens_at)), ("end", show(&end))];
            reasons.push(Reason::new("slots-opens-before", &args));
            return;
        }
        if opens_at > end {
            return;
        }
        day = day.succ_opt().unwrap_or(day);
    }
}

fn certificate(question: &SlotQuestion<'_>, end: Jst, reasons: &mut Vec<Reason>) {
    let Some(ends) = question.certificate_ends else { return };
    let needed = end.checked_add_signed(CERTIFICATE_AFTER).unwrap_or(end);
    if ends < needed && !is_overridden("plan-certificate-ends", &question.clinic.overrides) {
        let args = [("ends", show(&ends)), ("needed", show(&needed))];
        reasons.push(Reason::new("slots-certificate", &args));
    }
}

/// Asia/Tokyo has no summer time: each wall time is one moment.
fn at(day: NaiveDate, time: NaiveTime) -> Jst {
    Tokyo
        .from_local_datetime(&day.and_time(time))
        .earliest()
        .unwrap_or_else(|| Tokyo.from_utc_datetime(&day.and_time(time)))
}

/// The day of the week from Monday, 1 to 7, which names its word.
pub fn weekday(day: NaiveDate) -> u32 {
    day.weekday().number_from_monday()
}
