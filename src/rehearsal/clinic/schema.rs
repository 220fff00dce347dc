//! Reads `schema.sql`: tables, columns, and how many rows each table has.
//!
//! It understands the form that this one file has and nothing more.

use super::ClinicError;

/// The schema as the server gets it.
pub(super) const SQL: &str = include_str!("schema.sql");

/// A table of the synthetic clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    /// Its name, with its schema where that is not `public`.
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    pub(super) key: Vec<String>,
    pub(super) rows: Rows,
    /// A larger database has more of its rows.
    pub(super) grows: bool,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: ColumnType,
    pub(super) required: bool,
}

/// A column's type; widths count characters, `Numeric` all digits and those after the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnType {
    Char(usize),
    Varchar(usize),
    Numeric(u32, u32),
    Integer,
    Bytes,
    Timestamp,
}

/// How many rows a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    Fixed(u64),
    PerPatient(u64),
    EveryNthPatient(u64),
}

/// The tables in the file's order.
pub(super) fn tables() -> Result<Vec<Table>, ClinicError> {
    let mut tables = Vec::new();
    let mut rows = None;
    let mut open: Option<Table> = None;
    for (index, line) in SQL.lines().enumerate() {
        let unknown = || ClinicError::Schema { line: index.saturating_add(1) };
        if let Some(text) = line.strip_prefix("-- rows: ") {
            rows = Some(rows_of(text).ok_or_else(unknown)?);
        } else if let Some(text) = line.strip_prefix("CREATE TABLE ") {
            let (count, grows) = rows.take().ok_or_else(unknown)?;
            let name = text.trim_end_matches(" (").to_owned();
            open = Some(Table { name, columns: Vec::new(), key: Vec::new(), rows: count, grows });
        } else if line == ");" {
            tables.push(open.take().ok_or_else(unknown)?);
        } else if let Some(table) = &mut open {
            let text = line.trim().trim_end_matches(',');
            match text.strip_prefix("PRIMARY KEY (") {
                Some(key) => {
                    table.key = key.trim_end_matches(')').split(", ").map(str::to_owned).collect();
                }
                None => table.columns.push(column(text).ok_or_else(unknown)?),
            }
        }
    }
    Ok(tables)
}

fn rows_of(text: &str) -> Option<(Rows, bool)> {
    let mut words = text.split(' ');
    let kind = words.next()?;
    let count = words.next()?.parse().ok()?;
    let rows = match kind {
        "fixed" => Rows::Fixed(count),
        "patient" => Rows::PerPatient(count),
        "share" => Rows::EveryNthPatient(count),
        _ => return None,
    };
    Some((rows, words.next() == Some("grow")))
}

fn column(text: &str) -> Option<Column> {
    let (name, rest) = text.split_once(' ')?;
    let kind = rest.trim_end_matches(" NOT NULL");
    let (word, arguments) = match kind.trim_end_matches(')').split_once('(') {
        Some((word, arguments)) => (word, arguments),
        None => (kind, ""),
    };
    let kind = match word {
        "character" => ColumnType::Char(arguments.parse().ok()?),
        "character varying" => ColumnType::Varchar(arguments.parse().ok()?),
        "numeric" => {
            let (digits, scale) = arguments.split_once(',').unwrap_or((arguments, "0"));
            ColumnType::Numeric(digits.parse().ok()?, scale.parse().ok()?)
        }
        "integer" | "smallint" | "bigint" => ColumnType::Integer,
        "bytea" => ColumnType::Bytes,
        "timestamp with time zone" => ColumnType::Timestamp,
        _ => return None,
    };
    Some(Column { name: name.to_owned(), kind, required: rest.ends_with(" NOT NULL") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_file_is_understood() {
        let tables = tables().unwrap();
        assert_eq!(tables.len(), SQL.matches("CREATE TABLE ").count());
        let columns: usize = tables.iter().map(|table| table.columns.len()).sum();
        // Columns are the indented lines of tables; keys and views are not.
        let indented = SQL.lines().filter(|line| {
            let column = line.strip_prefix("    ").unwrap_or_default();
            column.chars().next().is_some_and(|first| first.is_ascii_lowercase())
        });
        assert_eq!(columns, indented.count());
        let mut keyless: Vec<&str> = tables
            .iter()
            .filter(|table| table.key.is_empty())
            .map(|table| table.name.as_str())
            .collect();
        keyless.sort_unstable();
        assert_eq!(
            keyless,
            ["tbl_interact", "tbl_ptsrh", "tbl_rrksrh", "tbl_skysrh", "tbl_srysrh", "tbl_synonym"]
        );
    }
}
