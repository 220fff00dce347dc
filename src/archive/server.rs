//! PostgreSQL's versions, as far as an archive is made for one of them.
//!
//! It says what a server's own `pg_restore` can read; what SQL the server knows stands in `needs`.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::ArchiveError;

/// A release that got features: `9.6`, or `10` and later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    major: u8,
    second: u8,
}

impl Release {
    /// `9.0` to `9.6`.
    pub(super) const fn nine(second: u8) -> Self {
        Self { major: 9, second }
    }

    /// `10` and later.
    pub(super) const fn major(major: u8) -> Self {
        Self { major, second: 0 }
    }

    /// Every release that an archive can be made for, the oldest first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..=NEWEST_NINE).map(Self::nine).chain((10..=NEWEST).map(Self::major))
    }

    /// The newest archive version that every minor version of this release reads.
    pub(super) fn reads(self) -> u8 {
        ServerVersion { release: self, minor: None }.reads()
    }
}

const NEWEST_NINE: u8 = 6;
const NEWEST: u8 = 18;

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.major == 9 { write!(f, "9.{}", self.second) } else { write!(f, "{}", self.major) }
    }
}

impl Serialize for Release {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A server to make an archive for: a release, and its minor version where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerVersion {
    pub(super) release: Release,
    minor: Option<u16>,
}

impl ServerVersion {
    /// The newest archive version that its `pg_restore` reads. Version 1.13 came with the minor
    /// versions of March 2018; where the minor version is not known it may be an older one.
    pub(super) fn reads(self) -> u8 {
        let since_minor = match (self.release.major, self.release.second) {
            (9, 3) => Some(22),
            (9, 4) => Some(17),
            (9, 5) => Some(12),
            (9, 6) => Some(8),
            (10, _) => Some(3),
            _ => None,
        };
        match (self.release.major, since_minor) {
            (_, Some(since)) => 12 + u8::from(self.minor.is_some_and(|minor| minor >= since)),
            (9, None) => 12,
            (11, None) => 13,
            (12..=15, None) => 14,
            (16, None) => 15,
            _ => 16,
        }
    }
}

impl FromStr for ServerVersion {
    type Err = ArchiveError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || ArchiveError::ServerUnknown { server: text.chars().take(32).collect() };
        let parts = text.split('.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u16>().ok().filter(|_| digits)
        });
        let parts = parts.collect::<Option<Vec<_>>>().ok_or_else(unknown)?;
        let small = |part: u16| u8::try_from(part).map_err(|_| unknown());
        let (release, minor) = match *parts {
            [9, second] => (Release::nine(small(second)?), None),
            [9, second, minor] => (Release::nine(small(second)?), Some(minor)),
            [major] if major > 9 => (Release::major(small(major)?), None),
            [major, minor] if major > 9 => (Release::major(small(major)?), Some(minor)),
            _ => return Err(unknown()),
        };
        if Release::all().any(|known| known == release) {
            Ok(Self { release, minor })
        } else {
            Err(unknown())
        }
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            Some(minor) => write!(f, "{}.{minor}", self.release),
            None => self.release.fmt(f),
        }
    }
}

impl Serialize for ServerVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The release in a text like `18.6 (Debian 18.6-3)` or `9.6.24`; `None` where it has none.
pub(super) fn release_in(text: &[u8]) -> Option<Release> {
    let text = std::str::from_utf8(text.get(..text.len().min(32))?).ok()?;
    let version = text.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    let mut parts = version.split('.');
    let major = parts.next()?.parse::<u8>().ok()?;
    if major >= 10 {
        return Some(Release::major(major));
    }
    Some(Release { major, second: parts.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which archive version the clients of a release read is published by PostgreSQL's own
    /// sources, release by release.
    #[test]
    fn the_newest_readable_version_follows_from_the_server() {
        for (server, minor) in [
            ("9.0", 12),
            ("9.2.24", 12),
            ("9.3", 12),
            ("9.3.21", 12),
            ("9.3.22", 13),
            ("9.4.16", 12),
            ("9.4.17", 13),
            ("9.5.12", 13),
            ("9.6", 12),
            ("9.6.7", 12),
            ("9.6.8", 13),
            ("10", 12),
            ("10.2", 12),
            ("10.3", 13),
            ("11", 13),
            ("12", 14),
            ("15.14", 14),
            ("16", 15),
            ("17", 16),
            ("18", 16),
        ] {
            let version = server.parse::<ServerVersion>().unwrap();
            assert_eq!(version.reads(), minor, "{server}");
            assert_eq!(version.to_string(), server);
        }
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for text in
            ["", "9", "9.7", "8.4", "19", "300", "9.6.1.1", "10.x", "+10", "10.", "9.300", " 10"]
        {
            let error = text.parse::<ServerVersion>().unwrap_err();
            assert!(matches!(error, ArchiveError::ServerUnknown { .. }), "{text}");
        }
    }

    #[test]
    fn releases_are_found_in_version_texts() {
        assert_eq!(release_in(b"18.6 (Debian 18.6-3)"), Some(Release::major(18)));
        assert_eq!(release_in(b"9.6.24"), Some(Release::nine(6)));
        assert_eq!(release_in(b"17devel"), Some(Release::major(17)));
        assert!(release_in(b"8.4.22").unwrap() < Release::nine(0));
        assert_eq!(release_in(b""), None);
        assert_eq!(release_in(b"\xff"), None);
    }
}
