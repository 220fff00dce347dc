//! The one place that tells the time. Everything else is given a [`Clock`].
//!
//! All times are in the clinic's zone, Asia/Tokyo, and carry their offset. A rehearsal has a
//! clock of its own whose distance from the machine's clock lies in a file, so that several
//! processes (and a run that is resumed after a crash) agree on it.

mod virtual_time;

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use chrono_tz::{Asia::Tokyo, Tz};

use crate::disk;

pub use virtual_time::VirtualTime;

/// How far two machines' clocks may lie apart, in seconds: with more, no time that one of them tells
/// can be held against the other's.
pub const MAX_SKEW_SECS: i64 = 60;

/// A moment in the clinic's zone.
pub type Jst = DateTime<Tz>;

/// Converts any moment to the clinic's zone.
pub fn to_jst<Z: chrono::TimeZone>(at: DateTime<Z>) -> Jst {
    at.with_timezone(&Tokyo)
}

/// `2027-01-21 19:00:00 JST`, the form every person-facing text uses.
pub fn show(at: &Jst) -> String {
    at.format("%Y-%m-%d %H:%M:%S JST").to_string()
}

/// RFC 3339 with offset and seconds, the form every machine-readable output uses.
pub fn rfc3339(at: &Jst) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, false)
}

/// Where "now" comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's own clock.
    System,
    /// The machine's clock moved by the seconds that stand in this file.
    Rehearsal(PathBuf),
    /// A simulation's: stands for the machine's own clock.
    Virtual(VirtualTime),
}

impl Clock {
    /// The present moment, in whole milliseconds as the journal writes it: what happens and what
    /// is replayed are then the same. A rehearsal clock whose file cannot be read runs with the machine.
    pub fn now(&self) -> Jst {
        let machine = Utc::now();
        match self {
            Self::System => to_jst(machine).trunc_subsecs(3),
            Self::Rehearsal(path) => to_jst(machine + read_shift(path)).trunc_subsecs(3),
            Self::Virtual(time) => time.now(),
        }
    }

    /// True where time is not real; every text that shows a time must then say so.
    pub fn is_rehearsal(&self) -> bool {
        matches!(self, Self::Rehearsal(_))
    }

    /// A time for people, marked where it is a rehearsal's.
    pub fn show(&self, at: &Jst) -> String {
        if self.is_rehearsal() { format!("{} [rehearsal clock]", show(at)) } else { show(at) }
    }

    /// Returns once `until` has come. A rehearsal clock is moved there instead of waiting.
    ///
    /// # Errors
    /// When the rehearsal clock's file cannot be written.
    pub async fn sleep_until(&self, until: &Jst) -> std::io::Result<()> {
        match self {
            Self::System | Self::Virtual(_) => {
                // Short naps: a suspended machine must notice on waking that the time is past.
                loop {
                    let left = (*until - self.now()).to_std().unwrap_or(Duration::ZERO);
                    if left.is_zero() {
                        return Ok(());
                    }
                    match self {
                        Self::Virtual(time) => time.sleep(left).await,
                        _ => tokio::time::sleep(left.min(Duration::from_secs(20))).await,
                    }
                }
            }
            Self::Rehearsal(path) => {
                let left = *until - self.now();
                if left > TimeDelta::zero() {
                    // The file holds whole milliseconds: round up, so that `until` has come.
                    write_shift(path, read_shift(path) + left + TimeDelta::milliseconds(1))?;
                }
                Ok(())
            }
        }
    }

    /// Returns once so much real time has passed, also in a rehearsal: what is waited for is
    /// another machine. A simulation's time may wake it early.
    pub async fn nap(&self, time: Duration) {
        match self {
            Self::System | Self::Rehearsal(_) => tokio::time::sleep(time).await,
            Self::Virtual(virtual_time) => virtual_time.sleep(time).await,
        }
    }

    /// The result of `work`; nothing where it takes longer than `limit` of real time.
    pub async fn within<F: Future>(&self, limit: Duration, work: F) -> Option<F::Output> {
        let out = async {
            match self {
                Self::System | Self::Rehearsal(_) => tokio::time::sleep(limit).await,
                Self::Virtual(time) => {
                    let end = time.passed().saturating_add_unsigned(limit.as_millis() as u64);
                    while time.passed() < end {
                        let left = end.saturating_sub(time.passed()).unsigned_abs();
                        time.sleep(Duration::from_millis(left)).await;
                    }
                }
            }
        };
        tokio::select! {
            biased;
            result = work => Some(result),
            () = out => None,
        }
    }

    /// Sets a rehearsal clock to `at`; the system clock is left alone.
    ///
    /// # Errors
    /// When the rehearsal clock's file cannot be written.
    pub fn set(&self, at: &Jst) -> std::io::Result<()> {
        match self {
            Self::System | Self::Virtual(_) => Ok(()),
            Self::Rehearsal(path) => {
                write_shift(path, *at - to_jst(Utc::now()) + TimeDelta::milliseconds(1))
            }
        }
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "system",
            Self::Rehearsal(_) => "rehearsal",
            Self::Virtual(_) => "simulation",
        })
    }
}

fn read_shift(path: &Path) -> TimeDelta {
    let millis =
        std::fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    TimeDelta::try_milliseconds(millis).unwrap_or_default()
}

fn write_shift(path: &Path, shift: TimeDelta) -> std::io::Result<()> {
    disk::write_private_apart(path, shift.num_milliseconds().to_string().as_bytes())
}

/// A [`Jst`] in serde: RFC 3339 with its offset.
pub mod serde_jst {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Jst, rfc3339, to_jst};

    /// Writes RFC 3339.
    ///
    /// # Errors
    /// As the serializer's.
    pub fn serialize<S: Serializer>(at: &Jst, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(at))
    }

    /// Reads RFC 3339; a time without an offset is an error.
    ///
    /// # Errors
    /// Where the text is no such time.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Jst, D::Error> {
        let text = String::deserialize(deserializer)?;
        chrono::DateTime::parse_from_rfc3339(&text).map(to_jst).map_err(serde::de::Error::custom)
    }
}

/// An optional [`Jst`] in serde.
pub mod serde_option {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Jst, rfc3339, to_jst};

    /// Writes RFC 3339 or nothing.
    ///
    /// # Errors
    /// As the serializer's.
    pub fn serialize<S: Serializer>(at: &Option<Jst>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => serializer.serialize_some(&rfc3339(at)),
            None => serializer.serialize_none(),
        }
    }

    /// Reads RFC 3339 or nothing.
    ///
    /// # Errors
    /// Where the text is no such time.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Jst>, D::Error> {
        Option::<String>::deserialize(d)?
            .map(|text| chrono::DateTime::parse_from_rfc3339(&text).map(to_jst))
            .transpose()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[tokio::test]
    async fn a_rehearsal_clock_jumps_and_is_shared_through_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("clock");
        let clock = Clock::Rehearsal(path.clone());
        let start = Tokyo.with_ymd_and_hms(2027, 1, 12, 13, 0, 0).unwrap();
        clock.set(&start).unwrap();
        let later = start + TimeDelta::days(9);
        clock.sleep_until(&later).await.unwrap();
        let other = Clock::Rehearsal(path).now();
        assert!(other >= later && other < later + TimeDelta::seconds(5));
        assert!(clock.show(&later).ends_with("JST [rehearsal clock]"));
    }
}
