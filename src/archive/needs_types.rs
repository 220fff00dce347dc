//! The types that a definition names: of columns, of arguments, in casts.

use std::ops::Range;

use super::limits::MAX_COLUMNS;
use super::needs::{Cure, Need, note, refused};
use super::server::Release;
use super::sql::{Kind, Sql};

const fn nine(second: u8) -> Release {
    Release::nine(second)
}

const fn pg(major: u8) -> Release {
    Release::major(major)
}

/// Types that came after 9.0.
const TYPES: [(&str, Release); 40] = [
    ("fdw_handler", nine(1)),
    ("json", nine(2)),
    ("int4range", nine(2)),
    ("int8range", nine(2)),
    ("numrange", nine(2)),
    ("tsrange", nine(2)),
    ("tstzrange", nine(2)),
    ("daterange", nine(2)),
    ("anyrange", nine(2)),
    ("event_trigger", nine(3)),
    ("jsonb", nine(4)),
    ("pg_lsn", nine(4)),
    ("regrole", nine(5)),
    ("regnamespace", nine(5)),
    ("tsm_handler", nine(5)),
    ("pg_ddl_command", nine(5)),
    ("index_am_handler", nine(6)),
    ("macaddr8", pg(10)),
    ("pg_ndistinct", pg(10)),
    ("pg_dependencies", pg(10)),
    ("jsonpath", pg(12)),
    ("pg_mcv_list", pg(12)),
    ("table_am_handler", pg(12)),
    ("xid8", pg(13)),
    ("regcollation", pg(13)),
    ("pg_snapshot", pg(13)),
    ("anycompatible", pg(13)),
    ("anycompatiblearray", pg(13)),
    ("anycompatiblenonarray", pg(13)),
    ("anycompatiblerange", pg(13)),
    ("int4multirange", pg(14)),
    ("int8multirange", pg(14)),
    ("nummultirange", pg(14)),
    ("tsmultirange", pg(14)),
    ("tstzmultirange", pg(14)),
    ("datemultirange", pg(14)),
    ("anymultirange", pg(14)),
    ("anycompatiblemultirange", pg(14)),
    ("pg_brin_bloom_summary", pg(14)),
    ("pg_brin_minmax_multi_summary", pg(14)),
];

/// Notes every type that this definition names where a type stands.
pub(super) fn find(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let mut at_type = |at: usize| {
        if let Some((name, since)) = known(sql, at) {
            note(needs, Need::new(name, since, refused(kind)));
        }
    };
    // `::`
    sql.all(&[":", ":", "*"]).for_each(|at| at_type(at.saturating_add(2)));
    let after: &[&[&str]] = match kind {
        b"DOMAIN" => &[&["AS"]],
        b"AGGREGATE" => &[&["STYPE", "="], &["MSTYPE", "="]],
        b"OPERATOR" => &[&["LEFTARG", "="], &["RIGHTARG", "="]],
        b"OPERATOR CLASS" => &[&["FOR", "TYPE"]],
        b"TYPE" => &[&["subtype", "="]],
        b"CAST" => &[&["CAST", "("], &["AS"]],
        b"TRANSFORM" => &[&["FOR"]],
        b"FUNCTION" => &[&["RETURNS"], &["RETURNS", "SETOF"]],
        _ => &[],
    };
    for words in after {
        sql.all(words).for_each(|at| at_type(at.saturating_add(words.len())));
    }
    match kind {
        b"TABLE" | b"FOREIGN TABLE" | b"TYPE" => columns(sql, needs),
        b"FUNCTION" | b"PROCEDURE" | b"AGGREGATE" => arguments(kind, sql, needs),
        _ => {}
    }
}

fn known(sql: &Sql<'_>, at: usize) -> Option<(&'static str, Release)> {
    let named = sql.kind(at) == Some(Kind::Word) && !sql.is(at.saturating_add(1), ".");
    TYPES.into_iter().find(|(name, _)| named && sql.is(at, name))
}

fn columns(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let Some(open) = sql.find(&["("]) else { return };
    for item in sql.items(open).into_iter().take(MAX_COLUMNS) {
        // Since 18, NOT NULL can be a constraint of the table.
        if sql.are(item.start, &["CONSTRAINT", "*", "NOT", "NULL"]) {
            needs.push(Need::new("CONSTRAINT ... NOT NULL", pg(18), Cure::Refuse));
        }
        let constraint = ["CONSTRAINT", "CHECK", "LIKE", "EXCLUDE"];
        if constraint.iter().any(|word| sql.is(item.start, word)) {
            continue;
        }
        let at = item.start.saturating_add(1);
        if let Some((name, since)) = known(sql, at).filter(|_| at < item.end) {
            note(needs, Need::new(name, since, Cure::Refuse));
        }
        scale(sql, at, needs);
    }
}

/// `numeric(2,-3)` and `numeric(2,5)`: before 15 the scale lay between 0 and the precision.
fn scale(sql: &Sql<'_>, at: usize, needs: &mut Vec<Need>) {
    if !sql.are(at, &["numeric", "(", "*", ",", "*"]) {
        return;
    }
    let number = |step: usize| {
        let word = std::str::from_utf8(sql.word(at.saturating_add(step)));
        word.ok().and_then(|word| word.parse::<u32>().ok())
    };
    let within = matches!((number(2), number(4)), (Some(all), Some(scale)) if scale <= all);
    if !within {
        note(needs, Need::new("numeric(..., ...)", pg(15), Cure::Refuse));
    }
}

/// The list after a function's name, and that of `RETURNS TABLE(...)`.
fn arguments(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let table = sql.find(&["RETURNS", "TABLE", "("]).map(|at| at.saturating_add(2));
    for open in sql.find(&["("]).into_iter().chain(table) {
        for item in sql.items(open).into_iter().take(MAX_COLUMNS) {
            if kind == b"PROCEDURE" && sql.is(item.start, "OUT") {
                note(needs, Need::new("PROCEDURE ... OUT", pg(14), Cure::Refuse));
            }
            if let Some((name, since)) = argument(sql, item) {
                note(needs, Need::new(name, since, Cure::Refuse));
            }
        }
    }
}

/// The type of `[mode] [name] type`. Many a name is that of a type as well.
fn argument(sql: &Sql<'_>, item: Range<usize>) -> Option<(&'static str, Release)> {
    let modes = ["IN", "OUT", "INOUT", "VARIADIC"];
    let mode = modes.iter().any(|mode| sql.is(item.start, mode));
    let first = item.start.saturating_add(usize::from(mode));
    let second = first.saturating_add(1);
    let alone = second >= item.end || sql.is(second, "[") || sql.is(second, "DEFAULT");
    let at = if alone { first } else { second };
    known(sql, at).filter(|_| at < item.end)
}
