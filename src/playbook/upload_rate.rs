//! How fast the clinic's line sends, as a person states it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Bits a second of a unit.
const UNITS: [(&str, u64); 3] =
    [("kbit/s", 1_000), ("Mbit/s", 1_000_000), ("Gbit/s", 1_000_000_000)];

/// Slowest and fastest line that is believed: a modem's, and a data centre's.
const BELIEVED_BITS: std::ops::RangeInclusive<u64> = 50_000..=100_000_000_000;

/// The rate of a line, as in `20Mbit/s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UploadRate {
    bits_per_sec: u64,
}

/// A text that is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no rate of a line")]
pub struct NotARate;

impl UploadRate {
    /// Bytes a second.
    pub fn bytes_per_sec(self) -> u64 {
        self.bits_per_sec / 8
    }
}

impl FromStr for UploadRate {
    type Err = NotARate;

    /// A number with at most three decimals and one of the units.
    fn from_str(text: &str) -> Result<Self, NotARate> {
        let text = text.trim();
        let found = UNITS.iter().find_map(|(unit, bits)| Some((text.strip_suffix(unit)?, *bits)));
        let (number, unit) = found.ok_or(NotARate)?;
        let (whole, part) = number.trim_end().split_once('.').unwrap_or((number.trim_end(), "0"));
        let digits = |text: &str, most: usize| -> Result<u64, NotARate> {
            let fine = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            if fine { text.parse().map_err(|_| NotARate) } else { Err(NotARate) }
        };
        // Without this, `1.` would be padded to a number.
        digits(part, 3)?;
        let thousandths = digits(&format!("{part:0<3}"), 3)?;
        let bits_per_sec = digits(whole, 7)?
            .saturating_mul(unit)
            .saturating_add(thousandths.saturating_mul(unit / 1_000));
        if BELIEVED_BITS.contains(&bits_per_sec) {
            Ok(Self { bits_per_sec })
        } else {
            Err(NotARate)
        }
    }
}

impl TryFrom<String> for UploadRate {
    type Error = NotARate;

    fn try_from(text: String) -> Result<Self, NotARate> {
        text.parse()
    }
}

impl From<UploadRate> for String {
    fn from(rate: UploadRate) -> Self {
        rate.to_string()
    }
}

impl fmt::Display for UploadRate {
    /// The largest unit of which three decimals say it all; what is finer than a bit of the
    /// smallest unit's thousandth was never read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits =
            |bits: u64| self.bits_per_sec >= bits && self.bits_per_sec.is_multiple_of(bits / 1_000);
        let (unit, bits) =
            UNITS.iter().rev().find(|(_, bits)| fits(*bits)).unwrap_or(&("kbit/s", 1_000));
        let part = format!("{:03}", self.bits_per_sec % bits / (bits / 1_000));
        write!(f, "{}", self.bits_per_sec / bits)?;
        match part.trim_end_matches('0') {
            "" => f.write_str(unit),
            part => write!(f, ".{part}{unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_and_written_the_same_way() {
        for (text, bytes_per_sec, written) in [
            ("20Mbit/s", 2_500_000, "20Mbit/s"),
            ("20 Mbit/s", 2_500_000, "20Mbit/s"),
            ("1.5Mbit/s", 187_500, "1.5Mbit/s"),
            ("1500kbit/s", 187_500, "1.5Mbit/s"),
            ("0.512Mbit/s", 64_000, "512kbit/s"),
            ("1Gbit/s", 125_000_000, "1Gbit/s"),
            ("64.008kbit/s", 8_001, "64.008kbit/s"),
        ] {
            let rate: UploadRate = text.parse().unwrap();
            assert_eq!(rate.bytes_per_sec(), bytes_per_sec, "{text}");
            assert_eq!(rate.to_string(), written);
            assert_eq!(written.parse(), Ok(rate));
        }
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in [
            "",
            "20",
            "Mbit/s",
            "20MB/s",
            "-1Mbit/s",
            "1e3Mbit/s",
            "0Mbit/s",
            "1kbit/s",
            "101Gbit/s",
            "1.2345Mbit/s",
            "1.Mbit/s",
            "12345678kbit/s",
            "２０Mbit/s",
        ] {
            assert_eq!(text.parse::<UploadRate>(), Err(NotARate), "{text:?}");
        }
    }
}
