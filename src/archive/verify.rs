//! Reads an archive in full and says what is in it, or what is wrong with it.

use std::fs::File;
use std::path::Path;

use serde::Serialize;

use super::ArchiveError;
use super::digest::{Columns, RowDigest, TargetText};
use super::finding::{Found, TextFinding};
use super::header::Version;
use super::reader::{Block, Reader, Table};
use super::rows::{RowScanner, Shape};
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

/// Reads all of `path`.
///
/// # Errors
/// When anything in it contradicts the format, the COPY statements or the declared encoding.
pub fn verify(path: &Path, progress: &Progress) -> Result<VerifyReport, ArchiveError> {
    let mut reader = Reader::open(path, true, progress)?;
    let mut found = Found::default();
    let mut target: Option<TargetText> = None;
    let mut tables = Vec::new();
    let mut large_objects = 0_u64;
    while let Some(block) = reader.next_block()? {
        match block {
            Block::Table(id) => {
                let prepare = |_: &Table, encoding| {
                    RowDigest::new(Columns::AsTheyStand, encoding).with_target()
                };
                let (table, mut digest, rows) = read_table(&mut reader, id, prepare, progress)?;
                note_bad(&mut found, &table, &digest);
                if let Some(text) = digest.target_text() {
                    target.get_or_insert_default().add(text);
                }
                tables.push(TableDigest {
                    columns: table.columns.as_ref().map_or(0, Vec::len),
                    schema: table.schema,
                    table: table.name,
                    rows,
                    bytes: digest.bytes,
                    digest: digest.sum.hex(),
                });
            }
            Block::Blobs(_) => {
                while reader.next_blob()?.is_some() {
                    reader.content(|_, _| Ok(()))?;
                    large_objects = large_objects.saturating_add(1);
                }
            }
        }
    }
    if found.total > 0 {
        return Err(ArchiveError::BadText(Box::new(found)));
    }
    Ok(VerifyReport {
        bytes: reader.input.offset(),
        archive_version: reader.header.version,
        encoding: reader.encoding,
        text_checked: reader.encoding != SourceEncoding::SqlAscii,
        rows: tables.iter().map(|table| table.rows).sum(),
        tables,
        large_objects,
        target_text: target,
        sha256: Sha256(reader.input.sha256().unwrap_or_default()),
    })
}

/// Reads a table's data block; gives its rows' digest and number.
pub(super) fn read_table(
    reader: &mut Reader<File>,
    id: i32,
    prepare: impl FnOnce(&Table, SourceEncoding) -> RowDigest,
    progress: &Progress,
) -> Result<(Table, RowDigest, u64), ArchiveError> {
    let Some(table) = reader.tables.get(&id).cloned() else {
        return Err(reader.input.damaged("a data block belongs to no entry"));
    };
    let Some(count) = table.columns.as_ref().map(Vec::len) else {
        return Err(ArchiveError::NotCopyData { schema: table.schema, table: table.name });
    };
    progress.stage(&format!("{}.{}", table.schema, table.name));
    let mut digest = prepare(&table, reader.encoding);
    let shape = Shape { schema: &table.schema, table: &table.name, columns: count };
    let mut scanner = RowScanner::new(shape);
    reader.content(|bytes, offset| {
        let before = scanner.rows();
        scanner.feed(bytes, offset, &mut digest)?;
        progress.add_rows(scanner.rows().saturating_sub(before));
        Ok(())
    })?;
    let rows = scanner.finish(reader.input.offset())?;
    Ok((table, digest, rows))
}

fn note_bad(found: &mut Found, table: &Table, digest: &RowDigest) {
    let columns = table.columns.as_deref().unwrap_or_default();
    for (place, fault) in &digest.bad {
        found.note(TextFinding {
            reason: Reason::Invalid,
            code: hex::encode_upper(fault),
            character: None,
            reading: None,
            rule: None,
            schema: table.schema.clone(),
            table: table.name.clone(),
            column: columns.get(place.column).cloned().unwrap_or_default(),
            row: place.row,
            offset: place.offset,
            key: String::new(),
        });
    }
    let unlisted = digest.bad_total.saturating_sub(digest.bad.len() as u64);
    found.total = found.total.saturating_add(unlisted);
}
