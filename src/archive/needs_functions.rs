//! The built-in functions that a definition calls.
//!
//! pg_dump writes them without a schema; everyone else's function with one. Where an older
//! pg_dump left out the schema of those as well, the function is not among these: a built-in one
//! cannot be newer than the pg_dump that wrote its name.

use super::needs::{Need, note, refused};
use super::needs_function_names::{FUNCTIONS, New};
use super::server::Release;
use super::sql::Sql;

/// Functions that take more arguments since: the least number that needs it.
const MORE_ARGUMENTS: [(&str, usize, Release); 4] = [
    ("current_setting", 2, Release::nine(6)),
    ("array_to_string", 3, Release::nine(1)),
    ("date_trunc", 3, Release::major(12)),
    ("random", 2, Release::major(17)),
];

/// What stands before the name of a table, a view or a function with its list of names.
const NAMED: [&str; 11] = [
    ".",
    "TABLE",
    "VIEW",
    "FUNCTION",
    "PROCEDURE",
    "INTO",
    "ONLY",
    "REFERENCES",
    "EXISTS",
    ")",
    "RECURSIVE",
];

/// Notes every built-in function that this definition calls.
pub(super) fn find(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    for at in 0..sql.len() {
        let open = at.saturating_add(1);
        if !sql.is(open, "(") || sql.follows(at, &NAMED) {
            continue;
        }
        if let Some((name, since)) = new(sql, at, open) {
            note(needs, Need::new(format!("{name}()"), since, refused(kind)));
        }
    }
}

fn new(sql: &Sql<'_>, at: usize, open: usize) -> Option<(&'static str, Release)> {
    let word = sql.name(at)?;
    let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    let more = MORE_ARGUMENTS.iter().find(|(name, ..)| is(name));
    if let Some((name, least, since)) = more {
        return (sql.count(open) >= *least).then_some((*name, *since));
    }
    FUNCTIONS.iter().find_map(|New(since, names)| {
        names.iter().find(|name| is(name)).map(|name| (*name, *since))
    })
}
