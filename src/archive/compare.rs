//! Two archives table by table: what was sent, and what came back.
//!
//! Rows are compared in no order, columns by name, and text as characters: a side that is not
//! UTF-8 yet is transcoded on the way. Memory holds a sum per table, no rows.
//!
//! It looks at tables, their rows and large objects. It does not look at definitions, indexes,
//! privileges, comments or the values of sequences.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::ArchiveError;
use super::as_utf8::rows_for;
use super::compare_profile::CompareProfile;
use super::crew::{self, Take};
use super::differences::{self, RowDifference, Side};
use super::digest::RowDigest;
use super::judge::{Held, judge};
use super::keyed::Keyed;
use super::pass::{Opened, Pass};
use super::reader::{Table, name};
use super::values::Order;
use crate::charset::{Mapping, Policy, SourceEncoding, Transcoder};
use crate::progress::Progress;

/// How archives are compared.
#[derive(Clone, Debug, Default)]
pub struct CompareOptions {
    /// Which differences are expected.
    pub profile: CompareProfile,
    /// Which characters a side that is not UTF-8 becomes.
    pub policy: Policy,
    /// The decisions that hold for it.
    pub mapping: Mapping,
    /// Tells the keys of differing rows in clear.
    pub show_keys: bool,
}

/// How a table fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
    /// It holds characters that cannot be converted without a decision.
    CouldNotTell,
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
    /// Codes that cannot be converted without a decision.
    #[serde(skip_serializing_if = "is_zero")]
    pub undecided: u64,
    /// At least so many rows differ; 0 where it was not looked for.
    #[serde(skip_serializing_if = "is_zero")]
    pub differing_rows_at_least: u64,
    /// The first rows that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<RowDifference>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The large objects of both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ObjectsComparison {
    /// Of the first archive.
    pub expected: u64,
    /// Of the second archive.
    pub actual: u64,
    /// True where number and content are the same for each.
    pub same: bool,
}

/// What the comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compared {
    /// Everything is the same or differs as the profile says.
    Same,
    /// Something differs for sure.
    Different,
    /// Nothing differs for sure, but not everything can be told.
    CouldNotTell,
}

/// The whole comparison.
#[derive(Clone, Debug, Serialize)]
pub struct CompareReport {
    /// True where every table is the same or differs as the profile says.
    pub same: bool,
    /// The same with a third answer.
    pub result: Compared,
    /// Every table of either side, by name.
    pub tables: Vec<TableComparison>,
    /// Rows of the first archive.
    pub expected_rows: u64,
    /// Rows of the second archive.
    pub actual_rows: u64,
    /// Large objects.
    pub large_objects: ObjectsComparison,
}

/// Schema and table.
pub(super) type Name = (String, String);

pub(super) fn name_of(table: &Table) -> Name {
    (table.schema.clone(), table.name.clone())
}

/// Compares the data of two archives.
///
/// # Errors
/// When either cannot be read in full.
pub fn compare(
    expected: &Path,
    actual: &Path,
    options: &CompareOptions,
    progress: &Progress,
) -> Result<CompareReport, ArchiveError> {
    let first = Opened::open(expected, false, progress)?;
    let second = Opened::open(actual, false, progress)?;
    progress.expect_bytes(first.bytes().saturating_add(second.bytes()));
    let common = common(&first.tables, &second.tables);
    let side = |path, mine: SourceEncoding, other: SourceEncoding| Side {
        path,
        // Text in one encoding is compared as it stands.
        transcoder: (mine != other && mine != SourceEncoding::Utf8)
            .then(|| Transcoder::new(mine, options.policy, options.mapping.clone())),
    };
    let sides = [
        side(expected, first.encoding, second.encoding),
        side(actual, second.encoding, first.encoding),
    ];
    let pass = |side: &Side<'_>, opened: &Opened| Sums {
        transcoder: side.transcoder.clone(),
        common: &common,
        progress,
        held: Mutex::new(declared(opened)),
    };
    let passes = [pass(&sides[0], &first), pass(&sides[1], &second)];
    let mut jobs = first.jobs(&passes[0], progress);
    jobs.extend(second.jobs(&passes[1], progress));
    crew::run(jobs)?;
    first.finish()?;
    second.finish()?;
    let [before, after] =
        passes.map(|pass| pass.held.into_inner().unwrap_or_else(PoisonError::into_inner));
    let mut report = judge(&before, &after, &options.profile);
    if first.can_be_read_again() && second.can_be_read_again() {
        let wanted = differing(&report, &common);
        let found =
            differences::find([&sides[0], &sides[1]], &wanted, options.show_keys, progress)?;
        for table in &mut report.tables {
            let name = (table.schema.clone(), table.table.clone());
            if let Some(found) = found.get(&name) {
                table.differing_rows_at_least = found.at_least;
                table.differences.clone_from(&found.rows);
            }
        }
    }
    Ok(report)
}

/// A table that both sides have with the same columns.
struct Common {
    keyed: Keyed,
    as_they_stand: bool,
}

/// The tables of both sides whose columns have the same names, with an order for them.
fn common(
    first: &std::collections::HashMap<i32, Table>,
    second: &std::collections::HashMap<i32, Table>,
) -> BTreeMap<Name, Common> {
    let others: BTreeMap<Name, &Table> = second.values().map(|t| (name_of(t), t)).collect();
    let pairs = first.values().filter_map(|table| Some((table, *others.get(&name_of(table))?)));
    let tables = pairs.filter_map(|(table, other)| {
        let (mine, theirs) = (table.columns.as_ref()?, other.columns.as_ref()?);
        Order::of(theirs, mine)?;
        // A dump without definitions knows no key.
        let of_other = || {
            let names = other.key.iter().filter_map(|at| theirs.get(*at));
            names.filter_map(|name| mine.iter().position(|column| column == name)).collect()
        };
        let key = if table.key.is_empty() { of_other() } else { table.key.clone() };
        let keyed = Keyed { columns: mine.clone(), key };
        Some((name_of(table), Common { keyed, as_they_stand: mine == theirs }))
    });
    tables.collect()
}

/// The tables that the table of contents names, before any data is read: one without data still
/// is a table.
fn declared(opened: &Opened) -> Held {
    opened.look(|reader| {
        let tables = reader.entries.iter().filter(|entry| entry.is("TABLE"));
        let names = tables.map(|entry| {
            let text = |bytes: &Option<Vec<u8>>| name(bytes.as_deref(), reader.encoding);
            (text(&entry.namespace), text(&entry.tag))
        });
        Held { declared: names.collect(), ..Held::default() }
    })
}

/// The tables in which rows are looked for.
fn differing(report: &CompareReport, common: &BTreeMap<Name, Common>) -> BTreeMap<Name, Keyed> {
    let tables = report.tables.iter().filter(|table| table.verdict == Verdict::RowsDiffer);
    let keyed = tables.filter_map(|table| {
        let name = (table.schema.clone(), table.table.clone());
        let keyed = common.get(&name)?.keyed.clone();
        Some((name, keyed))
    });
    keyed.collect()
}

/// Adds up the rows of one side.
struct Sums<'p> {
    transcoder: Option<Transcoder>,
    common: &'p BTreeMap<Name, Common>,
    progress: &'p Progress,
    held: Mutex<Held>,
}

impl Pass for Sums<'_> {
    fn table<'a>(
        &'a self,
        table: &'a Table,
        _: u64,
    ) -> Result<Option<Box<dyn Take + Send + 'a>>, ArchiveError> {
        let name = name_of(table);
        let columns = table.columns.as_deref().unwrap_or_default();
        let sink = match self.common.get(&name) {
            Some(common) if !common.as_they_stand => Order::of(columns, &common.keyed.columns)
                .map_or_else(RowDigest::new, RowDigest::in_order),
            _ => RowDigest::new(),
        };
        let done = move |digest: RowDigest, rows, undecided| {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            // Two entries may carry rows of one table; neither may hide the other.
            let data = held.data.entry(name).or_default();
            data.sum.join(digest.sum);
            data.rows = data.rows.saturating_add(rows);
            data.undecided = data.undecided.saturating_add(undecided);
            data.columns.extend(columns.iter().cloned());
        };
        rows_for(table, self.transcoder.as_ref(), sink, self.progress, done).map(Some)
    }

    fn large_object(&self, oid: i32, bytes: u64, hash: u128) {
        let mut text = [0; 28];
        let parts = oid.to_le_bytes().into_iter().chain(bytes.to_le_bytes());
        for (to, from) in text.iter_mut().zip(parts.chain(hash.to_le_bytes())) {
            *to = from;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.objects.0.add(xxhash_rust::xxh3::xxh3_128(&text));
        held.objects.1 = held.objects.1.saturating_add(1);
    }
}
