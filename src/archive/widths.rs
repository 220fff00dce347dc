//! How many characters a column takes: `character(n)` and `character varying(n)` of the
//! `CREATE TABLE` statements that pg_dump wrote.
//!
//! Only pg_dump's own form is understood; what is not understood has no width and is not
//! checked. All of it works on bytes, like the names in [`super::columns`].

use std::collections::HashMap;

use super::columns::identifier;
use super::limits::MAX_COLUMNS;
use super::reader::{Table, name};
use super::toc::Entry;
use crate::charset::SourceEncoding;

/// The widths of all tables of an archive.
#[derive(Default)]
pub(super) struct Widths(HashMap<(String, String), Columns>);

type Columns = HashMap<String, Width>;

/// What a column takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width {
    /// Characters.
    pub(super) characters: u64,
    /// True for `character(n)`: blanks at a value's end are not part of it.
    pub(super) padded: bool,
}

impl Width {
    /// True where a value has more characters than the column takes.
    pub(super) fn is_exceeded(self, value: &Characters) -> bool {
        let blanks = if self.padded { value.blanks } else { 0 };
        value.count.saturating_sub(blanks) > self.characters
    }
}

/// Counts the characters of a value in UTF-8, as COPY writes it, however it is cut.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Characters {
    count: u64,
    /// Blanks at the end.
    blanks: u64,
    /// The last byte began an escape.
    open: bool,
}

impl Characters {
    /// Counts the next bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\\' if !self.open => self.open = true,
                // Not the first byte of a character.
                0x80..=0xbf => {}
                _ => {
                    self.count = self.count.saturating_add(1);
                    let blank = *byte == b' ' && !self.open;
                    self.blanks = if blank { self.blanks.saturating_add(1) } else { 0 };
                    self.open = false;
                }
            }
        }
    }
}

impl Widths {
    /// Reads the tables' definitions. `SQL_ASCII` counted bytes, of which no value has fewer
    /// than it gets characters: nothing can outgrow its column there.
    pub(super) fn of(entries: &[Entry], encoding: SourceEncoding) -> Self {
        if encoding == SourceEncoding::SqlAscii {
            return Self::default();
        }
        let mut tables = HashMap::new();
        for entry in entries.iter().filter(|entry| entry.is("TABLE")) {
            let Some(columns) = entry.defn.as_deref().and_then(of_create_table) else { continue };
            let columns = columns.into_iter();
            let columns = columns.map(|(column, width)| (name(Some(&column), encoding), width));
            let text = |bytes: &Option<Vec<u8>>| name(bytes.as_deref(), encoding);
            let place = (text(&entry.namespace), text(&entry.tag));
            tables.insert(place, columns.collect());
        }
        Self(tables)
    }

    /// The widths of a table's columns in the order of its COPY statement.
    pub(super) fn of_table(&self, table: &Table) -> Vec<Option<Width>> {
        let place = (table.schema.clone(), table.name.clone());
        let Some(widths) = self.0.get(&place) else { return Vec::new() };
        let columns = table.columns.iter().flatten();
        columns.map(|column| widths.get(column).copied()).collect()
    }
}

/// The columns with a width of `CREATE TABLE s.t (a character(4), ...);`.
fn of_create_table(statement: &[u8]) -> Option<Vec<(Vec<u8>, Width)>> {
    let mut rest = statement.trim_ascii_start().strip_prefix(b"CREATE ")?;
    for word in [&b"UNLOGGED "[..], b"FOREIGN "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    rest = rest.strip_prefix(b"TABLE ")?;
    (_, rest) = identifier(rest)?;
    if let Some(after) = rest.strip_prefix(b".") {
        (_, rest) = identifier(after)?;
    }
    let mut rest = rest.trim_ascii_start().strip_prefix(b"(")?;
    let mut found = Vec::new();
    for _ in 0..MAX_COLUMNS {
        let (item, after) = item(rest);
        if let Some((column, definition)) = identifier(item.trim_ascii_start())
            && let Some(width) = width(definition.trim_ascii_start())
        {
            found.push((column, width));
        }
        match after {
            Some(after) => rest = after,
            None => break,
        }
    }
    Some(found)
}

/// The text up to the comma or parenthesis that ends a column's definition, and what follows a
/// comma. Quoted text and what stands in parentheses is passed over.
fn item(bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            // A doubled quote closes and opens again, which comes to the same.
            (Some(open), byte) if *byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(*byte),
            (None, b'(') => depth = depth.saturating_add(1),
            (None, b')' | b',') if depth == 0 => {
                let (item, after) = bytes.split_at(at);
                return (item, after.strip_prefix(b","));
            }
            (None, b')') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
    }
    (bytes, None)
}

/// The width of a type; an array's elements have one each, which is not what a value has.
fn width(definition: &[u8]) -> Option<Width> {
    let types = [(&b"character varying("[..], false), (b"character(", true)];
    let (rest, padded) = types
        .into_iter()
        .find_map(|(prefix, padded)| definition.strip_prefix(prefix).map(|rest| (rest, padded)))?;
    let close = rest.iter().position(|byte| *byte == b')')?;
    if rest.get(close.saturating_add(1)) == Some(&b'[') {
        return None;
    }
    let characters = std::str::from_utf8(rest.get(..close)?).ok()?.parse().ok()?;
    Some(Width { characters, padded })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_read_from_what_pg_dump_writes() {
        let sql = "CREATE TABLE public.\"患者 (a\" (\n    id numeric(10,0) NOT NULL,\n    \
            sex character(4) DEFAULT 'a,''b)('::bpchar NOT NULL,\n    \
            \"n, \"\"x\" character varying(100),\n    list character varying(3)[],\n    \
            memo text COLLATE pg_catalog.\"ja-x,y\",\n    g character(2) GENERATED ALWAYS AS \
            (lpad((id)::text, 2, ')'::text)) STORED,\n    CONSTRAINT c CHECK ((id > 0))\n);\n";
        let found = of_create_table(sql.as_bytes()).unwrap();
        let found: Vec<_> = found
            .into_iter()
            .map(|(column, w)| (String::from_utf8(column).unwrap(), w.characters, w.padded))
            .collect();
        let named = |name: &str, width, padded| (name.to_owned(), width, padded);
        let expected = [named("sex", 4, true), named("n, \"x", 100, false), named("g", 2, true)];
        assert_eq!(found, expected);
        let unlogged = b"CREATE UNLOGGED TABLE t (a character(1))\nPARTITION BY LIST (a);";
        assert_eq!(of_create_table(unlogged).unwrap().len(), 1);
        assert!(of_create_table(b"CREATE VIEW v AS SELECT 1;").is_none());
        assert!(of_create_table(b"CREATE TABLE t (a character(").unwrap().is_empty());
        assert!(of_create_table(b"CREATE TABLE e (\n);").unwrap().is_empty());
    }

    #[test]
    fn a_value_is_measured_without_its_escapes_and_padding() {
        let exceeded = |value: &str, characters, padded| {
            let mut counted = Characters::default();
            for byte in value.as_bytes() {
                counted.add(&[*byte]);
            }
            Width { characters, padded }.is_exceeded(&counted)
        };
        assert!(!exceeded(r"か\\x\n", 4, false));
        assert!(exceeded(r"か\\x\n", 3, false));
        assert!(!exceeded("女   ", 1, true));
        assert!(exceeded("女 ", 1, false));
        assert!(exceeded("か\u{309a}", 1, true));
    }
}
