//! Reads an archive in full and says what is in it, or what is wrong with it.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::ArchiveError;
use super::checked::{Checked, TextCheck};
use super::crew::{self, Take};
use super::finding::{Found, TextFinding};
use super::header::Version;
use super::pass::{Opened, Pass};
use super::reader::{Table, name};
use super::scanned::Scanned;
use super::target::TargetText;
use super::toc::Entry;
use crate::charset::{Reason, SourceEncoding};
use crate::ids::Sha256;
use crate::progress::Progress;

/// What a table holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableDigest {
    /// Schema.
    pub schema: String,
    /// Table.
    pub table: String,
    /// Columns of its COPY statement.
    pub columns: usize,
    /// Rows.
    pub rows: u64,
    /// Bytes of COPY text.
    pub bytes: u64,
    /// A digest of the rows in no order.
    pub digest: String,
}

/// What a full read found.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyReport {
    /// Of the file.
    pub sha256: Sha256,
    /// The file's size.
    pub bytes: u64,
    /// As in the header.
    pub archive_version: Version,
    /// The encoding that it declares.
    pub encoding: SourceEncoding,
    /// False where the declared encoding (`SQL_ASCII`) says nothing of the values.
    pub text_checked: bool,
    /// Every table with data.
    pub tables: Vec<TableDigest>,
    /// Rows in all.
    pub rows: u64,
    /// Large objects.
    pub large_objects: u64,
    /// What is outside ORCA's characters; `None` where the text is not UTF-8 yet. It is no
    /// damage, but it does not belong in what is uploaded.
    pub target_text: Option<TargetText>,
}

/// Reads all of `path`: structure, compression, the shape of every row, the encoding of every
/// value, and the SHA-256 of the file.
///
/// # Errors
/// When anything in it contradicts the format, the COPY statements or the declared encoding.
pub fn verify(path: &Path, progress: &Progress) -> Result<VerifyReport, ArchiveError> {
    let opened = Opened::open(path, true, progress)?;
    let pass = Verify {
        encoding: opened.encoding,
        progress,
        tables: Mutex::default(),
        large_objects: AtomicU64::new(0),
    };
    crew::run(opened.jobs(&pass, progress))?;
    let sha256 = Sha256(opened.finish()?.unwrap_or_default());
    let mut read = pass.tables.into_inner().unwrap_or_else(PoisonError::into_inner);
    // The file's order, whichever thread was first.
    read.sort_by_key(|table| table.block);
    let mut found = Found::default();
    opened.look(|reader| bad_names(&reader.entries, opened.encoding, &mut found));
    let mut target: Option<TargetText> = None;
    let mut tables = Vec::with_capacity(read.len());
    for table in read {
        table.text.note_bad(&table.of, &mut found);
        if let Some(text) = table.text.target {
            target.get_or_insert_default().add(text);
        }
        tables.push(table.digest);
    }
    if found.total > 0 {
        return Err(ArchiveError::BadText(Box::new(found)));
    }
    Ok(VerifyReport {
        sha256,
        bytes: opened.look(|reader| opened.bytes().max(reader.input.offset())),
        archive_version: opened.look(|reader| reader.header.version),
        encoding: opened.encoding,
        text_checked: opened.encoding != SourceEncoding::SqlAscii,
        rows: tables.iter().map(|table| table.rows).sum(),
        tables,
        large_objects: pass.large_objects.into_inner(),
        target_text: target,
    })
}

/// Notes names and definitions that the encoding forbids; a restore would stop at them.
fn bad_names(entries: &[Entry], encoding: SourceEncoding, found: &mut Found) {
    for entry in entries {
        for (field, text) in entry.clone().texts() {
            let Some(bytes) = text.as_deref().filter(|bytes| !bytes.is_ascii()) else { continue };
            let Some(at) = encoding.first_invalid(bytes) else { continue };
            found.note(TextFinding {
                reason: Reason::Invalid,
                code: hex::encode_upper(bytes.get(at..at.saturating_add(1)).unwrap_or_default()),
                character: None,
                reading: None,
                rule: None,
                schema: String::new(),
                table: name(entry.desc.as_deref(), encoding),
                column: field.to_owned(),
                row: 0,
                offset: at as u64,
                key: String::new(),
            });
        }
    }
}

struct Verify<'p> {
    encoding: SourceEncoding,
    progress: &'p Progress,
    tables: Mutex<Vec<ReadTable>>,
    large_objects: AtomicU64,
}

/// A table that was read.
struct ReadTable {
    block: u64,
    of: Table,
    digest: TableDigest,
    text: TextCheck,
}

impl Pass for Verify<'_> {
    fn table<'a>(
        &'a self,
        table: &'a Table,
        block: u64,
    ) -> Result<Option<Box<dyn Take + Send + 'a>>, ArchiveError> {
        let done = move |checked: Checked, rows| {
            let (sums, text) = checked.finish();
            let digest = TableDigest {
                schema: table.schema.clone(),
                table: table.name.clone(),
                columns: table.columns.as_ref().map_or(0, Vec::len),
                rows,
                bytes: sums.bytes,
                digest: sums.sum.hex(),
            };
            let read = ReadTable { block, of: table.clone(), digest, text };
            self.tables.lock().unwrap_or_else(PoisonError::into_inner).push(read);
        };
        let sink = Checked::new(self.encoding);
        Ok(Some(Box::new(Scanned::new(table, sink, self.progress, done)?)))
    }

    fn large_object(&self, _: i32, _: u64, _: u128) {
        self.large_objects.fetch_add(1, Ordering::Relaxed);
    }
}
