//! Cuts a line into tokens.

use super::clock_time;
use super::date;
use super::neighbours;
use super::normalise::{BULLET, Glyph, STRUCK, UNSTRUCK};
use super::recurring;
use super::restate;
use super::scan::Scan;
use super::token::{Kind, Sep, Token};
use super::weekday;
use super::words;
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
    neighbours::explain_numbers(&mut tokens);
    restate::restated(glyphs, &mut tokens);
    restate::wide_ranges(&mut tokens);
    restate::dates_behind(glyphs, &mut tokens);
    neighbours::english_weekdays(&mut tokens);
    tokens
}

fn next(scan: Scan<'_>, i: usize, tokens: &[Token]) -> (Kind, usize) {
    let Some(ch) = scan.at(i) else { return (Kind::Text, i + 1) };
    if let Some(found) = symbol(scan, i, ch, tokens) {
        return found;
    }
    // What can begin no word of ours is passed over quickly.
    if let Some(end) = words::blob(scan, i) {
        return (Kind::Text, end);
    }
    let found = zone::zone(scan, i)
        .or_else(|| recurring::rule(scan, i))
        .or_else(|| {
            // `により`, `ですから` separate nothing: a time or date stands before what does.
            let (kind, end) = words::word(scan, i)?;
            let behind = tokens.last().is_none_or(|token| token.kind != Kind::Text)
                || tokens.last().is_some_and(|token| scan.only_spaces(token.start, token.end));
            let japanese = scan.at(i).is_some_and(|ch| !ch.is_ascii());
            let kind = match kind {
                Kind::Sep(Sep::Word) if japanese && !behind => Kind::Text,
                kind => kind,
            };
            Some((kind, end))
        })
        .or_else(|| date::relative(scan, i))
        .or_else(|| date::date(scan, i))
        .or_else(|| clock_time::time(scan, i).map(|(lit, end)| (Kind::Time(lit), end)))
        .or_else(|| words::length(scan, i))
        .or_else(|| weekday::named(scan, i).map(|(day, end)| (Kind::Weekday(day), end)))
        .or_else(|| english_day(scan, i))
        .or_else(|| words::number(scan, i));
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
        // `2027-01-16T22:00/2027-01-17T05:00`
        '/' if matches!(
            tokens.last().map(|token| &token.kind),
            Some(Kind::Time(_) | Kind::Zone(_))
        ) && scan.digits(i + 1, 8).is_some_and(|number| number.digits >= 4) =>
        {
            Some((Kind::Sep(Sep::Wave), i + 1))
        }
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
