//! The code tables, exactly as PostgreSQL has them. They are data; no rule stands here.
//!
//! `scripts/charset-tables.py` writes them from a live server, and the tests compare them with
//! one again.

use std::sync::OnceLock;

use super::text::Text;

/// EUC_JP: 2 planes x 94 x 94 code points of 16 bits, little-endian; 0 has no equivalent.
static EUC_JP: &[u8] = include_bytes!("tables/eucjp.bin");
/// EUC_JIS_2004: the same with 24 bits, then the sequences of two code points.
static JIS_2004: &[u8] = include_bytes!("tables/jis2004.bin");
/// SJIS: 60 lead bytes x 188 trail bytes, code points of 16 bits, little-endian.
static SJIS: &[u8] = include_bytes!("tables/sjis.bin");

/// Codes of one plane.
const PLANE: usize = 94 * 94;
/// First value in the 24-bit table that means "the n-th sequence".
const SEQUENCES_FROM: u32 = 0x00ff_ff00;
/// Code points above this are not in JIS X 0213; the set below is a bit for each.
const HIGHEST: u32 = 0x2ffff;

/// The position of a two-byte (`A1A1`) or three-byte (`8FA1A1`) code.
fn index(code: &[u8]) -> Option<usize> {
    let (plane, row, cell) = match code {
        [row, cell] => (0, row, cell),
        [0x8f, row, cell] => (1, row, cell),
        _ => return None,
    };
    if !(0xa1..=0xfe).contains(row) || !(0xa1..=0xfe).contains(cell) {
        return None;
    }
    Some(plane * PLANE + usize::from(row - 0xa1) * 94 + usize::from(cell - 0xa1))
}

/// PostgreSQL's EUC_JP to UTF8, half-width kana included; `None` where it has no equivalent.
pub(super) fn euc_jp(code: &[u8]) -> Option<char> {
    match code {
        [byte] if byte.is_ascii() => Some(char::from(*byte)),
        // JIS X 0201 kana stand in one row of Unicode in the same order.
        [0x8e, kana @ 0xa1..=0xdf] => char::from_u32(0xff61 + u32::from(kana - 0xa1)),
        _ => {
            let at = index(code)?.checked_mul(2)?;
            let bytes = EUC_JP.get(at..at.checked_add(2)?)?;
            let point = u32::from_le_bytes([*bytes.first()?, *bytes.get(1)?, 0, 0]);
            char::from_u32(point).filter(|c| *c != '\0')
        }
    }
}

fn point_at(at: usize) -> Option<u32> {
    let bytes = JIS_2004.get(at..at.checked_add(3)?)?;
    Some(u32::from_le_bytes([*bytes.first()?, *bytes.get(1)?, *bytes.get(2)?, 0]))
}

/// What the code is in EUC_JIS_2004.
pub(super) fn jis_2004(code: &[u8]) -> Option<Text> {
    let point = point_at(index(code)?.checked_mul(3)?)?;
    match point.checked_sub(SEQUENCES_FROM) {
        Some(number) => {
            let (first, second) = Jis::get().pairs.get(usize::try_from(number).ok()?)?;
            Some(Text::pair(*first, *second))
        }
        None if point == 0 => None,
        None => char::from_u32(point).map(Text::from),
    }
}

/// PostgreSQL's SJIS to UTF8 for a code of one or two bytes; `None` where it has no equivalent.
pub(super) fn sjis(code: &[u8]) -> Option<char> {
    match code {
        [byte] if byte.is_ascii() => Some(char::from(*byte)),
        [kana @ 0xa1..=0xdf] => char::from_u32(0xff61 + u32::from(kana - 0xa1)),
        [lead, trail] => {
            let lead = match lead {
                0x81..=0x9f => lead - 0x81,
                0xe0..=0xfc => lead - 0xe0 + 31,
                _ => return None,
            };
            let trail = match trail {
                0x40..=0x7e => trail - 0x40,
                0x80..=0xfc => trail - 0x80 + 63,
                _ => return None,
            };
            let at = (usize::from(lead) * 188 + usize::from(trail)) * 2;
            let bytes = SJIS.get(at..at + 2)?;
            let point = u32::from_le_bytes([*bytes.first()?, *bytes.get(1)?, 0, 0]);
            char::from_u32(point).filter(|c| *c != '\0')
        }
        _ => None,
    }
}

/// The characters of JIS X 0213:2004.
pub(super) struct Jis {
    bits: Vec<u64>,
    pairs: Vec<(char, char)>,
}

impl Jis {
    /// The set, built once.
    pub(super) fn get() -> &'static Self {
        static SET: OnceLock<Jis> = OnceLock::new();
        SET.get_or_init(Self::load)
    }

    fn load() -> Self {
        let mut bits = vec![0_u64; (HIGHEST as usize + 1) / 64];
        let mut add = |point: u32| {
            if let Some(word) = bits.get_mut(point as usize / 64) {
                *word |= 1 << (point % 64);
            }
        };
        for at in (0..2 * PLANE).map(|code| code * 3) {
            if let Some(point) = point_at(at).filter(|p| *p != 0 && *p < SEQUENCES_FROM) {
                add(point);
            }
        }
        // JIS X 0201 kana are legal codes of EUC_JIS_2004 (8E A1 to 8E DF).
        (0xff61..=0xff9f).for_each(&mut add);
        let first_pair = 2 * PLANE * 3 + 1;
        let pairs = (first_pair..JIS_2004.len()).step_by(6).filter_map(|at| {
            Some((char::from_u32(point_at(at)?)?, char::from_u32(point_at(at + 3)?)?))
        });
        let pairs = pairs.collect();
        Self { bits, pairs }
    }

    /// True for a character that JIS X 0213 or ASCII has by itself.
    pub(super) fn has(&self, c: char) -> bool {
        let point = c as u32;
        c.is_ascii()
            || self.bits.get(point as usize / 64).is_some_and(|word| word >> (point % 64) & 1 == 1)
    }

    /// True for two code points that are one character of JIS X 0213 together (か゚).
    pub(super) fn has_pair(&self, first: char, second: char) -> bool {
        self.pairs.contains(&(first, second))
    }

    /// True for a code point that is the second of such a sequence.
    pub(super) fn is_second(&self, c: char) -> bool {
        self.pairs.iter().any(|(_, second)| *second == c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_have_the_sizes_that_the_standards_have() {
        let mapped = (0..2 * PLANE).filter(|at| EUC_JP[at * 2] != 0 || EUC_JP[at * 2 + 1] != 0);
        assert_eq!(mapped.count(), 13_134);
        let jis = Jis::get();
        assert_eq!(jis.pairs.len(), 25);
        let single: u32 = jis.bits.iter().map(|word| word.count_ones()).sum();
        assert_eq!(single as usize + 25 - 63, 11_233);
        assert!(jis.has('﨑') && jis.has('德') && !jis.has('髙') && !jis.has('𠮷'));
        assert!(jis.has_pair('か', '\u{309a}'));
        assert_eq!(euc_jp(b"\x8f\xf4\xfb"), Some('髙'));
        assert_eq!(euc_jp(b"\xfc\xe2"), None);
        assert_eq!(jis_2004(b"\xa4\xf7"), Some(Text::pair('か', '\u{309a}')));
        assert_eq!(sjis(b"\x95\x5c"), Some('表'));
        assert_eq!((sjis(b"\xee\xe0"), sjis(b"\xfb\xfc")), (Some('髙'), Some('髙')));
    }
}
