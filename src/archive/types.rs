//! What the columns of an archive's tables take, worked out from its definitions: through
//! domains, arrays, composite types, inheritance, typed tables and partitions.
//!
//! Definitions may be hostile: every type is worked out once, and one that leads back to itself
//! or lies too deep has nothing to fit.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::definitions::{Base, Definition, Qualified, TypeName, definition};
use super::fit::{Fields, Fit};
use super::limits::MAX_COLUMNS;
use super::needs::Setting;
use super::toc::Entry;
use super::widths::Width;

/// Types inside types that are followed; the server's own catalogues have two.
const MAX_DEPTH: usize = 32;

/// A type's or a table's schema and name.
type Name = (Vec<u8>, Vec<u8>);

/// Types whose values are ASCII, as their names begin.
const ASCII_TYPES: [&[u8]; 21] = [
    b"integer",
    b"bigint",
    b"smallint",
    b"numeric",
    b"real",
    b"double",
    b"date",
    b"time",
    b"timestamp",
    b"boolean",
    b"uuid",
    b"bytea",
    b"oid",
    b"interval",
    b"inet",
    b"cidr",
    b"macaddr",
    b"bit",
    b"money",
    b"point",
    b"xid",
];

/// What characters can do to a column's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Holds {
    /// They are in them, or nothing is known.
    #[default]
    Text,
    /// There are none.
    Ascii,
    /// They are in the keys of `jsonb`, too.
    Json,
}

/// What is known of a column.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    pub(super) holds: Holds,
    /// What its values have to fit into.
    pub(super) fit: Option<Arc<Fit>>,
}

impl Column {
    fn fitting(fit: Fit) -> Self {
        Self { fit: Some(Arc::new(fit)), ..Self::default() }
    }

    /// The width where a value as a whole has one.
    pub(super) fn width(&self) -> Option<Width> {
        match self.fit.as_deref() {
            Some(Fit::Width(width)) => Some(*width),
            _ => None,
        }
    }
}

/// A table's or a composite type's columns in their order.
type Columns = Arc<Vec<(Vec<u8>, Column)>>;

/// The types of an archive.
#[derive(Default)]
pub(super) struct Types {
    definitions: HashMap<Name, Definition>,
    /// Worked out already.
    domains: HashMap<Name, Column>,
    columns: HashMap<Name, Columns>,
    /// Being worked out.
    open: HashSet<Name>,
}

impl Types {
    /// Reads the definitions.
    pub(super) fn of(entries: &[Entry]) -> Self {
        let escapes = Setting::new(entries, None).escapes;
        let kinds = ["TABLE", "FOREIGN TABLE", "TYPE", "DOMAIN"];
        let defining = entries.iter().filter(|entry| kinds.iter().any(|kind| entry.is(kind)));
        let definitions = defining.filter_map(|entry| {
            let (name, definition) = definition(entry.defn.as_deref()?, escapes)?;
            let home = entry.namespace.clone().unwrap_or_default();
            Some(((name.schema.unwrap_or(home), name.name), definition))
        });
        Self { definitions: definitions.collect(), ..Self::default() }
    }

    /// A table's columns by name.
    pub(super) fn of_table(&mut self, schema: &[u8], table: &[u8]) -> HashMap<Vec<u8>, Column> {
        let columns = self.columns(&(schema.to_vec(), table.to_vec()));
        columns.map(|columns| columns.iter().cloned().collect()).unwrap_or_default()
    }

    /// The columns of a table or composite type: first the parents', then its own.
    fn columns(&mut self, name: &Name) -> Option<Columns> {
        if let Some(columns) = self.columns.get(name) {
            return Some(Arc::clone(columns));
        }
        let Some(Definition::Columns { parents, own }) = self.definitions.get(name).cloned() else {
            return None;
        };
        if !self.enter(name) {
            return None;
        }
        let mut columns: Vec<(Vec<u8>, Column)> = Vec::new();
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut put = |column: Vec<u8>, known: Column| match places.get(&column) {
            Some(place) => {
                if let Some(slot) = columns.get_mut(*place) {
                    slot.1 = known;
                }
            }
            None if columns.len() < MAX_COLUMNS => {
                places.insert(column.clone(), columns.len());
                columns.push((column, known));
            }
            None => {}
        };
        for parent in parents {
            let inherited = self.columns(&at_home(parent, name));
            for (column, known) in inherited.iter().flat_map(|columns| columns.iter()) {
                put(column.clone(), known.clone());
            }
        }
        for (column, of_type) in own {
            put(column, self.column(&of_type, &name.0));
        }
        self.open.remove(name);
        let columns = Arc::new(columns);
        self.columns.insert(name.clone(), Arc::clone(&columns));
        Some(columns)
    }

    /// What a type that is written in a definition of schema `home` comes to.
    fn column(&mut self, of_type: &TypeName, home: &[u8]) -> Column {
        let column = match &of_type.base {
            Base::Text(width) => Column::fitting(Fit::Width(*width)),
            Base::Name => Column::fitting(Fit::Name),
            Base::Other(named) => self.other(&at_home(named.clone(), &(home.to_vec(), Vec::new()))),
        };
        if of_type.is_array {
            let fit = column.fit.map(|element| Arc::new(Fit::Array(element)));
            let holds = match column.holds {
                Holds::Ascii => Holds::Ascii,
                Holds::Text | Holds::Json => Holds::Text,
            };
            return Column { fit, holds };
        }
        column
    }

    fn other(&mut self, name: &Name) -> Column {
        if let Some(known) = self.domains.get(name) {
            return known.clone();
        }
        let column = match self.definitions.get(name).cloned() {
            Some(Definition::Domain(base)) if self.enter(name) => {
                let column = self.column(&base, &name.0);
                self.open.remove(name);
                column
            }
            Some(Definition::Columns { .. }) => {
                let columns = self.columns(name);
                let fits: Vec<_> =
                    columns.iter().flat_map(|c| c.iter()).map(|(_, c)| c.fit.clone()).collect();
                let some = fits.iter().any(Option::is_some);
                Column {
                    fit: some.then(|| Arc::new(Fit::Fields(Fields::new(fits)))),
                    ..Column::default()
                }
            }
            Some(Definition::Domain(_)) => Column::default(),
            None if name.1 == b"jsonb" => Column { holds: Holds::Json, fit: None },
            None if ASCII_TYPES.contains(&name.1.as_slice()) => {
                Column { holds: Holds::Ascii, fit: None }
            }
            None => Column::default(),
        };
        self.domains.insert(name.clone(), column.clone());
        column
    }

    fn enter(&mut self, name: &Name) -> bool {
        self.open.len() < MAX_DEPTH && self.open.insert(name.clone())
    }
}

/// A name in a definition: without a schema it is of the definition's own.
fn at_home(named: Qualified, home: &Name) -> Name {
    (named.schema.unwrap_or_else(|| home.0.clone()), named.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(statements: &[&str]) -> Types {
        let defined = statements.iter().filter_map(|sql| definition(sql.as_bytes(), false));
        let defined = defined.map(|(name, definition)| {
            let home = name.schema.unwrap_or_else(|| b"s".to_vec());
            ((home, name.name), definition)
        });
        Types { definitions: defined.collect(), ..Types::default() }
    }

    fn fits(types: &mut Types, table: &str) -> Vec<String> {
        let columns = types.columns(&(b"s".to_vec(), table.as_bytes().to_vec())).unwrap();
        let fit = |fit: &Option<Arc<Fit>>| fit.as_ref().map_or("-".to_owned(), |fit| shown(fit));
        columns
            .iter()
            .map(|(name, c)| format!("{} {}", String::from_utf8_lossy(name), fit(&c.fit)))
            .collect()
    }

    #[test]
    fn what_columns_hold_is_known_by_their_types() {
        let mut types = types(&[
            "CREATE DOMAIN j AS jsonb;",
            "CREATE DOMAIN i AS s.k;",
            "CREATE DOMAIN k AS timestamp(3) without time zone;",
            "CREATE TABLE t (a j, b i, c jsonb[], d double precision[], e text, f character(1), g u);",
        ]);
        let columns = types.columns(&(b"s".to_vec(), b"t".to_vec())).unwrap();
        let holds: Vec<_> = columns.iter().map(|(_, column)| column.holds).collect();
        use Holds::{Ascii, Json, Text};
        assert_eq!(holds, [Json, Ascii, Text, Ascii, Text, Text, Text]);
    }

    fn shown(fit: &Fit) -> String {
        match fit {
            Fit::Width(width) => width.characters.to_string(),
            Fit::Name => "name".to_owned(),
            Fit::Array(element) => format!("[{}]", shown(element)),
            Fit::Fields(fields) => {
                let fields =
                    fields.all().iter().map(|f| f.as_ref().map_or("-".into(), |f| shown(f)));
                format!("({})", fields.collect::<Vec<_>>().join(" "))
            }
        }
    }

    #[test]
    fn types_are_followed_to_what_they_take() {
        let mut types = types(&[
            "CREATE DOMAIN code AS character(3);",
            "CREATE DOMAIN s.codes AS s.code[];",
            "CREATE TYPE s.pair AS (a s.code, b integer, c name);",
            "CREATE TABLE s.p (a text, b character varying(5), c s.code);",
            "CREATE TABLE c (b character varying(5), d s.codes, e pair, f s.p) INHERITS (s.p);",
            "CREATE TABLE o OF s.pair;",
            "CREATE TABLE t PARTITION OF s.p FOR VALUES IN ('1');",
        ]);
        let expected = ["a -", "b 5", "c 3", "d [3]", "e (3 - name)", "f (- 5 3)"];
        assert_eq!(fits(&mut types, "c"), expected);
        assert_eq!(fits(&mut types, "o"), ["a 3", "b -", "c name"]);
        assert_eq!(fits(&mut types, "t"), ["a -", "b 5", "c 3"]);
    }

    #[test]
    fn types_without_end_have_nothing_to_fit() {
        let mut circle = types(&[
            "CREATE DOMAIN a AS s.b;",
            "CREATE DOMAIN b AS s.a;",
            "CREATE TYPE x AS (f s.y, n character(1));",
            "CREATE TYPE y AS (f s.x[]);",
            "CREATE TABLE t (a a, x x) INHERITS (s.t);",
        ]);
        assert_eq!(fits(&mut circle, "t"), ["a -", "x (- 1)"]);
        // Each type holds the one before twice: written out, this one would have 2^40 fields.
        let wide: Vec<String> = (1..40)
            .map(|n| format!("CREATE TYPE t{n} AS (a s.t{m}, b s.t{m});", m = n - 1))
            .chain(["CREATE TYPE t0 AS (a character(1));".to_owned()])
            .collect();
        let wide: Vec<&str> = wide.iter().map(String::as_str).collect();
        let mut types = types(&wide);
        assert!(types.columns(&(b"s".to_vec(), b"t30".to_vec())).is_some());
    }
}
