//! What a column's values say together of its encoding, where one value alone often cannot.
//!
//! It counts; what follows from the counts is for a person.

use serde::Serialize;

use super::judge::{Judged, judge};
use super::policy::Form;

/// One sure value speaks for at most so many that several encodings fit.
const CLEAR_SHARE: u64 = 20;

/// What the values of a column without a label can be, so that a person can decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Values of ASCII alone; any encoding has them.
    pub ascii: u64,
    /// Values that only EUC-JP fits.
    pub only_euc_jp: u64,
    /// Values that only Shift_JIS fits.
    pub only_shift_jis: u64,
    /// Values that only UTF-8 fits.
    pub only_utf_8: u64,
    /// Values that several encodings fit, with the same text.
    pub same: u64,
    /// Values that several encodings fit, with different texts.
    pub several: u64,
    /// Values that no encoding fits.
    pub none: u64,
    /// Values that end in half a character of the only encoding that fits the rest.
    pub cut: u64,
}

/// What a column seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing but ASCII.
    Ascii,
    /// All that can be told is this encoding, and nothing speaks against it.
    Is(Form),
    /// Some values are surely one encoding, some surely another.
    Mixed,
    /// No value tells.
    Unknown,
}

impl Evidence {
    /// Looks at one whole value without escapes.
    pub fn observe(&mut self, value: &[u8]) {
        let count = match judge(value) {
            Judged::Ascii => &mut self.ascii,
            Judged::Only(Form::EucJp) => &mut self.only_euc_jp,
            Judged::Only(Form::ShiftJis) => &mut self.only_shift_jis,
            Judged::Only(Form::Utf8) => &mut self.only_utf_8,
            Judged::Same(_) => &mut self.same,
            Judged::Cut(_) => &mut self.cut,
            Judged::Several => &mut self.several,
            Judged::None => &mut self.none,
        };
        *count = count.saturating_add(1);
    }

    /// Adds what was seen elsewhere.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.ascii, other.ascii),
            (&mut self.only_euc_jp, other.only_euc_jp),
            (&mut self.only_shift_jis, other.only_shift_jis),
            (&mut self.only_utf_8, other.only_utf_8),
            (&mut self.same, other.same),
            (&mut self.several, other.several),
            (&mut self.none, other.none),
            (&mut self.cut, other.cut),
        ] {
            *mine = mine.saturating_add(theirs);
        }
    }

    /// What the values say together.
    pub fn verdict(&self) -> Verdict {
        let sure = [
            (Form::EucJp, self.only_euc_jp),
            (Form::ShiftJis, self.only_shift_jis),
            (Form::Utf8, self.only_utf_8),
        ];
        let mut found = sure.into_iter().filter(|(_, count)| *count > 0);
        match (found.next(), found.next()) {
            // A few sure values say little of many that are not.
            (Some((_, count)), None) if count.saturating_mul(CLEAR_SHARE) < self.several => {
                Verdict::Unknown
            }
            (Some((form, _)), None) => Verdict::Is(form),
            (Some(_), Some(_)) => Verdict::Mixed,
            (None, _) if [self.same, self.several, self.none, self.cut].iter().all(|n| *n == 0) => {
                Verdict::Ascii
            }
            (None, _) => Verdict::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_columns_values_say_together_what_one_cannot() {
        let mut column = Evidence::default();
        for value in [&b"\xa4\xa2"[..], b"\xb4\xc1\xb0\xfe", b"x"] {
            column.observe(value);
        }
        assert_eq!(column.verdict(), Verdict::Is(Form::EucJp));
        let mut other = Evidence::default();
        assert_eq!(other.verdict(), Verdict::Ascii);
        other.observe(b"\xa4\xa2");
        assert_eq!(other.verdict(), Verdict::Unknown);
        other.observe("漢字".as_bytes());
        column.add(&other);
        assert_eq!(column.verdict(), Verdict::Mixed);
        assert_eq!((column.several, column.ascii), (2, 1));
        // One value of another kind among many that do not tell decides nothing.
        let mut few = Evidence { several: 500, only_shift_jis: 1, ..Evidence::default() };
        assert_eq!(few.verdict(), Verdict::Unknown);
        few.only_shift_jis = 25;
        assert_eq!(few.verdict(), Verdict::Is(Form::ShiftJis));
    }
}
