//! Whether text that is UTF-8 already stays inside ORCA's characters.
//!
//! The strict conversion decides; it must change nothing. It only gets the rows that hold a
//! character with which it could do anything at all: nearly all rows pass by a look at a bit
//! for each character.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;

use super::digest::each;
use super::limits::MAX_FINDINGS;
use crate::charset::{Mapping, Policy, RuleCount, SourceEncoding, Tally, Transcoder};

/// What a converted archive must not hold, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TargetText {
    /// Characters outside JIS X 0213; a mapping file's `keep` leaves such.
    pub outside: u64,
    /// How many by character, `U+9AD9`.
    pub by_character: BTreeMap<String, u64>,
    /// Characters that have another form in the JIS mapping (～ for 〜).
    pub other_forms: Vec<RuleCount>,
}

impl TargetText {
    pub(super) fn add(&mut self, other: Self) {
        self.outside = self.outside.saturating_add(other.outside);
        for (character, count) in other.by_character {
            let sum = self.by_character.entry(character).or_default();
            *sum = sum.saturating_add(count);
        }
        for rule in other.other_forms {
            match self.other_forms.iter_mut().find(|mine| mine.rule == rule.rule) {
                Some(mine) => mine.count = mine.count.saturating_add(rule.count),
                None => self.other_forms.push(rule),
            }
        }
    }
}

/// The characters that need a second look, a bit for each of the first 65,536.
struct Plain(Vec<u64>);

/// Marks that join with what stands before them: alone they may be legal, in a pair not.
const JOINING: [std::ops::RangeInclusive<char>; 4] = [
    '\u{2e5}'..='\u{2e9}',
    '\u{300}'..='\u{36f}',
    '\u{3099}'..='\u{309c}',
    '\u{ff61}'..='\u{ff9f}',
];

impl Plain {
    /// The shared table, made from the strict conversion itself.
    fn get() -> &'static Self {
        static PLAIN: LazyLock<Plain> = LazyLock::new(Plain::new);
        &PLAIN
    }

    fn new() -> Self {
        let (strict, mut bits) = (strict(), vec![0_u64; 1024]);
        let (mut out, mut tally) = (Vec::new(), Tally::default());
        for c in ('\u{80}'..='\u{ffff}').filter(|c| !JOINING.iter().any(|r| r.contains(c))) {
            let (mut bytes, mut sound) = ([0; 4], true);
            let text = c.encode_utf8(&mut bytes).as_bytes();
            out.clear();
            strict.transcode_value(text, &mut out, &mut tally, &mut |_| sound = false);
            if sound
                && out == text
                && let Some(word) = bits.get_mut(c as usize / 64)
            {
                *word |= 1 << (c as usize % 64);
            }
        }
        Self(bits)
    }

    fn has(&self, code: usize) -> bool {
        self.0.get(code / 64).is_some_and(|word| word >> (code % 64) & 1 == 1)
    }

    /// True where every character of the row, which must be UTF-8, is plain.
    fn covers(&self, row: &[u8]) -> bool {
        let mut rest = row;
        loop {
            rest = after_ascii(rest);
            match rest {
                [] => return true,
                [a @ 0xe0..=0xef, b, c, after @ ..] => {
                    let code = usize::from(a & 0x0f) << 12
                        | usize::from(b & 0x3f) << 6
                        | usize::from(c & 0x3f);
                    if !self.has(code) {
                        return false;
                    }
                    rest = after;
                }
                [a @ 0xc0..=0xdf, b, after @ ..] => {
                    if !self.has(usize::from(a & 0x1f) << 6 | usize::from(b & 0x3f)) {
                        return false;
                    }
                    rest = after;
                }
                // Past 65,535, or no UTF-8.
                _ => return false,
            }
        }
    }
}

/// The bytes from the first one that is not ASCII on.
fn after_ascii(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some((eight, after)) = rest.split_first_chunk::<8>() {
        let high = u64::from_le_bytes(*eight) & 0x8080_8080_8080_8080;
        if high != 0 {
            let run = usize::try_from(high.trailing_zeros() / 8).unwrap_or_default();
            return rest.get(run..).unwrap_or_default();
        }
        rest = after;
    }
    let run = rest.iter().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
    rest.get(run..).unwrap_or_default()
}

fn strict() -> Transcoder {
    Transcoder::new(SourceEncoding::Utf8, Policy::Orca, Mapping::keeping_half_width_kana())
}

/// Counts what the strict conversion would change.
pub(super) struct Target {
    plain: &'static Plain,
    strict: Transcoder,
    scratch: Vec<u8>,
    tally: Tally,
    outside: BTreeMap<String, u64>,
    total: u64,
}

impl Target {
    pub(super) fn new() -> Self {
        Self {
            plain: Plain::get(),
            strict: strict(),
            scratch: Vec::new(),
            tally: Tally::default(),
            outside: BTreeMap::new(),
            total: 0,
        }
    }

    /// Looks at whole rows.
    pub(super) fn rows(&mut self, rows: &[u8]) {
        let plain = self.plain;
        // Mostly the whole block passes; then its rows need not be found.
        if !plain.covers(rows) {
            each(rows, |row| self.text(row));
        }
    }

    /// Looks at a row, a value or a piece of one.
    pub(super) fn text(&mut self, piece: &[u8]) {
        if self.plain.covers(piece) {
            return;
        }
        self.scratch.clear();
        let Self { strict, scratch, tally, outside, total, .. } = self;
        strict.transcode_value(piece, scratch, tally, &mut |hit| {
            if !hit.reason.blocks() {
                return;
            }
            *total = total.saturating_add(1);
            let Some(c) = hit.character else { return };
            let character = format!("U+{:04X}", c as u32);
            if outside.len() < MAX_FINDINGS || outside.contains_key(&character) {
                let count = outside.entry(character).or_default();
                *count = count.saturating_add(1);
            }
        });
    }

    /// What was counted.
    pub(super) fn finish(self) -> TargetText {
        TargetText {
            outside: self.total,
            other_forms: self.strict.counts(&self.tally),
            by_character: self.outside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is passed over must be what the strict conversion leaves alone.
        #[test]
        fn what_is_plain_is_left_alone(
            text in "[ -~\t山田太郎あがはば゙゚ﾊﾞ～〜髙㈱①―—à\u{300}\u{2e9}𠮷𠀋\u{e000}\u{a0}éæ]{0,12}",
        ) {
            let (mut out, mut tally, mut hits) = (Vec::new(), Tally::default(), 0);
            strict().transcode_value(text.as_bytes(), &mut out, &mut tally, &mut |_| hits += 1);
            if Plain::get().covers(text.as_bytes()) {
                prop_assert!(hits == 0 && out == text.as_bytes());
            }
            let mut target = Target::new();
            target.text(text.as_bytes());
            let found = target.finish();
            prop_assert_eq!(found.other_forms, strict().counts(&tally));
        }
    }

    #[test]
    fn ordinary_text_needs_no_second_look_and_the_rest_is_counted() {
        let plain = Plain::get();
        assert!(plain.covers("1\t山田　太郎\t東京都〜①㈱\n".as_bytes()));
        assert!(!plain.covers("髙".as_bytes()) && !plain.covers("𠮷".as_bytes()));
        let mut target = Target::new();
        target.rows("1\t髙橋\n2\t山田\n3\t髙～\n".as_bytes());
        let found = target.finish();
        assert_eq!((found.outside, found.by_character.get("U+9AD9")), (2, Some(&2)));
        assert_eq!(found.other_forms.len(), 1);
    }

    #[test]
    fn ascii_is_passed_over_up_to_its_end() {
        for length in 0..40 {
            let mut text = "a".repeat(length);
            assert_eq!(after_ascii(text.as_bytes()), b"");
            text.push('あ');
            assert_eq!(after_ascii(text.as_bytes()), "あ".as_bytes());
        }
    }
}
