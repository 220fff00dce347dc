//! Gives tokens what their neighbours explain: units of bare numbers, days of the week.

use super::token::{Kind, Token};

/// Gives bare numbers the unit of their neighbours: `22～24時`, `16・17日`, `1/16-18`.
pub(super) fn explain_numbers(tokens: &mut Vec<Token>) {
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
                beside: None,
            });
        }
    }
}

/// `Sat, Jan 16`: the day of the week stands first.
pub(super) fn english_weekdays(tokens: &mut Vec<Token>) {
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
