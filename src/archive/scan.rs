//! Reads an archive in full and lists every character that needs a person's decision.
//!
//! It writes nothing but the spool, changes nothing, and decides nothing.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::ArchiveError;
use super::excerpt::Excerpts;
use super::reader::{Block, Reader, name};
use super::row_text::RowText;
use super::rows::{Place, RowScanner, RowSink, Shape};
use super::scan_notes::ScanNotes;
use super::scan_report::ScanReport;
use super::scan_spool::{Spool, SpoolWriter};
use super::toc_text::TocTexts;
use crate::charset::{Mapping, Policy, Reason, Tally, Transcoder};
use crate::progress::Progress;

/// How to scan.
#[derive(Clone, Debug)]
pub struct ScanOptions {
    /// Which characters may come out.
    pub policy: Policy,
    /// The clinic's decisions so far.
    pub mapping: Mapping,
    /// True where findings may hold keys and values in clear.
    pub show_values: bool,
    /// The folder of the spool.
    pub spool_in: PathBuf,
}

/// What a scan found.
pub struct Scan {
    /// Counts and the first findings.
    pub report: ScanReport,
    /// All findings.
    pub spool: Spool,
}

/// Reads all of `input`, a file or `pg_dump`'s output.
///
/// # Errors
/// When the input is damaged or no archive, or the findings cannot be kept.
pub fn scan(
    input: impl Read,
    path: &Path,
    options: &ScanOptions,
    progress: &Progress,
) -> Result<Scan, ArchiveError> {
    let mut reader = Reader::new(input, path, false, progress)?;
    let spool = SpoolWriter::create(&options.spool_in)?;
    let excerpts = options.show_values.then(|| Excerpts::new(reader.encoding));
    let mut work = Work {
        transcoder: Transcoder::new(reader.encoding, options.policy, options.mapping.clone()),
        tally: Tally::default(),
        notes: ScanNotes::new(spool, excerpts),
        tables: 0,
        rows: 0,
    };
    work.table_of_contents(&reader);
    while let Some(block) = reader.next_block()? {
        match block {
            Block::Table(id) => work.table(&mut reader, id, progress)?,
            Block::Blobs(_) => {
                while reader.next_blob()?.is_some() {
                    reader.content(|_, _| Ok(()))?;
                }
            }
        }
    }
    work.finish(&reader, options)
}

struct Work {
    transcoder: Transcoder,
    tally: Tally,
    notes: ScanNotes,
    tables: usize,
    rows: u64,
}

impl Work {
    /// Names and definitions hold characters, too.
    fn table_of_contents<R: Read>(&mut self, reader: &Reader<R>) {
        let Self { transcoder, tally, notes, .. } = self;
        let mut texts = TocTexts::new(&reader.entries, transcoder);
        for entry in &reader.entries {
            texts.convert(&mut entry.clone(), tally, notes);
        }
    }

    fn table<R: Read>(
        &mut self,
        reader: &mut Reader<R>,
        id: i32,
        progress: &Progress,
    ) -> Result<(), ArchiveError> {
        let Some(table) = reader.tables.get(&id).cloned() else {
            return Err(reader.input.damaged("a data block belongs to no entry"));
        };
        let Some(columns) = table.columns.as_ref().map(Vec::len) else {
            return Err(ArchiveError::NotCopyData { schema: table.schema, table: table.name });
        };
        progress.stage(&format!("{}.{}", table.schema, table.name));
        let mut scanner =
            RowScanner::new(Shape { schema: &table.schema, table: &table.name, columns });
        let Self { transcoder, tally, notes, .. } = self;
        let text = RowText::new(&table, transcoder).watching();
        let mut sink = Scanning { text, out: Vec::new(), tally, notes };
        reader.content(|bytes, offset| {
            let before = scanner.rows();
            scanner.feed(bytes, offset, &mut sink)?;
            progress.add_rows(scanner.rows().saturating_sub(before));
            Ok(())
        })?;
        let rows = scanner.finish(reader.input.offset())?;
        self.notes.settle(&table);
        self.tables = self.tables.saturating_add(1);
        self.rows = self.rows.saturating_add(rows);
        self.notes.check()
    }

    fn finish<R: Read>(
        self,
        reader: &Reader<R>,
        options: &ScanOptions,
    ) -> Result<Scan, ArchiveError> {
        let header = &reader.header;
        let text = |bytes: &Option<Vec<u8>>| name(bytes.as_deref(), reader.encoding);
        let mut notes = self.notes;
        notes.check()?;
        let gathered = notes.finish();
        let sum = |wanted: &dyn Fn(&Reason) -> bool| {
            let counts = gathered.reasons.iter().filter(|(reason, _)| wanted(reason));
            counts.map(|(_, count)| *count).fold(0, u64::saturating_add)
        };
        let report = ScanReport {
            encoding: reader.encoding,
            archive_version: header.version,
            database: text(&header.database),
            server_version: text(&header.server_version),
            pg_dump_version: text(&header.dump_version),
            created: header.created_text(),
            policy: options.policy,
            bytes: reader.input.offset(),
            tables: self.tables,
            rows: self.rows,
            open: sum(&|reason| reason.blocks()),
            decided: sum(&|reason| *reason == Reason::Lossy),
            definitions: sum(&|reason| *reason == Reason::DefinitionChanged),
            joined: gathered.places.iter().map(|p| p.joined).fold(0, u64::saturating_add),
            reasons: gathered.reasons,
            codes: gathered.codes,
            uncounted: gathered.uncounted,
            keys_not_held: gathered.keys_not_held,
            rules: self.transcoder.counts(&self.tally),
            listed: gathered.listed,
            evidence: gathered.evidence,
            places: gathered.places,
            unknown_places: reader.absent(&options.mapping),
        };
        let places = report.places.iter().map(|counts| counts.place.clone()).collect();
        Ok(Scan { spool: gathered.spool.finish(places)?, report })
    }
}

/// Sends a table's rows through the transcoder and throws the text away.
struct Scanning<'a> {
    text: RowText<'a>,
    out: Vec<u8>,
    tally: &'a mut Tally,
    notes: &'a mut ScanNotes,
}

impl RowSink for Scanning<'_> {
    fn rows(&mut self, rows: &[u8], first: u64) {
        self.out.clear();
        self.text.rows(rows, first, &mut self.out, self.tally, self.notes);
    }

    fn text(&mut self, piece: &[u8], place: Place) {
        self.out.clear();
        self.text.piece(piece, place, &mut self.out, self.tally, self.notes);
    }

    fn end_value(&mut self, place: Place, last: bool) {
        self.text.end_value(place, &mut self.out, self.tally, self.notes);
        if last {
            self.text.end_long_row(place.row, self.notes);
        }
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        self.notes.check()
    }
}
