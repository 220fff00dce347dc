//! Two archives table by table: what was sent, and what came back.
//!
//! Rows are compared in no order and columns by name; memory holds a sum per table, no rows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::ArchiveError;
use super::digest::{Columns, RowDigest, Sum};
use super::reader::{Block, Reader, Table};
use super::verify::read_table;
use crate::progress::Progress;

/// Which differences an import makes by design.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareProfile {
    /// Tables that the importer empties.
    pub emptied_by_importer: BTreeSet<String>,
    /// Tables that the importer drops.
    pub dropped_by_importer: BTreeSet<String>,
}

impl Default for CompareProfile {
    /// What the vendor's importer does, by its published scripts.
    fn default() -> Self {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            emptied_by_importer: set(&[
                "tbl_para",
                "tbl_lock",
                "tbl_jobkanri",
                "tbl_api_para",
                "tbl_spa_tmp",
                "monbatch",
                "monbatch_log",
                "monbatch_clog",
                "monpushevent",
            ]),
            dropped_by_importer: set(&["aps_migrations", "ap_server_ld_processes"]),
        }
    }
}

/// How a table fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The same rows.
    Same,
    /// Other rows.
    RowsDiffer,
    /// Other columns.
    ColumnsDiffer,
    /// Not in the second archive.
    Missing,
    /// Only in the second archive.
    Extra,
    /// It differs, as the profile says it does.
    AsExpected,
}

impl Verdict {
    /// True where nothing is lost.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Same | Self::AsExpected)
    }
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableComparison {
    /// Schema.
    pub schema: String,
    /// Table.
    pub table: String,
    /// Rows of the first archive.
    pub expected_rows: Option<u64>,
    /// Rows of the second archive.
    pub actual_rows: Option<u64>,
    /// Columns that only one side has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// The result.
    pub verdict: Verdict,
}

/// The whole comparison.
#[derive(Clone, Debug, Serialize)]
pub struct CompareReport {
    /// True where every table is the same or differs as the profile says.
    pub same: bool,
    /// Every table of either side, by name.
    pub tables: Vec<TableComparison>,
    /// Rows of the first archive.
    pub expected_rows: u64,
    /// Rows of the second archive.
    pub actual_rows: u64,
}

type Name = (String, String);

#[derive(Default)]
struct Side {
    sum: Sum,
    rows: u64,
    columns: BTreeSet<String>,
}

/// Compares the data of two archives.
///
/// # Errors
/// When either cannot be read in full, or their text is in different encodings.
pub fn compare(
    expected: &Path,
    actual: &Path,
    profile: &CompareProfile,
    progress: &Progress,
) -> Result<CompareReport, ArchiveError> {
    let first = Reader::open(expected, false, progress)?;
    let expected_bytes = progress.read().total_bytes;
    let second = Reader::open(actual, false, progress)?;
    progress.expect_bytes(expected_bytes.saturating_add(progress.read().total_bytes));
    if first.encoding != second.encoding {
        return Err(ArchiveError::EncodingsDiffer {
            expected: first.encoding.postgres_name().to_owned(),
            actual: second.encoding.postgres_name().to_owned(),
        });
    }
    let as_they_stand = same_columns(&first.tables, &second.tables);
    let (first, second) = std::thread::scope(|scope| {
        let other = scope.spawn(|| sums(second, &as_they_stand, progress));
        let first = sums(first, &as_they_stand, progress);
        (first, other.join().unwrap_or(Err(ArchiveError::Stopped)))
    });
    Ok(judge(&first?, &second?, profile))
}

/// Tables whose columns stand in the same order on both sides: their rows are hashed whole.
fn same_columns<'a>(
    first: &'a std::collections::HashMap<i32, Table>,
    second: &'a std::collections::HashMap<i32, Table>,
) -> BTreeSet<Name> {
    let key = |table: &'a Table| (table.schema.clone(), table.name.clone());
    let columns: BTreeMap<Name, _> = first.values().map(|t| (key(t), &t.columns)).collect();
    let same = second.values().filter(|t| columns.get(&key(t)) == Some(&&t.columns));
    same.map(key).collect()
}

fn sums(
    mut reader: Reader<std::fs::File>,
    as_they_stand: &BTreeSet<Name>,
    progress: &Progress,
) -> Result<BTreeMap<Name, Side>, ArchiveError> {
    let mut sides = BTreeMap::new();
    while let Some(block) = reader.next_block()? {
        match block {
            Block::Table(id) => {
                let how = |table: &Table, encoding| {
                    if as_they_stand.contains(&(table.schema.clone(), table.name.clone())) {
                        return RowDigest::new(Columns::AsTheyStand, encoding);
                    }
                    let names = table.columns.clone().unwrap_or_default();
                    RowDigest::new(Columns::ByName(names), encoding)
                };
                let (table, digest, rows) = read_table(&mut reader, id, how, progress)?;
                // Two entries may carry rows of one table; neither may hide the other.
                let side: &mut Side = sides.entry((table.schema, table.name)).or_default();
                side.sum.join(digest.sum);
                side.rows = side.rows.saturating_add(rows);
                side.columns.extend(table.columns.into_iter().flatten());
            }
            Block::Blobs(_) => {
                while reader.next_blob()?.is_some() {
                    reader.content(|_, _| Ok(()))?;
                }
            }
        }
    }
    Ok(sides)
}

fn judge(
    expected: &BTreeMap<Name, Side>,
    actual: &BTreeMap<Name, Side>,
    profile: &CompareProfile,
) -> CompareReport {
    let names: BTreeSet<&Name> = expected.keys().chain(actual.keys()).collect();
    let tables: Vec<_> = names
        .into_iter()
        .map(|name| {
            let (before, after) = (expected.get(name), actual.get(name));
            let columns: Vec<String> = match (before, after) {
                (Some(before), Some(after)) => {
                    before.columns.symmetric_difference(&after.columns).cloned().collect()
                }
                _ => Vec::new(),
            };
            TableComparison {
                verdict: verdict(&name.1, before, after, profile),
                schema: name.0.clone(),
                table: name.1.clone(),
                expected_rows: before.map(|side| side.rows),
                actual_rows: after.map(|side| side.rows),
                columns,
            }
        })
        .collect();
    CompareReport {
        same: tables.iter().all(|table| table.verdict.is_good()),
        expected_rows: tables.iter().filter_map(|table| table.expected_rows).sum(),
        actual_rows: tables.iter().filter_map(|table| table.actual_rows).sum(),
        tables,
    }
}

fn verdict(
    table: &str,
    before: Option<&Side>,
    after: Option<&Side>,
    profile: &CompareProfile,
) -> Verdict {
    let verdict = match (before, after) {
        (Some(before), Some(after)) if before.columns != after.columns => Verdict::ColumnsDiffer,
        (Some(before), Some(after)) if before.rows == after.rows && before.sum == after.sum => {
            Verdict::Same
        }
        (Some(_), Some(_)) => Verdict::RowsDiffer,
        (Some(_), None) => Verdict::Missing,
        (None, _) => Verdict::Extra,
    };
    let expected = match verdict {
        Verdict::RowsDiffer => profile.emptied_by_importer.contains(table),
        Verdict::Missing | Verdict::Extra => profile.dropped_by_importer.contains(table),
        _ => false,
    };
    if expected { Verdict::AsExpected } else { verdict }
}
