//! Writes an archive of version 1.11 to 1.14.
//!
//! The table of contents comes first with empty offsets; they have a fixed size and are filled
//! in at the end, so that `pg_restore -j` and `-t` can jump to a table.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::ArchiveError;
use super::compress::{Batch, Part};
use super::deflate::{self, adler32_combine};
use super::flusher::Flusher;
use super::header::{Header, MAGIC};
use super::limits::{FLUSH_EVERY, WRITE_BUFFER};
use super::toc::{Entry, Text};
use crate::disk::Reserve;

/// Bytes of an integer and of an offset in what is written.
const INT_SIZE: u8 = 4;
const OFFSET_SIZE: u8 = 8;

/// zlib's two bytes: deflate with a window of 32 kB, made by the default effort. A reader needs
/// nothing else of them (RFC 1950).
const ZLIB_HEAD: [u8; 2] = [0x78, 0x9c];

/// The zlib stream that is being written.
struct Stream {
    begun: bool,
    adler: u32,
}

impl Default for Stream {
    fn default() -> Self {
        Self { begun: false, adler: 1 }
    }
}

pub(super) struct Writer {
    out: BufWriter<File>,
    path: PathBuf,
    position: u64,
    flusher: Option<Flusher>,
    /// Where the flusher was told last.
    flushed: u64,
    slots: HashMap<i32, u64>,
    offsets: HashMap<i32, u64>,
    level: u32,
    stream: Stream,
    reserve: Option<Reserve>,
}

/// A file that is complete and not surely on the disk yet.
pub(super) struct Unsynced(Writer);

impl Unsynced {
    /// Waits until it is.
    pub(super) fn sync(mut self) -> Result<(), ArchiveError> {
        if let Some(flusher) = self.0.flusher.take() {
            flusher.end().map_err(ArchiveError::writing(&self.0.path))?;
        }
        self.0.out.get_ref().sync_all().map_err(ArchiveError::writing(&self.0.path))
    }
}

impl Writer {
    pub(super) fn new(file: File, path: &Path, level: u32) -> Self {
        Self {
            out: BufWriter::with_capacity(WRITE_BUFFER, file),
            path: path.to_owned(),
            position: 0,
            flusher: None,
            flushed: 0,
            slots: HashMap::new(),
            offsets: HashMap::new(),
            level,
            stream: Stream::default(),
            reserve: None,
        }
    }

    /// Stops before the disk is full.
    pub(super) fn within(self, reserve: Option<Reserve>) -> Self {
        Self { reserve, ..self }
    }

    /// Header and table of contents. `header.version` must be 1.11 to 1.14.
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
                self.stream = Stream::default();
            }
            Part::Blobs(id) => self.block(3, id)?,
            Part::Blob(oid) => {
                self.int(oid)?;
                self.stream = Stream::default();
            }
            Part::Batch(batch) => {
                let batch = batch.recv().map_err(|_| ArchiveError::Stopped)?;
                self.content(&batch)?;
            }
            Part::End => self.end()?,
            Part::EndBlobs => self.int(0)?,
        }
        Ok(())
    }

    /// Fills in the offsets; gives what brings everything to the disk, so that the file can be
    /// read back meanwhile.
    pub(super) fn finish(mut self) -> Result<Unsynced, ArchiveError> {
        let slots = std::mem::take(&mut self.slots);
        for (id, slot) in slots {
            if let Some(offset) = self.offsets.get(&id).copied() {
                let sought = self.out.seek(SeekFrom::Start(slot));
                sought.map_err(ArchiveError::writing(&self.path))?;
                self.offset_field(Some(offset))?;
            }
        }
        self.out.flush().map_err(ArchiveError::writing(&self.path))?;
        Ok(Unsynced(self))
    }

    fn block(&mut self, kind: u8, id: i32) -> Result<(), ArchiveError> {
        self.offsets.insert(id, self.position);
        self.raw(&[kind])?;
        self.int(id)
    }

    fn content(&mut self, batch: &Batch) -> Result<(), ArchiveError> {
        let head: &[u8] = if self.stream.begun { &[] } else { &ZLIB_HEAD };
        self.stream.begun = true;
        self.flush_on()?;
        if let Some(reserve) = &mut self.reserve {
            let taken = reserve.take(batch.deflated.len() as u64);
            taken.map_err(ArchiveError::writing(&self.path))?;
        }
        self.stream.adler = adler32_combine(self.stream.adler, batch.adler, batch.length);
        self.chunk(head, &batch.deflated)
    }

    /// Lets what was written go to the disk already.
    fn flush_on(&mut self) -> Result<(), ArchiveError> {
        if self.position.saturating_sub(self.flushed) < FLUSH_EVERY {
            return Ok(());
        }
        self.flushed = self.position;
        let flusher = match self.flusher.take() {
            Some(flusher) => flusher,
            None => {
                Flusher::start(self.out.get_ref()).map_err(ArchiveError::writing(&self.path))?
            }
        };
        flusher.nudge();
        self.flusher = Some(flusher);
        Ok(())
    }

    fn end(&mut self) -> Result<(), ArchiveError> {
        let head: &[u8] = if self.stream.begun { &[] } else { &ZLIB_HEAD };
        let adler = self.stream.adler.to_be_bytes();
        self.chunk(head, &[deflate::END.as_slice(), &adler].concat())?;
        self.int(0)
    }

    fn chunk(&mut self, head: &[u8], bytes: &[u8]) -> Result<(), ArchiveError> {
        let length = head.len().saturating_add(bytes.len());
        self.int(i32::try_from(length).unwrap_or(i32::MAX))?;
        self.raw(head)?;
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
