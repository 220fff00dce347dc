//! Looking at a line's characters: literals, numbers, neighbours. No bound can be overstepped.

use super::normalise::Glyph;

/// A line to be looked at.
#[derive(Clone, Copy)]
pub(super) struct Scan<'g> {
    pub(super) glyphs: &'g [Glyph],
}

/// A number: its value, where it ends, how many digits it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) value: u32,
    pub(super) end: usize,
    pub(super) digits: usize,
    /// Written in kanji: only a unit behind it makes it a number.
    pub(super) kanji: bool,
}

impl Scan<'_> {
    pub(super) fn at(&self, i: usize) -> Option<char> {
        self.glyphs.get(i).map(|glyph| glyph.ch)
    }

    pub(super) fn before(&self, i: usize) -> Option<char> {
        i.checked_sub(1).and_then(|i| self.at(i))
    }

    pub(super) fn is(&self, i: usize, ch: char) -> bool {
        self.at(i) == Some(ch)
    }

    /// The first place from `i` that is no space.
    pub(super) fn spaces(&self, mut i: usize) -> usize {
        while self.is(i, ' ') {
            i += 1;
        }
        i
    }

    /// True where `from..to` is nothing but spaces.
    pub(super) fn only_spaces(&self, from: usize, to: usize) -> bool {
        self.glyphs
            .get(from..to)
            .is_some_and(|glyphs| glyphs.iter().all(|glyph| glyph.ch.is_whitespace()))
    }

    /// The end of `word` at `i`; letters of either case.
    pub(super) fn lit(&self, i: usize, word: &str) -> Option<usize> {
        let mut end = i;
        for ch in word.chars() {
            if !self.at(end)?.eq_ignore_ascii_case(&ch) {
                return None;
            }
            end += 1;
        }
        Some(end)
    }

    /// The first of `words` at `i`, and its end. A word of letters must stand alone.
    pub(super) fn one_of(&self, i: usize, words: &[&str]) -> Option<(usize, usize)> {
        words.iter().enumerate().find_map(|(index, word)| {
            let end = self.lit(i, word)?;
            let latin = word.starts_with(|ch: char| ch.is_ascii_alphabetic());
            let alone = !self.before(i).is_some_and(|ch| ch.is_ascii_alphabetic())
                && !self.at(end).is_some_and(|ch| ch.is_ascii_alphabetic());
            (!latin || alone).then_some((index, end))
        })
    }

    /// The end of the first of `words` at `i`, whatever stands before.
    pub(super) fn one_of_loose(&self, i: usize, words: &[&str]) -> Option<usize> {
        words
            .iter()
            .filter_map(|word| self.lit(i, word))
            .find(|end| !self.at(*end).is_some_and(|ch| ch.is_ascii_alphabetic()))
    }

    /// A number at `i` of at most `most` digits, with no further digit behind it.
    pub(super) fn number(&self, i: usize, most: usize) -> Option<Number> {
        let mut value = 0u32;
        let mut end = i;
        while let Some(digit) = self.at(end).and_then(|ch| ch.to_digit(10)) {
            if end - i == most {
                return None;
            }
            value = value * 10 + digit;
            end += 1;
        }
        if end > i {
            Some(Number { value, end, digits: end - i, kanji: false })
        } else {
            self.kanji(i)
        }
    }

    /// Digits alone.
    pub(super) fn digits(&self, i: usize, most: usize) -> Option<Number> {
        self.number(i, most).filter(|number| !number.kanji)
    }

    /// `二十三`, `十`, `〇`: numbers up to 99.
    fn kanji(&self, i: usize) -> Option<Number> {
        const ONES: &str = "〇一二三四五六七八九";
        let one = |ch: char| {
            let ch = if ch == '零' { '〇' } else { ch };
            ONES.chars().position(|other| other == ch)
        };
        let mut end = i;
        let mut tens = None;
        let mut ones = None;
        while let Some(ch) = self.at(end) {
            if ch == '十' && tens.is_none() {
                tens = Some(ones.take().unwrap_or(1));
            } else if let Some(value) = one(ch).filter(|_| ones.is_none()) {
                ones = Some(value);
            } else {
                break;
            }
            end += 1;
        }
        if self.at(end).is_some_and(|ch| one(ch).is_some() || matches!(ch, '十' | '百' | '千')) {
            return None;
        }
        let value = u32::try_from(tens.unwrap_or(0) * 10 + ones.unwrap_or(0)).ok()?;
        (end > i).then_some(Number { value, end, digits: 2, kanji: true })
    }

    /// True where a number at `i` is part of something longer: a version, an address, a word.
    pub(super) fn glued(&self, i: usize) -> bool {
        match self.before(i) {
            Some(ch) if ch.is_ascii_alphanumeric() => true,
            Some('_' | '¥' | '$' | '#' | '@' | '\\' | '+') => true,
            // Part of a number such as `03-1234`, unless a time or a date ends there.
            Some(sign @ ('-' | '/')) => {
                let run = (1..14).map_while(|back| {
                    let ch = i.checked_sub(back + 1).and_then(|at| self.at(at))?;
                    (ch.is_ascii_alphanumeric() || matches!(ch, '/' | ':' | '.')).then_some(ch)
                });
                let run: Vec<char> = run.collect();
                let ended = run.iter().any(|ch| *ch == ':' || (*ch == '/' && sign == '-'));
                !run.is_empty() && !ended
            }
            Some(':') => {
                i.checked_sub(2).and_then(|i| self.at(i)).is_some_and(|ch| ch.is_ascii_digit())
            }
            Some('.') => i
                .checked_sub(2)
                .and_then(|i| self.at(i))
                .is_some_and(|ch| ch.is_ascii_alphanumeric()),
            _ => false,
        }
    }
}
