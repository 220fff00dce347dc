//! A window is made up, written in one of many styles, and must be read back.

use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use proptest::prelude::*;

use super::{Status, parse};
use crate::clock::Jst;

const WEEKDAYS: [&str; 7] = ["日", "月", "火", "水", "木", "金", "土"];
const SEPARATORS: [&str; 12] =
    ["～", "〜", "~", " - ", "－", "–", " — ", "→", "から", "より", " ～ ", "　～　"];
const LABELS: [&str; 8] = [
    "",
    "日時：",
    "■メンテナンス日時\n　",
    "作業日時　",
    "・",
    "１．停止日時：",
    "| 日時 | ",
    "> 実施日時: ",
];
const TAILS: [&str; 6] =
    ["", "（予定）", " まで", " サーバ更新", "\nご迷惑をおかけします。", " JST"];

fn wide(text: &str) -> String {
    text.chars()
        .map(|ch| match ch {
            '0'..='9' | ':' | '/' | '(' | ')' => char::from_u32(ch as u32 + 0xFEE0).unwrap(),
            _ => ch,
        })
        .collect()
}

fn date(style: u8, weekday: u8, date: NaiveDate) -> String {
    let (y, m, d) = (date.year(), date.month(), date.day());
    let day = WEEKDAYS[date.weekday().num_days_from_sunday() as usize];
    let text = match style {
        0 => format!("{y}年{m}月{d}日"),
        1 => format!("{y}/{m:02}/{d:02}"),
        2 => format!("{y}-{m:02}-{d:02}"),
        3 => format!("令和{}年{m}月{d}日", y - 2018),
        4 => format!("R{}.{m}.{d}", y - 2018),
        5 => format!("{y}.{m}.{d}"),
        6 => format!("{m}月{d}日"),
        7 => format!("{m}/{d}"),
        _ => format!("{y}年(令和{}年){m}月{d}日", y - 2018),
    };
    match weekday {
        0 => text,
        1 => format!("{text}({day})"),
        2 => format!("{text} ({day}曜日)"),
        3 => format!("{text}({day}・祝)"),
        _ => format!("{text}[{day}]"),
    }
}

fn time(style: u8, minutes: i64) -> String {
    let (h, m) = (minutes / 60, minutes % 60);
    match style {
        0 => format!("{h}:{m:02}"),
        1 => format!("{h:02}:{m:02}"),
        2 => format!("{h}時{m:02}分"),
        3 if m == 0 => format!("{h}時"),
        3 if m == 30 => format!("{h}時半"),
        4 if h < 12 => format!("午前{h}時{m}分"),
        4 if (13..24).contains(&h) => format!("午後{}時{m}分", h - 12),
        _ => format!("{h}:{m:02}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(
        ahead in 0u64..250,
        start in 0i64..288,
        length in 6i64..180,
        (date_style, weekday, time_style) in (0u8..9, 0u8..5, 0u8..5),
        separator in 0..SEPARATORS.len(),
        label in 0..LABELS.len(),
        tail in 0..TAILS.len(),
        end_style in 0u8..4,
        full_width in any::<bool>(),
    ) {
        let read_on = NaiveDate::from_ymd_opt(2027, 1, 5).unwrap();
        let day = read_on.checked_add_days(Days::new(ahead)).unwrap();
        let (from, to) = (start * 5, start * 5 + length * 5);
        let next = to / 1440;
        let end_day = day.checked_add_days(Days::new(next as u64)).unwrap();
        let end = match (end_style, next) {
            (_, 0) => time(time_style, to),
            (0, _) => format!("{} {}", date(date_style, weekday, end_day), time(time_style, to % 1440)),
            (1, 1) => format!("翌{}", time(time_style, to % 1440)),
            (2, _) if to < 30 * 60 => time(0, to),
            (_, 1) => format!("翌日{}", time(time_style, to % 1440)),
            _ => format!("{} {}", date(date_style, weekday, end_day), time(time_style, to % 1440)),
        };
        let line = format!("{} {}{}{}", date(date_style, weekday, day), time(time_style, from), SEPARATORS[separator], end);
        let line = if full_width { wide(&line) } else { line };
        let text = format!("{}{line}{}", LABELS[label], TAILS[tail]);
        let notice = parse(&text, read_on);
        let midnight = day.and_hms_opt(0, 0, 0).unwrap();
        let at = |minutes| -> Jst {
            (midnight + TimeDelta::minutes(minutes)).and_local_timezone(chrono_tz::Asia::Tokyo).unwrap()
        };
        prop_assert!(notice.errors.is_empty(), "{text}\n{:?}", notice.errors);
        prop_assert_eq!(notice.windows.len(), 1, "{}", text);
        let window = &notice.windows[0];
        prop_assert_eq!((window.from, window.to), (at(from), at(to)), "{}", text);
        prop_assert_eq!(window.status, Status::Planned);
        prop_assert_eq!(window.year_assumed, matches!(date_style, 6 | 7));
    }
}
