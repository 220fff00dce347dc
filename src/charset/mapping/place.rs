//! The tables and columns that an entry of the mapping file is for.

use super::super::CharsetError;
use super::file::Word;

/// How narrowly an entry is meant; the narrowest one decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Level {
    /// For the whole database.
    All,
    /// For a table of that name, in whatever schema.
    Table,
    /// For the table of one schema.
    QualifiedTable,
    /// For a column.
    Column,
    /// For the column of one schema's table.
    QualifiedColumn,
}

/// Something with the places it is for.
#[derive(Clone, Debug)]
pub(in super::super) struct Scoped<T> {
    pub(in super::super) value: T,
    pub(in super::super) places: Places,
}

/// Tables and columns; without any, the whole database.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Places {
    tables: Vec<Name>,
    columns: Vec<Name>,
}

/// `tbl_ptinf`, `public.tbl_ptinf`, and with a column `tbl_ptinf.name`, `public.tbl_ptinf.name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Name {
    schema: Option<String>,
    table: String,
    column: Option<String>,
}

impl Name {
    fn is_of(&self, schema: &str, table: &str) -> bool {
        self.table == table && self.schema.as_deref().is_none_or(|own| own == schema)
    }
}

impl Places {
    /// Reads the names of one entry.
    pub(super) fn read(tables: &[Word], columns: &[Word]) -> Result<Self, CharsetError> {
        let table = |word: &Word| match parts(&word.value)?.as_slice() {
            [table] => Some(name(None, table, None)),
            [schema, table] => Some(name(Some(schema), table, None)),
            _ => None,
        };
        let wrong = |word: &Word| CharsetError::MappingPlace {
            line: word.referenced.line(),
            name: word.value.chars().take(64).collect(),
        };
        let read = |words: &[Word], one: &dyn Fn(&Word) -> Option<Name>| {
            let names = words.iter().map(|word| one(word).ok_or_else(|| wrong(word)));
            names.collect::<Result<Vec<_>, _>>()
        };
        Ok(Self { tables: read(tables, &table)?, columns: read(columns, &|w| column(&w.value))? })
    }

    /// One column.
    pub(super) fn column(text: &str) -> Option<Self> {
        Some(Self { tables: Vec::new(), columns: vec![column(text)?] })
    }

    /// A key for each place, to find what is said twice.
    pub(super) fn keys(&self) -> Vec<String> {
        let named = self.tables.iter().chain(&self.columns);
        let keys: Vec<String> = named.map(|name| format!("{name:?}")).collect();
        if keys.is_empty() { vec![String::new()] } else { keys }
    }

    /// How narrowly it speaks of the place; `None` where it does not.
    pub(in super::super) fn level(
        &self,
        table: Option<(&str, &str)>,
        column: Option<&str>,
    ) -> Option<Level> {
        if self.tables.is_empty() && self.columns.is_empty() {
            return Some(Level::All);
        }
        let (schema, table) = table?;
        let columns = self.columns.iter().filter(|name| {
            column.is_some() && name.is_of(schema, table) && name.column.as_deref() == column
        });
        let tables = self.tables.iter().filter(|name| name.is_of(schema, table));
        let columns = columns.map(|name| match name.schema {
            None => Level::Column,
            Some(_) => Level::QualifiedColumn,
        });
        let tables = tables.map(|name| match name.schema {
            None => Level::Table,
            Some(_) => Level::QualifiedTable,
        });
        columns.chain(tables).max()
    }

    /// True where it names the table itself.
    pub(in super::super) fn names_table(&self, schema: &str, table: &str) -> bool {
        self.tables.iter().any(|name| name.is_of(schema, table))
    }

    /// True where it names the column.
    pub(in super::super) fn names_column(&self, schema: &str, table: &str, column: &str) -> bool {
        self.level(Some((schema, table)), Some(column)) >= Some(Level::Column)
    }
}

fn parts(text: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = text.split('.').collect();
    parts.iter().all(|part| !part.trim().is_empty()).then_some(parts)
}

fn name(schema: Option<&str>, table: &str, column: Option<&str>) -> Name {
    Name {
        schema: schema.map(str::to_owned),
        table: table.to_owned(),
        column: column.map(str::to_owned),
    }
}

fn column(text: &str) -> Option<Name> {
    match parts(text)?.as_slice() {
        [table, column] => Some(name(None, table, Some(column))),
        [schema, table, column] => Some(name(Some(schema), table, Some(column))),
        _ => None,
    }
}
