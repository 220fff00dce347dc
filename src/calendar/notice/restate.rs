//! Takes out what only says again, and puts an English date before its time.

use super::normalise::Glyph;
use super::token::{Kind, Relative, Sep, Token};

/// Takes out what only says again: `29:00(翌5:00)`, `午後10時(22:00)`, `本日(1月5日)`.
pub(super) fn restated(glyphs: &[Glyph], tokens: &mut Vec<Token>) {
    let kind = |tokens: &[Token], i: usize| tokens.get(i).map(|token| token.kind.clone());
    let mut i = 0;
    while i + 1 < tokens.len() {
        let open = kind(tokens, i + 1) == Some(Kind::Open);
        match (kind(tokens, i), kind(tokens, i + 2), kind(tokens, i + 3)) {
            (Some(Kind::Time(first)), Some(Kind::Time(second)), Some(Kind::Close))
                if open && first.minutes % 1440 == second.minutes % 1440 =>
            {
                let next = second.minutes >= 1440 || second.shift == Some(1);
                if let Some(Token { kind: Kind::Time(lit), .. }) = tokens.get_mut(i)
                    && next
                    && lit.minutes < 1440
                {
                    lit.shift = lit.shift.or(Some(1));
                }
                tokens.drain(i + 1..i + 4);
            }
            (Some(Kind::Relative(relative)), Some(Kind::Date(_)), _) if open => {
                beside(tokens.get_mut(i + 2), relative);
                tokens.drain(i..i + 2);
            }
            (Some(Kind::Relative(relative)), _, _)
                if matches!(kind(tokens, i + 1), Some(Kind::Date(_))) =>
            {
                beside(tokens.get_mut(i + 1), relative);
                tokens.remove(i);
            }
            // `翌日(14日)5:00`
            (Some(Kind::Text), Some(Kind::Date(_)), Some(Kind::Close))
                if open && next_day(glyphs, tokens.get(i)) =>
            {
                if let Some(Token { kind: Kind::Date(lit), .. }) = tokens.get_mut(i + 2) {
                    lit.next = true;
                }
                tokens.remove(i + 3);
                tokens.drain(i..i + 2);
            }
            _ => {}
        }
        i += 1;
    }
}

/// A day without a month has it from the words that count from the day of reading.
fn beside(token: Option<&mut Token>, relative: Relative) {
    if let Some(Token { kind: Kind::Date(lit), .. }) = token
        && lit.month.is_none()
    {
        lit.beside = Some(relative);
    }
}

fn next_day(glyphs: &[Glyph], token: Option<&Token>) -> bool {
    let words = token.and_then(|token| glyphs.get(token.start..token.end)).unwrap_or_default();
    let words: String = words.iter().map(|glyph| glyph.ch).collect();
    matches!(words.trim(), "翌日" | "翌" | "翌朝")
}

/// `22:00   ～   23:30`: the spaces of an aligned list are no borders of columns.
pub(super) fn wide_ranges(tokens: &mut Vec<Token>) {
    let mut i = 1;
    while i + 1 < tokens.len() {
        let kind = |i: usize| tokens.get(i).map(|token| &token.kind);
        let start = matches!(kind(i - 1), Some(Kind::Time(_) | Kind::Close));
        let wave = matches!(kind(i + 1), Some(Kind::Sep(Sep::Wave | Sep::Word)));
        if start && kind(i) == Some(&Kind::Cell) && wave {
            let behind = kind(i + 2) == Some(&Kind::Cell)
                && matches!(kind(i + 3), Some(Kind::Time(_) | Kind::Date(_)));
            if behind {
                tokens.remove(i + 2);
            }
            tokens.remove(i);
            let kind = |i: usize| tokens.get(i).map(|token| &token.kind);
            let dated = matches!(kind(i + 1), Some(Kind::Date(_)))
                && kind(i + 2) == Some(&Kind::Cell)
                && matches!(kind(i + 3), Some(Kind::Time(_)));
            if dated {
                tokens.remove(i + 2);
            }
        }
        i += 1;
    }
}

/// `22:00 on January 16`: the date stands behind its time.
pub(super) fn dates_behind(glyphs: &[Glyph], tokens: &mut Vec<Token>) {
    let mut i = 0;
    while let Some([time, on, date]) = tokens.get_mut(i..i + 3) {
        let word: String =
            glyphs.get(on.start..on.end).unwrap_or_default().iter().map(|glyph| glyph.ch).collect();
        let matching = matches!((&time.kind, &date.kind), (Kind::Time(_), Kind::Date(_)));
        if matching && on.kind == Kind::Text && word.trim().eq_ignore_ascii_case("on") {
            let (start, end) = (time.start, date.end);
            std::mem::swap(&mut time.kind, &mut date.kind);
            (time.start, time.end, date.start, date.end) = (start, end, start, end);
            tokens.remove(i + 1);
        }
        i += 1;
    }
}
