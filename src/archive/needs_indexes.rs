//! What indexes and operator classes are made of.

use super::needs::{Cure, Edit, Need, note};
use super::server::Release;
use super::sql::{Kind, Sql};

/// Operator classes that came after 9.0, by how their names end. A longer ending comes first.
const CLASSES: [(&str, Release); 6] = [
    ("_minmax_multi_ops", Release::major(14)),
    ("_bloom_ops", Release::major(14)),
    ("_minmax_ops", Release::nine(5)),
    ("_inclusion_ops", Release::nine(5)),
    ("jsonb_path_ops", Release::nine(4)),
    ("_point_ops", Release::nine(2)),
];

/// The functions of an access method by their numbers, where they came after 9.0.
const SUPPORT: [(&str, &str, Release); 19] = [
    ("btree", "2", Release::nine(2)),
    ("btree", "3", Release::major(11)),
    ("btree", "4", Release::major(13)),
    ("btree", "5", Release::major(13)),
    ("btree", "6", Release::major(18)),
    ("hash", "2", Release::major(11)),
    ("hash", "3", Release::major(13)),
    ("gist", "8", Release::nine(1)),
    ("gist", "9", Release::nine(5)),
    ("gist", "10", Release::major(13)),
    ("gist", "11", Release::major(14)),
    ("gist", "12", Release::major(18)),
    ("gin", "6", Release::nine(4)),
    ("gin", "7", Release::major(13)),
    ("spgist", "1", Release::nine(2)),
    ("spgist", "6", Release::major(11)),
    ("spgist", "7", Release::major(13)),
    ("brin", "1", Release::nine(5)),
    ("brin", "5", Release::major(13)),
];

/// Notes what an index or a constraint uses.
pub(super) fn find(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    included(sql, needs);
    for at in 0..sql.len() {
        if sql.depth(at) == 0 || sql.is_qualified(at) {
            continue;
        }
        let Some(name) = sql.name(at) else { continue };
        let column = sql.follows(at, &["(", ","]);
        let class = CLASSES.iter().find(|(end, _)| name.ends_with(end.as_bytes()));
        if let Some((_, since)) = class.filter(|_| !column) {
            note(needs, Need::new(String::from_utf8_lossy(name), *since, Cure::Refuse));
        }
    }
    parameters(sql, needs);
}

/// `tsvector_ops (siglen='100')`: an operator class with parameters.
fn parameters(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    for open in sql.all(&["(", "*", "=", "*"]).filter(|open| sql.depth(*open) > 0) {
        let class = open.checked_sub(1).filter(|at| sql.name(*at).is_some());
        let value = open.saturating_add(3);
        let ends = [",", ")"].iter().any(|mark| sql.is(value.saturating_add(1), mark));
        // A constant in an expression is followed by its type.
        if class.is_some() && sql.kind(value) == Some(Kind::Text) && ends {
            let class = String::from_utf8_lossy(class.map_or(&[], |at| sql.word(at)));
            let feature = format!("{class} (...)");
            note(needs, Need::new(feature, Release::major(13), Cure::Refuse));
        }
    }
}

/// `INCLUDE (a, b)` only spares a look into the table; uniqueness does not depend on it.
fn included(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    for at in sql.all(&["INCLUDE", "("]).take(1) {
        if let Some(close) = sql.close(at.saturating_add(1)) {
            let cut = Edit::cut(sql.cut(at..close.saturating_add(1)));
            needs.push(Need::new("INCLUDE", Release::major(11), Cure::Edit(vec![cut])));
        }
    }
}

/// Notes the functions of an operator class or family.
pub(super) fn support(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let Some(method) = sql.find(&["USING", "*"]).map(|at| at.saturating_add(1)) else { return };
    for at in sql.all(&["FUNCTION", "*"]) {
        let number = at.saturating_add(1);
        let known = |(of, known, _): &&(&str, &str, _)| sql.is(method, of) && sql.is(number, known);
        if let Some((of, number, since)) = SUPPORT.iter().find(known) {
            note(needs, Need::new(format!("{of}: FUNCTION {number}"), *since, Cure::Refuse));
        }
    }
}
