//! A rule by which days come back, as an RRULE of RFC 5545, and the windows it gives.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate, TimeDelta, TimeZone};
use chrono_tz::Asia::Tokyo;
use serde::{Serialize, Serializer};

use super::model::Recurring;
use crate::clock::Jst;

/// Most windows that one rule is asked for: ten years of nights.
const MAX_OCCURRENCES: usize = 3_660;

const NAMES: [&str; 7] = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/// Which days. A day of the week is counted from 0, Sunday.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `毎日`
    Daily,
    /// `毎週土曜`; `every` is 2 for `隔週`, whose first week the notice does not say.
    Weekly {
        /// Weeks between two windows.
        every: u8,
        /// Days of the week.
        days: Vec<u8>,
    },
    /// `毎月第3水曜`; -1 is the last.
    MonthlyByWeekday {
        /// Which of the month, and the day of the week.
        days: Vec<(i8, u8)>,
        /// Months it is limited to; empty for every month.
        months: Vec<u32>,
    },
    /// `毎月1日`; -1 is the last day.
    MonthlyByDay {
        /// Days of the month.
        days: Vec<i8>,
        /// Months it is limited to; empty for every month.
        months: Vec<u32>,
    },
    /// `毎年12月31日`
    Yearly {
        /// The month, from 1.
        month: u32,
        /// The day.
        day: u32,
    },
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |day: &u8| NAMES.get(usize::from(*day)).copied().unwrap_or("SU");
        let months = |f: &mut fmt::Formatter<'_>, months: &[u32]| {
            if months.is_empty() { Ok(()) } else { write!(f, ";BYMONTH={}", join(months)) }
        };
        match self {
            Self::Daily => f.write_str("FREQ=DAILY"),
            Self::Weekly { every, days } => {
                f.write_str("FREQ=WEEKLY")?;
                if *every > 1 {
                    write!(f, ";INTERVAL={every}")?;
                }
                write!(f, ";BYDAY={}", days.iter().map(name).collect::<Vec<_>>().join(","))
            }
            Self::MonthlyByWeekday { days, months: limited } => {
                f.write_str("FREQ=MONTHLY")?;
                months(f, limited)?;
                let days: Vec<_> =
                    days.iter().map(|(nth, day)| format!("{nth}{}", name(day))).collect();
                write!(f, ";BYDAY={}", days.join(","))
            }
            Self::MonthlyByDay { days, months: limited } => {
                f.write_str("FREQ=MONTHLY")?;
                months(f, limited)?;
                write!(f, ";BYMONTHDAY={}", join(days))
            }
            Self::Yearly { month, day } => {
                write!(f, "FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}")
            }
        }
    }
}

fn join<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Rule {
    /// True where a window may begin on `date`. For `隔週` every week counts: which of the two
    /// it is stands nowhere, and a window too many is the lesser harm.
    pub fn holds_on(&self, date: NaiveDate) -> bool {
        let weekday = u8::try_from(date.weekday().num_days_from_sunday()).unwrap_or(0);
        let in_months = |months: &[u32]| months.is_empty() || months.contains(&date.month());
        let from_end = || -> Option<i8> {
            let next = if date.month() == 12 {
                NaiveDate::from_ymd_opt(date.year().checked_add(1)?, 1, 1)
            } else {
                NaiveDate::from_ymd_opt(date.year(), date.month() + 1, 1)
            }?;
            i8::try_from((next - date).num_days()).ok()
        };
        let day = i8::try_from(date.day()).unwrap_or(0);
        match self {
            Self::Daily => true,
            Self::Weekly { days, .. } => days.contains(&weekday),
            Self::MonthlyByWeekday { days, months } => {
                in_months(months)
                    && days.iter().any(|(nth, wanted)| {
                        let place = (day - 1) / 7 + 1;
                        *wanted == weekday
                            && (*nth == place
                                || (*nth == -1 && from_end().is_some_and(|left| left <= 7)))
                    })
            }
            Self::MonthlyByDay { days, months } => {
                in_months(months)
                    && days
                        .iter()
                        .any(|wanted| *wanted == day || (*wanted == -1 && from_end() == Some(1)))
            }
            Self::Yearly { month, day } => date.month() == *month && date.day() == *day,
        }
    }
}

impl Recurring {
    /// The windows that share a moment with `from..to`, at most ten years of nights.
    pub fn occurrences(&self, from: &Jst, to: &Jst) -> Vec<(Jst, Jst)> {
        let mut found = Vec::new();
        // A window may begin two days after its day, by `翌々日`.
        let Some(mut date) = from.date_naive().checked_sub_days(Days::new(3)) else { return found };
        let last = to.date_naive();
        while date <= last && found.len() < MAX_OCCURRENCES {
            if self.rule.holds_on(date)
                && let (Some(start), Some(end)) =
                    (moment(date, self.start_minutes), moment(date, self.end_minutes))
                && start < *to
                && *from < end
            {
                found.push((start, end));
            }
            let Some(next) = date.succ_opt() else { break };
            date = next;
        }
        found
    }
}

/// The moment so many minutes after a day's midnight in Japan.
pub(super) fn moment(date: NaiveDate, minutes: i64) -> Option<Jst> {
    let at = date.and_hms_opt(0, 0, 0)?.checked_add_signed(TimeDelta::try_minutes(minutes)?)?;
    Tokyo.from_local_datetime(&at).earliest()
}
