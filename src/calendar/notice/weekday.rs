//! Days of the week, beside a date or alone. 0 is Sunday.

use super::scan::Scan;

const KANJI: [char; 7] = ['日', '月', '火', '水', '木', '金', '土'];
const ENGLISH: [&str; 21] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sun",
    "mon",
    "tues",
    "wed",
    "thurs",
    "fri",
    "sat",
    "sun",
    "mon",
    "tue",
    "wed",
    "thur",
    "fri",
    "sat",
];

fn kanji(ch: char) -> Option<u8> {
    KANJI.iter().position(|day| *day == ch).and_then(|at| u8::try_from(at).ok())
}

/// `Sat`, `Saturday`, with or without a full stop.
pub(super) fn english(scan: Scan<'_>, i: usize) -> Option<(u8, usize)> {
    let (index, end) = scan
        .one_of(i, &ENGLISH)
        .or_else(|| scan.one_of(i, &["thu", "thu"]).map(|(_, end)| (4, end)))?;
    let end = if scan.is(end, '.') { end + 1 } else { end };
    u8::try_from(index % 7).ok().map(|day| (day, end))
}

/// `土曜日`, `土曜`.
pub(super) fn named(scan: Scan<'_>, i: usize) -> Option<(u8, usize)> {
    let day = scan.at(i).and_then(kanji)?;
    let end = scan.lit(i + 1, "曜")?;
    Some((day, scan.lit(end, "日").unwrap_or(end)))
}

/// What stands behind a date: `(土)`, `（土・祝）`, `[Sat]`, `土曜日`, or `土` in a cell of its own.
/// The day is `None` for `(祝)`.
pub(super) fn behind(scan: Scan<'_>, i: usize) -> Option<(Option<u8>, usize)> {
    let at = scan.spaces(i);
    if let Some((day, end)) = named(scan, at) {
        return Some((Some(day), end));
    }
    let closing = match scan.at(at)? {
        '(' => ')',
        '[' => ']',
        '<' => '>',
        '〈' => '〉',
        '【' => '】',
        '〔' => '〕',
        ',' => return english(scan, scan.spaces(at + 1)).map(|(day, end)| (Some(day), end)),
        _ => return english(scan, at).map(|(day, end)| (Some(day), end)).or_else(|| cell(scan, i)),
    };
    bracketed(scan, at + 1, closing)
}

fn bracketed(scan: Scan<'_>, from: usize, closing: char) -> Option<(Option<u8>, usize)> {
    let mut found = None;
    let mut holiday = false;
    let mut i = from;
    while i < from + 16 {
        let ch = scan.at(i)?;
        if ch == closing {
            return (found.is_some() || holiday).then_some((found, i + 1));
        }
        if let Some((_, end)) = scan.one_of(
            i,
            &["振替休日", "国民の休日", "祝日", "休日", "振休", "祝", "休", "振替", "holiday"],
        ) {
            holiday = true;
            i = end;
        } else if let Some((day, end)) = named(scan, i).or_else(|| english(scan, i)) {
            found = found.or(Some(day));
            i = end;
        } else if let Some(day) = kanji(ch).filter(|_| found.is_none()) {
            found = Some(day);
            i += 1;
        } else if matches!(ch, ' ' | '・' | '/' | ',' | '、' | '.' | ':' | '-') {
            i += 1;
        } else {
            return None;
        }
    }
    None
}

/// A single kanji between spaces, tabs or bars.
fn cell(scan: Scan<'_>, i: usize) -> Option<(Option<u8>, usize)> {
    let mut at = i;
    while matches!(scan.at(at), Some(' ' | '\t' | '|')) {
        at += 1;
    }
    let day = scan.at(at).and_then(kanji).filter(|_| at > i)?;
    let alone = matches!(scan.at(at + 1), None | Some(' ' | '\t' | '|'));
    alone.then_some((Some(day), at + 1))
}

/// `土`, `土・日`, `月曜から金曜`, `平日`: days after `毎週` or `第3`.
pub(super) fn list(scan: Scan<'_>, i: usize) -> Option<(Vec<u8>, usize)> {
    if let Some(end) = scan.lit(i, "平日") {
        return Some((vec![1, 2, 3, 4, 5], end));
    }
    let mut days: Vec<u8> = Vec::new();
    let mut i = i;
    let mut end = i;
    let mut range = false;
    while days.len() < 14 {
        let (day, after) = match named(scan, i).or_else(|| english(scan, i)) {
            Some(found) => found,
            None => match scan.at(i).and_then(kanji) {
                Some(day) => (day, i + 1),
                None => break,
            },
        };
        if let Some(first) = days.last().copied().filter(|_| range) {
            let mut next = first;
            while next != day && days.len() < 7 {
                next = (next + 1) % 7;
                days.push(next);
            }
        } else {
            days.push(day);
        }
        end = after;
        let gap = scan.spaces(after);
        if let Some((index, next)) = scan
            .one_of(gap, &["・", "、", ",", "/", "と", "及び", "および", "~", "-", "から", "and"])
        {
            range = (7..=9).contains(&index);
            i = scan.spaces(next);
        } else {
            range = false;
            i = after;
        }
    }
    (!days.is_empty()).then_some((days, end))
}
