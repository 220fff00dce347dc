//! Which rules hold for a conversion, and what the source's bytes are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::CharsetError;

/// Which characters may come out, and by which rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// JIS X 0213:2004 in the JIS mapping; what does not fit is a finding.
    #[default]
    Orca,
    /// Like `Orca`, with the lossy substitutions of the vendor's own scripts as named rules.
    OrcaVendor,
    /// What PostgreSQL's own conversion gives, for comparisons and for other targets.
    Postgres,
}

impl FromStr for Policy {
    type Err = CharsetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "orca" => Ok(Self::Orca),
            "orca-vendor" => Ok(Self::OrcaVendor),
            "postgres" => Ok(Self::Postgres),
            _ => Err(CharsetError::PolicyUnknown { name: text.chars().take(64).collect() }),
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Orca => "orca",
            Self::OrcaVendor => "orca-vendor",
            Self::Postgres => "postgres",
        })
    }
}

/// What becomes of half-width kana.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum KanaRule {
    /// They become full-width, with their sound marks.
    #[default]
    FullWidth,
    /// They stay; the target's character set has them.
    Keep,
}

impl KanaRule {
    /// The words of a mapping file.
    pub(super) const WORDS: [(&'static str, Self); 2] =
        [("full-width", Self::FullWidth), ("keep", Self::Keep)];
}

/// What becomes of a sound mark behind a half-width kana inside a fixed-width record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packed {
    /// It joins the kana, as everywhere else; what follows in the record moves.
    Join,
    /// It stays a character of its own, so that nothing moves.
    Apart,
    /// A person must decide.
    Undecided,
}

impl Packed {
    /// The words of a mapping file.
    pub(super) const WORDS: [(&'static str, Self); 3] =
        [("join", Self::Join), ("apart", Self::Apart), ("undecided", Self::Undecided)];
}

/// What becomes of a character that was cut in half at its value's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CutRule {
    /// A geta mark (〓) takes its place.
    Geta,
    /// It goes.
    Drop,
}

impl CutRule {
    /// The words of a mapping file.
    pub(super) const WORDS: [(&'static str, Self); 2] =
        [("geta", Self::Geta), ("drop", Self::Drop)];
}

/// The encoding of a column in a `SQL_ASCII` database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// One encoding for every value.
    Is(Form),
    /// Each value is judged by itself.
    Mixed,
}

impl Encoding {
    /// The words of a mapping file.
    pub(super) const WORDS: [(&'static str, Self); 4] = [
        ("euc-jp", Self::Is(Form::EucJp)),
        ("shift-jis", Self::Is(Form::ShiftJis)),
        ("utf-8", Self::Is(Form::Utf8)),
        ("mixed", Self::Mixed),
    ];
}

/// How a value's bytes are taken for characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// EUC-JP.
    EucJp,
    /// Shift_JIS.
    ShiftJis,
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::EucJp, Self::ShiftJis, Self::Utf8];

    /// The word for it in a mapping file.
    pub fn word(self) -> &'static str {
        match self {
            Self::EucJp => "euc-jp",
            Self::ShiftJis => "shift-jis",
            Self::Utf8 => "utf-8",
        }
    }

    /// The length of the code at the start of `bytes`, `None` where its structure is broken.
    pub(super) fn length(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::EucJp => euc_length(bytes),
            Self::ShiftJis => sjis_length(bytes),
            Self::Utf8 => first_char(bytes).map(char::len_utf8),
        }
    }

    /// True for the beginning of a code that more bytes could complete.
    pub(super) fn is_cut(self, bytes: &[u8]) -> bool {
        match (self, bytes) {
            (Self::EucJp, [0x8e | 0xa1..=0xfe | 0x8f] | [0x8f, 0xa1..=0xfe]) => true,
            (Self::ShiftJis, [0x81..=0x9f | 0xe0..=0xfc]) => true,
            (Self::Utf8, _) => std::str::from_utf8(bytes)
                .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none()),
            _ => false,
        }
    }
}

/// The character at the start of UTF-8 text.
pub(super) fn first_char(bytes: &[u8]) -> Option<char> {
    // Four bytes hold any character; only the first of them is taken.
    let head = bytes.get(..4).unwrap_or(bytes);
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => {
            let sound = head.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(sound).unwrap_or_default()
        }
    };
    valid.chars().next()
}

/// The length of the code at the start of `bytes`, by the ranges of PostgreSQL's check of SJIS.
fn sjis_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [first, ..] if first.is_ascii() => Some(1),
        [0xa1..=0xdf, ..] => Some(1),
        [0x81..=0x9f | 0xe0..=0xfc, 0x40..=0x7e | 0x80..=0xfc, ..] => Some(2),
        _ => None,
    }
}

/// The encoding that an archive declares for its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceEncoding {
    /// `EUC_JP`.
    #[serde(rename = "EUC_JP")]
    EucJp,
    /// `UTF8`.
    #[serde(rename = "UTF8")]
    Utf8,
    /// `SQL_ASCII`: the server checked nothing, so only ASCII bytes have a sure meaning.
    #[serde(rename = "SQL_ASCII")]
    SqlAscii,
}

impl SourceEncoding {
    /// The encoding by PostgreSQL's name for it, `None` for one that is not handled.
    pub fn from_postgres_name(name: &str) -> Option<Self> {
        match name {
            "EUC_JP" => Some(Self::EucJp),
            "UTF8" | "UNICODE" => Some(Self::Utf8),
            "SQL_ASCII" => Some(Self::SqlAscii),
            _ => None,
        }
    }

    /// PostgreSQL's name.
    pub fn postgres_name(self) -> &'static str {
        match self {
            Self::EucJp => "EUC_JP",
            Self::Utf8 => "UTF8",
            Self::SqlAscii => "SQL_ASCII",
        }
    }

    /// How its bytes can be taken.
    pub(super) fn forms(self) -> &'static [Form] {
        match self {
            Self::EucJp => &[Form::EucJp],
            Self::Utf8 => &[Form::Utf8],
            Self::SqlAscii => &Form::ALL,
        }
    }

    /// Where the first byte stands that the encoding's structure forbids, as PostgreSQL checks
    /// it. `SQL_ASCII` forbids nothing.
    pub fn first_invalid(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::SqlAscii => None,
            Self::Utf8 => std::str::from_utf8(bytes).err().map(|error| error.valid_up_to()),
            Self::EucJp => {
                let mut rest = bytes;
                while let Some(run) = rest.iter().position(|byte| !byte.is_ascii()) {
                    rest = rest.get(run..).unwrap_or_default();
                    let Some(length) = euc_length(rest) else {
                        return Some(bytes.len().saturating_sub(rest.len()));
                    };
                    rest = rest.get(length..).unwrap_or_default();
                }
                None
            }
        }
    }
}

/// The length of the code at the start of `bytes`, `None` where its structure is broken.
/// The byte ranges are those of PostgreSQL's own check of EUC_JP.
pub(super) fn euc_length(bytes: &[u8]) -> Option<usize> {
    const TRAIL: std::ops::RangeInclusive<u8> = 0xa1..=0xfe;
    match bytes {
        [first, ..] if first.is_ascii() => Some(1),
        [0x8e, 0xa1..=0xdf, ..] => Some(2),
        [0x8f, second, third, ..] if TRAIL.contains(second) && TRAIL.contains(third) => Some(3),
        [first, second, ..] if TRAIL.contains(first) && TRAIL.contains(second) => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_structure_check_knows_every_kind_of_break() {
        let euc = SourceEncoding::EucJp;
        assert_eq!(euc.first_invalid(b"a\xb0\xa1\x8e\xb1\x8f\xf4\xfb"), None);
        assert_eq!(euc.first_invalid(b"ab\xb0"), Some(2));
        assert_eq!(euc.first_invalid(b"\xb0\xa1\x8e\xe0"), Some(2));
        assert_eq!(euc.first_invalid(b"\x8f\xb0x"), Some(0));
        assert_eq!(euc.first_invalid(b"\x80"), Some(0));
        assert_eq!(SourceEncoding::Utf8.first_invalid(b"a\xe9\xab"), Some(1));
    }

    #[test]
    fn policies_have_the_names_that_clinic_files_use() {
        for policy in [Policy::Orca, Policy::OrcaVendor, Policy::Postgres] {
            assert_eq!(policy.to_string().parse::<Policy>().unwrap(), policy);
        }
        assert!("Orca".parse::<Policy>().is_err());
    }

    #[test]
    fn a_cut_code_is_told_from_a_broken_one() {
        assert!(Form::EucJp.is_cut(b"\xb0") && Form::EucJp.is_cut(b"\x8f\xb0"));
        assert!(!Form::EucJp.is_cut(b"\x80") && !Form::EucJp.is_cut(b"\x8f\x41"));
        assert!(Form::ShiftJis.is_cut(b"\x93") && !Form::ShiftJis.is_cut(b"\xb1"));
        assert!(Form::Utf8.is_cut(b"\xe9\xab") && !Form::Utf8.is_cut(b"\xe9\x41"));
    }
}
