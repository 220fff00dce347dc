//! Japanese national holidays, as the Cabinet Office lists them: from `table.txt`, 2019 to 2027.
//!
//! Two days in a year are fixed only in February of the year before (the equinoxes), and
//! parliament moves others: so a year that is not in the list is unknown, never computed.
//!
//! Pure. Weekends are no holidays here; what a clinic's days are is for the clinic to say.

use chrono::{Datelike, NaiveDate};

use crate::i18n::{self, Lang};

#[cfg(test)]
mod law_tests;

const TABLE: &str = include_str!("table.txt");

/// A national holiday, or a day off that the law makes of its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holiday(&'static str);

impl Holiday {
    /// `春分の日`, `Vernal Equinox Day`.
    pub fn name(self, lang: Lang) -> String {
        i18n::text(lang, &format!("calendar-holiday-{}", self.0), &[])
    }
}

/// What is known about a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It is a holiday.
    Holiday(Holiday),
    /// It is none; it may be a Saturday or Sunday.
    NoHoliday,
    /// Its year is not in the list.
    Unknown,
}

/// What the list says about a day.
pub fn holiday(day: NaiveDate) -> Known {
    if !(first_known_year()..=last_known_year()).contains(&day.year()) {
        return Known::Unknown;
    }
    let key = day.format("%Y-%m-%d ").to_string();
    match entries().find_map(|line| line.strip_prefix(key.as_str())) {
        Some(word) => Known::Holiday(Holiday(word)),
        None => Known::NoHoliday,
    }
}

/// The last year of the list. A new list appears each February; after this year's end, whoever
/// asks is told that it is not known.
pub fn last_known_year() -> i32 {
    entries().last().and_then(year).unwrap_or_default()
}

/// The first year of the list.
pub fn first_known_year() -> i32 {
    entries().next().and_then(year).unwrap_or_default()
}

fn entries() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter(|line| !line.starts_with('#'))
}

fn year(line: &str) -> Option<i32> {
    line.get(..4)?.parse().ok()
}
