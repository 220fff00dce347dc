//! The archive's header, and the names of things that are no archive.

use std::fmt;
use std::io::Read;

use serde::{Serialize, Serializer};

use super::ArchiveError;
use super::error::OtherFormat;
use super::input::Input;
use super::limits::MAX_STRING_BYTES;

/// Every archive begins with this.
pub(super) const MAGIC: &[u8; 5] = b"PGDMP";
/// The header's byte for the custom format.
const CUSTOM: u8 = 1;

/// The archive's version, as its header says it; it does not follow from PostgreSQL's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// `1`.
    pub major: u8,
    /// `12` to `16`.
    pub minor: u8,
    /// `0`.
    pub revision: u8,
}

impl Version {
    pub(super) fn at_least(self, minor: u8) -> bool {
        self.minor >= minor
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What the header says.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) version: Version,
    pub(super) offset_size: usize,
    /// zlib's level; 0 means that nothing is compressed.
    pub(super) level: i32,
    /// Second, minute, hour, day, month from 0, year from 1900, daylight saving.
    pub(super) created: [i32; 7],
    pub(super) database: Option<Vec<u8>>,
    pub(super) server_version: Option<Vec<u8>>,
    pub(super) dump_version: Option<Vec<u8>>,
}

impl Header {
    pub(super) fn read<R: Read>(input: &mut Input<R>) -> Result<Self, ArchiveError> {
        read_magic(input)?;
        let version =
            Version { major: input.byte()?, minor: input.byte()?, revision: input.byte()? };
        if version.major != 1 || !(12..=16).contains(&version.minor) {
            return Err(ArchiveError::UnsupportedVersion { version: version.to_string() });
        }
        input.int_size = usize::from(input.byte()?);
        let offset_size = usize::from(input.byte()?);
        if !(2..=8).contains(&input.int_size) || !(4..=8).contains(&offset_size) {
            return Err(input.damaged("the header has impossible sizes"));
        }
        match input.byte()? {
            CUSTOM => {}
            3 => return Err(ArchiveError::NotAnArchive(OtherFormat::Tar)),
            _ => return Err(input.damaged("the header names another format")),
        }
        let level = read_compression(input, version)?;
        let mut created = [0; 7];
        for field in &mut created {
            *field = input.int()?;
        }
        Ok(Self {
            version,
            offset_size,
            level,
            created,
            database: input.string(MAX_STRING_BYTES)?,
            server_version: input.string(MAX_STRING_BYTES)?,
            dump_version: input.string(MAX_STRING_BYTES)?,
        })
    }

    /// When the dump was begun, in the local time of the machine that wrote it.
    pub(super) fn created_text(&self) -> String {
        let [second, minute, hour, day, month, year, _] = self.created.map(i64::from);
        format!(
            "{:04}-{:02}-{day:02} {hour:02}:{minute:02}:{second:02}",
            year.saturating_add(1900),
            month.saturating_add(1)
        )
    }
}

fn read_compression<R: Read>(input: &mut Input<R>, version: Version) -> Result<i32, ArchiveError> {
    if !version.at_least(15) {
        return input.int();
    }
    let algorithm = match input.byte()? {
        0 => return Ok(0),
        1 => return Ok(-1),
        2 => "lz4".to_owned(),
        3 => "zstd".to_owned(),
        other => other.to_string(),
    };
    Err(ArchiveError::UnsupportedCompression { algorithm })
}

/// Looks at the first bytes without passing over them where they are no archive's.
fn read_magic<R: Read>(input: &mut Input<R>) -> Result<(), ArchiveError> {
    let mut head = Vec::new();
    // Enough for tar's mark at 257; a pipe may hand over less at a time.
    while head.len() < 512 {
        match input.byte_or_end()? {
            Some(byte) => head.push(byte),
            None => break,
        }
        if head == MAGIC {
            return Ok(());
        }
        let still = MAGIC.starts_with(&head);
        if head.len() <= MAGIC.len() && still {
            continue;
        }
    }
    Err(ArchiveError::NotAnArchive(sniff(&head)))
}

fn sniff(head: &[u8]) -> OtherFormat {
    if head.is_empty() {
        return OtherFormat::Empty;
    }
    if head.starts_with(&[0x1f, 0x8b]) {
        return OtherFormat::Gzip;
    }
    if head.get(257..262) == Some(b"ustar") || head.starts_with(b"toc.dat\0") {
        return OtherFormat::Tar;
    }
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start();
    let sql = ["--", "\\restrict", "SET ", "CREATE ", "COPY ", "BEGIN", "/*"];
    if sql.iter().any(|start| text.starts_with(start)) {
        OtherFormat::PlainSql
    } else {
        OtherFormat::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_formats_are_called_by_their_names() {
        assert_eq!(sniff(b""), OtherFormat::Empty);
        assert_eq!(sniff(b"\x1f\x8b\x08"), OtherFormat::Gzip);
        assert_eq!(sniff(b"--\n-- PostgreSQL database dump\n"), OtherFormat::PlainSql);
        assert_eq!(sniff(b"\\restrict abc\n"), OtherFormat::PlainSql);
        assert_eq!(sniff(b"toc.dat\0\0"), OtherFormat::Tar);
        assert_eq!(sniff(b"PK\x03\x04"), OtherFormat::Unknown);
    }
}
