//! From events to windows: which version of an event counts, what its series comes to, and which
//! of its times were moved or cancelled.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::MAX_WINDOWS;
use super::event::{Event, report_rule};
use super::report::Report;
use super::rule::{Budget, Rule, Trouble};
use super::time::{Length, Value};
use super::when::When;
use crate::calendar::Window;
use crate::clock::{Jst, to_jst};

/// The span of time that is asked about, both ends inclusive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from: Jst,
    pub(super) until: Jst,
}

/// The windows that touch the span. `None` where something was not understood.
pub(super) fn windows(
    report: &mut Report<'_>,
    budget: &mut Budget,
    events: &[Event],
    span: Span,
) -> Option<Vec<Window>> {
    let mut by_uid: BTreeMap<(&str, usize), Vec<&Event>> = BTreeMap::new();
    for (at, event) in events.iter().enumerate() {
        let own = if event.uid.is_empty() { at + 1 } else { 0 };
        by_uid.entry((event.uid.as_str(), own)).or_default().push(event);
    }
    let mut found = Found { span, windows: BTreeSet::new() };
    for versions in by_uid.values() {
        series(report, budget, versions, &mut found)?;
        if report.is_full() {
            return None;
        }
    }
    let window = |(from, to, title)| Window { from, to, title };
    Some(found.windows.into_iter().map(window).collect())
}

/// Begin, end, title: in this order, and each once.
struct Found {
    span: Span,
    windows: BTreeSet<(Jst, Jst, String)>,
}

impl Found {
    /// Takes what touches the span. `None` where there is too much.
    fn add(
        &mut self,
        report: &mut Report<'_>,
        event: &Event,
        start: &When,
        length: Length,
    ) -> Option<()> {
        let to = start.after(length)?;
        if !touches(start, to, self.span) {
            return Some(());
        }
        self.windows.insert((to_jst(start.moment), to_jst(to), event.title.clone()));
        if self.windows.len() > MAX_WINDOWS {
            let args = vec![("limit", MAX_WINDOWS.to_string())];
            report.error("calendar-ics-too-many-windows", event.span.clone(), args);
            return None;
        }
        Some(())
    }
}

/// As [`Window::touches`].
fn touches(start: &When, to: DateTime<Utc>, span: Span) -> bool {
    start.moment <= span.until && span.from <= to
}

/// Times that are left out of a series: days as a whole, and moments.
#[derive(Default)]
struct LeftOut {
    days: BTreeSet<NaiveDate>,
    moments: BTreeSet<DateTime<Utc>>,
}

impl LeftOut {
    fn add(&mut self, time: &When) {
        if time.all_day {
            self.days.insert(time.wall.date());
        } else {
            self.moments.insert(time.moment);
        }
    }

    fn has(&self, time: &When) -> bool {
        self.moments.contains(&time.moment) || self.days.contains(&time.wall.date())
    }
}

/// All versions of one event, and of single times of it.
fn series(
    report: &mut Report<'_>,
    budget: &mut Budget,
    versions: &[&Event],
    found: &mut Found,
) -> Option<()> {
    let whole: Vec<&Event> =
        versions.iter().copied().filter(|event| event.instead_of.is_none()).collect();
    let whole = newest(&whole);
    let cancelled = whole.iter().find(|event| event.cancelled).map(|event| event.sequence);
    // A series that was cancelled takes its single times with it, unless they are newer.
    let single: Vec<&Event> = versions
        .iter()
        .copied()
        .filter(|event| event.instead_of.is_some() && Some(event.sequence) > cancelled)
        .collect();
    let mut moved: BTreeMap<(bool, DateTime<Utc>), Vec<&Event>> = BTreeMap::new();
    let mut out = LeftOut::default();
    for event in single {
        let Some(time) = &event.instead_of else { continue };
        moved.entry((time.all_day, time.moment)).or_default().push(event);
        out.add(time);
    }
    if cancelled.is_none() {
        for event in &whole {
            event.except.iter().for_each(|time| out.add(time));
        }
        for event in whole {
            for (start, length) in times(report, budget, event, found.span)? {
                if !out.has(&start) {
                    found.add(report, event, &start, length)?;
                }
            }
        }
    }
    for versions in moved.values() {
        let newest = newest(versions);
        if newest.iter().any(|event| event.cancelled) {
            continue;
        }
        for event in newest {
            if let Some(start) = &event.start {
                found.add(report, event, start, event.length)?;
            }
        }
    }
    Some(())
}

/// The versions with the highest SEQUENCE, and of those the ones with the latest DTSTAMP; several
/// where these do not decide.
fn newest<'e>(versions: &[&'e Event]) -> Vec<&'e Event> {
    let rank = |event: &Event| (event.sequence, event.stamp);
    let best = versions.iter().map(|event| rank(event)).max();
    versions.iter().copied().filter(|event| Some(rank(event)) == best).collect()
}

/// Every time of a series up to the span's end, each once.
fn times(
    report: &mut Report<'_>,
    budget: &mut Budget,
    event: &Event,
    span: Span,
) -> Option<Vec<(When, Length)>> {
    let Some(start) = &event.start else { return Some(Vec::new()) };
    // DTSTART is a time of the series whatever the rule says of it (RFC 5545, 3.8.5.3).
    let mut times: BTreeMap<DateTime<Utc>, (When, Length)> = BTreeMap::new();
    times.insert(start.moment, (start.clone(), event.length));
    for (rule, place) in &event.rules {
        match walls(rule, start, budget, span) {
            Ok(walls) => {
                for wall in walls {
                    let Some(moment) = start.zone.moment(wall) else { continue };
                    let when = When { wall, moment, ..start.clone() };
                    // Rules begin years ago; what is over is not kept.
                    if when.after(event.length).is_some_and(|to| touches(&when, to, span)) {
                        times.entry(moment).or_insert((when, event.length));
                    }
                }
            }
            Err(trouble) => {
                report_rule(report, &trouble, place.clone());
                return None;
            }
        }
    }
    for (when, length) in &event.also {
        let own = length.unwrap_or(event.length);
        times.insert(when.moment, (when.clone(), own));
    }
    Some(times.into_values().collect())
}

/// The wall-clock times of a rule, up to its own end and the span's.
fn walls(
    rule: &Rule,
    start: &When,
    budget: &mut Budget,
    span: Span,
) -> Result<Vec<NaiveDateTime>, Trouble> {
    // No zone is more than a day away from UTC.
    let last = span.until.naive_utc() + TimeDelta::days(2);
    let day = |at: NaiveDateTime| at + TimeDelta::days(1) - TimeDelta::seconds(1);
    let end = match rule.until {
        None => last,
        Some(Value::Utc(at)) => last.min(at + TimeDelta::days(2)),
        Some(Value::Local(at)) => last.min(at),
        Some(Value::Date(date)) => last.min(day(date.and_time(chrono::NaiveTime::MIN))),
    };
    rule.walls(start.wall, end, budget, |wall| match rule.until {
        Some(Value::Utc(until)) => {
            start.zone.moment(wall).is_some_and(|moment| moment > until.and_utc())
        }
        _ => false,
    })
}
