//! The list against the law (国民の祝日に関する法律), computed day by day: a mistyped line shows.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use super::{Known, entries, first_known_year, holiday, last_known_year};
use crate::i18n::{Lang, find};

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn monday(year: i32, month: u32, nth: u8) -> NaiveDate {
    NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, nth).unwrap()
}

/// The equinoxes by the usual approximation for 1980 to 2099.
fn equinox(year: i32, base: f64) -> u32 {
    let years = f64::from(year - 1980);
    (base + 0.242_194 * years - (years / 4.0).floor()).floor() as u32
}

/// Holidays by article 2 and by the laws for 2019, 2020 and 2021.
fn holidays(year: i32) -> BTreeMap<NaiveDate, &'static str> {
    let mut days = BTreeMap::from([
        (date(year, 1, 1), "元日"),
        (monday(year, 1, 2), "成人の日"),
        (date(year, 2, 11), "建国記念の日"),
        (date(year, 3, equinox(year, 20.8431)), "春分の日"),
        (date(year, 4, 29), "昭和の日"),
        (date(year, 5, 3), "憲法記念日"),
        (date(year, 5, 4), "みどりの日"),
        (date(year, 5, 5), "こどもの日"),
        (monday(year, 9, 3), "敬老の日"),
        (date(year, 9, equinox(year, 23.2488)), "秋分の日"),
        (date(year, 11, 3), "文化の日"),
        (date(year, 11, 23), "勤労感謝の日"),
    ]);
    // The Emperor came to the throne on 1 May 2019; that year had no birthday.
    if year > 2019 {
        days.insert(date(year, 2, 23), "天皇誕生日");
    }
    let (marine, sports, mountain) = match year {
        // The Olympic Games of 2020, held in 2021.
        2020 => (date(year, 7, 23), date(year, 7, 24), date(year, 8, 10)),
        2021 => (date(year, 7, 22), date(year, 7, 23), date(year, 8, 8)),
        _ => (monday(year, 7, 3), monday(year, 10, 2), date(year, 8, 11)),
    };
    days.insert(marine, "海の日");
    days.insert(sports, if year == 2019 { "体育の日（スポーツの日）" } else { "スポーツの日" });
    days.insert(mountain, "山の日");
    if year == 2019 {
        days.insert(date(year, 5, 1), "休日（祝日扱い）");
        days.insert(date(year, 10, 22), "休日（祝日扱い）");
    }
    days
}

/// Article 3: the first day after a holiday on a Sunday that is none, and a day between two.
fn with_days_off(year: i32) -> BTreeMap<NaiveDate, &'static str> {
    let holidays = holidays(year);
    let mut days = holidays.clone();
    for day in holidays.keys() {
        if day.weekday() == Weekday::Sun {
            let next = day.iter_days().find(|day| !holidays.contains_key(day)).unwrap();
            days.insert(next, "休日");
        }
        let between = *day + chrono::Days::new(1);
        let after = *day + chrono::Days::new(2);
        if !holidays.contains_key(&between) && holidays.contains_key(&after) {
            days.insert(between, "休日");
        }
    }
    days
}

#[test]
fn the_list_is_what_the_law_says_of_every_day() {
    assert_eq!((first_known_year(), last_known_year()), (2019, 2027));
    let mut count = 0;
    for year in first_known_year()..=last_known_year() {
        let law = with_days_off(year);
        for day in date(year, 1, 1).iter_days().take_while(|day| day.year() == year) {
            let found = match holiday(day) {
                Known::Holiday(holiday) => Some(holiday.name(Lang::Ja)),
                Known::NoHoliday => None,
                Known::Unknown => panic!("{day} is unknown"),
            };
            assert_eq!(found.as_deref(), law.get(&day).copied(), "{day}");
            count += usize::from(found.is_some());
        }
    }
    assert_eq!(count, entries().count());
}

#[test]
fn years_outside_the_list_are_unknown() {
    for (day, unknown) in [
        (date(2018, 12, 31), true),
        (date(2019, 1, 1), false),
        (date(2027, 12, 31), false),
        (date(2028, 1, 1), true),
        (date(-1, 1, 1), true),
        (NaiveDate::MAX, true),
    ] {
        assert_eq!(holiday(day) == Known::Unknown, unknown, "{day}");
    }
}

#[test]
fn every_line_is_in_order_and_has_its_names() {
    let mut before = "";
    for line in entries() {
        assert!(before < line, "{line}");
        before = line;
        let (day, word) = line.split_once(' ').unwrap();
        day.parse::<NaiveDate>().unwrap();
        for lang in [Lang::Ja, Lang::En] {
            assert!(find(lang, &format!("calendar-holiday-{word}"), &[]).is_some(), "{word}");
        }
    }
}
