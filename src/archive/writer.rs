//! Writes an archive of version 1.12 to 1.14.
//!
//! The table of contents comes first with empty offsets; they have a fixed size and are filled
//! in at the end, so that `pg_restore -j` and `-t` can jump to a table.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::ArchiveError;
use super::header::{Header, MAGIC};
use super::limits::CHUNK;
use super::toc::{Entry, Text};

/// Bytes of an integer and of an offset in what is written.
const INT_SIZE: u8 = 4;
const OFFSET_SIZE: u8 = 8;

/// A step of the data that follows the table of contents.
pub(super) enum Part {
    /// A table's data begins.
    Table(i32),
    /// A block of large objects begins.
    Blobs(i32),
    /// One large object begins.
    Blob(i32),
    /// Content of a table or a large object.
    Bytes(Vec<u8>),
    /// The table's data or the large object is complete.
    End,
    /// The block of large objects is complete.
    EndBlobs,
}

pub(super) struct Writer {
    out: BufWriter<File>,
    path: PathBuf,
    position: u64,
    slots: HashMap<i32, u64>,
    offsets: HashMap<i32, u64>,
    level: u32,
    zlib: Option<ZlibEncoder<Vec<u8>>>,
}

impl Writer {
    pub(super) fn new(file: File, path: &Path, level: u32) -> Self {
        Self {
            out: BufWriter::with_capacity(CHUNK, file),
            path: path.to_owned(),
            position: 0,
            slots: HashMap::new(),
            offsets: HashMap::new(),
            level,
            zlib: None,
        }
    }

    /// Header and table of contents. `header.version` must be 1.12 to 1.14.
    pub(super) fn head(&mut self, header: &Header, entries: &[Entry]) -> Result<(), ArchiveError> {
        let version = header.version;
        self.raw(MAGIC)?;
        self.raw(&[version.major, version.minor, version.revision])?;
        self.raw(&[INT_SIZE, OFFSET_SIZE, 1])?;
        self.int(i32::try_from(self.level).unwrap_or(-1))?;
        for field in header.created {
            self.int(field)?;
        }
        for text in [&header.database, &header.server_version, &header.dump_version] {
            self.text(text)?;
        }
        self.int(i32::try_from(entries.len()).unwrap_or(i32::MAX))?;
        for entry in entries {
            self.entry(entry, version.at_least(14))?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, with_table_am: bool) -> Result<(), ArchiveError> {
        self.int(entry.id)?;
        self.int(i32::from(entry.has_data))?;
        for text in [&entry.table_oid, &entry.oid, &entry.tag, &entry.desc] {
            self.text(text)?;
        }
        self.int(entry.section)?;
        let names = [&entry.defn, &entry.drop, &entry.copy, &entry.namespace, &entry.tablespace];
        for text in names {
            self.text(text)?;
        }
        if with_table_am {
            self.text(&entry.table_am)?;
        }
        self.text(&entry.owner)?;
        self.text(&entry.with_oids)?;
        for need in &entry.needs {
            self.int(i32::try_from(need.len()).unwrap_or(i32::MAX))?;
            self.raw(need)?;
        }
        self.text(&None)?;
        self.slots.insert(entry.id, self.position);
        self.offset_field(None)
    }

    /// Takes the next step.
    pub(super) fn part(&mut self, part: Part) -> Result<(), ArchiveError> {
        match part {
            Part::Table(id) => {
                self.block(1, id)?;
                self.begin();
            }
            Part::Blobs(id) => self.block(3, id)?,
            Part::Blob(oid) => {
                self.int(oid)?;
                self.begin();
            }
            Part::Bytes(bytes) => self.content(&bytes)?,
            Part::End => self.end()?,
            Part::EndBlobs => self.int(0)?,
        }
        Ok(())
    }

    /// Fills in the offsets and brings everything to the disk.
    pub(super) fn finish(mut self) -> Result<(), ArchiveError> {
        let slots = std::mem::take(&mut self.slots);
        for (id, slot) in slots {
            if let Some(offset) = self.offsets.get(&id).copied() {
                let sought = self.out.seek(SeekFrom::Start(slot));
                sought.map_err(ArchiveError::writing(&self.path))?;
                self.offset_field(Some(offset))?;
            }
        }
        self.out.flush().map_err(ArchiveError::writing(&self.path))?;
        self.out.get_ref().sync_all().map_err(ArchiveError::writing(&self.path))
    }

    fn block(&mut self, kind: u8, id: i32) -> Result<(), ArchiveError> {
        self.offsets.insert(id, self.position);
        self.raw(&[kind])?;
        self.int(id)
    }

    fn begin(&mut self) {
        self.zlib = Some(ZlibEncoder::new(Vec::new(), Compression::new(self.level)));
    }

    fn content(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let Some(mut zlib) = self.zlib.take() else { return Ok(()) };
        zlib.write_all(bytes).map_err(ArchiveError::writing(&self.path))?;
        if zlib.get_ref().len() >= CHUNK {
            let chunk = std::mem::take(zlib.get_mut());
            self.chunk(&chunk)?;
        }
        self.zlib = Some(zlib);
        Ok(())
    }

    fn end(&mut self) -> Result<(), ArchiveError> {
        if let Some(zlib) = self.zlib.take() {
            let rest = zlib.finish().map_err(ArchiveError::writing(&self.path))?;
            self.chunk(&rest)?;
        }
        self.int(0)
    }

    fn chunk(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.int(i32::try_from(bytes.len()).unwrap_or(i32::MAX))?;
        self.raw(bytes)
    }

    fn int(&mut self, value: i32) -> Result<(), ArchiveError> {
        self.raw(&[u8::from(value < 0)])?;
        self.raw(&value.unsigned_abs().to_le_bytes())
    }

    fn text(&mut self, text: &Text) -> Result<(), ArchiveError> {
        match text {
            None => self.int(-1),
            Some(bytes) => {
                self.int(i32::try_from(bytes.len()).unwrap_or(i32::MAX))?;
                self.raw(bytes)
            }
        }
    }

    fn offset_field(&mut self, offset: Option<u64>) -> Result<(), ArchiveError> {
        // 2: the data begins at this byte; 3: there is none.
        self.raw(&[if offset.is_some() { 2 } else { 3 }])?;
        self.raw(&offset.unwrap_or(0).to_le_bytes())
    }

    fn raw(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.out.write_all(bytes).map_err(ArchiveError::writing(&self.path))?;
        self.position = self.position.saturating_add(bytes.len() as u64);
        Ok(())
    }
}
