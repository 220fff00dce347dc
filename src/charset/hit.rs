//! What is reported about a code, and what follows from it. No conversion happens here.

use serde::{Deserialize, Serialize};

use super::policy::Form;

/// Why a code is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A legal character that JIS X 0213 does not have (淸).
    OutsideJisX0213,
    /// A legal code without a sure meaning: user-defined, or one of several readings (髙).
    Ambiguous,
    /// Bytes that the encoding forbids.
    Invalid,
    /// A value of a `SQL_ASCII` database that no encoding fits.
    NotAscii,
    /// A value of a `SQL_ASCII` database that several encodings fit, with different texts.
    Undecided,
    /// A character that was cut in half at its value's end.
    Cut,
    /// A kana and a sound mark that would become one character inside a fixed-width record.
    Packed,
    /// A value that has more characters than its column takes.
    TooWide,
    /// A name or a label that would be cut: it has more than 63 bytes in UTF-8.
    TooLong,
    /// Two values that must differ, or two keys of one `jsonb` value, were made equal by a rule.
    BecameEqual,
    /// A rule that loses information was applied; this one does not block.
    Lossy,
    /// A rule changed a character inside SQL that is carried out: a function, a check, a view.
    /// It may mean something else now, so that a person must look at it; this one does not block.
    DefinitionChanged,
    /// Two half-width codes became one character. Nothing is lost, but a fixed-width record
    /// inside the value would have moved; this one does not block.
    Shortened,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 13] = [
        Self::OutsideJisX0213,
        Self::Ambiguous,
        Self::Invalid,
        Self::NotAscii,
        Self::Undecided,
        Self::Cut,
        Self::Packed,
        Self::TooWide,
        Self::TooLong,
        Self::BecameEqual,
        Self::Lossy,
        Self::DefinitionChanged,
        Self::Shortened,
    ];

    /// True where the value cannot be converted until a person decides.
    pub fn blocks(self) -> bool {
        match self {
            Self::Lossy | Self::DefinitionChanged | Self::Shortened => false,
            Self::OutsideJisX0213
            | Self::Ambiguous
            | Self::Invalid
            | Self::NotAscii
            | Self::Undecided
            | Self::Cut
            | Self::Packed
            | Self::TooWide
            | Self::TooLong
            | Self::BecameEqual => true,
        }
    }

    /// The id of the text that says it in either language.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::OutsideJisX0213 => "charset-reason-outside-jisx0213",
            Self::Ambiguous => "charset-reason-ambiguous",
            Self::Invalid => "charset-reason-invalid",
            Self::NotAscii => "charset-reason-not-ascii",
            Self::Undecided => "charset-reason-undecided",
            Self::Cut => "charset-reason-cut",
            Self::Packed => "charset-reason-packed",
            Self::TooWide => "charset-reason-too-wide",
            Self::TooLong => "charset-reason-too-long",
            Self::BecameEqual => "charset-reason-became-equal",
            Self::Lossy => "charset-reason-lossy",
            Self::DefinitionChanged => "charset-reason-definition-changed",
            Self::Shortened => "charset-reason-shortened",
        }
    }
}

impl Hit<'_> {
    /// The code as reports and mapping files write it: hexadecimal digits, and before those of
    /// Shift_JIS its name, since the same bytes are another character in EUC-JP.
    pub fn written_code(&self) -> String {
        let digits = hex::encode_upper(self.code);
        match self.form {
            Some(Form::ShiftJis) => format!("{SHIFT_JIS_MARK}{digits}"),
            Some(Form::EucJp | Form::Utf8) | None => digits,
        }
    }
}

/// The bytes of a code as [`Hit::written_code`] writes it, and whether they are of Shift_JIS;
/// no bytes for what is no code.
pub fn read_code(written: &str) -> (bool, Vec<u8>) {
    let digits = written.strip_prefix(SHIFT_JIS_MARK);
    (digits.is_some(), hex::decode(digits.unwrap_or(written)).unwrap_or_default())
}

/// What stands before a code of Shift_JIS in reports and mapping files.
pub(super) const SHIFT_JIS_MARK: &str = "SJIS:";

/// One reported code. It never holds more of a value than the code itself.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// Why.
    pub reason: Reason,
    /// The encoding that it was read by; none where the value is undecided as a whole.
    pub form: Option<Form>,
    /// Its bytes in the source; of a value that is undecided as a whole, its first code.
    pub code: &'a [u8],
    /// The character that PostgreSQL reads there.
    pub character: Option<char>,
    /// The character that a reading as EUC_JIS_2004 gives, a help for the person who decides;
    /// [`super::readings`] gives all of them.
    pub reading: Option<char>,
    /// Where it begins, in bytes from the start of what was given.
    pub offset: usize,
    /// The lossy rule that was applied.
    pub rule: Option<&'a str>,
}
