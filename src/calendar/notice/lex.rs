//! Cuts a line into tokens.

use super::clock_time;
use super::date;
use super::normalise::{BULLET, Glyph, STRUCK, UNSTRUCK};
use super::recurring;
use super::restate;
use super::scan::Scan;
use super::token::{Kind, Mark, Sep, Token};
use super::weekday;
use super::zone;

/// The tokens of a line, in order. Text between them is a token as well.
pub(super) fn lex(glyphs: &[Glyph]) -> Vec<Token> {
    let scan = Scan { glyphs };
    let mut tokens: Vec<Token> = Vec::new();
    let mut i = 0;
    while i < glyphs.len() {
        let (kind, end) = next(scan, i, &tokens);
        let end = end.max(i + 1);
        match (tokens.last_mut(), &kind) {
            // Text grows; spaces between tokens vanish.
            (Some(last), Kind::Text) if last.kind == Kind::Text && last.end == i => last.end = end,
            (_, Kind::Text) if end == i + 1 && scan.is(i, ' ') => {}
            _ => tokens.push(Token { kind, start: i, end }),
        }
        i = end;
    }
    explain_numbers(&mut tokens);
    restate::restated(&mut tokens);
    restate::dates_behind(glyphs, &mut tokens);
    english_weekdays(&mut tokens);
    tokens
}

fn next(scan: Scan<'_>, i: usize, tokens: &[Token]) -> (Kind, usize) {
    let Some(ch) = scan.at(i) else { return (Kind::Text, i + 1) };
    if let Some(found) = symbol(scan, i, ch, tokens) {
        return found;
    }
    // What can begin no word of ours is passed over quickly.
    if let Some(end) = blob(scan, i) {
        return (Kind::Text, end);
    }
    let found = zone::zone(scan, i)
        .or_else(|| recurring::rule(scan, i))
        .or_else(|| word(scan, i))
        .or_else(|| date::relative(scan, i))
        .or_else(|| date::date(scan, i))
        .or_else(|| clock_time::time(scan, i).map(|(lit, end)| (Kind::Time(lit), end)))
        .or_else(|| length(scan, i))
        .or_else(|| weekday::named(scan, i).map(|(day, end)| (Kind::Weekday(day), end)))
        .or_else(|| english_day(scan, i))
        .or_else(|| number(scan, i));
    if let Some(found) = found {
        return found;
    }
    if ch.is_ascii_alphabetic() {
        let mut end = i + 1;
        while scan.at(end).is_some_and(|ch| ch.is_ascii_alphabetic()) {
            end += 1;
        }
        return (Kind::Text, end);
    }
    // What is left of a longer figure is no time of day.
    if ch.is_ascii_digit() {
        let mut end = i + 1;
        while scan.at(end).is_some_and(|ch| ch.is_ascii_digit()) {
            end += 1;
        }
        return (Kind::Text, end);
    }
    (Kind::Text, i + 1)
}

fn english_day(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
    weekday::english(scan, i).map(|(day, end)| (Kind::Weekday(day), end))
}

/// Addresses of the net and of mail, which may hold figures that look like dates.
fn blob(scan: Scan<'_>, i: usize) -> Option<usize> {
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

fn figures(scan: Scan<'_>, i: usize) -> Option<usize> {
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

fn symbol(scan: Scan<'_>, i: usize, ch: char, tokens: &[Token]) -> Option<(Kind, usize)> {
    let run = |of: char| {
        let mut end = i;
        while scan.is(end, of) {
            end += 1;
        }
        end
    };
    let figure = |ch: Option<char>| {
        ch.is_some_and(|ch| {
            ch.is_ascii_digit()
                || matches!(
                    ch,
                    ')' | ']'
                        | '時'
                        | '分'
                        | '日'
                        | '半'
                        | '頃'
                        | ' '
                        | '翌'
                        | '午'
                        | '('
                        | '曜'
                        | '同'
                        | '深'
                )
        })
    };
    match ch {
        '至' if matches!(
            tokens.last().map(|token| &token.kind),
            Some(Kind::Time(_) | Kind::Cell)
        ) || (matches!(tokens.last().map(|token| &token.kind), Some(Kind::Text))
            && matches!(
                tokens.iter().rev().nth(1).map(|token| &token.kind),
                Some(Kind::Time(_))
            )) =>
        {
            Some((Kind::Sep(Sep::Word), i + 1))
        }
        '\t' | '|' => Some((Kind::Cell, i + 1)),
        ' ' => {
            // Two spaces and more may be the border of a column; between numbers they are.
            let end = run(' ');
            Some(if end - i >= 2 && !tokens.is_empty() {
                (Kind::Cell, end)
            } else {
                (Kind::Text, i + 1)
            })
        }
        '~' => Some((Kind::Sep(Sep::Wave), run('~'))),
        '→' => Some((Kind::Sep(Sep::Arrow), run('→'))),
        '=' if scan.is(i + 1, '>') => Some((Kind::Sep(Sep::Arrow), i + 2)),
        '-' if scan.is(i + 1, '>') => Some((Kind::Sep(Sep::Arrow), i + 2)),
        '-' => {
            let end = run('-');
            Some((if end - i <= 2 { Kind::Sep(Sep::Dash) } else { Kind::Text }, end))
        }
        'ー' if figure(scan.before(i)) && figure(scan.at(i + 1)) => {
            Some((Kind::Sep(Sep::Dash), i + 1))
        }
        '.' if scan.lit(i, "...").is_some() => Some((Kind::Sep(Sep::Wave), run('.'))),
        '・' if scan.lit(i, "・・").is_some() => Some((Kind::Sep(Sep::Wave), run('・'))),
        '、' | ',' | '・' | '&' | '/' | ';' => Some((Kind::Comma, i + 1)),
        // `(土)22:00～(日)5:00`
        '(' if matches!(weekday::behind(scan, i), Some((Some(_), _))) => {
            let (day, end) = weekday::behind(scan, i)?;
            Some((Kind::Weekday(day?), end))
        }
        '(' | '[' | '【' | '「' | '〔' | '<' | '《' | '『' => Some((Kind::Open, i + 1)),
        ')' | ']' | '】' | '」' | '〕' | '>' | '》' | '』' => Some((Kind::Close, i + 1)),
        STRUCK => Some((Kind::Struck, i + 1)),
        UNSTRUCK | BULLET => Some((Kind::Text, i + 1)),
        _ => None,
    }
}

fn word(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
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
fn length(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
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

fn number(scan: Scan<'_>, i: usize) -> Option<(Kind, usize)> {
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

/// Gives bare numbers the unit of their neighbours: `22～24時`, `16・17日`, `1/16-18`.
fn explain_numbers(tokens: &mut Vec<Token>) {
    let joins = |token: Option<&Token>| {
        matches!(token.map(|token| &token.kind), Some(Kind::Sep(_) | Kind::Comma))
    };
    for i in (0..tokens.len()).rev() {
        let Some(Kind::Number(value)) = tokens.get(i).map(|token| token.kind.clone()) else {
            continue;
        };
        if !joins(tokens.get(i + 1)) {
            continue;
        }
        let explained = match tokens.get(i + 2).map(|token| &token.kind) {
            Some(Kind::Time(other))
                if other.unit
                    && matches!(tokens.get(i + 1).map(|t| &t.kind), Some(Kind::Sep(_))) =>
            {
                let mut lit = *other;
                lit.minutes = i64::from(value) * 60;
                (lit.shift, lit.late, lit.afternoon, lit.rough) = (None, false, None, false);
                (lit.mark, lit.after, lit.weekday) = (None, false, None);
                lit.problem = (value > 29).then_some(super::code::Code::ImpossibleTime);
                Some(Kind::Time(lit))
            }
            Some(Kind::Length { minutes, .. }) => {
                Some(Kind::Length { minutes: *minutes, rough: true })
            }
            Some(Kind::Date(other)) if other.month.is_none() && !other.next => {
                Some(Kind::Date(super::token::DateLit { day: value, weekday: None, ..*other }))
            }
            _ => None,
        };
        if let (Some(kind), Some(token)) = (explained, tokens.get_mut(i)) {
            // `2～3時間` is one length, the longer.
            if matches!(kind, Kind::Length { .. }) {
                let end = tokens.get(i + 2).map_or(0, |token| token.end);
                if let Some(token) = tokens.get_mut(i) {
                    token.kind = kind;
                    token.end = end;
                }
                tokens.drain(i + 1..(i + 3).min(tokens.len()));
            } else {
                token.kind = kind;
            }
        }
    }
    for i in 2..tokens.len() {
        let Some(Kind::Number(value)) = tokens.get(i).map(|token| token.kind.clone()) else {
            continue;
        };
        let before = tokens.get(i - 2).map(|token| token.kind.clone());
        if let Some(Kind::Date(_)) = before
            && joins(tokens.get(i - 1))
            && (1..=31).contains(&value)
            && let Some(token) = tokens.get_mut(i)
        {
            let weekday = None;
            token.kind = Kind::Date(super::token::DateLit {
                year: None,
                month: None,
                day: value,
                weekday,
                next: false,
            });
        }
    }
}

/// `Sat, Jan 16`: the day of the week stands first.
fn english_weekdays(tokens: &mut Vec<Token>) {
    let mut i = 0;
    while i + 1 < tokens.len() {
        let Some(Kind::Weekday(day)) = tokens.get(i).map(|token| token.kind.clone()) else {
            i += 1;
            continue;
        };
        let comma = matches!(tokens.get(i + 1).map(|token| &token.kind), Some(Kind::Comma));
        let at = if comma { i + 2 } else { i + 1 };
        let start = tokens.get(i).map_or(0, |token| token.start);
        let near = tokens
            .get(at)
            .is_some_and(|next| next.start <= tokens.get(i).map_or(0, |token| token.end) + 3);
        if near
            && let Some(Token { kind: Kind::Date(lit), start: from, .. }) = tokens.get_mut(at)
            && lit.weekday.is_none()
        {
            lit.weekday = Some(day);
            *from = start;
            tokens.drain(i..at);
        }
        i += 1;
    }
}
