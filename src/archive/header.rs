//! The archive's header: version, sizes, compression, origin.
//!
//! What has another beginning is named by `sniff`.

use std::fmt;
use std::io::Read;

use serde::{Serialize, Serializer};

use super::ArchiveError;
use super::error::OtherFormat;
use super::input::Input;
use super::limits::MAX_STRING_BYTES;
use super::sniff::{HEAD_BYTES, sniff};

/// Every archive begins with this.
pub(super) const MAGIC: &[u8; 5] = b"PGDMP";
/// The header's byte for the custom format.
const CUSTOM: u8 = 1;

/// The oldest version that is read: 8.0 wrote it. Before it, entries had no tablespace.
const OLDEST_READ: u8 = 10;
/// The newest version there is: 17 and 18 write it.
const NEWEST_READ: u8 = 16;

/// The archive's version, as its header says it; it does not follow from PostgreSQL's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// `1`.
    pub major: u8,
    /// `10` to `16`.
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

/// How the data blocks are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// One zlib stream per block; what `pg_dump` calls gzip.
    Zlib,
    /// One LZ4 frame per block.
    Lz4,
    /// One Zstandard frame per block.
    Zstd,
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Zlib => "zlib",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        })
    }
}

/// What the header says.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) version: Version,
    pub(super) offset_size: usize,
    pub(super) compression: Compression,
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
        if version.major != 1 || !(OLDEST_READ..=NEWEST_READ).contains(&version.minor) {
            return Err(ArchiveError::UnsupportedVersion { version: version.to_string() });
        }
        input.int_size = usize::from(input.byte()?);
        let offset_size = usize::from(input.byte()?);
        if !(2..=8).contains(&input.int_size) || !(4..=8).contains(&offset_size) {
            return Err(input.damaged("the header has impossible sizes"));
        }
        match input.byte()? {
            CUSTOM => {}
            // The `toc.dat` of a tar or of a directory says that it is one of a tar.
            3 | 5 => return Err(ArchiveError::NotAnArchive(OtherFormat::Directory)),
            _ => return Err(input.damaged("the header names another format")),
        }
        let compression = read_compression(input, version)?;
        let mut created = [0; 7];
        for field in &mut created {
            *field = input.int()?;
        }
        Ok(Self {
            version,
            offset_size,
            compression,
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

/// Below 1.15 a level, where -1 is zlib's own choice; from 1.15 on an algorithm's number.
fn read_compression<R: Read>(
    input: &mut Input<R>,
    version: Version,
) -> Result<Compression, ArchiveError> {
    if !version.at_least(15) {
        let level = input.int()?;
        return Ok(if level == 0 { Compression::None } else { Compression::Zlib });
    }
    match input.byte()? {
        0 => Ok(Compression::None),
        1 => Ok(Compression::Zlib),
        2 => Ok(Compression::Lz4),
        3 => Ok(Compression::Zstd),
        other => Err(ArchiveError::UnsupportedCompression { algorithm: other.to_string() }),
    }
}

/// Looks at the first bytes; where they are no archive's, says what they are.
fn read_magic<R: Read>(input: &mut Input<R>) -> Result<(), ArchiveError> {
    let mut head = Vec::new();
    while head.len() < HEAD_BYTES {
        match input.byte_or_end()? {
            Some(byte) => head.push(byte),
            None => break,
        }
        if head == MAGIC {
            return Ok(());
        }
    }
    Err(ArchiveError::NotAnArchive(sniff(&head)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::progress::Progress;

    fn read(bytes: &[u8]) -> Result<Header, ArchiveError> {
        Header::read(&mut Input::new(bytes, Path::new("-"), false, &Progress::default()))
    }

    /// A header as a server's `pg_dump` of that version would write it.
    fn written(minor: u8, int_size: u8, packed: Compression, fields: &[i32; 7]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, minor, 0, int_size, 8, 1]);
        let int = |bytes: &mut Vec<u8>, value: i32| {
            bytes.push(u8::from(value < 0));
            let value = u64::from(value.unsigned_abs()).to_le_bytes();
            bytes.extend(value.iter().take(usize::from(int_size)));
        };
        match packed {
            Compression::Zlib if minor < 15 => int(&mut bytes, -1),
            Compression::None if minor < 15 => int(&mut bytes, 0),
            Compression::None => bytes.push(0),
            Compression::Zlib => bytes.push(1),
            Compression::Lz4 => bytes.push(2),
            Compression::Zstd => bytes.push(3),
        }
        fields.iter().for_each(|field| int(&mut bytes, *field));
        int(&mut bytes, 4);
        bytes.extend(b"orca");
        int(&mut bytes, -1);
        int(&mut bytes, 0);
        bytes
    }

    proptest! {
        #[test]
        fn every_version_and_size_of_integer_is_read(
            minor in 10_u8..=16,
            int_size in prop::sample::select(vec![4_u8, 8]),
            packed in 0_usize..4,
            fields in prop::array::uniform7(-1000_i32..3000),
        ) {
            let all = [Compression::None, Compression::Zlib, Compression::Lz4, Compression::Zstd];
            let packed = if minor < 15 { all[packed % 2] } else { all[packed] };
            let bytes = written(minor, int_size, packed, &fields);
            let header = read(&bytes).unwrap();
            prop_assert_eq!(header.version.minor, minor);
            prop_assert_eq!(header.compression, packed);
            prop_assert_eq!(header.created, fields);
            prop_assert_eq!(header.database, Some(b"orca".to_vec()));
            prop_assert_eq!(header.server_version, None);
            prop_assert_eq!(header.dump_version, Some(Vec::new()));
            for length in 0..bytes.len() {
                prop_assert!(read(&bytes[..length]).is_err());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            let _ = read(&[MAGIC.as_slice(), &[1, 14, 0], &bytes].concat());
        }
    }

    #[test]
    fn versions_outside_the_known_ones_are_refused() {
        for minor in [9, 17] {
            let mut bytes = written(14, 4, Compression::Zlib, &[0; 7]);
            bytes[6] = minor;
            assert!(matches!(read(&bytes), Err(ArchiveError::UnsupportedVersion { .. })));
        }
        let mut toc = written(14, 4, Compression::Zlib, &[0; 7]);
        toc[10] = 3;
        let error = read(&toc).unwrap_err();
        assert!(matches!(error, ArchiveError::NotAnArchive(OtherFormat::Directory)));
    }
}
