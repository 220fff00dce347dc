//! The times of an event: DTSTART, DTEND or DURATION, RDATE, EXDATE.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Asia::Tokyo;

use super::property::Property;
use super::report::{Report, shorten};
use super::time::{self, Length, Value};
use super::tree::Block;
use super::zone::{Zone, Zones};

/// What an event is read against.
pub(super) struct Context<'z> {
    pub(super) zones: &'z Zones,
    /// Its calendar cancels whatever it holds.
    pub(super) cancels: bool,
}

/// A day or a time, in its zone.
#[derive(Clone, Debug)]
pub(super) struct When {
    pub(super) wall: NaiveDateTime,
    pub(super) zone: Zone,
    pub(super) all_day: bool,
    pub(super) moment: DateTime<Utc>,
}

impl When {
    /// The moment at which something ends that begins here.
    pub(super) fn after(&self, length: Length) -> Option<DateTime<Utc>> {
        let days = TimeDelta::try_days(length.days)?;
        let wall = self.wall.checked_add_signed(days)?;
        let end = if length.days == 0 { self.moment } else { self.zone.moment(wall)? };
        end.checked_add_signed(TimeDelta::try_seconds(length.seconds)?)
    }
}

/// A property's value; what is not understood leaves a finding.
pub(super) fn when(
    report: &mut Report<'_>,
    context: &Context<'_>,
    property: &Property,
    text: &str,
) -> Option<When> {
    let span = property.span.clone();
    let value = time::value(text.trim());
    let fits = match property.param("VALUE").map(str::to_ascii_uppercase).as_deref() {
        Some("DATE") => matches!(value, Some(Value::Date(_))),
        Some("DATE-TIME") => matches!(value, Some(Value::Local(_) | Value::Utc(_))),
        _ => true,
    };
    let Some(value) = value.filter(|_| fits) else {
        report.error("calendar-ics-time", span, vec![("text", shorten(text))]);
        return None;
    };
    let (wall, zone, all_day) = match value {
        Value::Date(day) => (day.and_time(NaiveTime::MIN), Zone::Named(Tokyo), true),
        Value::Utc(at) => (at, Zone::Named(chrono_tz::UTC), false),
        Value::Local(at) => match property.param("TZID") {
            Some(id) => {
                let Some(zone) = context.zones.find(id) else {
                    report.error("calendar-ics-zone", span, vec![("zone", shorten(id))]);
                    return None;
                };
                (at, zone, false)
            }
            None => {
                report.note("calendar-ics-note-floating", span.clone(), vec![]);
                (at, Zone::Named(Tokyo), false)
            }
        },
    };
    let Some(moment) = zone.moment(wall) else {
        report.error("calendar-ics-time", span, vec![("text", shorten(text))]);
        return None;
    };
    Some(When { wall, zone, all_day, moment })
}

/// How long the event lasts.
pub(super) fn length(
    report: &mut Report<'_>,
    context: &Context<'_>,
    block: &Block,
    start: &When,
) -> Option<Length> {
    let (end, duration) = (block.one(report, "DTEND"), block.one(report, "DURATION"));
    let length = match (end, duration) {
        (Some(_), Some(both)) => {
            report.error(
                "calendar-ics-twice",
                both.span.clone(),
                vec![("property", "DTEND, DURATION".to_owned())],
            );
            return None;
        }
        (Some(property), None) => {
            let end = when(report, context, property, &property.value)?;
            if end.all_day != start.all_day {
                report.error("calendar-ics-kinds", property.span.clone(), vec![]);
                return None;
            }
            let length = if start.all_day {
                Length::days((end.wall - start.wall).num_days())
            } else {
                Length::exactly(end.moment - start.moment)
            };
            if !length.is_sensible() {
                report.error("calendar-ics-end", property.span.clone(), vec![]);
                return None;
            }
            length
        }
        (None, Some(property)) => {
            let length = time::duration(property.value.trim());
            if length.is_none() {
                let args = vec![("text", shorten(&property.value))];
                report.error("calendar-ics-duration", property.span.clone(), args);
            }
            length?
        }
        // RFC 5545, 3.6.1: a day lasts a day.
        (None, None) if start.all_day => Length::days(1),
        (None, None) => Length::days(0),
    };
    if !length.is_zero() {
        return Some(length);
    }
    report.note("calendar-ics-note-no-length", block.span.clone(), vec![]);
    Some(if start.all_day { Length::days(1) } else { length })
}

/// RDATE: further times, some with a length of their own.
pub(super) fn also(
    report: &mut Report<'_>,
    context: &Context<'_>,
    block: &Block,
) -> Option<Vec<(When, Option<Length>)>> {
    let mut times = Vec::new();
    for property in block.all("RDATE") {
        for text in property.value.split(',') {
            let Some((start, end)) = text.split_once('/') else {
                times.push((when(report, context, property, text)?, None));
                continue;
            };
            let start = when(report, context, property, start)?;
            let length = match time::duration(end) {
                Some(length) => length,
                None => {
                    Length::exactly(when(report, context, property, end)?.moment - start.moment)
                }
            };
            if !length.is_sensible() {
                report.error("calendar-ics-end", property.span.clone(), vec![]);
                return None;
            }
            times.push((start, Some(length)));
        }
    }
    Some(times)
}

/// EXDATE: times that are left out.
pub(super) fn except(
    report: &mut Report<'_>,
    context: &Context<'_>,
    block: &Block,
    start: Option<&When>,
) -> Option<Vec<When>> {
    let mut times = Vec::new();
    for property in block.all("EXDATE") {
        for text in property.value.split(',') {
            let time = when(report, context, property, text)?;
            // A day is left out as a whole; a time cannot be left out of a day.
            match start {
                Some(start) if time.all_day && !start.all_day => {
                    report.note("calendar-ics-note-excluded-day", property.span.clone(), vec![]);
                }
                Some(start) if !time.all_day && start.all_day => {
                    report.error("calendar-ics-kinds", property.span.clone(), vec![]);
                    return None;
                }
                _ => {}
            }
            times.push(time);
        }
    }
    Some(times)
}
