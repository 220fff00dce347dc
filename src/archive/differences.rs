//! Which rows differ: two more passes over the tables that do.
//!
//! Memory stays bounded: the tables are looked at a few at a time, and of each only some
//! thousand rows are kept as hashes. Of a row's values only the key is ever told, masked unless
//! the caller wants it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::ArchiveError;
use super::as_utf8::rows_for;
use super::compare::{Name, name_of};
use super::crew::{self, Take};
use super::finding::masked;
use super::keyed::{Gather, Keyed, KeyedRows, Row};
use super::pass::{Opened, Pass};
use super::reader::Table;
use super::values::Order;
use crate::charset::Transcoder;
use crate::progress::Progress;

/// Differing rows of a table that are listed.
pub(super) const MAX_LISTED: usize = 20;
/// Tables that are looked at together; each takes 1.5 MB.
const TOGETHER: usize = 16;
/// Most tables that are looked at. Where more differ, it is another database.
const MAX_TABLES: usize = 64;

/// How a row differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowDifferenceKind {
    /// Not in the second archive.
    Missing,
    /// Only in the second archive.
    Extra,
    /// The same key, other values.
    Changed,
}

/// One row that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowDifference {
    /// How.
    pub kind: RowDifferenceKind,
    /// The primary key; empty where the table has none.
    pub key: String,
    /// The row's number in the first archive, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_row: Option<u64>,
    /// The row's number in the second archive, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_row: Option<u64>,
    /// The columns whose values differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// What was found out about a table's rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Differences {
    /// At least so many rows differ.
    pub(super) at_least: u64,
    /// The first ones.
    pub(super) rows: Vec<RowDifference>,
}

/// One side of the comparison.
pub(super) struct Side<'a> {
    pub(super) path: &'a Path,
    pub(super) transcoder: Option<Transcoder>,
}

/// Looks for the rows that differ in `tables`.
pub(super) fn find(
    sides: [&Side<'_>; 2],
    tables: &BTreeMap<Name, Keyed>,
    show_keys: bool,
    progress: &Progress,
) -> Result<BTreeMap<Name, Differences>, ArchiveError> {
    let mut found = BTreeMap::new();
    let names: Vec<&Name> = tables.keys().take(MAX_TABLES).collect();
    for names in names.chunks(TOGETHER) {
        let chosen = names.iter().filter_map(|name| Some((*name, tables.get(*name)?)));
        let chosen: BTreeMap<&Name, &Keyed> = chosen.collect();
        let [expected, actual] = both(sides, &chosen, None, progress)?;
        let mut wanted = BTreeMap::new();
        for (name, keyed) in &chosen {
            if let (Some(Gather::Sums(before)), Some(Gather::Sums(after))) =
                (expected.get(*name), actual.get(*name))
            {
                let (at_least, buckets) = before.differing(after, keyed);
                found.insert((*name).clone(), Differences { at_least, rows: Vec::new() });
                wanted.insert((*name).clone(), buckets);
            }
        }
        drop((expected, actual));
        let [mut expected, mut actual] = both(sides, &chosen, Some(&wanted), progress)?;
        for (name, keyed) in chosen {
            if let (Some(Gather::Rows(_, before)), Some(Gather::Rows(_, after)), Some(found)) =
                (expected.remove(name), actual.remove(name), found.get_mut(name))
            {
                found.rows = pair(before, after, keyed, show_keys);
            }
        }
    }
    Ok(found)
}

type Gathered = BTreeMap<Name, Gather>;

fn both(
    sides: [&Side<'_>; 2],
    chosen: &BTreeMap<&Name, &Keyed>,
    wanted: Option<&BTreeMap<Name, BTreeSet<u16>>>,
    progress: &Progress,
) -> Result<[Gathered; 2], ArchiveError> {
    let look = |side: &Side<'_>| Opened::open(side.path, false, progress);
    let (first, second) = (look(sides[0])?, look(sides[1])?);
    let pass = |side| Looking { side, chosen, wanted, progress, gathered: Mutex::default() };
    let passes = [pass(sides[0]), pass(sides[1])];
    let mut jobs = first.jobs(&passes[0], progress);
    jobs.extend(second.jobs(&passes[1], progress));
    crew::run(jobs)?;
    first.finish()?;
    second.finish()?;
    Ok(passes.map(|pass| pass.gathered.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// A pass over the chosen tables of one side.
struct Looking<'p> {
    side: &'p Side<'p>,
    chosen: &'p BTreeMap<&'p Name, &'p Keyed>,
    /// The buckets whose rows are kept; none in the first pass.
    wanted: Option<&'p BTreeMap<Name, BTreeSet<u16>>>,
    progress: &'p Progress,
    gathered: Mutex<Gathered>,
}

impl Pass for Looking<'_> {
    fn table<'a>(
        &'a self,
        table: &'a Table,
        _: u64,
    ) -> Result<Option<Box<dyn Take + Send + 'a>>, ArchiveError> {
        let name = name_of(table);
        let Some(keyed) = self.chosen.get(&name) else { return Ok(None) };
        let columns = table.columns.as_deref().unwrap_or_default();
        let Some(order) = Order::of(columns, &keyed.columns) else { return Ok(None) };
        let gather = match self.wanted {
            None => Gather::Sums(Box::default()),
            Some(wanted) => {
                let buckets = wanted.get(&name).cloned().unwrap_or_default();
                if buckets.is_empty() {
                    return Ok(None);
                }
                Gather::Rows(buckets, Vec::new())
            }
        };
        let sink = KeyedRows::new(keyed, order, gather);
        let done = move |sink: KeyedRows, _, _| {
            let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
            match (gathered.get_mut(&name), sink.gather) {
                (Some(Gather::Sums(sums)), Gather::Sums(more)) => sums.join(&more),
                (Some(Gather::Rows(_, rows)), Gather::Rows(_, more)) => rows.extend(more),
                (_, gather) => {
                    gathered.insert(name, gather);
                }
            }
        };
        let transcoder = self.side.transcoder.as_ref();
        rows_for(table, transcoder, sink, self.progress, done).map(Some)
    }

    fn skips_large_objects(&self) -> bool {
        true
    }
}

/// Takes away what both sides have, and pairs the rest by key.
fn pair(before: Vec<Row>, after: Vec<Row>, keyed: &Keyed, show_keys: bool) -> Vec<RowDifference> {
    let mut same: HashMap<u128, u64> = HashMap::new();
    for row in &after {
        let count = same.entry(row.hash).or_default();
        *count = count.saturating_add(1);
    }
    let mut take = |row: &Row| match same.get_mut(&row.hash) {
        Some(count) if *count > 0 => {
            *count = count.saturating_sub(1);
            false
        }
        _ => true,
    };
    let missing: Vec<Row> = before.into_iter().filter(|row| take(row)).collect();
    // What was taken went; as many of each hash are left as the second side has too many.
    let mut left = |row: &Row| match same.get_mut(&row.hash) {
        Some(count) if *count > 0 => {
            *count = count.saturating_sub(1);
            true
        }
        _ => false,
    };
    // The last ones of equal rows are the ones too many.
    let mut extra: Vec<Row> = after.into_iter().rev().filter(|row| left(row)).collect();
    let mut found = Vec::new();
    for row in missing {
        let keyed_row = |other: &Row| !keyed.key.is_empty() && other.key_hash == row.key_hash;
        let other = extra.iter().position(keyed_row).map(|at| extra.swap_remove(at));
        found.push(describe(Some(&row), other.as_ref(), keyed, show_keys));
    }
    found.extend(extra.iter().map(|row| describe(None, Some(row), keyed, show_keys)));
    found.sort_by_key(|row| (row.expected_row.or(row.actual_row), row.kind));
    found.truncate(MAX_LISTED);
    found
}

fn describe(
    before: Option<&Row>,
    after: Option<&Row>,
    keyed: &Keyed,
    show_keys: bool,
) -> RowDifference {
    let kind = match (before, after) {
        (Some(_), Some(_)) => RowDifferenceKind::Changed,
        (Some(_), None) => RowDifferenceKind::Missing,
        (None, _) => RowDifferenceKind::Extra,
    };
    let mut columns = Vec::new();
    if let (Some(before), Some(after)) = (before, after) {
        let values = before.values.iter().zip(&after.values).zip(&keyed.columns);
        columns.extend(values.filter(|((a, b), _)| a != b).map(|(_, column)| column.clone()));
    }
    let key = before.or(after).map_or(&[][..], |row| row.key.as_slice());
    let named = keyed.key.iter().zip(key).map(|(place, value)| {
        let column = keyed.columns.get(*place).map_or("", String::as_str);
        let value =
            if show_keys { String::from_utf8_lossy(value).into_owned() } else { masked(value) };
        format!("{column}={value}")
    });
    RowDifference {
        kind,
        key: named.collect::<Vec<_>>().join(","),
        expected_row: before.map(|row| row.number),
        actual_row: after.map(|row| row.number),
        columns,
    }
}
