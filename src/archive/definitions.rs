//! What the columns of tables and the types behind them are, as pg_dump's definitions say it.
//!
//! Only pg_dump's own form is understood; what is not understood has no definition. Names stay
//! in the archive's encoding. What the types come to is worked out in [`super::types`].

use super::limits::MAX_COLUMNS;
use super::sql::{Kind, Sql};
use super::widths::Width;

/// Parents of a table that are looked at.
const MAX_PARENTS: usize = 100;

/// A name with its schema, where one is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Qualified {
    pub(super) schema: Option<Vec<u8>>,
    pub(super) name: Vec<u8>,
}

/// A type as it is written behind a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TypeName {
    pub(super) base: Base,
    pub(super) is_array: bool,
}

/// The type, of an array its elements'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// `character(n)`, `character varying(n)`.
    Text(Width),
    /// PostgreSQL's own type for names.
    Name,
    /// Any other, built in or not.
    Other(Qualified),
}

/// A definition that gives a type its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Definition {
    /// `CREATE DOMAIN`.
    Domain(TypeName),
    /// A composite type or a table: its own columns behind those of its parents.
    Columns { parents: Vec<Qualified>, own: Vec<(Vec<u8>, TypeName)> },
}

/// Reads the definition of a `TABLE`, `TYPE` or `DOMAIN` entry, and the name that it gives.
pub(super) fn definition(statement: &[u8], escapes: bool) -> Option<(Qualified, Definition)> {
    let sql = Sql::new(statement, escapes);
    if !sql.is(0, "CREATE") {
        return None;
    }
    if sql.is(1, "DOMAIN") {
        let (name, at) = qualified(&sql, 2)?;
        let base = type_at(&sql, at.checked_add(1)?).filter(|_| sql.is(at, "AS"))?;
        return Some((name, Definition::Domain(base)));
    }
    if sql.is(1, "TYPE") {
        let (name, at) = qualified(&sql, 2)?;
        let own = sql.are(at, &["AS", "("]).then(|| columns(&sql, at.saturating_add(1)))?;
        return Some((name, Definition::Columns { parents: Vec::new(), own }));
    }
    let table = (1..4).find(|at| sql.is(*at, "TABLE"))?;
    let (name, at) = qualified(&sql, table.saturating_add(1))?;
    Some((name, table_at(&sql, at)))
}

/// What follows a table's name.
fn table_at(sql: &Sql<'_>, at: usize) -> Definition {
    let next = at.saturating_add(1);
    let only = |at| Definition::Columns {
        parents: qualified(sql, at).map(|(name, _)| name).into_iter().collect(),
        own: Vec::new(),
    };
    if sql.is(at, "OF") {
        return only(next);
    }
    if sql.are(at, &["PARTITION", "OF"]) {
        return only(next.saturating_add(1));
    }
    let own = if sql.is(at, "(") { columns(sql, at) } else { Vec::new() };
    let behind = sql.close(at).map_or(next, |close| close.saturating_add(1));
    let parents = if sql.are(behind, &["INHERITS", "("]) {
        let items = sql.items(behind.saturating_add(1)).into_iter().take(MAX_PARENTS);
        items.filter_map(|item| Some(qualified(sql, item.start)?.0)).collect()
    } else {
        Vec::new()
    };
    Definition::Columns { parents, own }
}

fn columns(sql: &Sql<'_>, open: usize) -> Vec<(Vec<u8>, TypeName)> {
    let items = sql.items(open).into_iter().take(MAX_COLUMNS);
    let column = |start: usize| {
        let name = identifier(sql, start)?;
        Some((name, type_at(sql, start.checked_add(1)?)?))
    };
    items.filter_map(|item| column(item.start)).collect()
}

/// The name at a word, without its quotes.
pub(super) fn identifier(sql: &Sql<'_>, at: usize) -> Option<Vec<u8>> {
    let word = sql.word(at);
    match sql.kind(at)? {
        Kind::Word => Some(word.to_vec()),
        Kind::Name => {
            let inner = word.strip_prefix(b"\"")?;
            let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
            let mut name = Vec::with_capacity(inner.len());
            let mut bytes = inner.iter();
            while let Some(byte) = bytes.next() {
                name.push(*byte);
                if *byte == b'"' {
                    // Every quote inside is doubled.
                    bytes.next();
                }
            }
            Some(name)
        }
        Kind::Text | Kind::Mark => None,
    }
}

/// A name with or without its schema, and the word behind it.
pub(super) fn qualified(sql: &Sql<'_>, at: usize) -> Option<(Qualified, usize)> {
    let first = identifier(sql, at)?;
    let next = at.checked_add(1)?;
    if !sql.is(next, ".") {
        return Some((Qualified { schema: None, name: first }, next));
    }
    let name = identifier(sql, next.checked_add(1)?)?;
    Some((Qualified { schema: Some(first), name }, next.checked_add(2)?))
}

fn type_at(sql: &Sql<'_>, at: usize) -> Option<TypeName> {
    let width = |open: usize, padded| {
        let number = std::str::from_utf8(sql.word(open.checked_add(1)?)).ok()?;
        Some(Width { characters: number.parse().ok()?, padded })
    };
    let (base, mut behind) = if sql.are(at, &["character", "varying", "(", "*", ")"]) {
        (Base::Text(width(at.checked_add(2)?, false)?), at.checked_add(5)?)
    } else if sql.are(at, &["character", "(", "*", ")"]) {
        (Base::Text(width(at.checked_add(1)?, true)?), at.checked_add(4)?)
    } else {
        let (named, behind) = qualified(sql, at)?;
        let built_in = named.schema.as_deref().is_none_or(|schema| schema == b"pg_catalog");
        let is_name = built_in && named.name == b"name" && sql.kind(at) == Some(Kind::Word);
        (if is_name { Base::Name } else { Base::Other(named) }, behind)
    };
    if sql.is(behind, "(") {
        behind = sql.close(behind)?.checked_add(1)?;
    }
    Some(TypeName { base, is_array: sql.is(behind, "[") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(statement: &str) -> Option<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let name = |q: &Qualified| match &q.schema {
            Some(schema) => format!("{}.{}", text(schema), text(&q.name)),
            None => text(&q.name),
        };
        let of_type = |t: &TypeName| {
            let base = match &t.base {
                Base::Text(w) => format!("{}{}", if w.padded { 'c' } else { 'v' }, w.characters),
                Base::Name => "NAME".to_owned(),
                Base::Other(named) => name(named),
            };
            format!("{base}{}", if t.is_array { "[]" } else { "" })
        };
        let (defined, definition) = definition(statement.as_bytes(), false)?;
        let rest = match &definition {
            Definition::Domain(base) => of_type(base),
            Definition::Columns { parents, own } => {
                let own = own.iter().map(|(column, t)| format!("{} {}", text(column), of_type(t)));
                let parents = parents.iter().map(|parent| format!("< {}", name(parent)));
                own.chain(parents).collect::<Vec<_>>().join(", ")
            }
        };
        Some((name(&defined), rest))
    }

    #[test]
    fn definitions_are_read_as_pg_dump_writes_them() {
        let table = "CREATE TABLE public.\"患者 (a\" (\n    id numeric(10,0) NOT NULL,\n    \
            sex character(4) DEFAULT 'a,''b)('::bpchar NOT NULL,\n    \
            \"n, \"\"x\" character varying(100),\n    list character varying(3)[],\n    \
            memo text COLLATE pg_catalog.\"ja-x,y\",\n    g character(2) GENERATED ALWAYS AS \
            (lpad((id)::text, 2, ')'::text)) STORED,\n    n name, m name[], q public.\"名 前\",\n    \
            \"name\" \"name\"\n)\nINHERITS (public.p, q);\n";
        let columns = "id numeric, sex c4, n, \"x v100, list v3[], memo text, g c2, n NAME, \
                       m NAME[], q public.名 前, name name, < public.p, < q";
        for (statement, name, rest) in [
            (table, "public.患者 (a", columns),
            ("CREATE UNLOGGED TABLE t (a character(1))\nPARTITION BY LIST (a);", "t", "a c1"),
            (
                "CREATE TABLE public.t OF public.c (\n    a WITH OPTIONS NOT NULL\n);",
                "public.t",
                "< public.c",
            ),
            ("CREATE TABLE t PARTITION OF public.p\nFOR VALUES IN ('a');", "t", "< public.p"),
            (
                "CREATE DOMAIN d AS character varying(3) NOT NULL\n\tCONSTRAINT c CHECK (1);",
                "d",
                "v3",
            ),
            ("CREATE TYPE public.c AS (\n\ta character(3),\n\tb d\n);", "public.c", "a c3, b d"),
            ("CREATE TABLE e (\n);", "e", ""),
        ] {
            assert_eq!(shown(statement), Some((name.to_owned(), rest.to_owned())));
        }
        for other in [
            "CREATE VIEW v AS SELECT 1;",
            "CREATE TYPE e AS ENUM (\n    'a'\n);",
            "CREATE TYPE s;",
            "",
            "CREATE DOMAIN d",
        ] {
            assert_eq!(shown(other), None, "{other}");
        }
    }
}
