//! What header and table of contents say; no data is read.

use std::path::Path;

use serde::Serialize;

use super::ArchiveError;
use super::header::Version;
use super::reader::{Reader, name};
use crate::charset::SourceEncoding;
use crate::progress::Progress;

/// A table that has data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableInfo {
    /// Schema.
    pub schema: String,
    /// Table.
    pub table: String,
    /// Columns of its COPY statement.
    pub columns: Vec<String>,
}

/// What an archive says of itself.
#[derive(Clone, Debug, Serialize)]
pub struct ArchiveInfo {
    /// The file's size.
    pub bytes: u64,
    /// As in the header.
    pub archive_version: Version,
    /// `none` or `zlib`.
    pub compression: String,
    /// Local time of the machine that wrote it.
    pub created: String,
    /// The database.
    pub database: String,
    /// The server's version.
    pub server_version: String,
    /// pg_dump's version.
    pub pg_dump_version: String,
    /// The encoding of its text.
    pub encoding: SourceEncoding,
    /// Entries of the table of contents.
    pub entries: usize,
    /// Tables with data.
    pub tables: Vec<TableInfo>,
    /// True where it holds large objects.
    pub large_objects: bool,
}

/// Reads header and table of contents of `path`. A truncated file can pass: only
/// [`super::verify`] proves an archive.
///
/// # Errors
/// When it cannot be read or is no archive.
pub fn inspect(path: &Path) -> Result<ArchiveInfo, ArchiveError> {
    let reader = Reader::open(path, false, &Progress::default())?;
    let bytes = std::fs::metadata(path).map_err(ArchiveError::reading(path))?.len();
    let header = &reader.header;
    let text = |bytes: &Option<Vec<u8>>| name(bytes.as_deref(), reader.encoding);
    let tables = reader.entries.iter().filter_map(|entry| reader.tables.get(&entry.id));
    Ok(ArchiveInfo {
        bytes,
        archive_version: header.version,
        compression: if header.level == 0 { "none" } else { "zlib" }.to_owned(),
        created: header.created_text(),
        database: text(&header.database),
        server_version: text(&header.server_version),
        pg_dump_version: text(&header.dump_version),
        encoding: reader.encoding,
        entries: reader.entries.len(),
        tables: tables
            .map(|table| TableInfo {
                schema: table.schema.clone(),
                table: table.name.clone(),
                columns: table.columns.clone().unwrap_or_default(),
            })
            .collect(),
        large_objects: reader.entries.iter().any(|entry| entry.has_data && entry.is("BLOBS")),
    })
}
