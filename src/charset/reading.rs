//! The readings that one EUC-JP code can have. Which of them is meant, a person decides.
//!
//! Four conventions share the codes that JIS X 0208 leaves free, and nothing in a database says
//! by which one its application wrote:
//! - eucJP-ms, which PostgreSQL's EUC_JP follows: IBM's extension in rows 8FF3 and 8FF4;
//! - JIS X 0213 as EUC-JIS-2004, which the application's own middleware uses;
//! - CP51932 of Windows: NEC's selection of IBM's extension in rows F9 to FC;
//! - user-defined characters of eucJP-ms: rows F5 to FE and 8FF5 to 8FFE are U+E000 to U+E757.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::table;
use super::text::Text;

/// A convention by which a code can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standard {
    /// PostgreSQL's EUC_JP, which is eucJP-ms.
    EucjpMs,
    /// EUC-JIS-2004.
    #[serde(rename = "jis-x-0213")]
    JisX0213,
    /// Windows code page 51932.
    Cp51932,
    /// The user-defined characters of eucJP-ms.
    Gaiji,
}

impl Standard {
    /// Every convention.
    pub const ALL: [Self; 4] = [Self::EucjpMs, Self::JisX0213, Self::Cp51932, Self::Gaiji];

    /// The word for it in a mapping file.
    pub fn word(self) -> &'static str {
        match self {
            Self::EucjpMs => "eucjp-ms",
            Self::JisX0213 => "jis-x-0213",
            Self::Cp51932 => "cp51932",
            Self::Gaiji => "gaiji",
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::EucjpMs => "EUC_JP of PostgreSQL (eucJP-ms)",
            Self::JisX0213 => "JIS X 0213 (EUC-JIS-2004)",
            Self::Cp51932 => "CP51932",
            Self::Gaiji => "user-defined (eucJP-ms)",
        }
    }
}

impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One reading of a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// By which convention.
    pub standard: Standard,
    /// The character itself; two code points where JIS X 0213 has it as a sequence.
    pub text: String,
}

/// Every reading of an EUC-JP code of two or three bytes; empty for what is no such code.
pub fn readings(code: &[u8]) -> Vec<Reading> {
    let of = |standard| {
        let text = read(code, standard)?.to_string();
        Some(Reading { standard, text })
    };
    Standard::ALL.into_iter().filter_map(of).collect()
}

/// What a code is by one convention.
pub(super) fn read(code: &[u8], standard: Standard) -> Option<Text> {
    match standard {
        Standard::EucjpMs => {
            table::euc_jp(code).filter(|_| matches!(code.len(), 2 | 3)).map(Text::from)
        }
        Standard::JisX0213 => table::jis_2004(code),
        Standard::Cp51932 => cp51932(code).map(Text::from),
        Standard::Gaiji => gaiji(code).map(Text::from),
    }
}

/// True for a row that PostgreSQL reads as IBM's extension and EUC-JIS-2004 as plane 2: every
/// code that both have is a different character in each.
pub(super) fn collides(code: &[u8]) -> bool {
    matches!(code, [0x8f, 0xf3 | 0xf4, _])
}

/// NEC's selection of IBM's extension stands in the same rows (89 to 92) in Shift_JIS, whose
/// table PostgreSQL has.
fn cp51932(code: &[u8]) -> Option<char> {
    let [row @ 0xf9..=0xfc, cell @ 0xa1..=0xfe] = code else { return None };
    let row = row - 0xa1;
    let lead = row / 2 + 0xc1;
    let trail = match (row % 2, cell - 0xa1) {
        (0, cell @ 0..=62) => cell + 0x40,
        (0, cell) => cell + 0x41,
        (_, cell) => cell + 0x9f,
    };
    table::sjis(&[lead, trail])
}

fn gaiji(code: &[u8]) -> Option<char> {
    let (first, row, cell) = match code {
        [row, cell] => (0xe000, row, cell),
        [0x8f, row, cell] => (0xe3ac, row, cell),
        _ => return None,
    };
    if !(0xf5..=0xfe).contains(row) || !(0xa1..=0xfe).contains(cell) {
        return None;
    }
    char::from_u32(first + u32::from(row - 0xf5) * 94 + u32::from(cell - 0xa1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &[u8]) -> Vec<(&'static str, String)> {
        readings(code).into_iter().map(|r| (r.standard.word(), r.text)).collect()
    }

    #[test]
    fn a_code_shows_all_its_readings() {
        let pair = |word, text: &str| (word, text.to_owned());
        assert_eq!(
            shown(b"\xfc\xe2"),
            [pair("jis-x-0213", "郄"), pair("cp51932", "髙"), pair("gaiji", "\u{e2d3}")]
        );
        assert_eq!(shown(b"\x8f\xf4\xfb")[0], pair("eucjp-ms", "髙"));
        assert_eq!(shown(b"\x8f\xf4\xfb").len(), 2);
        assert_eq!(shown(b"\xa4\xf7"), [pair("jis-x-0213", "か\u{309a}")]);
        assert_eq!(shown(b"\xf5\xa1").last(), Some(&pair("gaiji", "\u{e000}")));
        assert_eq!(shown(b"\x8f\xfe\xfe").last(), Some(&pair("gaiji", "\u{e757}")));
        assert!(shown(b"A").is_empty() && shown(b"\x8e").is_empty());
    }
}
