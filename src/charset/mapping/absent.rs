//! Places that the mapping file names and the database does not have: slips of the pen, by which
//! a decision would silently be for nothing.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Mapping;

/// A table that exists.
#[derive(Clone, Copy, Debug)]
pub struct KnownTable<'a> {
    /// Schema.
    pub schema: &'a str,
    /// Table.
    pub table: &'a str,
    /// Its columns, where they are known.
    pub columns: Option<&'a [String]>,
}

/// A name in the mapping file that is no table's and no column's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AbsentPlace {
    /// Its line, from 1; 0 where it is not known.
    pub line: u64,
    /// The name as it is written.
    pub name: String,
}

impl Mapping {
    /// The named places that are not among `known`, in the file's order.
    pub fn absent(&self, known: &[KnownTable<'_>]) -> Vec<AbsentPlace> {
        let mut tables: HashMap<&str, Vec<&KnownTable<'_>>> = HashMap::new();
        for table in known {
            tables.entry(table.table).or_default().push(table);
        }
        let has = |schema: Option<&str>, table: &str, column: Option<&str>| {
            let of_column = |known: &KnownTable<'_>| match (column, known.columns) {
                (Some(column), Some(columns)) => columns.iter().any(|name| name == column),
                _ => true,
            };
            let mut named = tables.get(table).into_iter().flatten();
            named.any(|t| schema.is_none_or(|schema| schema == t.schema) && of_column(t))
        };
        let names = self.places().flat_map(|places| places.names());
        let absent =
            names.filter(|name| !has(name.schema.as_deref(), &name.table, name.column.as_deref()));
        let mut absent: Vec<AbsentPlace> = absent
            .map(|name| AbsentPlace { line: name.line, name: name.written.clone() })
            .collect();
        absent.sort();
        absent.dedup();
        absent
    }
}
