//! Rules as they are written: `毎週日曜`, `毎月第2・第4土曜`, `毎月末日`, `毎年12月31日`.

use super::rule::Rule;
use super::scan::Scan;
use super::token::Kind;
use super::weekday;

/// A rule at `i`, and where it ends; [`Kind::BadRule`] where it is one that is not understood.
pub(super) fn rule(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
    let skip = |at| {
        let at = scan.spaces(at);
        scan.one_of(at, &["の", "、", ":"]).map_or(at, |(_, end)| scan.spaces(end))
    };
    if let Some((index, end)) = scan.one_of(
        i,
        &[
            "毎週",
            "各週",
            "毎平日",
            "平日毎日",
            "平日の毎日",
            "平日毎晩",
            "隔週",
            "2週間に1回",
            "2週間ごと",
        ],
    ) {
        if (2..=5).contains(&index) {
            return Some((Kind::Rule(Rule::Weekly { every: 1, days: vec![1, 2, 3, 4, 5] }), end));
        }
        let every = if index >= 6 { 2 } else { 1 };
        let at = skip(end);
        return Some(match weekday::list(scan, at) {
            Some((days, end)) => {
                let end = scan.lit(end, "祝日").or_else(|| scan.lit(end, "祝")).unwrap_or(end);
                (Kind::Rule(Rule::Weekly { every, days: once(days) }), end)
            }
            None => (Kind::BadRule, end),
        });
    }
    if let Some((index, end)) = scan.one_of(i, &["毎月", "各月", "奇数月", "偶数月"]) {
        let months = match index {
            2 => vec![1, 3, 5, 7, 9, 11],
            3 => vec![2, 4, 6, 8, 10, 12],
            _ => Vec::new(),
        };
        return Some(monthly(scan, skip(end), months).unwrap_or((Kind::BadRule, end)));
    }
    if let Some((months, end)) = months(scan, i)
        && let Some(found) = nth(scan, skip(end), &months)
    {
        return Some(found);
    }
    if let Some(end) = scan.lit(i, "毎年") {
        return Some(yearly(scan, skip(end)).unwrap_or((Kind::BadRule, end)));
    }
    if let Some((_, end)) =
        scan.one_of(i, &["毎営業日", "四半期ごと", "四半期毎", "毎四半期", "毎時"])
    {
        return Some((Kind::BadRule, end));
    }
    if scan.is(i, '第') {
        return nth(scan, i, &[]);
    }
    english(scan, i)
}

/// `6月・9月・12月`: two months or more.
fn months(scan: Scan<'_>, i: usize) -> Option<(Vec<u32>, usize)> {
    if scan.before(i).is_some_and(|ch| ch.is_ascii_digit()) {
        return None;
    }
    let mut months = Vec::new();
    let mut at = i;
    while months.len() < 12 {
        let number = scan.number(at, 2).filter(|number| (1..=12).contains(&number.value))?;
        let end = scan.lit(scan.spaces(number.end), "月")?;
        months.push(number.value);
        match scan.one_of(end, &["・", "、", ",", "と"]) {
            Some((_, next)) => at = scan.spaces(next),
            None => return (months.len() > 1).then_some((months, end)),
        }
    }
    None
}

fn once(days: Vec<u8>) -> Vec<u8> {
    let mut kept = Vec::new();
    for day in days {
        if !kept.contains(&day) {
            kept.push(day);
        }
    }
    kept
}

fn monthly(scan: Scan<'_>, at: usize, months: Vec<u32>) -> Option<(Kind, usize)> {
    if let Some(found) = nth(scan, at, &months) {
        return Some(found);
    }
    if let Some((_, end)) = scan.one_of(at, &["最終", "最後の", "末"])
        && let Some((day, end)) = weekday::named(scan, scan.spaces(end))
    {
        return Some((Kind::Rule(Rule::MonthlyByWeekday { days: vec![(-1, day)], months }), end));
    }
    if let Some((_, end)) = scan.one_of(at, &["末日", "最終日", "月末日", "晦日"]) {
        return Some((Kind::Rule(Rule::MonthlyByDay { days: vec![-1], months }), end));
    }
    let mut days: Vec<i8> = Vec::new();
    let mut at = at;
    let mut range = false;
    loop {
        let number = scan.number(at, 2).filter(|number| (1..=31).contains(&number.value))?;
        let day = i8::try_from(number.value).ok()?;
        match days.last().copied().filter(|_| range) {
            Some(first) if first < day => days.extend(first + 1..=day),
            Some(_) => return None,
            None => days.push(day),
        }
        let end = scan.spaces(number.end);
        let unit = scan.lit(end, "日");
        let after = unit.unwrap_or(number.end);
        let gap = scan.spaces(after);
        let next = scan.one_of(gap, &["・", "、", ",", "と", "及び", "および", "~", "-", "から"]);
        match next {
            Some((index, next))
                if scan
                    .number(scan.spaces(next), 2)
                    .is_some_and(|number| scan.is(scan.spaces(number.end), '日')) =>
            {
                range = index >= 6;
                at = scan.spaces(next);
            }
            _ => {
                unit?;
                return Some((Kind::Rule(Rule::MonthlyByDay { days, months }), after));
            }
        }
        if days.len() > 31 {
            return None;
        }
    }
}

/// `第2・第4土曜日`, `第2、4土曜`, `第3(水)`.
fn nth(scan: Scan<'_>, at: usize, months: &[u32]) -> Option<(Kind, usize)> {
    let mut places: Vec<i8> = Vec::new();
    let mut found: Vec<(i8, u8)> = Vec::new();
    let mut end = at;
    let mut at = at;
    while found.len() < 12 && places.len() < 6 {
        let last = scan.lit(at, "最終");
        let place = match last {
            Some(end) => Some((-1, end)),
            None => {
                let inner = scan.lit(at, "第");
                let inner = if places.is_empty() { inner } else { inner.or(Some(at)) };
                inner
                    .and_then(|inner| scan.number(scan.spaces(inner), 1))
                    .filter(|number| (1..=5).contains(&number.value))
                    .and_then(|number| i8::try_from(number.value).ok().map(|n| (n, number.end)))
            }
        };
        let Some((place, after)) = place else { break };
        places.push(place);
        let gap = scan.spaces(after);
        let gap = scan.lit(gap, "週").or_else(|| scan.lit(gap, "の")).unwrap_or(gap);
        let days = if scan.is(gap, '(') {
            weekday::behind(scan, gap).and_then(|(day, end)| day.map(|day| (vec![day], end)))
        } else {
            weekday::named(scan, gap).map(|(day, end)| (vec![day], end)).or_else(|| {
                let (days, end) = weekday::list(scan, gap)?;
                scan.lit(end, "曜")
                    .or(scan.at(end).is_none_or(|ch| !('一'..='龥').contains(&ch)).then_some(end))
                    .map(|end| (days, end))
            })
        };
        let mut after = gap;
        if let Some((days, stop)) = days {
            found.extend(
                places.drain(..).flat_map(|place| days.iter().map(move |day| (place, *day))),
            );
            after = stop;
            end = stop;
        }
        let gap = scan.spaces(after);
        let Some((_, next)) =
            scan.one_of(gap, &["・", "、", ",", "と", "及び", "および", "/", "&"])
        else {
            if places.is_empty() {
                break;
            }
            return None;
        };
        at = scan.spaces(next);
    }
    if found.is_empty() {
        return None;
    }
    Some((Kind::Rule(Rule::MonthlyByWeekday { days: found, months: months.to_vec() }), end))
}

fn yearly(scan: Scan<'_>, at: usize) -> Option<(Kind, usize)> {
    let month = scan.number(at, 2).filter(|number| (1..=12).contains(&number.value))?;
    let at = scan.lit(scan.spaces(month.end), "月").or_else(|| scan.lit(month.end, "/"))?;
    let day = scan.number(scan.spaces(at), 2).filter(|number| (1..=31).contains(&number.value))?;
    let end = scan.lit(scan.spaces(day.end), "日").unwrap_or(day.end);
    Some((Kind::Rule(Rule::Yearly { month: month.value, day: day.value }), end))
}

/// `every Sunday`, `every third Wednesday`, `2nd Saturday of each month`.
fn english(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
    const NTH: [(&str, i8); 10] = [
        ("first", 1),
        ("second", 2),
        ("third", 3),
        ("fourth", 4),
        ("last", -1),
        ("1st", 1),
        ("2nd", 2),
        ("3rd", 3),
        ("4th", 4),
        ("5th", 5),
    ];
    let every = scan.one_of(i, &["every", "each"]).map(|(_, end)| scan.spaces(end));
    let at = every.unwrap_or(i);
    if let Some((index, end)) = scan.one_of(at, &NTH.map(|(word, _)| word))
        && let Some((day, end)) = weekday::english(scan, scan.spaces(end))
    {
        let place = NTH.get(index)?.1;
        let rule = Rule::MonthlyByWeekday { days: vec![(place, day)], months: Vec::new() };
        return Some((Kind::Rule(rule), end));
    }
    if let Some((_, end)) = scan.one_of(i, &["every other week", "every two weeks", "biweekly"]) {
        return Some((Kind::BadRule, end));
    }
    let (days, end) = weekday::list(scan, every?)?;
    Some((Kind::Rule(Rule::Weekly { every: 1, days: once(days) }), end))
}
