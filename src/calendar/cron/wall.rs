//! The wall clock's next and previous match, without any zone.
//!
//! The crate `cron` counts days of the week from Sunday = 1, wants seconds, takes day of month
//! AND day of week, loses its way where a clock is set back, and ends with the year 2100. Here it
//! is given plain lists of numbers, a clock that is never moved, and one year at a time: a year
//! looks like one of fourteen, and each of those lies between 2000 and 2027.

use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use cron::Schedule;

/// After so many years the calendar repeats itself, weekdays included: what has not come by then
/// never comes.
const CYCLE_YEARS: i32 = 400;
/// The years that stand for all others.
const MODELS: std::ops::RangeInclusive<i32> = 2000..=2027;

/// The wall-clock times of an expression.
#[derive(Clone, Debug)]
pub(super) struct Wall {
    /// One schedule, or two where day of month and day of week are both restricted: either counts.
    schedules: Vec<Schedule>,
}

impl Wall {
    /// Lists of numbers: seconds, minutes, hours; months; days of month with days of week
    /// (Sunday = 1).
    pub(super) fn new(times: &[String; 3], months: &str, days: &[(&str, &str)]) -> Option<Self> {
        let [seconds, minutes, hours] = times;
        let schedules: Result<Vec<_>, _> = days
            .iter()
            .map(|(days, weekdays)| {
                let years = format!("{}-{}", MODELS.start(), MODELS.end());
                Schedule::from_str(&format!(
                    "{seconds} {minutes} {hours} {days} {months} {weekdays} {years}"
                ))
            })
            .collect();
        schedules.ok().map(|schedules| Self { schedules })
    }

    /// The first match strictly after `after`, which has whole seconds.
    pub(super) fn next(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let (year, last) = (after.year(), after.year().checked_add(CYCLE_YEARS)?);
        (year..=last).find_map(|year| {
            let model = model_of(year)?;
            let start = if year == after.year() {
                after.with_year(model)?
            } else {
                NaiveDate::from_ymd_opt(model - 1, 12, 31)?.and_hms_opt(23, 59, 59)?
            };
            let found =
                self.schedules.iter().filter_map(|schedule| schedule.after(&utc(start)).next());
            in_year(found.min()?, model, year)
        })
    }

    /// The last match strictly before `before`, which has whole seconds.
    pub(super) fn previous(&self, before: NaiveDateTime) -> Option<NaiveDateTime> {
        let (year, last) = (before.year(), before.year().checked_sub(CYCLE_YEARS)?);
        (last..=year).rev().find_map(|year| {
            let model = model_of(year)?;
            let start = if year == before.year() {
                before.with_year(model)?
            } else {
                NaiveDate::from_ymd_opt(model + 1, 1, 1)?.and_hms_opt(0, 0, 0)?
            };
            let found = self
                .schedules
                .iter()
                .filter_map(|schedule| schedule.after(&utc(start)).next_back());
            in_year(found.max()?, model, year)
        })
    }
}

fn utc(wall: NaiveDateTime) -> DateTime<Utc> {
    wall.and_utc()
}

fn in_year(found: DateTime<Utc>, model: i32, year: i32) -> Option<NaiveDateTime> {
    (found.year() == model).then(|| found.naive_utc().with_year(year)).flatten()
}

/// The model year with the same weekdays and the same February.
fn model_of(year: i32) -> Option<i32> {
    let shape = |year: i32| {
        let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
        Some((first.weekday(), first.leap_year()))
    };
    let wanted = shape(year)?;
    MODELS.clone().find(|model| shape(*model) == Some(wanted))
}
