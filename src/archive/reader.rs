//! An archive from its first byte to its last, in the order in which it stands.
//!
//! Offsets in the table of contents are checked, never followed: a pipe is enough.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::ArchiveError;
use super::columns;
use super::decode;
use super::error::OtherFormat;
use super::fit::Fit;
use super::header::Header;
use super::input::Input;
use super::large_objects;
use super::limits::MAX_ALL_COLUMNS;
pub(super) use super::names::{header_name, name};
use super::toc::{self, DataAt, Entry};
use super::types::{Column, Holds, Types};
use super::unique_keys::unique_keys;
use super::widths::Width;
use crate::charset::{AbsentPlace, KnownTable, Mapping, SourceEncoding};
use crate::progress::Progress;

/// What a table's data entry says.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) schema: String,
    pub(super) name: String,
    /// Columns in the order of the COPY statement; `None` where the data is no COPY text.
    pub(super) columns: Option<Vec<String>>,
    /// Positions of the primary key's columns.
    pub(super) key: Vec<usize>,
    /// How many characters the columns take, by position; empty where nothing is known.
    pub(super) widths: Vec<Option<Width>>,
    /// What else values have to fit into: names, and the parts of values that have parts.
    pub(super) fits: Vec<Option<Arc<Fit>>>,
    /// Positions of the columns of each unique key that can hold more than ASCII.
    pub(super) unique: Vec<Vec<usize>>,
    /// Positions of `jsonb` columns.
    pub(super) json: Vec<usize>,
}

/// A data block's kind and the entry it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Table(i32),
    Blobs(i32),
}

/// What 8.0 to 8.4 call the entry that comments on large objects.
pub(super) const BLOB_COMMENTS: &str = "BLOB COMMENTS";

/// An opened archive.
pub(super) struct Reader<R> {
    pub(super) input: Input<R>,
    pub(super) header: Header,
    pub(super) entries: Vec<Entry>,
    pub(super) encoding: SourceEncoding,
    pub(super) tables: HashMap<i32, Table>,
    /// Entries whose data is SQL that comments on large objects.
    comments: HashSet<i32>,
    /// Large objects that the entries name and whose data has not come yet; `None` where no
    /// entry names any.
    objects: Option<HashSet<i32>>,
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
        if meta.is_dir() {
            return Err(ArchiveError::NotAnArchive(OtherFormat::of_folder(path)));
        }
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
        let Some(tables) = tables(&entries, encoding) else {
            return Err(input.too_large("the columns of all tables", MAX_ALL_COLUMNS));
        };
        let comments = entries.iter().filter(|entry| entry.is(BLOB_COMMENTS));
        let comments = comments.map(|entry| entry.id).collect();
        let objects = Some(large_objects::named(&entries)).filter(|named| !named.is_empty());
        let places = entries.iter().filter(|entry| entry.has_data).map(|e| (e.id, e.data));
        let places = places.collect();
        Ok(Self {
            input,
            header,
            entries,
            encoding,
            tables,
            comments,
            objects,
            places,
            seen: HashSet::new(),
        })
    }

    /// The same archive from `offset` on, read from a stream of its own; the entries stay here.
    pub(super) fn with<S: Read>(&self, inner: S, offset: u64) -> Reader<S> {
        Reader {
            input: self.input.with(inner, offset),
            header: self.header.clone(),
            entries: Vec::new(),
            encoding: self.encoding,
            tables: HashMap::new(),
            comments: HashSet::new(),
            objects: None,
            places: HashMap::new(),
            seen: HashSet::new(),
        }
    }

    /// The places that `mapping` names and this archive does not have.
    pub(super) fn absent(&self, mapping: &Mapping) -> Vec<AbsentPlace> {
        // A table without data says nothing of its columns.
        let defined = self.entries.iter().filter(|entry| {
            entry.is("TABLE") || entry.is("FOREIGN TABLE") || entry.is("MATERIALIZED VIEW")
        });
        let defined: Vec<[String; 2]> = defined
            .map(|entry| [&entry.namespace, &entry.tag])
            .map(|names| names.map(|text| name(text.as_deref(), self.encoding)))
            .collect();
        let with_data = self.tables.values().map(|table| KnownTable {
            schema: &table.schema,
            table: &table.name,
            columns: table.columns.as_deref(),
        });
        let held: HashSet<(&str, &str)> =
            with_data.clone().map(|known| (known.schema, known.table)).collect();
        let empty = defined
            .iter()
            .filter(|[schema, table]| !held.contains(&(schema.as_str(), table.as_str())));
        let empty = empty.map(|[schema, table]| KnownTable { schema, table, columns: None });
        mapping.absent(&with_data.clone().chain(empty).collect::<Vec<_>>())
    }

    /// The next data block, `None` at the archive's end.
    pub(super) fn next_block(&mut self) -> Result<Option<Block>, ArchiveError> {
        loop {
            match self.next_block_of_any_kind()? {
                Some(Block::Table(id)) if self.comments.contains(&id) => self.no_comments()?,
                block => return Ok(block),
            }
        }
    }

    /// Passes over the comments of large objects: up to 8.4 they are a block of SQL, which is
    /// written even where there are none.
    fn no_comments(&mut self) -> Result<(), ArchiveError> {
        let mut blank = true;
        self.content(|bytes, _| {
            blank = blank && bytes.trim_ascii().is_empty();
            Ok(())
        })?;
        if blank {
            return Ok(());
        }
        let (schema, table) = (String::new(), BLOB_COMMENTS.to_owned());
        Err(ArchiveError::NotCopyData { schema, table })
    }

    fn next_block_of_any_kind(&mut self) -> Result<Option<Block>, ArchiveError> {
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
        let sql = self.tables.contains_key(&id) || self.comments.contains(&id);
        match (kind, sql) {
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
        let offset = self.input.offset();
        decode::content(&mut self.input, self.header.compression, |plain| take(plain, offset))
    }

    /// The next large object of a block of them: its oid, then [`Reader::content`].
    pub(super) fn next_blob(&mut self) -> Result<Option<i32>, ArchiveError> {
        let oid = self.input.int()?;
        if oid == 0 {
            return Ok(None);
        }
        if self.objects.as_mut().is_some_and(|named| !named.remove(&oid)) {
            return Err(self.input.damaged("a large object has no entry, or comes twice"));
        }
        Ok(Some(oid))
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
        large_objects::check_complete(&self.entries, self.objects.as_ref())
    }
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

/// The tables with data; `None` where they have too many columns.
fn tables(entries: &[Entry], encoding: SourceEncoding) -> Option<HashMap<i32, Table>> {
    let mut room = MAX_ALL_COLUMNS;
    let keys = primary_keys(entries);
    let mut types = Types::of(entries);
    let unique = unique_keys(entries);
    let data = entries.iter().filter(|entry| entry.has_data && entry.is("TABLE DATA"));
    let named = data.map(|entry| {
        let raw = entry.copy.as_deref().and_then(columns::of_copy);
        room = room.checked_sub(raw.as_ref().map_or(0, Vec::len))?;
        let place = (entry.namespace.clone(), entry.tag.clone());
        let key = keys
            .get(&place)
            .into_iter()
            .flatten()
            .filter_map(|column| raw.as_ref()?.iter().position(|name| name == column));
        let mut table = Table {
            schema: name(entry.namespace.as_deref(), encoding),
            name: name(entry.tag.as_deref(), encoding),
            key: key.collect(),
            columns: raw
                .as_ref()
                .map(|names| names.iter().map(|bytes| name(Some(bytes), encoding)).collect()),
            ..Table::default()
        };
        let text = |text: &toc::Text| text.clone().unwrap_or_default();
        let known = types.of_table(&text(&entry.namespace), &text(&entry.tag));
        for column in raw.iter().flatten().map(|column| known.get(column)) {
            let width = column.and_then(Column::width);
            table.widths.push(width);
            let fit = column.and_then(|column| column.fit.clone());
            table.fits.push(fit.filter(|_| width.is_none()));
        }
        let holds = |column: &Vec<u8>| known.get(column).map_or(Holds::Text, |known| known.holds);
        let columns = raw.as_deref().unwrap_or_default();
        let json = columns.iter().enumerate().filter(|(_, column)| holds(column) == Holds::Json);
        table.json = json.map(|(position, _)| position).collect();
        let keys = unique.get(&(entry.namespace.clone(), text(&entry.tag)));
        let keys = keys.into_iter().flatten();
        let keys = keys.filter(|key| key.iter().any(|column| holds(column) != Holds::Ascii));
        let position = |column: &Vec<u8>| columns.iter().position(|name| name == column);
        table.unique = keys.filter_map(|key| key.iter().map(position).collect()).collect();
        Some((entry.id, table))
    });
    named.collect()
}

type Place = (toc::Text, toc::Text);

/// The primary keys by schema and table.
fn primary_keys(entries: &[Entry]) -> HashMap<Place, Vec<Vec<u8>>> {
    let constraints = entries.iter().filter(|entry| entry.is("CONSTRAINT"));
    let keys = constraints.filter_map(|entry| {
        let (table, columns) = columns::of_primary_key(entry.defn.as_deref()?)?;
        Some(((entry.namespace.clone(), Some(table)), columns))
    });
    keys.collect()
}
