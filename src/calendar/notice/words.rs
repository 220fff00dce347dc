//! Words, addresses, lengths and bare numbers of a line.

use super::scan::Scan;
use super::token::{Kind, Mark, Sep};

/// Addresses of the net and of mail, which may hold figures that look like dates.
pub(super) fn blob(scan: Scan<'_>, i: usize) -> Option<usize> {
    let ch = scan.at(i)?;
    if !ch.is_ascii_alphanumeric() || scan.before(i).is_some_and(|ch| ch.is_ascii_alphanumeric()) {
        return None;
    }
    let mut end = i;
    let mut known = scan.one_of_loose(i, &["www."]).is_some() || scan.lit(i, "www.").is_some();
    while let Some(ch) = scan.at(end) {
        if !ch.is_ascii_graphic()
            || matches!(ch, '<' | '>' | '(' | ')' | '"' | '|' | ',' | '[' | ']')
        {
            break;
        }
        known |= ch == '@' || (ch == ':' && scan.lit(end, "://").is_some());
        end += 1;
        if end - i > 300 {
            break;
        }
    }
    if known {
        return Some(end);
    }
    // Telephone numbers, network addresses, versions: three groups or more, none a date.
    figures(scan, i)
}

pub(super) fn figures(scan: Scan<'_>, i: usize) -> Option<usize> {
    let mut end = i;
    let mut groups = 0;
    let mut sign = None;
    let mut first = 0;
    loop {
        let from = end;
        while scan.at(end).is_some_and(|ch| ch.is_ascii_digit()) && end - from < 12 {
            end += 1;
        }
        if end == from {
            return None;
        }
        groups += 1;
        if groups == 1 {
            first = end - from;
        }
        let here = scan.at(end).filter(|ch| matches!(ch, '-' | '.'));
        match here {
            Some(ch)
                if sign.is_none_or(|sign| sign == ch)
                    && scan.at(end + 1).is_some_and(|ch| ch.is_ascii_digit()) =>
            {
                sign = Some(ch);
                end += 1;
            }
            _ => break,
        }
        if groups > 8 {
            break;
        }
    }
    // Four digits first may be a year; `22-24時` has two groups.
    (groups >= 3 && first != 4).then_some(end)
}

pub(super) fn word(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
    let words: [(&[&str], Kind); 12] = [
        (&["までに", "迄に"], Kind::UntilBy),
        (&["まで", "迄"], Kind::Until),
        (&["から", "より", "to", "until", "till", "through", "thru"], Kind::Sep(Sep::Word)),
        (&["及び", "および", "並びに", "ならびに", "と", "and"], Kind::Comma),
        (
            &[
                "各日",
                "毎日",
                "毎晩",
                "毎夜",
                "各夜",
                "各晩",
                "両日",
                "連日",
                "いずれも",
                "それぞれ",
                "日毎",
                "日ごと",
                "各回",
                "nightly",
                "every night",
                "each night",
                "each day",
                "every day",
                "daily",
            ],
            Kind::Each,
        ),
        (&["終日", "一日中", "1日中", "丸一日", "全日", "丸1日", "all day"], Kind::AllDay),
        (&["同時刻", "同時間帯", "同上", "同じ時間", "同時間", "同じ時刻"], Kind::SameTime),
        (
            &[
                "未定",
                "調整中",
                "順次",
                "検討中",
                "終わり次第",
                "終了次第",
                "完了次第",
                "未確定",
                "後日",
                "TBD",
                "ASAP",
            ],
            Kind::Undecided,
        ),
        (
            &[
                "月末",
                "月初",
                "年末年始",
                "年度末",
                "年末",
                "上旬",
                "中旬",
                "下旬",
                "連休中",
                "近日中",
                "大型連休",
            ],
            Kind::Vague,
        ),
        (&["開始"], Kind::Mark(Mark::Start)),
        (&["終了", "完了", "復旧", "再開"], Kind::Mark(Mark::End)),
        (&["祝日"], Kind::Text),
    ];
    words.into_iter().find_map(|(list, kind)| scan.one_of(i, list).map(|(_, end)| (kind, end)))
}

/// `3時間`, `2時間30分`, `1.5時間`, `90分間`, `2時間半`, `3日間`.
pub(super) fn length(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
    if matches!(scan.before(i), Some('0'..='9' | '.'))
        || (scan.is(i.wrapping_sub(1), ':') && scan.glued(i))
    {
        return None;
    }
    let rough_before = scan.before(i).is_some_and(|ch| matches!(ch, '約' | '大' | '長' | 'そ'));
    let number = scan.number(i, 3)?;
    let mut minutes = i64::from(number.value) * 60;
    let mut end = number.end;
    if scan.is(end, '.')
        && let Some(part) = scan.digits(end + 1, 1)
    {
        minutes += i64::from(part.value) * 6;
        end = part.end;
    }
    let at = scan.spaces(end);
    let end = if let Some((_, end)) = scan.one_of(at, &["時間", "hours", "hour", "hrs", "h"]) {
        // `22h00` is a time of day.
        if scan.before(end) == Some('h') && scan.at(end).is_some_and(|ch| ch.is_ascii_digit()) {
            return None;
        }
        if let Some(end) = scan.lit(end, "半") {
            minutes += 30;
            end
        } else if let Some(part) = scan.digits(scan.spaces(end), 2)
            && let Some((_, end)) = scan.one_of(scan.spaces(part.end), &["分", "minutes", "min"])
        {
            minutes += i64::from(part.value);
            end
        } else {
            end
        }
    } else if let Some((_, end)) = scan.one_of(at, &["分", "minutes", "min"]) {
        if number.kanji {
            return None;
        }
        minutes /= 60;
        end
    } else if let Some(end) = scan.lit(at, "日間") {
        return Some((Kind::Days, end));
    } else {
        return None;
    };
    let rough = scan.one_of(
        scan.spaces(scan.lit(end, "間").unwrap_or(end)),
        &["程度", "ほど", "前後", "くらい", "ぐらい", "弱", "強", "以内", "予定"],
    );
    Some((
        Kind::Length { minutes, rough: rough_before || rough.is_some() },
        rough.map_or(end, |(_, end)| end),
    ))
}

pub(super) fn number(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
    let number = scan
        .digits(i, 2)
        .filter(|_| !scan.glued(i) || matches!(scan.before(i), Some('-' | '/')))?;
    let next = scan.at(scan.spaces(number.end));
    let joined = matches!(
        next,
        None | Some(
            '~' | '-' | '・' | '、' | ',' | '(' | '→' | '|' | '\t' | 'か' | 'と' | '及' | 'ー'
        )
    ) || scan.at(number.end) == Some(' ');
    joined.then_some((Kind::Number(number.value), number.end))
}
