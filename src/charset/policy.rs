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
}
