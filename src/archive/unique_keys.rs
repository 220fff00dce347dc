//! The columns that must differ from row to row: primary keys, unique constraints, unique
//! indexes.
//!
//! Indexes over expressions or over some rows only are passed over.

use std::collections::HashMap;

use super::definitions::{identifier, qualified};
use super::needs::Setting;
use super::sql::Sql;
use super::toc::{Entry, Text};

/// Lists of columns by schema and table.
pub(super) type UniqueKeys = HashMap<(Text, Vec<u8>), Vec<Vec<Vec<u8>>>>;

/// Reads them from the entries.
pub(super) fn unique_keys(entries: &[Entry]) -> UniqueKeys {
    let escapes = Setting::new(entries, None).escapes;
    let mut keys = UniqueKeys::new();
    for entry in entries.iter().filter(|entry| entry.is("CONSTRAINT") || entry.is("INDEX")) {
        let sql = Sql::new(entry.defn.as_deref().unwrap_or_default(), escapes);
        if let Some((table, columns)) = of_constraint(&sql).or_else(|| of_index(&sql)) {
            let known = keys.entry((entry.namespace.clone(), table)).or_default();
            if !known.contains(&columns) {
                known.push(columns);
            }
        }
    }
    keys
}

/// `ALTER TABLE ONLY s.t ADD CONSTRAINT n UNIQUE (a, b);`
fn of_constraint(sql: &Sql<'_>) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
    if !sql.are(0, &["ALTER", "TABLE"]) {
        return None;
    }
    let (table, at) = qualified(sql, if sql.is(2, "ONLY") { 3 } else { 2 })?;
    if !sql.are(at, &["ADD", "CONSTRAINT", "*"]) {
        return None;
    }
    let at = at.checked_add(3)?;
    if !sql.are(at, &["PRIMARY", "KEY"]) && !sql.is(at, "UNIQUE") {
        return None;
    }
    let open = (at..at.checked_add(5)?).find(|at| sql.is(*at, "("))?;
    Some((table.name, columns(sql, open, |length| length == 1)?))
}

/// `CREATE UNIQUE INDEX n ON s.t USING btree (a, b DESC);`
fn of_index(sql: &Sql<'_>) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
    if !sql.are(0, &["CREATE", "UNIQUE", "INDEX", "*", "ON"]) {
        return None;
    }
    let (table, at) = qualified(sql, if sql.is(5, "ONLY") { 6 } else { 5 })?;
    let open = at.checked_add(2).filter(|_| sql.are(at, &["USING", "*", "("]))?;
    let close = sql.close(open)?;
    let some_rows = (close..sql.len()).any(|at| sql.is(at, "WHERE") && sql.depth(at) == 0);
    if some_rows { None } else { Some((table.name, columns(sql, open, |_| true)?)) }
}

/// The columns of a list that holds nothing else. What follows a column says how it is sorted.
fn columns(sql: &Sql<'_>, open: usize, length: impl Fn(usize) -> bool) -> Option<Vec<Vec<u8>>> {
    let column = |item: std::ops::Range<usize>| {
        let is_column = length(item.len()) && !sql.is(item.start.checked_add(1)?, "(");
        identifier(sql, item.start).filter(|_| is_column)
    };
    sql.items(open).into_iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_columns_of_all_rows_make_a_key() {
        let key = |text: &str| {
            let sql = Sql::new(text.as_bytes(), false);
            let (table, columns) = of_constraint(&sql).or_else(|| of_index(&sql))?;
            let names = std::iter::once(table).chain(columns);
            Some(names.map(|name| String::from_utf8(name).unwrap()).collect::<Vec<_>>().join(" "))
        };
        for (sql, expected) in [
            (
                "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (a, \"b (\");",
                "t a b (",
            ),
            ("ALTER TABLE t ADD CONSTRAINT \"UNIQUE (x)\" UNIQUE (a) INCLUDE (c);", "t a"),
            ("ALTER TABLE ONLY t ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a);", "t a"),
            (
                "CREATE UNIQUE INDEX i ON public.\"T\" USING btree (a, b COLLATE \"C\" DESC);",
                "T a b",
            ),
        ] {
            assert_eq!(key(sql).as_deref(), Some(expected), "{sql}");
        }
        for sql in [
            "CREATE INDEX i ON t USING btree (a);",
            "CREATE UNIQUE INDEX i ON t USING btree (lower(a));",
            "CREATE UNIQUE INDEX i ON t USING btree (((a || b)));",
            "CREATE UNIQUE INDEX i ON t USING btree (a) WHERE (b > 0);",
            "ALTER TABLE ONLY t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u(a);",
            "ALTER TABLE ONLY t ADD CONSTRAINT e EXCLUDE USING gist (a WITH &&);",
            "ALTER TABLE ONLY t ADD CONSTRAINT p PRIMARY KEY (a, b WITHOUT OVERLAPS);",
            "",
        ] {
            assert_eq!(key(sql), None, "{sql}");
        }
    }
}
