//! Dates, times and durations as RFC 5545 writes them.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// Years that are believed. Zone definitions begin in 1601.
const YEARS: std::ops::RangeInclusive<i32> = 1600..=2200;
/// Longest duration, in days; longer ones were mistyped.
const MAX_DAYS: i64 = 3_660;

/// A DATE or DATE-TIME value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A day.
    Date(NaiveDate),
    /// A time of the zone that the property names, or of none.
    Local(NaiveDateTime),
    /// A time of UTC.
    Utc(NaiveDateTime),
}

/// `20270121`, `20270121T190000` or `20270121T190000Z`.
pub(super) fn value(text: &str) -> Option<Value> {
    let date = |text: &str| {
        let date = NaiveDate::from_ymd_opt(
            i32::try_from(digits(text.get(..4)?)?).ok()?,
            digits(text.get(4..6)?)?,
            digits(text.get(6..8)?)?,
        )?;
        (text.len() == 8 && YEARS.contains(&date.year())).then_some(date)
    };
    let Some((day, time)) = text.split_once(['T', 't']) else {
        return date(text).map(Value::Date);
    };
    let (time, utc) = match time.strip_suffix(['Z', 'z']) {
        Some(time) => (time, true),
        None => (time, false),
    };
    if time.len() != 6 {
        return None;
    }
    // 60 is a leap second, for which RFC 5545 wants 59 taken.
    let second = digits(time.get(4..6)?)?.min(60);
    let second = if second == 60 { 59 } else { second };
    let time = NaiveTime::from_hms_opt(digits(time.get(..2)?)?, digits(time.get(2..4)?)?, second)?;
    let at = date(day)?.and_time(time);
    Some(if utc { Value::Utc(at) } else { Value::Local(at) })
}

/// A length: days of the calendar, then seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    pub(super) days: i64,
    pub(super) seconds: i64,
}

impl Length {
    pub(super) fn days(days: i64) -> Self {
        Self { days, seconds: 0 }
    }

    pub(super) fn exactly(span: TimeDelta) -> Self {
        Self { days: 0, seconds: span.num_seconds() }
    }

    pub(super) fn is_zero(self) -> bool {
        self.days == 0 && self.seconds == 0
    }

    pub(super) fn is_sensible(self) -> bool {
        self.days >= 0 && self.seconds >= 0 && self.days + self.seconds / 86_400 <= MAX_DAYS
    }
}

/// `P2W`, `P1DT2H30M`, `PT90M`; a negative one is no length of an event.
pub(super) fn duration(text: &str) -> Option<Length> {
    let text = text.to_ascii_uppercase();
    let text = text.strip_prefix('+').unwrap_or(&text);
    let text = text.strip_prefix('P')?;
    let (days, time) = match text.split_once('T') {
        Some((days, time)) => (days, Some(time)),
        None => (text, None),
    };
    if time.map_or(days.is_empty(), str::is_empty) {
        return None;
    }
    let [weeks, days] = amounts(days, ['W', 'D'])?;
    let [hours, minutes, seconds] = amounts(time.unwrap_or_default(), ['H', 'M', 'S'])?;
    let length = Length { days: weeks * 7 + days, seconds: hours * 3_600 + minutes * 60 + seconds };
    length.is_sensible().then_some(length)
}

/// Numbers each followed by its unit, in the order of `units`.
fn amounts<const N: usize>(text: &str, units: [char; N]) -> Option<[i64; N]> {
    let mut amounts = [0; N];
    let mut rest = text;
    for (amount, unit) in amounts.iter_mut().zip(units) {
        if let Some((number, after)) = rest.split_once(unit) {
            *amount = i64::from(digits(number)?);
            rest = after;
        }
    }
    rest.is_empty().then_some(amounts)
}

/// One to nine digits, no sign.
pub(super) fn digits(text: &str) -> Option<u32> {
    let plain = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}
