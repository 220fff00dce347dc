//! What can be wrong with an archive. Never holds a value of a row.

use std::io;
use std::path::{Path, PathBuf};

use super::finding::Found;
use crate::diag::{Explain, Fact, Kind};
use crate::disk::PartError;

/// What a file is that is no custom-format archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherFormat {
    /// Plain SQL text (`pg_dump` without `-Fc`).
    PlainSql,
    /// The text of `pg_dumpall`.
    ClusterSql,
    /// A packed file; the built-in backup's `orca_db_dump.gz` is plain SQL in gzip.
    Packed {
        /// What packed it.
        by: Packer,
        /// What its first bytes are.
        inside: Inside,
    },
    /// `pg_dump -Ft`, or any tar.
    Tar,
    /// `pg_dump -Fd`: a folder, or its `toc.dat`.
    Directory,
    /// A folder that no `pg_dump` wrote.
    Folder,
    /// Text in UTF-16: a shell re-encoded what went through it.
    Utf16,
    /// No bytes at all.
    Empty,
    /// Something else.
    Unknown,
}

impl OtherFormat {
    /// What a folder is.
    pub fn of_folder(path: &Path) -> Self {
        if path.join("toc.dat").exists() { Self::Directory } else { Self::Folder }
    }
}

/// What packs files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packer {
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
    /// LZ4.
    Lz4,
    /// xz.
    Xz,
    /// bzip2.
    Bzip2,
    /// zip.
    Zip,
}

impl Packer {
    /// The program's name.
    pub fn program(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
            Self::Zip => "zip",
        }
    }
}

/// What a packed file begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// An archive.
    Archive,
    /// SQL text.
    Sql,
    /// Something else, or not looked at.
    Other,
}

/// Why an archive cannot be read, written, converted or compared.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Reading failed.
    #[error("cannot read `{path}`: {kind}")]
    Read {
        /// The file, `-` for a stream.
        path: PathBuf,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
    /// Writing failed.
    #[error("cannot write `{path}`: {kind}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
    /// Another process is writing it.
    #[error("another program is writing `{path}`")]
    OutputBusy {
        /// The file.
        path: PathBuf,
    },
    /// What has the output's name is no file.
    #[error("`{path}` is no file that can be written")]
    OutputNotAFile {
        /// The name.
        path: PathBuf,
    },
    /// It is something else.
    #[error("not a custom-format archive: {0:?}")]
    NotAnArchive(OtherFormat),
    /// The archive version is not handled.
    #[error("archive version {version} is not handled")]
    UnsupportedVersion {
        /// As in the header.
        version: String,
    },
    /// The compression is not handled.
    #[error("compression `{algorithm}` is not handled")]
    UnsupportedCompression {
        /// `lz4`, `zstd`, or a number.
        algorithm: String,
    },
    /// The encoding is not handled.
    #[error("encoding `{encoding}` is not handled")]
    UnsupportedEncoding {
        /// PostgreSQL's name, or what stands in its place.
        encoding: String,
    },
    /// No such server is known.
    #[error("no known server: `{server}`")]
    ServerUnknown {
        /// What was asked for, at most 32 characters.
        server: String,
    },
    /// The server it is made for lacks something that the archive uses.
    #[error("PostgreSQL {server} lacks `{feature}` ({entry}) and {more} more")]
    ServerLacks {
        /// The server.
        server: String,
        /// The first entry.
        entry: String,
        /// What it uses.
        feature: String,
        /// How many more findings there are.
        more: usize,
        /// All of them, as `entry: feature`, as far as they are kept.
        all: Vec<String>,
    },
    /// The bytes contradict the format.
    #[error("damaged at byte {offset}: {what}")]
    Damaged {
        /// What is wrong, in English.
        what: &'static str,
        /// Where, in bytes from the start.
        offset: u64,
    },
    /// The bytes end too early.
    #[error("ends too early, at byte {offset}")]
    Truncated {
        /// Where, in bytes from the start.
        offset: u64,
    },
    /// Something is larger than is accepted.
    #[error("{what} exceeds {limit} at byte {offset}")]
    TooLarge {
        /// What, in English.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// Where, in bytes from the start.
        offset: u64,
    },
    /// A row has too many or too few values.
    #[error("{schema}.{table} row {row}: {found} values instead of {expected}")]
    RowShape {
        /// Schema.
        schema: String,
        /// Table.
        table: String,
        /// Row in its COPY block, from 1.
        row: u64,
        /// Columns of the COPY statement.
        expected: usize,
        /// Values found so far.
        found: usize,
    },
    /// A row holds what COPY does not write.
    #[error("{schema}.{table} row {row}: {what}")]
    NotCopyText {
        /// Schema.
        schema: String,
        /// Table.
        table: String,
        /// Row in its COPY block, from 1.
        row: u64,
        /// What is wrong, in English.
        what: &'static str,
    },
    /// The table of contents promises data that does not come.
    #[error("no data for {schema}.{table}")]
    DataMissing {
        /// Schema.
        schema: String,
        /// Table.
        table: String,
    },
    /// Table data is not in COPY form (`pg_dump --inserts`).
    #[error("data of {schema}.{table} is not in COPY form")]
    NotCopyData {
        /// Schema.
        schema: String,
        /// Table.
        table: String,
    },
    /// Values that the declared encoding forbids.
    #[error("{} values are not in the declared encoding", .0.total)]
    BadText(Box<Found>),
    /// Characters that need a person's decision.
    #[error("{} characters cannot be converted", .0.total)]
    Unconvertible(Box<Found>),
    /// A level outside 1 to 9.
    #[error("compression level {level} is not 1 to 9")]
    Level {
        /// What was asked for.
        level: u32,
    },
    /// A thread of the program ended without a word.
    #[error("the compressing thread stopped")]
    Stopped,
}

impl ArchiveError {
    pub(super) fn reading(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        move |error| Self::Read { path: path.to_owned(), kind: error.kind() }
    }

    pub(super) fn writing(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        move |error| Self::Write { path: path.to_owned(), kind: error.kind() }
    }
}

impl From<PartError> for ArchiveError {
    fn from(error: PartError) -> Self {
        match error {
            PartError::Busy { path } => Self::OutputBusy { path },
            PartError::NotAFile { path } => Self::OutputNotAFile { path },
            PartError::Disk { path, error } => Self::Write { path, kind: error.kind() },
        }
    }
}

impl Explain for ArchiveError {
    fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "archive-cannot-read",
            Self::Write { .. } => "archive-cannot-write",
            Self::OutputBusy { .. } => "archive-output-busy",
            Self::OutputNotAFile { .. } => "archive-output-not-a-file",
            Self::NotAnArchive(OtherFormat::PlainSql) => "archive-is-plain-sql",
            Self::NotAnArchive(OtherFormat::ClusterSql) => "archive-is-cluster-sql",
            Self::NotAnArchive(OtherFormat::Packed { by, inside }) => match (by, inside) {
                (_, Inside::Archive) => "archive-is-packed-archive",
                (Packer::Gzip, _) => "archive-is-gzip",
                (_, Inside::Sql | Inside::Other) => "archive-is-packed",
            },
            Self::NotAnArchive(OtherFormat::Tar) => "archive-is-tar",
            Self::NotAnArchive(OtherFormat::Directory) => "archive-is-directory",
            Self::NotAnArchive(OtherFormat::Folder) => "archive-is-folder",
            Self::NotAnArchive(OtherFormat::Utf16) => "archive-is-utf16",
            Self::NotAnArchive(OtherFormat::Empty) => "archive-is-empty",
            Self::NotAnArchive(OtherFormat::Unknown) => "archive-is-unknown",
            Self::UnsupportedVersion { .. } => "archive-unsupported-version",
            Self::UnsupportedCompression { .. } => "archive-unsupported-compression",
            Self::UnsupportedEncoding { .. } => "archive-unsupported-encoding",
            Self::ServerUnknown { .. } => "archive-server-unknown",
            Self::ServerLacks { .. } => "archive-server-lacks",
            Self::Damaged { .. } => "archive-damaged",
            Self::Truncated { .. } => "archive-truncated",
            Self::TooLarge { .. } => "archive-too-large",
            Self::RowShape { .. } => "archive-row-shape",
            Self::NotCopyText { .. } => "archive-not-copy-text",
            Self::DataMissing { .. } => "archive-data-missing",
            Self::NotCopyData { .. } => "archive-not-copy-data",
            Self::BadText(_) => "archive-bad-text",
            Self::Unconvertible(_) => "archive-unconvertible",
            Self::Level { .. } => "archive-level",
            Self::Stopped => "archive-stopped",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Read { .. } | Self::Write { .. } | Self::OutputBusy { .. } => Kind::Environment,
            Self::NotAnArchive(_)
            | Self::OutputNotAFile { .. }
            | Self::UnsupportedVersion { .. }
            | Self::UnsupportedCompression { .. }
            | Self::UnsupportedEncoding { .. }
            | Self::ServerUnknown { .. }
            | Self::NotCopyData { .. }
            | Self::Level { .. } => Kind::Input,
            Self::Damaged { .. }
            | Self::Truncated { .. }
            | Self::TooLarge { .. }
            | Self::RowShape { .. }
            | Self::NotCopyText { .. }
            | Self::DataMissing { .. }
            | Self::BadText(_) => Kind::Data,
            // A decision is needed and the output was not written: a rule forbids to go on.
            Self::Unconvertible(_) | Self::ServerLacks { .. } => Kind::Blocked,
            Self::Stopped => Kind::Internal,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::Read { path, kind } | Self::Write { path, kind } => {
                vec![Fact::local("path", path.display()), Fact::open("reason", kind)]
            }
            Self::OutputBusy { path } | Self::OutputNotAFile { path } => {
                vec![Fact::local("path", path.display())]
            }
            Self::NotAnArchive(OtherFormat::Packed { by, .. }) => {
                vec![Fact::open("packer", by.program())]
            }
            Self::NotAnArchive(_) | Self::Stopped => Vec::new(),
            Self::ServerUnknown { server } => vec![Fact::open("server", server)],
            Self::ServerLacks { server, entry, feature, more, .. } => vec![
                Fact::open("server", server),
                Fact::open("entry", entry),
                Fact::open("feature", feature),
                Fact::open("more", more),
            ],
            Self::UnsupportedVersion { version } => vec![Fact::open("version", version)],
            Self::UnsupportedCompression { algorithm } => vec![Fact::open("algorithm", algorithm)],
            Self::UnsupportedEncoding { encoding } => vec![Fact::open("encoding", encoding)],
            Self::Damaged { what, offset } => {
                vec![Fact::open("what", what), Fact::open("offset", offset)]
            }
            Self::Truncated { offset } => vec![Fact::open("offset", offset)],
            Self::TooLarge { what, limit, offset } => vec![
                Fact::open("what", what),
                Fact::open("limit", limit),
                Fact::open("offset", offset),
            ],
            Self::RowShape { schema, table, row, expected, found } => vec![
                Fact::open("schema", schema),
                Fact::open("table", table),
                Fact::open("row", row),
                Fact::open("expected", expected),
                Fact::open("found", found),
            ],
            Self::NotCopyText { schema, table, row, what } => vec![
                Fact::open("schema", schema),
                Fact::open("table", table),
                Fact::open("row", row),
                Fact::open("what", what),
            ],
            Self::DataMissing { schema, table } | Self::NotCopyData { schema, table } => {
                vec![Fact::open("schema", schema), Fact::open("table", table)]
            }
            Self::BadText(found) | Self::Unconvertible(found) => vec![
                Fact::open("total", found.total),
                Fact::open("places", found.places()),
                Fact::open("codes", found.codes()),
            ],
            Self::Level { level } => vec![Fact::open("level", level)],
        }
    }
}
