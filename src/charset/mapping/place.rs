//! The tables and columns that an entry of the mapping file is for.

use super::super::CharsetError;
use super::super::written::parts;
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
/// A part with a dot in it stands in SQL's quotes.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) schema: Option<String>,
    pub(super) table: String,
    pub(super) column: Option<String>,
    /// The name as it is written.
    pub(super) written: String,
    /// Its line, from 1; 0 where it is not known.
    pub(super) line: u64,
}

impl Name {
    fn is_of(&self, schema: &str, table: &str) -> bool {
        self.table == table && self.schema.as_deref().is_none_or(|own| own == schema)
    }
}

impl Places {
    /// Reads the names of one entry.
    pub(super) fn read(tables: &[Word], columns: &[Word]) -> Result<Self, CharsetError> {
        let line = |word: &Word| word.referenced.line();
        let table = |word: &Word| table(&word.value, line(word));
        let column = |word: &Word| column(&word.value, line(word));
        let wrong = |word: &Word| CharsetError::MappingPlace {
            line: word.referenced.line(),
            name: word.value.chars().take(64).collect(),
        };
        let read = |words: &[Word], one: &dyn Fn(&Word) -> Option<Name>| {
            let names = words.iter().map(|word| one(word).ok_or_else(|| wrong(word)));
            names.collect::<Result<Vec<_>, _>>()
        };
        Ok(Self { tables: read(tables, &table)?, columns: read(columns, &column)? })
    }

    /// One column.
    pub(super) fn column(text: &str, line: u64) -> Option<Self> {
        Some(Self { tables: Vec::new(), columns: vec![column(text, line)?] })
    }

    /// Every name.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        self.tables.iter().chain(&self.columns)
    }

    /// A key for each place, to find what is said twice.
    pub(super) fn keys(&self) -> Vec<String> {
        let key = |n: &Name| format!("{:?}", (&n.schema, &n.table, &n.column));
        let keys: Vec<String> = self.names().map(key).collect();
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

fn table(text: &str, line: u64) -> Option<Name> {
    let mut parts = parts(text)?.into_iter();
    let (schema, table) = match (parts.next()?, parts.next(), parts.next()) {
        (table, None, None) => (None, table),
        (schema, Some(table), None) => (Some(schema), table),
        _ => return None,
    };
    Some(Name { schema, table, column: None, written: text.to_owned(), line })
}

fn column(text: &str, line: u64) -> Option<Name> {
    let mut parts = parts(text)?.into_iter();
    let (schema, table, column) = match (parts.next()?, parts.next()?, parts.next(), parts.next()) {
        (table, column, None, None) => (None, table, column),
        (schema, table, Some(column), None) => (Some(schema), table, column),
        _ => return None,
    };
    Some(Name { schema, table, column: Some(column), written: text.to_owned(), line })
}
