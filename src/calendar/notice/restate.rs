//! Takes out what only says again, and puts an English date before its time.

use super::normalise::Glyph;
use super::token::{Kind, Token};

/// Takes out what only says again: `29:00(翌5:00)`, `午後10時(22:00)`, `本日(1月5日)`.
pub(super) fn restated(tokens: &mut Vec<Token>) {
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
            (Some(Kind::Relative(_)), Some(Kind::Date(_)), _) if open => {
                tokens.drain(i..i + 2);
            }
            (Some(Kind::Relative(_)), _, _)
                if matches!(kind(tokens, i + 1), Some(Kind::Date(_))) =>
            {
                tokens.remove(i);
            }
            _ => {}
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
