//! What header and table of contents say; no data is read.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::ArchiveError;
use super::header::{Compression, Version};
use super::limits::MAX_NEEDS;
use super::needs::{self, Need, Setting};
use super::reader::{Reader, header_name, name};
use super::retarget::entry_name;
use super::server::{Release, release_in};
use super::toc::Entry;
use crate::charset::SourceEncoding;
use crate::progress::Progress;

/// Most lacked features that are listed.
const LISTED: usize = 200;
/// Most kinds of entries that are counted by name; PostgreSQL has about 60.
const MAX_KINDS: usize = 200;

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

/// For which servers it can be restored as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restorable {
    /// Releases whose own `pg_restore` reads it, whatever their minor version.
    pub readable_by: Vec<Release>,
    /// Those of them that know everything in its definitions.
    pub as_it_stands: Vec<Release>,
    /// What the others lack.
    pub lacked: Vec<LackedFeature>,
}

/// Something that not every server knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LackedFeature {
    /// Kind and name of the entry.
    pub entry: String,
    /// In the words of SQL.
    pub feature: String,
    /// The first release that knows it.
    pub since: Release,
    /// The first one that does not know it any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Release>,
    /// True where a conversion for an older server has a way around it.
    pub can_be_rewritten: bool,
}

/// What an archive says of itself.
#[derive(Clone, Debug, Serialize)]
pub struct ArchiveInfo {
    /// The file's size.
    pub bytes: u64,
    /// As in the header.
    pub archive_version: Version,
    /// How its data is compressed.
    pub compression: Compression,
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
    /// How many there are of each kind.
    pub entries_by_kind: BTreeMap<String, usize>,
    /// Tables with data.
    pub tables: Vec<TableInfo>,
    /// True where it holds large objects.
    pub large_objects: bool,
    /// For which servers it can be restored.
    pub restorable: Restorable,
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
    let database = header.database.as_deref().unwrap_or_default();
    let tables = reader.entries.iter().filter_map(|entry| reader.tables.get(&entry.id));
    let mut entries_by_kind = BTreeMap::new();
    for entry in &reader.entries {
        let kind = text(&entry.desc);
        if entries_by_kind.len() < MAX_KINDS || entries_by_kind.contains_key(&kind) {
            let count: &mut usize = entries_by_kind.entry(kind).or_default();
            *count = count.saturating_add(1);
        }
    }
    let dumped_by = header.dump_version.as_deref().and_then(release_in);
    Ok(ArchiveInfo {
        bytes,
        archive_version: header.version,
        compression: header.compression,
        created: header.created_text(),
        database: header_name(database, reader.encoding),
        server_version: text(&header.server_version),
        pg_dump_version: text(&header.dump_version),
        encoding: reader.encoding,
        entries: reader.entries.len(),
        entries_by_kind,
        tables: tables
            .map(|table| TableInfo {
                schema: table.schema.clone(),
                table: table.name.clone(),
                columns: table.columns.clone().unwrap_or_default(),
            })
            .collect(),
        large_objects: reader.entries.iter().any(|entry| entry.has_data && entry.is("BLOBS")),
        restorable: restorable(header.version, dumped_by, &reader),
    })
}

fn restorable<R>(version: Version, dumped_by: Option<Release>, reader: &Reader<R>) -> Restorable {
    let setting = Setting::new(&reader.entries, dumped_by);
    let mut readable: Vec<_> =
        Release::all().filter(|server| version.minor <= server.reads()).collect();
    let readable_by = readable.clone();
    let mut lacked = Vec::new();
    let mut looked_at = 0_usize;
    for entry in &reader.entries {
        let needs = needs::of(entry, setting);
        looked_at = looked_at.saturating_add(needs.len());
        // Past this nobody can say any more what it needs, so no server is named.
        if looked_at > MAX_NEEDS {
            readable.clear();
            break;
        }
        readable.retain(|server| !needs.iter().any(|need| need.is_lacked_by(*server)));
        let room = LISTED.saturating_sub(lacked.len());
        let somewhere =
            needs.iter().filter(|need| Release::all().any(|server| need.is_lacked_by(server)));
        lacked.extend(somewhere.take(room).map(|need| listed(entry, need, reader)));
    }
    Restorable { readable_by, as_it_stands: readable, lacked }
}

fn listed<R>(entry: &Entry, need: &Need, reader: &Reader<R>) -> LackedFeature {
    LackedFeature {
        entry: entry_name(entry, |text| name(text.as_deref(), reader.encoding)),
        feature: need.feature.clone(),
        since: need.since,
        until: need.until,
        can_be_rewritten: need.cure != needs::Cure::Refuse,
    }
}
