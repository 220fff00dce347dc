//! An archive from its first byte to its last, in the order in which it stands.
//!
//! Offsets in the table of contents are checked, never followed: a pipe is enough.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::ArchiveError;
use super::columns;
use super::header::Header;
use super::inflate::Inflater;
use super::input::Input;
use super::toc::{self, DataAt, Entry};
use crate::charset::{Mapping, Policy, SourceEncoding, Tally, Transcoder};
use crate::progress::Progress;

/// What a table's data entry says.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) schema: String,
    pub(super) name: String,
    /// Columns in the order of the COPY statement; `None` where the data is no COPY text.
    pub(super) columns: Option<Vec<String>>,
    /// Positions of the primary key's columns.
    pub(super) key: Vec<usize>,
}

/// A data block's kind and the entry it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Table(i32),
    Blobs(i32),
}

/// An opened archive.
pub(super) struct Reader<R> {
    pub(super) input: Input<R>,
    pub(super) header: Header,
    pub(super) entries: Vec<Entry>,
    pub(super) encoding: SourceEncoding,
    pub(super) tables: HashMap<i32, Table>,
    places: HashMap<i32, DataAt>,
    seen: HashSet<i32>,
}

impl Reader<File> {
    /// Opens a file.
    pub(super) fn open(
        path: &Path,
        hashed: bool,
        progress: &Progress,
    ) -> Result<Self, ArchiveError> {
        let file = File::open(path).map_err(ArchiveError::reading(path))?;
        let meta = file.metadata().map_err(ArchiveError::reading(path))?;
        progress.expect_bytes(meta.len());
        Self::new(file, path, hashed, progress)
    }
}

impl<R: Read> Reader<R> {
    /// Reads header and table of contents.
    pub(super) fn new(
        inner: R,
        path: &Path,
        hashed: bool,
        progress: &Progress,
    ) -> Result<Self, ArchiveError> {
        let mut input = Input::new(inner, path, hashed, progress);
        let header = Header::read(&mut input)?;
        let entries = toc::read(&mut input, header.version, header.offset_size)?;
        let encoding = encoding(&entries)?;
        let tables = tables(&entries, encoding);
        let places = entries.iter().filter(|entry| entry.has_data).map(|e| (e.id, e.data));
        let places = places.collect();
        Ok(Self { input, header, entries, encoding, tables, places, seen: HashSet::new() })
    }

    /// The next data block, `None` at the archive's end.
    pub(super) fn next_block(&mut self) -> Result<Option<Block>, ArchiveError> {
        let offset = self.input.offset();
        let Some(kind) = self.input.byte_or_end()? else {
            self.check_complete()?;
            return Ok(None);
        };
        let id = self.input.int()?;
        let damaged = |what| ArchiveError::Damaged { what, offset };
        let Some(place) = self.places.get(&id) else {
            return Err(damaged("a data block belongs to no entry"));
        };
        if matches!(place, DataAt::Offset(at) if *at != offset) {
            return Err(damaged("a data block is not where the table of contents says"));
        }
        if !self.seen.insert(id) {
            return Err(damaged("an entry has two data blocks"));
        }
        match (kind, self.tables.contains_key(&id)) {
            (1, true) => Ok(Some(Block::Table(id))),
            (3, false) => Ok(Some(Block::Blobs(id))),
            _ => Err(damaged("a data block's kind is unknown")),
        }
    }

    /// The current block's content, decompressed, with the position for errors.
    pub(super) fn content(
        &mut self,
        mut take: impl FnMut(&[u8], u64) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let mut inflater = Inflater::new(self.header.level);
        // The position of the block's beginning stands for all of it: a compressed byte has no
        // finer place.
        let offset = self.input.offset();
        self.input.chunks(|piece| inflater.push(piece, offset, |plain| take(plain, offset)))?;
        inflater.finish(offset)
    }

    /// The next large object of a block of them: its oid, then [`Reader::content`].
    pub(super) fn next_blob(&mut self) -> Result<Option<i32>, ArchiveError> {
        let oid = self.input.int()?;
        Ok((oid != 0).then_some(oid))
    }

    fn check_complete(&self) -> Result<(), ArchiveError> {
        for entry in &self.entries {
            if entry.has_data && entry.data != DataAt::None && !self.seen.contains(&entry.id) {
                let (schema, table) = match self.tables.get(&entry.id) {
                    Some(table) => (table.schema.clone(), table.name.clone()),
                    None => (String::new(), name(entry.desc.as_deref(), self.encoding)),
                };
                return Err(ArchiveError::DataMissing { schema, table });
            }
        }
        Ok(())
    }
}

/// A name for reports: what does not decode shows as U+FFFD.
pub(super) fn name(bytes: Option<&[u8]>, encoding: SourceEncoding) -> String {
    let bytes = bytes.unwrap_or_default();
    if encoding != SourceEncoding::EucJp {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let mut out = Vec::new();
    let plain = Transcoder::new(encoding, Policy::Postgres, Mapping::default());
    plain.transcode_value(bytes, &mut out, &mut Tally::default(), &mut |_| {});
    String::from_utf8_lossy(&out).into_owned()
}

fn encoding(entries: &[Entry]) -> Result<SourceEncoding, ArchiveError> {
    let entry = entries.iter().find(|entry| entry.is("ENCODING"));
    let definition = entry.and_then(|entry| entry.defn.as_deref()).unwrap_or_default();
    let text = String::from_utf8_lossy(definition);
    let named = text.split('\'').nth(1).unwrap_or_default();
    SourceEncoding::from_postgres_name(named).ok_or_else(|| ArchiveError::UnsupportedEncoding {
        encoding: named.chars().take(32).collect(),
    })
}

fn tables(entries: &[Entry], encoding: SourceEncoding) -> HashMap<i32, Table> {
    let keys = primary_keys(entries);
    let data = entries.iter().filter(|entry| entry.has_data && entry.is("TABLE DATA"));
    let named = data.map(|entry| {
        let raw = entry.copy.as_deref().and_then(columns::of_copy);
        let place = (entry.namespace.clone(), entry.tag.clone());
        let key = keys
            .get(&place)
            .into_iter()
            .flatten()
            .filter_map(|column| raw.as_ref()?.iter().position(|name| name == column));
        let table = Table {
            schema: name(entry.namespace.as_deref(), encoding),
            name: name(entry.tag.as_deref(), encoding),
            key: key.collect(),
            columns: raw
                .as_ref()
                .map(|names| names.iter().map(|bytes| name(Some(bytes), encoding)).collect()),
        };
        (entry.id, table)
    });
    named.collect()
}

type Place = (toc::Text, toc::Text);

/// The primary keys by schema and table. The tag of such an entry is "table constraint".
fn primary_keys(entries: &[Entry]) -> HashMap<Place, Vec<Vec<u8>>> {
    let constraints = entries.iter().filter(|entry| entry.is("CONSTRAINT"));
    let keys = constraints.filter_map(|entry| {
        let columns = columns::of_primary_key(entry.defn.as_deref()?)?;
        let tag = entry.tag.as_deref()?;
        let space = tag.iter().rposition(|byte| *byte == b' ')?;
        let table = tag.get(..space)?.to_vec();
        Some(((entry.namespace.clone(), Some(table)), columns))
    });
    keys.collect()
}
