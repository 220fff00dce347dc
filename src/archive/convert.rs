//! One pass from an archive as the clinic's server writes it to the one that is uploaded.
//!
//! Reading and converting run in the caller's thread, compressing in several others, writing in
//! one more.
//! Nothing appears under the output's name unless every character could be converted.

use std::io::Read;
use std::path::Path;
use std::sync::mpsc::Receiver;

use serde::Serialize;

use super::ArchiveError;
use super::compress::{Outlet, Part, pipeline, threads};
use super::convert_rows::{Converting, Notes};
use super::finding::Found;
use super::header::{Header, Version};
use super::limits::BATCH;
use super::needs::Setting;
use super::reader::{Block, Reader, header_name, name};
use super::restate::restate_encoding;
use super::retarget::{Rewrite, first_to_restore, retarget};
use super::rows::{RowScanner, Shape};
use super::server::{Release, ServerVersion, release_in};
use super::toc::Entry;
use super::toc_text::TocTexts;
use super::writer::Writer;
use crate::charset::{AbsentPlace, Mapping, Policy, RuleCount, SourceEncoding, Tally, Transcoder};
use crate::disk::{PartFile, Reserve};
use crate::ids::Sha256;
use crate::progress::Progress;

/// How to convert.
#[derive(Clone, Debug)]
pub struct ConvertOptions {
    /// Which characters may come out.
    pub policy: Policy,
    /// The clinic's decisions.
    pub mapping: Mapping,
    /// zlib's level, 1 to 9.
    pub level: u32,
    /// The server that is to restore it. Without one the archive has the newest version that 12
    /// and all later ones read, but its definitions stay as they are:
    /// [`ConvertReport::needs_server`] says where they ask for a newer one.
    pub for_server: Option<ServerVersion>,
    /// Stops the writing before the disk is full.
    pub reserve: Option<Reserve>,
}

impl Default for ConvertOptions {
    fn default() -> Self {
        Self {
            policy: Policy::Orca,
            mapping: Mapping::default(),
            level: 6,
            for_server: None,
            reserve: None,
        }
    }
}

/// A table and its number of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableRows {
    /// Schema.
    pub schema: String,
    /// Table.
    pub table: String,
    /// Rows.
    pub rows: u64,
}

/// What a conversion did.
#[derive(Clone, Debug, Serialize)]
pub struct ConvertReport {
    /// Of the output, read back from the disk.
    pub sha256: Sha256,
    /// Size of the input.
    pub bytes_in: u64,
    /// Size of the output.
    pub bytes_out: u64,
    /// Every table with data, in the archive's order.
    pub tables: Vec<TableRows>,
    /// Rows in all.
    pub rows: u64,
    /// Every rule that was applied.
    pub rules: Vec<RuleCount>,
    /// Where rules that lose information were applied.
    pub lossy: Found,
    /// Where two half-width codes became one character. The application counts bytes in some
    /// packed columns (`tbl_syskanri.kanritbl`); a hit there needs a look.
    pub shortened: Found,
    /// Characters that a rule changed in SQL that is carried out: each needs a look.
    pub definitions: Found,
    /// Tables with too many keys to hold all of them against one another.
    pub keys_not_held: Vec<String>,
    /// The input's encoding.
    pub encoding_from: SourceEncoding,
    /// The version that was written.
    pub archive_version: Version,
    /// The version that was read.
    pub archive_version_from: Version,
    /// The server's version, as the header says it.
    pub server_version: String,
    /// pg_dump's version, as the header says it.
    pub pg_dump_version: String,
    /// What was changed in the table of contents for UTF-8 and for an older format or server.
    pub rewrites: Vec<Rewrite>,
    /// What the mapping file names and the database does not have.
    pub unknown_places: Vec<AbsentPlace>,
    /// Without a server named: the first release that knows everything in the definitions, where
    /// some that read this archive version do not.
    pub needs_server: Option<Release>,
}

/// Converts `input` to UTF-8 and writes `output`.
///
/// # Errors
/// When the input is damaged, when something cannot be converted, or when writing fails; then
/// no file is left behind.
pub fn convert(
    input: impl Read + Send,
    output: &Path,
    options: &ConvertOptions,
    progress: &Progress,
) -> Result<ConvertReport, ArchiveError> {
    if !(1..=9).contains(&options.level) {
        return Err(ArchiveError::Level { level: options.level });
    }
    let mut reader = Reader::new(input, Path::new("-"), false, progress)?;
    let mut work = Work::new(&reader, options);
    let (header, entries) = work.table_of_contents(&reader, options.for_server)?;
    let (part, file) = PartFile::create(output)?;

    let mut writer = Writer::new(file, part.path(), options.level).within(options.reserve.clone());
    let (mut outlet, compressor, parts) = pipeline(options.level);
    let (converted, written) = std::thread::scope(|scope| {
        let head = (&header, entries.as_slice());
        let writing = scope.spawn(move || {
            writer.head(head.0, head.1)?;
            write_parts(writer, &parts)
        });
        for _ in 0..threads() {
            let compressor = compressor.clone();
            scope.spawn(move || compressor.run());
        }
        drop(compressor);
        let converted = work.blocks(&mut reader, &mut outlet, progress);
        drop(outlet);
        (converted, writing.join().unwrap_or(Err(ArchiveError::Stopped)))
    });
    let writer = match (converted, written) {
        // The converting thread stops because the writing one did; the latter knows why.
        (Err(ArchiveError::Stopped), Err(error)) | (Err(error), _) | (Ok(()), Err(error)) => {
            return Err(error);
        }
        (Ok(()), Ok(writer)) => writer,
    };
    if work.notes.blocking.total > 0 {
        let found = Found { unknown_places: work.unknown_places, ..work.notes.blocking };
        return Err(ArchiveError::Unconvertible(Box::new(found)));
    }
    let unsynced = writer.finish()?;
    let (synced, read_back) = std::thread::scope(|scope| {
        let syncing = scope.spawn(|| unsynced.sync());
        let read_back = part.read_back();
        (syncing.join().unwrap_or(Err(ArchiveError::Stopped)), read_back)
    });
    synced?;
    let (sha256, bytes_out) = read_back?;
    let report = work.report(&reader, &header, Sha256(sha256), bytes_out);
    part.keep()?;
    Ok(report)
}

fn write_parts(mut writer: Writer, parts: &Receiver<Part>) -> Result<Writer, ArchiveError> {
    for part in parts {
        writer.part(part)?;
    }
    Ok(writer)
}

struct Work {
    transcoder: Transcoder,
    tally: Tally,
    notes: Notes,
    tables: Vec<TableRows>,
    rewrites: Vec<Rewrite>,
    unknown_places: Vec<AbsentPlace>,
    needs_server: Option<Release>,
}

impl Work {
    fn new<R: Read>(reader: &Reader<R>, options: &ConvertOptions) -> Self {
        let mapping = options.mapping.clone();
        Self {
            transcoder: Transcoder::new(reader.encoding, options.policy, mapping),
            tally: Tally::default(),
            notes: Notes::default(),
            tables: Vec::new(),
            rewrites: Vec::new(),
            unknown_places: reader.absent(&options.mapping),
            needs_server: None,
        }
    }

    /// Header and entries as they are written: texts in UTF-8, and saying so.
    fn table_of_contents<R: Read>(
        &mut self,
        reader: &Reader<R>,
        server: Option<ServerVersion>,
    ) -> Result<(Header, Vec<Entry>), ArchiveError> {
        let mut header = reader.header.clone();
        let mut entries = reader.entries.clone();
        let Self { transcoder, tally, notes, rewrites, .. } = self;
        let mut texts = TocTexts::new(&reader.entries, transcoder);
        for entry in &mut entries {
            texts.convert(entry, tally, notes);
            restate_encoding(entry, reader.encoding, rewrites);
        }
        if let Some(bytes) = header.database.as_mut().filter(|bytes| !bytes.is_ascii()) {
            *bytes = header_name(bytes, reader.encoding).into_bytes();
        }
        let dumped_by = header.dump_version.as_deref().and_then(release_in);
        self.rewrites.extend(retarget(&mut header, &mut entries, server)?);
        if server.is_none() {
            let setting = Setting::new(&entries, dumped_by);
            self.needs_server = first_to_restore(header.version, &entries, setting);
        }
        Ok((header, entries))
    }

    fn blocks<R: Read>(
        &mut self,
        reader: &mut Reader<R>,
        outlet: &mut Outlet,
        progress: &Progress,
    ) -> Result<(), ArchiveError> {
        while let Some(block) = reader.next_block()? {
            match block {
                Block::Table(id) => self.table(reader, id, outlet, progress)?,
                Block::Blobs(id) => {
                    outlet.step(Part::Blobs(id))?;
                    while let Some(oid) = reader.next_blob()? {
                        outlet.step(Part::Blob(oid))?;
                        large_object(reader, outlet)?;
                        outlet.step(Part::End)?;
                    }
                    outlet.step(Part::EndBlobs)?;
                }
            }
        }
        Ok(())
    }

    fn table<R: Read>(
        &mut self,
        reader: &mut Reader<R>,
        id: i32,
        outlet: &mut Outlet,
        progress: &Progress,
    ) -> Result<(), ArchiveError> {
        let Some(table) = reader.tables.get(&id).cloned() else {
            return Err(reader.input.damaged("a data block belongs to no entry"));
        };
        let Some(columns) = table.columns.as_ref() else {
            return Err(ArchiveError::NotCopyData { schema: table.schema, table: table.name });
        };
        progress.stage(&format!("{}.{}", table.schema, table.name));
        outlet.step(Part::Table(id))?;
        let shape = Shape { schema: &table.schema, table: &table.name, columns: columns.len() };
        let mut scanner = RowScanner::new(shape);
        let Self { transcoder, tally, notes, .. } = self;
        let mut sink = Converting::new(transcoder, &table, outlet, tally, notes);
        reader.content(|bytes, offset| {
            let before = scanner.rows();
            scanner.feed(bytes, offset, &mut sink)?;
            progress.add_rows(scanner.rows().saturating_sub(before));
            Ok(())
        })?;
        let rows = scanner.finish(reader.input.offset())?;
        sink.finish()?;
        outlet.step(Part::End)?;
        self.tables.push(TableRows {
            schema: table.schema.clone(),
            table: table.name.clone(),
            rows,
        });
        Ok(())
    }

    fn report<R: Read>(
        self,
        reader: &Reader<R>,
        written: &Header,
        sha256: Sha256,
        bytes_out: u64,
    ) -> ConvertReport {
        let header = &reader.header;
        ConvertReport {
            sha256,
            bytes_in: reader.input.offset(),
            bytes_out,
            rows: self.tables.iter().map(|table| table.rows).sum(),
            tables: self.tables,
            rules: self.transcoder.counts(&self.tally),
            lossy: self.notes.lossy,
            shortened: self.notes.shortened,
            definitions: self.notes.definitions,
            keys_not_held: self.notes.keys_not_held,
            encoding_from: reader.encoding,
            archive_version: written.version,
            archive_version_from: header.version,
            server_version: name(header.server_version.as_deref(), reader.encoding),
            pg_dump_version: name(header.dump_version.as_deref(), reader.encoding),
            rewrites: self.rewrites,
            unknown_places: self.unknown_places,
            needs_server: self.needs_server,
        }
    }
}

/// A large object's bytes, which are never text.
fn large_object<R: Read>(reader: &mut Reader<R>, outlet: &mut Outlet) -> Result<(), ArchiveError> {
    let mut out = outlet.first();
    reader.content(|bytes, _| {
        out.bytes.extend_from_slice(bytes);
        if out.len() >= BATCH {
            outlet.pass(&mut out)?;
        }
        Ok(())
    })?;
    outlet.send(out)
}
