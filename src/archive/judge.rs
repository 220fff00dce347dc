//! What two sides' sums come to, table by table.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{CompareReport, Compared, Name, ObjectsComparison, TableComparison, Verdict};
use super::compare_profile::CompareProfile;
use super::digest::Sum;

/// What one side holds.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Tables that are defined.
    pub(super) declared: BTreeSet<Name>,
    /// Tables with data.
    pub(super) data: BTreeMap<Name, Data>,
    /// Large objects: their sum and number.
    pub(super) objects: (Sum, u64),
}

/// A table's data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Data {
    pub(super) sum: Sum,
    pub(super) rows: u64,
    pub(super) undecided: u64,
    pub(super) columns: BTreeSet<String>,
}

/// What a side says of a table.
#[derive(Clone, Copy)]
enum Says<'a> {
    Nothing,
    /// It exists, and the archive has no data for it.
    NoData,
    Data(&'a Data),
}

impl Held {
    fn says(&self, name: &Name) -> Says<'_> {
        match self.data.get(name) {
            Some(data) => Says::Data(data),
            None if self.declared.contains(name) => Says::NoData,
            None => Says::Nothing,
        }
    }
}

impl Says<'_> {
    fn rows(self) -> Option<u64> {
        match self {
            Says::Data(data) => Some(data.rows),
            Says::Nothing | Says::NoData => None,
        }
    }
}

/// Compares what both sides hold.
pub(super) fn judge(expected: &Held, actual: &Held, profile: &CompareProfile) -> CompareReport {
    let mut names: BTreeSet<&Name> = expected.data.keys().chain(actual.data.keys()).collect();
    // A dump of nothing but data defines no table; that says nothing of the other's.
    if !expected.declared.is_empty() && !actual.declared.is_empty() {
        names.extend(expected.declared.symmetric_difference(&actual.declared));
    }
    let tables = names.into_iter().map(|name| table(name, expected, actual, profile));
    let tables: Vec<TableComparison> = tables.collect();
    let large_objects = ObjectsComparison {
        expected: expected.objects.1,
        actual: actual.objects.1,
        same: expected.objects == actual.objects,
    };
    let sure = |verdict: Verdict| !verdict.is_good() && verdict != Verdict::CouldNotTell;
    let result = if !large_objects.same || tables.iter().any(|table| sure(table.verdict)) {
        Compared::Different
    } else if tables.iter().all(|table| table.verdict.is_good()) {
        Compared::Same
    } else {
        Compared::CouldNotTell
    };
    CompareReport {
        same: result == Compared::Same,
        result,
        expected_rows: tables.iter().filter_map(|table| table.expected_rows).sum(),
        actual_rows: tables.iter().filter_map(|table| table.actual_rows).sum(),
        tables,
        large_objects,
    }
}

fn table(name: &Name, expected: &Held, actual: &Held, profile: &CompareProfile) -> TableComparison {
    let (before, after) = (expected.says(name), actual.says(name));
    let (columns, undecided) = match (before, after) {
        (Says::Data(before), Says::Data(after)) => (
            before.columns.symmetric_difference(&after.columns).cloned().collect(),
            before.undecided.saturating_add(after.undecided),
        ),
        (Says::Data(only), _) | (_, Says::Data(only)) => (Vec::new(), only.undecided),
        _ => (Vec::new(), 0),
    };
    TableComparison {
        verdict: by_design(&name.1, verdict(before, after), profile),
        schema: name.0.clone(),
        table: name.1.clone(),
        expected_rows: before.rows(),
        actual_rows: after.rows(),
        columns,
        undecided,
        differing_rows_at_least: 0,
        differences: Vec::new(),
    }
}

fn verdict(before: Says<'_>, after: Says<'_>) -> Verdict {
    match (before, after) {
        (Says::Data(before), Says::Data(after)) => {
            if before.columns != after.columns {
                Verdict::ColumnsDiffer
            } else if before.rows != after.rows {
                Verdict::RowsDiffer
            } else if before.undecided > 0 || after.undecided > 0 {
                // Two codes that both became U+FFFD may have been different ones.
                Verdict::CouldNotTell
            } else if before.sum == after.sum {
                Verdict::Same
            } else {
                Verdict::RowsDiffer
            }
        }
        (Says::Data(only), Says::NoData) | (Says::NoData, Says::Data(only)) => {
            if only.rows == 0 {
                Verdict::Same
            } else {
                Verdict::RowsDiffer
            }
        }
        (Says::Nothing, _) => Verdict::Extra,
        (_, Says::Nothing) => Verdict::Missing,
        (Says::NoData, Says::NoData) => Verdict::Same,
    }
}

fn by_design(table: &str, verdict: Verdict, profile: &CompareProfile) -> Verdict {
    let expected = match verdict {
        Verdict::RowsDiffer | Verdict::CouldNotTell => profile.emptied_by_importer.contains(table),
        Verdict::Missing | Verdict::Extra => profile.dropped_by_importer.contains(table),
        _ => false,
    };
    if expected { Verdict::AsExpected } else { verdict }
}
