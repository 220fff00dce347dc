//! PostgreSQL's versions, and the archive versions that its `pg_dump` writes and its `pg_restore`
//! reads.
//!
//! A table and nothing else. What a given archive is, its header says; the table is for what has
//! not been written yet.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Newest line of PostgreSQL whose archives this program knows.
pub const NEWEST_KNOWN: u16 = 18;

/// A version of PostgreSQL: `9.6`, `9.6.24`, `15`, `15.18`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PgVersion {
    line: Line,
    minor: Option<u16>,
}

/// What stays the same between minors: 9.6 is `(9, 6)`, 15 is `(15, 0)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line(u16, u16);

/// Version 1.`n` of the custom archive format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArchiveVersion(pub u8);

/// A text that is no version of PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no version of PostgreSQL")]
pub struct NotAVersion;

/// Lines in which a minor of March 2018 (CVE-2018-1058) moved 1.12 to 1.13, with that minor.
const MOVED: [(Line, u16); 5] =
    [(Line(9, 3), 22), (Line(9, 4), 17), (Line(9, 5), 12), (Line(9, 6), 8), (Line(10, 0), 3)];

/// The minors of November 2026, from which on a crafted archive cannot run code through
/// `pg_restore`. Older lines never got the change.
const RESTORE_MENDED: [(u16, u16); 5] = [(14, 25), (15, 20), (16, 16), (17, 12), (18, 7)];

impl PgVersion {
    /// The version at the beginning of what a server or program says of itself:
    /// `15.18 (Debian 15.18-0+deb12u1)`, `18beta1`.
    pub fn said(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        text.get(..end)?.trim_end_matches('.').parse().ok()
    }

    /// The version without its minor.
    pub fn line(self) -> Line {
        self.line
    }

    /// True where this line came after everything that the table knows.
    pub fn is_newer_than_known(self) -> bool {
        self.line > Line(NEWEST_KNOWN, 0)
    }

    /// The version of the archives that this version's `pg_dump` writes; `None` where the table
    /// does not know it, or where it depends on a minor that is not known.
    pub fn writes(self) -> Option<ArchiveVersion> {
        if let Some((_, since)) = MOVED.iter().find(|(line, _)| *line == self.line) {
            return Some(ArchiveVersion(if self.minor? >= *since { 13 } else { 12 }));
        }
        Some(ArchiveVersion(match self.line {
            Line(8, 0..=3) => 10,
            Line(8, _) => 11,
            Line(9, _) => 12,
            Line(11, _) => 13,
            Line(12..=15, _) => 14,
            Line(16, _) => 15,
            Line(17 | 18, _) => 16,
            _ => return None,
        }))
    }

    /// The newest archive version that this version's `pg_restore` surely reads: what its own
    /// `pg_dump` writes. Where the minor is not known the line's first minor counts, and where
    /// the line is newer than the table, the newest known line.
    pub fn reads(self) -> Option<ArchiveVersion> {
        if self.is_newer_than_known() {
            return Self { line: Line(NEWEST_KNOWN, 0), minor: None }.writes();
        }
        Self { line: self.line, minor: Some(self.minor.unwrap_or(0)) }.writes()
    }

    /// True where a crafted archive cannot run code through this version's `pg_restore`, as far
    /// as was published by November 2026; an unknown minor counts as an old one.
    pub fn restores_safely(self) -> bool {
        let mended = RESTORE_MENDED.iter().find(|(line, _)| Line(*line, 0) == self.line);
        match mended {
            Some((_, since)) => self.minor.is_some_and(|minor| minor >= *since),
            None => self.is_newer_than_known(),
        }
    }
}

impl ArchiveVersion {
    /// The oldest servers that read it, for people.
    pub fn oldest_readers(self) -> &'static str {
        match self.0 {
            ..=10 => "8.0",
            11 => "8.4",
            12 => "9.0",
            13 => "9.3.22, 9.4.17, 9.5.12, 9.6.8, 10.3, 11",
            14 => "12",
            15 => "16",
            _ => "17",
        }
    }
}

impl FromStr for PgVersion {
    type Err = NotAVersion;

    /// `9.6`, `9.6.24`, `15` or `15.18`, also behind `PostgreSQL `. `9` alone is none: a line
    /// below 10 has two numbers.
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let text = text.trim();
        let text = text.strip_prefix("PostgreSQL").map_or(text, str::trim_start);
        let number = |part: &str| -> Result<u16, NotAVersion> {
            let digits = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            if digits { part.parse().map_err(|_| NotAVersion) } else { Err(NotAVersion) }
        };
        let parts = text.split('.').map(number).collect::<Result<Vec<_>, _>>()?;
        let (line, minor) = match *parts.as_slice() {
            [major @ 6..=9, second] => (Line(major, second), None),
            [major @ 6..=9, second, minor] => (Line(major, second), Some(minor)),
            [major @ 10..=99] => (Line(major, 0), None),
            [major @ 10..=99, minor] => (Line(major, 0), Some(minor)),
            _ => return Err(NotAVersion),
        };
        Ok(Self { line, minor })
    }
}

impl TryFrom<String> for PgVersion {
    type Error = NotAVersion;

    fn try_from(text: String) -> Result<Self, NotAVersion> {
        text.parse()
    }
}

impl From<PgVersion> for String {
    fn from(version: PgVersion) -> Self {
        version.to_string()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(major @ 0..=9, second) => write!(f, "{major}.{second}"),
            Self(major, _) => write!(f, "{major}"),
        }
    }
}

impl fmt::Display for PgVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.line)?;
        self.minor.map_or(Ok(()), |minor| write!(f, ".{minor}"))
    }
}

impl fmt::Display for ArchiveVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> PgVersion {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_written_and_read_follows_the_minors_of_march_2018() {
        // version, written by pg_dump, read by pg_restore
        for (text, writes, reads) in [
            ("8.3", Some(10), Some(10)),
            ("8.4.22", Some(11), Some(11)),
            ("9.0", Some(12), Some(12)),
            ("9.2.24", Some(12), Some(12)),
            ("9.3.21", Some(12), Some(12)),
            ("9.3.22", Some(13), Some(13)),
            ("9.4.16", Some(12), Some(12)),
            ("9.5.12", Some(13), Some(13)),
            ("9.6", None, Some(12)),
            ("9.6.7", Some(12), Some(12)),
            ("9.6.8", Some(13), Some(13)),
            ("10", None, Some(12)),
            ("10.2", Some(12), Some(12)),
            ("10.23", Some(13), Some(13)),
            ("11.1", Some(13), Some(13)),
            ("12", Some(14), Some(14)),
            ("15.18", Some(14), Some(14)),
            ("16", Some(15), Some(15)),
            ("17.2", Some(16), Some(16)),
            ("18", Some(16), Some(16)),
            ("19.1", None, Some(16)),
            ("7.4", None, None),
        ] {
            let found = version(text);
            assert_eq!(found.writes(), writes.map(ArchiveVersion), "{text} writes");
            assert_eq!(found.reads(), reads.map(ArchiveVersion), "{text} reads");
        }
    }

    #[test]
    fn a_version_is_read_and_written_the_same_way() {
        for text in ["9.6", "9.6.24", "10", "15.18"] {
            assert_eq!(version(text).to_string(), text);
        }
        assert_eq!(version("PostgreSQL 9.6"), version("9.6"));
        for text in ["", "9", "9.", "15.1.2", "five", "1.5e1", "-1", "15 ", "999", "9.6.1.1"] {
            let found = text.parse::<PgVersion>();
            assert_eq!(found.is_ok(), text == "15 ", "{text:?}");
        }
    }

    #[test]
    fn what_a_program_says_of_itself_begins_with_its_version() {
        for (said, expected) in [
            ("15.18 (Debian 15.18-0+deb12u1)", Some("15.18")),
            ("9.6.24", Some("9.6.24")),
            ("18beta1", Some("18")),
            ("17.", Some("17")),
            ("unknown", None),
            ("", None),
        ] {
            assert_eq!(PgVersion::said(said).map(|found| found.to_string()).as_deref(), expected);
        }
    }

    #[test]
    fn lines_are_ordered_as_they_came() {
        let lines = ["8.4", "9.0", "9.6", "10", "15", "19"].map(|text| version(text).line());
        assert!(lines.is_sorted());
        assert!(version("19").is_newer_than_known() && !version("18.7").is_newer_than_known());
    }

    #[test]
    fn only_the_minors_of_november_2026_restore_a_strange_archive_safely() {
        for (text, safe) in [
            ("13.23", false),
            ("14.24", false),
            ("14.25", true),
            ("15.18", false),
            ("15.20", true),
            ("16.16", true),
            ("17.11", false),
            ("18.7", true),
            ("18", false),
            ("9.6.24", false),
            ("19.0", true),
        ] {
            assert_eq!(version(text).restores_safely(), safe, "{text}");
        }
    }
}
