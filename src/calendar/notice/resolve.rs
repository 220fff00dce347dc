//! Which day a written date is: missing years and months, and the day of the week that must agree.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::code::Code;
use super::token::{DateLit, Relative, YearLit};

/// How long ago a date without a year may lie before the next year is meant: operators announce
/// at most nine months ahead, and old notices are read a few weeks late.
const PAST_DAYS: i64 = 90;
/// How far back a day of the week may decide for the past.
const FAR_PAST_DAYS: i64 = 180;

/// A date that was made out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) date: NaiveDate,
    /// The year is not in the notice.
    pub(super) assumed: bool,
    /// The day of the week chose another year than the nearest.
    pub(super) by_weekday: bool,
    /// Counted from the day of reading.
    pub(super) relative: bool,
}

/// What was seen of dates so far.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    pub(super) read_on: NaiveDate,
    /// The last date whose year is in the notice.
    anchor: Option<NaiveDate>,
    /// Year and month for a day that names neither, and whether the year is assumed.
    month: Option<(i32, u32, bool)>,
    /// The day the notice says it was written.
    pub(super) posted: Option<NaiveDate>,
}

impl Calendar {
    pub(super) fn new(read_on: NaiveDate) -> Self {
        Self { read_on, anchor: None, month: None, posted: None }
    }

    /// Takes a heading such as `2027年1月` or `1月`.
    pub(super) fn heading(&mut self, year: Option<YearLit>, month: u32) -> Result<(), Code> {
        match year {
            Some(YearLit::Contradiction) => Err(Code::YearContradiction),
            Some(YearLit::Stated(year)) => {
                let first = NaiveDate::from_ymd_opt(year, month, 1).ok_or(Code::NoSuchDate)?;
                self.anchor = Some(first);
                self.month = Some((year, month, false));
                Ok(())
            }
            None => {
                let first = self.near(month, 1, None)?;
                self.month = Some((first.date.year(), month, first.assumed));
                Ok(())
            }
        }
    }

    /// The day of a written date.
    pub(super) fn resolve(&mut self, lit: &DateLit) -> Result<Found, Code> {
        let found = match (lit.year, lit.month) {
            (None, None) if lit.beside.is_some() => self.beside(lit)?,
            (Some(YearLit::Contradiction), _) => return Err(Code::YearContradiction),
            (Some(YearLit::Stated(year)), Some(month)) => {
                let date = day(year, month, lit.day)?;
                Found { date, assumed: false, by_weekday: false, relative: false }
            }
            (_, Some(month)) => self.near(month, lit.day, lit.weekday)?,
            (_, None) => {
                let (year, month, assumed) = self.month.ok_or(Code::MonthUnknown)?;
                let date = day(year, month, lit.day)?;
                Found { date, assumed, by_weekday: false, relative: false }
            }
        };
        agree(found.date, lit.weekday)?;
        if !found.assumed && (found.date - self.read_on).num_days().abs() < 400 {
            self.anchor = Some(found.date);
        }
        self.month = Some((found.date.year(), found.date.month(), found.assumed));
        Ok(found)
    }

    /// The day of a range's end, which lies at or after its start.
    pub(super) fn resolve_end(&mut self, lit: &DateLit, start: Found) -> Result<Found, Code> {
        let date = match (lit.year, lit.month) {
            (Some(YearLit::Contradiction), _) => return Err(Code::YearContradiction),
            (Some(YearLit::Stated(year)), Some(month)) => day(year, month, lit.day)?,
            (_, Some(month)) => {
                let over = month < start.date.month() && start.date.month() >= 10 && month <= 3;
                day(start.date.year() + i32::from(over), month, lit.day)?
            }
            (_, None) => {
                let over = lit.day < start.date.day() && start.date.day() >= 25 && lit.day <= 7;
                let first = start.date.with_day(1).ok_or(Code::NoSuchDate)?;
                let month = first
                    .checked_add_months(Months::new(u32::from(over)))
                    .ok_or(Code::NoSuchDate)?;
                day(month.year(), month.month(), lit.day)?
            }
        };
        agree(date, lit.weekday)?;
        if date < start.date {
            return Err(Code::EndBeforeStart);
        }
        if lit.next && start.date.checked_add_days(Days::new(1)) != Some(date) {
            return Err(Code::NextDayContradiction);
        }
        self.month = Some((date.year(), date.month(), start.assumed && lit.year.is_none()));
        if lit.year.is_some() {
            self.anchor = Some(date);
        }
        Ok(Found { date, ..start })
    }

    /// The day of `本日`, `来週土曜`, `今月20日`.
    pub(super) fn relative(&mut self, relative: Relative) -> Result<Found, Code> {
        // `本日` is the writer's day; where that is not the reader's, nobody can tell.
        if self.posted.is_some_and(|posted| posted != self.read_on) {
            return Err(Code::RelativeConflict);
        }
        let date = counted(self.read_on, relative)?;
        self.month = Some((date.year(), date.month(), true));
        Ok(Found { date, assumed: false, by_weekday: false, relative: true })
    }

    /// `来週の土曜日(16日)`: counted from the day of writing, and the day must agree.
    fn beside(&self, lit: &DateLit) -> Result<Found, Code> {
        let from = self.posted.unwrap_or(self.read_on);
        let relative = lit.beside.ok_or(Code::MonthUnknown)?;
        let dates = match relative {
            // Both of the Sundays that may be meant; the day says which.
            Relative::Week(weeks @ 1.., 0) => {
                let monday = counted(from, Relative::Week(weeks, 1))?;
                [monday.pred_opt(), monday.checked_add_days(Days::new(6))]
            }
            relative => [Some(counted(from, relative)?), None],
        };
        let date = dates.into_iter().flatten().find(|date| date.day() == lit.day);
        let date = date.ok_or(Code::RelativeConflict)?;
        Ok(Found { date, assumed: false, by_weekday: false, relative: true })
    }

    /// The year of a date that names none: near the notice's last full date, else near the day
    /// of reading, where a day of the week decides between two years.
    fn near(&self, month: u32, day_of_month: u32, weekday: Option<u8>) -> Result<Found, Code> {
        if !(1..=12).contains(&month) || day(2028, month, day_of_month).is_err() {
            return Err(Code::NoSuchDate);
        }
        let around = self.anchor.unwrap_or(self.read_on);
        let back = if self.anchor.is_some() { PAST_DAYS } else { FAR_PAST_DAYS };
        let candidates: Vec<NaiveDate> = (around.year() - 1..=around.year() + 1)
            .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day_of_month))
            .filter(|date| (-back..=366).contains(&(*date - around).num_days()))
            .collect();
        let nearest = candidates
            .iter()
            .copied()
            .find(|date| (*date - around).num_days() >= -PAST_DAYS)
            .ok_or(Code::NoSuchDate)?;
        let assumed = self.anchor.is_none();
        let found = |date, by_weekday| Found { date, assumed, by_weekday, relative: false };
        if agree(nearest, weekday).is_ok() {
            return Ok(found(nearest, false));
        }
        let other = candidates.into_iter().find(|date| agree(*date, weekday).is_ok());
        other.filter(|_| assumed).map(|date| found(date, true)).ok_or(Code::WeekdayContradiction)
    }
}

fn day(year: i32, month: u32, day: u32) -> Result<NaiveDate, Code> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or(Code::NoSuchDate)
}

/// A day of the week beside a date must be the date's own.
pub(super) fn agree(date: NaiveDate, weekday: Option<u8>) -> Result<(), Code> {
    match weekday {
        Some(weekday) if date.weekday().num_days_from_sunday() != u32::from(weekday) => {
            Err(Code::WeekdayContradiction)
        }
        _ => Ok(()),
    }
}

/// The day that `来週土曜` is for one who writes on the day `from`.
fn counted(from: NaiveDate, relative: Relative) -> Result<NaiveDate, Code> {
    let on = |days: i64| {
        u64::try_from(days).ok().and_then(|days| from.checked_add_days(Days::new(days)))
    };
    let date = match relative {
        Relative::Days(days) => on(days),
        // A week begins on Monday for some and on Sunday for others.
        Relative::Week(1.., 0) => return Err(Code::VagueDate),
        Relative::Week(weeks, weekday) => {
            let today = i64::from(from.weekday().num_days_from_monday());
            let wanted = (i64::from(weekday) + 6) % 7;
            from.checked_add_signed(chrono::TimeDelta::days(weeks * 7 + wanted - today))
        }
        Relative::Month(months, wanted) => from
            .with_day(1)
            .and_then(|first| first.checked_add_months(Months::new(months)))
            .and_then(|first| first.with_day(wanted)),
    };
    date.ok_or(Code::NoSuchDate)
}
