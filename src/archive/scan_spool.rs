//! All findings of a scan, on the disk: there may be millions.
//!
//! The file has no name: nothing is left of it when the program ends, however it ends. Only its
//! owner can read it.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ArchiveError;
use super::finding::TextFinding;
use super::limits::WRITE_BUFFER;
use super::scan_report::{Place, ScanFinding};
use crate::charset::Reason;

/// What is written of a finding: the place is a number.
#[derive(Serialize, Deserialize)]
struct Record(
    u32,
    Reason,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    u64,
    u64,
    String,
    Option<String>,
);

/// Takes findings.
pub(super) struct SpoolWriter {
    out: BufWriter<File>,
    folder: PathBuf,
}

impl SpoolWriter {
    /// An empty one in `folder`.
    pub(super) fn create(folder: &Path) -> Result<Self, ArchiveError> {
        let file = tempfile::tempfile_in(folder).map_err(ArchiveError::writing(folder))?;
        let out = BufWriter::with_capacity(WRITE_BUFFER, file);
        Ok(Self { out, folder: folder.to_owned() })
    }

    /// Appends one.
    pub(super) fn push(&mut self, place: u32, found: &ScanFinding) -> Result<(), ArchiveError> {
        let finding = &found.finding;
        let record = Record(
            place,
            finding.reason,
            finding.code.clone(),
            finding.character.clone(),
            finding.reading.clone(),
            finding.rule.clone(),
            finding.row,
            finding.offset,
            finding.key.clone(),
            found.value.clone(),
        );
        let failed = ArchiveError::writing(&self.folder);
        serde_json::to_writer(&mut self.out, &record)
            .map_err(|error| failed(std::io::Error::from(error)))?;
        self.out.write_all(b"\n").map_err(failed)
    }

    /// The findings so far, to be read.
    pub(super) fn finish(mut self, places: Vec<Place>) -> Result<Spool, ArchiveError> {
        self.out.flush().map_err(ArchiveError::writing(&self.folder))?;
        let file = self.out.into_inner().map_err(|error| {
            ArchiveError::writing(&self.folder)(std::io::Error::from(error.error().kind()))
        })?;
        Ok(Spool { file, folder: self.folder, places })
    }
}

/// All findings of a scan, in the archive's order.
pub struct Spool {
    file: File,
    folder: PathBuf,
    places: Vec<Place>,
}

impl Spool {
    /// Reads them from the first one on.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn findings(
        &mut self,
    ) -> Result<impl Iterator<Item = Result<ScanFinding, ArchiveError>> + '_, ArchiveError> {
        let Self { file, folder, places } = self;
        file.seek(SeekFrom::Start(0)).map_err(ArchiveError::reading(folder))?;
        let lines = BufReader::with_capacity(WRITE_BUFFER, &*file).split(b'\n');
        Ok(lines.map(move |line| {
            let line = line.map_err(ArchiveError::reading(folder))?;
            let record: Record = serde_json::from_slice(&line)
                .map_err(|error| ArchiveError::reading(folder)(std::io::Error::from(error)))?;
            Ok(restored(record, places))
        }))
    }
}

fn restored(record: Record, places: &[Place]) -> ScanFinding {
    let Record(place, reason, code, character, reading, rule, row, offset, key, value) = record;
    let place = usize::try_from(place).ok().and_then(|at| places.get(at)).cloned();
    let Place { schema, table, column } = place.unwrap_or_default();
    let finding = TextFinding {
        reason,
        code,
        character,
        reading,
        rule,
        schema,
        table,
        column,
        row,
        offset,
        key,
    };
    ScanFinding { finding, value }
}
