//! Dates as they are written; what they mean is for `resolve`.

use super::era;
use super::scan::Scan;
use super::token::{DateLit, Kind, Relative, YearLit};
use super::weekday;

const MONTHS: [&str; 24] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
];

/// A date or a month at `i`, and where it ends.
pub(super) fn date(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
    let next = scan.lit(i, "翌").map(|end| scan.spaces(end));
    let at = next.unwrap_or(i);
    let (mut lit, end) = match written(scan, at).or_else(|| english(scan, at))? {
        (Kind::Date(lit), end) => (lit, end),
        other => return next.is_none().then_some(other),
    };
    lit.next = next.is_some();
    let (weekday, end) = match weekday::behind(scan, end) {
        Some((day, end)) => (day, end),
        None => (None, end),
    };
    lit.weekday = weekday;
    Some((Kind::Date(lit), end))
}

fn lit(year: Option<YearLit>, month: Option<u32>, day: u32) -> Kind {
    Kind::Date(DateLit { year, month, day, weekday: None, next: false, beside: None })
}

fn written(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
    if let Some(found) = eight_digits(scan, i) {
        return Some(found);
    }
    if let Some((year, sign, at)) = era::year(scan, i) {
        return with_year(scan, year, sign, at);
    }
    if scan.before(i).is_some_and(|ch| ch.is_ascii_digit()) {
        return None;
    }
    let number = scan.number(i, 2)?;
    let at = scan.spaces(number.end);
    if scan.is(at, '月') {
        return months_day(scan, None, number.value, at + 1);
    }
    if scan.is(at, '日') && scan.before(i) != Some('第') {
        return is_day(scan, at + 1).then(|| (lit(None, None, number.value), at + 1));
    }
    if number.kanji || scan.glued(i) {
        return None;
    }
    if scan.is(number.end, '/') {
        return day_behind_stroke(scan, number.value, number.end + 1);
    }
    if scan.is(number.end, '.') {
        let day = scan.digits(number.end + 1, 2)?;
        let sure = weekday::behind(scan, day.end).is_some() && !scan.is(day.end, '.');
        return sure.then(|| (lit(None, Some(number.value), day.value), day.end));
    }
    // `16(土)` below a heading that names the month.
    let bracket = scan.is(at, '(') || scan.is(at, '[');
    let day = bracket && weekday::behind(scan, at).is_some_and(|(_, end)| end > at);
    day.then(|| (lit(None, None, number.value), number.end))
}

/// `20270116`, standing alone.
fn eight_digits(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
    let number = scan.digits(i, 8).filter(|number| number.digits == 8)?;
    let year = i32::try_from(number.value / 10_000).ok()?;
    let part = match scan.at(number.end) {
        Some('-') => scan.at(number.end + 1).is_some_and(|ch| ch.is_ascii_alphanumeric()),
        Some(ch) => ch.is_ascii_alphabetic() || ch == '_',
        None => false,
    };
    let alone = !scan.glued(i) && !part;
    let (month, day) = (number.value / 100 % 100, number.value % 100);
    let likely = (2000..=2100).contains(&year) && (1..=12).contains(&month) && day <= 31;
    (alone && likely).then(|| (lit(Some(YearLit::Stated(year)), Some(month), day), number.end))
}

fn with_year(scan: Scan<'_>, year: YearLit, sign: char, at: usize) -> Option<(Kind, usize)> {
    let month = scan.number(at, 2)?;
    let after = scan.spaces(month.end);
    if sign == '年' && scan.is(after, '月') {
        return months_day(scan, Some(year), month.value, after + 1);
    }
    let sign = if sign == '年' { '/' } else { sign };
    if month.kanji || !scan.is(month.end, sign) {
        let is_month = sign == '/' && !month.kanji && (1..=12).contains(&month.value);
        return is_month.then_some((Kind::Month(Some(year), month.value), month.end));
    }
    let day = scan.digits(scan.spaces(month.end + 1), 2)?;
    let more = matches!(scan.at(day.end), Some('-' | '/' | '.'))
        && scan.at(day.end + 1).is_some_and(|ch| ch.is_ascii_digit())
        && scan.digits(day.end + 1, 4).is_some_and(|number| number.digits != 4);
    if more && sign != '/' && scan.is(day.end, sign) {
        return None;
    }
    let end = scan.lit(day.end, "日").unwrap_or(day.end);
    Some((lit(Some(year), Some(month.value), day.value), end))
}

/// What stands behind `1月`.
fn months_day(
    scan: Scan<'_>,
    year: Option<YearLit>,
    month: u32,
    at: usize,
) -> Option<(Kind, usize)> {
    let at = scan.spaces(at);
    for word in ["末", "上旬", "中旬", "下旬", "初旬", "某日", "半ば", "中頃", "初め"]
    {
        if let Some(end) = scan.lit(at, word) {
            return Some((Kind::Vague, end));
        }
    }
    if let Some(day) = scan.number(at, 2) {
        let end = scan.spaces(day.end);
        if scan.is(end, '日') && !scan.is(end + 1, '間') {
            return Some((lit(year, Some(month), day.value), end + 1));
        }
        // `1月16(土)`
        if !day.kanji && weekday::behind(scan, day.end).is_some() {
            return Some((lit(year, Some(month), day.value), day.end));
        }
    }
    Some((Kind::Month(year, month), at))
}

/// `16日`, but not `3日間`, `2日前`.
fn is_day(scan: Scan<'_>, after: usize) -> bool {
    let no = [
        "間",
        "以内",
        "前",
        "後",
        "目",
        "程度",
        "ほど",
        "ごと",
        "毎",
        "おき",
        "以上",
        "営業",
        "分",
        "中",
        "当たり",
        "あたり",
        "を要",
        "かか",
        "数",
    ];
    !no.iter().any(|word| scan.lit(after, word).is_some())
}

/// What stands behind `1/`.
fn day_behind_stroke(scan: Scan<'_>, first: u32, at: usize) -> Option<(Kind, usize)> {
    let second = scan.digits(at, 2)?;
    if scan.is(second.end, '/') {
        // `27/01/16`
        let short = scan.digits(second.end + 1, 2).filter(|day| {
            day.digits == 2 && !scan.at(day.end).is_some_and(|ch| ch == '/' || ch.is_ascii_digit())
        });
        if let Some(day) = short
            && (24..=35).contains(&first)
            && (1..=12).contains(&second.value)
        {
            let year = YearLit::Stated(2000 + i32::try_from(first).ok()?);
            return Some((lit(Some(year), Some(second.value), day.value), day.end));
        }
        // `1/16/2027` and `16/1/2027`: clear only where one of them is no month.
        let year = scan.digits(second.end + 1, 4).filter(|number| number.digits == 4)?;
        let stated = Some(YearLit::Stated(i32::try_from(year.value).ok()?));
        return match (first <= 12, second.value <= 12) {
            (true, false) => Some((lit(stated, Some(first), second.value), year.end)),
            (false, true) => Some((lit(stated, Some(second.value), first), year.end)),
            _ => Some((Kind::Vague, year.end)),
        };
    }
    let end = scan.lit(second.end, "日").unwrap_or(second.end);
    let glued = scan.at(end).is_some_and(|ch| {
        ch.is_ascii_alphabetic() || matches!(ch, '%' | '倍' | '程' | '以' | '件' | '台' | '回')
    });
    let month = (1..=12).contains(&first) && (1..=31).contains(&second.value);
    let odd = weekday::behind(scan, end).is_some() && !scan.is(scan.spaces(end), ',');
    ((month && !glued) || odd).then(|| (lit(None, Some(first), second.value), end))
}

/// `Jan 16th, 2027`, `16 January`.
fn english(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
    let month_at =
        |i| scan.one_of(i, &MONTHS).or_else(|| scan.one_of(i, &["sept"]).map(|(_, end)| (8, end)));
    let suffix = |end| scan.one_of_loose(end, &["st", "nd", "rd", "th"]).unwrap_or(end);
    let year_at = |end| {
        let at = scan.spaces(scan.lit(scan.spaces(end), ",").unwrap_or(end));
        let year = scan.digits(at, 4).filter(|number| number.digits == 4)?;
        let stated = (1990..=2100).contains(&year.value).then_some(year.value)?;
        Some((YearLit::Stated(i32::try_from(stated).ok()?), year.end))
    };
    let finish = |month: usize, day: u32, end: usize| {
        let month = u32::try_from(month % 12).ok()? + 1;
        let (year, end) = match year_at(end) {
            Some((year, end)) => (Some(year), end),
            None => (None, end),
        };
        Some((lit(year, Some(month), day), end))
    };
    if let Some((month, end)) = month_at(i) {
        let end = scan.lit(end, ".").unwrap_or(end);
        let day = scan.digits(scan.spaces(end), 2)?;
        // `March 10:00` is no date.
        return if scan.is(day.end, ':') {
            None
        } else {
            finish(month, day.value, suffix(day.end))
        };
    }
    let day = scan.digits(i, 2).filter(|_| !scan.glued(i))?;
    let (month, end) = month_at(scan.spaces(suffix(day.end)))?;
    finish(month, day.value, end)
}

/// `本日`, `来週の土曜日`, `今月20日`.
pub(super) fn relative(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
    const DAYS: [(&str, i64); 14] = [
        ("本日", 0),
        ("今日", 0),
        ("今夜", 0),
        ("今晩", 0),
        ("明後日", 2),
        ("明々後日", 3),
        ("明日", 1),
        ("明晩", 1),
        ("明朝", 1),
        ("あす", 1),
        ("あさって", 2),
        ("today", 0),
        ("tonight", 0),
        ("tomorrow", 1),
    ];
    if let Some((index, end)) = scan.one_of(i, &DAYS.map(|(word, _)| word)) {
        let (word, days) = DAYS.get(index)?;
        // `今夜` also says which half of the day; the time's own reading needs it.
        let end =
            if matches!(*word, "今夜" | "今晩" | "明晩" | "明朝") { end - 1 } else { end };
        let end =
            weekday::behind(scan, end).filter(|_| scan.is(end, '(')).map_or(end, |(_, end)| end);
        return Some((Kind::Relative(Relative::Days(*days)), end));
    }
    let weeks = [("今週", 0), ("再来週", 2), ("来週", 1), ("翌週", 1)];
    if let Some((index, end)) = scan.one_of(i, &weeks.map(|(word, _)| word)) {
        let weeks = weeks.get(index)?.1;
        let at = scan.spaces(scan.lit(end, "の").unwrap_or(end));
        let named = weekday::named(scan, at)
            .or_else(|| weekday::behind(scan, at).and_then(|(day, end)| day.map(|day| (day, end))));
        return Some(match named {
            Some((day, end)) => (Kind::Relative(Relative::Week(weeks, day)), end),
            None => (Kind::Vague, end),
        });
    }
    let months = [("今月", 0), ("再来月", 2), ("来月", 1), ("当月", 0)];
    let (index, end) = scan.one_of(i, &months.map(|(word, _)| word))?;
    let months = months.get(index)?.1;
    let at = scan.spaces(scan.lit(end, "の").unwrap_or(end));
    match scan.number(at, 2) {
        Some(day) if scan.is(day.end, '日') => {
            let end = weekday::behind(scan, day.end + 1).map_or(day.end + 1, |(_, end)| end);
            Some((Kind::Relative(Relative::Month(months, day.value)), end))
        }
        _ => Some((Kind::Vague, scan.lit(at, "末").unwrap_or(end))),
    }
}
