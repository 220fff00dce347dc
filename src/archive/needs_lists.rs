//! What stands in the lists of a definition: columns and their types, storage parameters, the
//! options of a sequence, of an index, of a database.

use std::ops::Range;

use super::limits::MAX_COLUMNS;
use super::needs::{Cure, Edit, NAMED_NOT_NULL, Need};
use super::needs_publications as publications;
use super::server::Release;
use super::sql::{Kind, Sql};

const fn nine(second: u8) -> Release {
    Release::nine(second)
}

const fn pg(major: u8) -> Release {
    Release::major(major)
}

/// Storage parameters that came after 9.0. All but the views' only tune.
const PARAMETERS: [(&str, Release); 19] = [
    ("buffering", nine(2)),
    ("security_barrier", nine(2)),
    ("user_catalog_table", nine(4)),
    ("log_autovacuum_min_duration", nine(5)),
    ("autovacuum_multixact_freeze_min_age", nine(5)),
    ("autovacuum_multixact_freeze_max_age", nine(5)),
    ("autovacuum_multixact_freeze_table_age", nine(5)),
    ("gin_pending_list_limit", nine(5)),
    ("parallel_workers", nine(6)),
    ("autosummarize", pg(10)),
    ("toast_tuple_target", pg(11)),
    ("vacuum_index_cleanup", pg(12)),
    ("vacuum_truncate", pg(12)),
    ("autovacuum_vacuum_insert_threshold", pg(13)),
    ("autovacuum_vacuum_insert_scale_factor", pg(13)),
    ("deduplicate_items", pg(13)),
    ("security_invoker", pg(15)),
    ("autovacuum_vacuum_max_threshold", pg(18)),
    ("vacuum_max_eager_freeze_failure_rate", pg(18)),
];

/// Notes what the lists of this definition use.
pub(super) fn find(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    match kind {
        b"TABLE" | b"FOREIGN TABLE" | b"TYPE" => {
            generated(sql, needs);
            parameters(sql, needs);
        }
        b"VIEW" | b"MATERIALIZED VIEW" | b"INDEX" => parameters(sql, needs),
        b"CONSTRAINT" => {
            parameters(sql, needs);
            not_null(sql, needs);
        }
        b"FK CONSTRAINT" => period(sql, needs),
        b"SEQUENCE" => sequence_type(sql, needs),
        b"FUNCTION" | b"PROCEDURE" => support(sql, needs),
        b"ACL" | b"DEFAULT ACL" => maintain(sql, needs),
        b"DATABASE" => database(sql, needs),
        b"PUBLICATION" => publications::options(sql, needs),
        b"PUBLICATION TABLE" => publications::members(sql, needs),
        _ => {}
    }
}

fn generated(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    const WORDS: [&str; 4] = ["GENERATED", "ALWAYS", "AS", "("];
    for at in sql.all(&WORDS).take(MAX_COLUMNS) {
        let close = sql.close(at.saturating_add(3));
        let stored = close.is_some_and(|close| sql.is(close.saturating_add(1), "STORED"));
        let (word, since) = if stored { ("STORED", pg(12)) } else { ("VIRTUAL", pg(18)) };
        let feature = format!("GENERATED ALWAYS AS ... {word}");
        needs.push(Need::new(feature, since, Cure::Refuse));
    }
}

/// `WITH (a=1, toast.b='2')`, which stands outside of every list and expression.
fn parameters(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let outside = sql.all(&["WITH", "("]).filter(|at| sql.depth(*at) == 0);
    for at in outside.take(MAX_COLUMNS) {
        let open = at.saturating_add(1);
        let items = sql.items(open);
        let known = |item: &Range<usize>| {
            let toast = sql.are(item.start, &["toast", "."]);
            let name = item.start.saturating_add(if toast { 2 } else { 0 });
            PARAMETERS.into_iter().find(|(parameter, _)| sql.is(name, parameter))
        };
        for (place, item) in items.iter().enumerate() {
            let Some((name, since)) = known(item) else { continue };
            let cure = if name.starts_with("security_") {
                // Without it, other rows or other people's rows would show.
                Cure::Refuse
            } else {
                // A comma or a list that this leaves behind is cleared away afterwards.
                let comma = usize::from(place > 0);
                let words = item.start.saturating_sub(comma)..item.end;
                Cure::Edit(vec![Edit::cut(sql.cut(words))])
            };
            needs.push(Need::new(name, since, cure));
        }
    }
}

/// `FOREIGN KEY (a, PERIOD b)`; a column alone may have that name.
fn period(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let named = |at: usize| matches!(sql.kind(at), Some(Kind::Word | Kind::Name));
    if sql.all(&["PERIOD"]).any(|at| named(at.saturating_add(1))) {
        needs.push(Need::new("PERIOD", pg(18), Cure::Refuse));
    }
}

/// `ADD CONSTRAINT n NOT NULL c` of 18 was always possible as a property of the column.
fn not_null(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let words = ["ADD", "CONSTRAINT", "*", "NOT", "NULL", "*"];
    let Some(at) = sql.find(&words) else { return };
    let end = at.saturating_add(words.len());
    let cure = if sql.is(end, ";") || sql.len() == end {
        let mut older = b"ALTER COLUMN ".to_vec();
        older.extend_from_slice(sql.word(end.saturating_sub(1)));
        older.extend_from_slice(b" SET NOT NULL");
        Cure::Edit(vec![Edit::swap(sql.place(at..end), older)])
    } else {
        Cure::Refuse
    };
    needs.push(Need::new(NAMED_NOT_NULL, pg(18), cure));
}

/// `AS integer`: before 10 every sequence was one of bigint, so its limit has to be said.
fn sequence_type(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let create = sql.find(&["SEQUENCE"]).filter(|_| sql.is(0, "CREATE"));
    let Some(create) = create else { return };
    let limits = [("smallint", "32767", "-32768"), ("integer", "2147483647", "-2147483648")];
    let Some(at) = sql.all(&["AS", "*"]).find(|at| *at > create) else { return };
    let kind = at.saturating_add(1);
    let Some((name, max, min)) = limits.into_iter().find(|(name, ..)| sql.is(kind, name)) else {
        return;
    };
    let descending = sql.find(&["INCREMENT", "BY", "-"]).is_some();
    let (words, limit) = if descending {
        (["NO", "MINVALUE"], format!("MINVALUE {min}"))
    } else {
        (["NO", "MAXVALUE"], format!("MAXVALUE {max}"))
    };
    let mut edits = vec![Edit::cut(sql.cut(at..kind.saturating_add(1)))];
    if let Some(at) = sql.find(&words) {
        edits.push(Edit::swap(sql.place(at..at.saturating_add(2)), limit));
    }
    needs.push(Need::new(format!("CREATE SEQUENCE ... AS {name}"), pg(10), Cure::Edit(edits)));
}

/// `SUPPORT f` helps the planner to estimate a function.
fn support(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    // A dot before it, or a list after it, makes it the name of the function itself.
    let option = |at: &usize| {
        let list = sql.is(at.saturating_add(1), "(");
        sql.depth(*at) == 0 && !sql.is_qualified(*at) && !list
    };
    if let Some(at) = sql.all(&["SUPPORT", "*"]).find(option) {
        let qualified = sql.is(at.saturating_add(2), ".");
        let end = at.saturating_add(if qualified { 4 } else { 2 });
        let cut = Edit::cut(sql.cut(at..end));
        needs.push(Need::new("SUPPORT", pg(12), Cure::Edit(vec![cut])));
    }
}

/// The privilege MAINTAIN; an older server has none, its owner maintains. In parentheses it is
/// the name of a column, after ON that of anything.
fn maintain(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let mut edits = Vec::new();
    let mut privileges = true;
    for at in (0..sql.len()).filter(|at| sql.depth(*at) == 0) {
        if sql.is(at, ";") {
            privileges = true;
        } else if sql.is(at, "ON") {
            privileges = false;
        }
        let named = !sql.follows(at, &[",", "GRANT", "REVOKE", "FOR"]);
        if !privileges || named || !sql.is(at, "MAINTAIN") {
            continue;
        }
        let (before, after) = (at.saturating_sub(1), at.saturating_add(1));
        edits.push(Edit::cut(if sql.is(before, ",") {
            sql.cut(before..after)
        } else if sql.is(after, ",") {
            sql.place(at..after.saturating_add(1))
        } else {
            sql.cut(sql.statement(at))
        }));
    }
    edits.truncate(MAX_COLUMNS);
    if !edits.is_empty() {
        needs.push(Need::new("GRANT MAINTAIN", pg(17), Cure::Edit(edits)));
    }
}

/// `CREATE DATABASE`: only `pg_restore -C` runs it. The provider of collations is left to the
/// server; the name of the locale is said in the words of 8.4 and later.
fn database(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let left_out = [
        ("LOCALE_PROVIDER", pg(15)),
        ("ICU_LOCALE", pg(15)),
        ("COLLATION_VERSION", pg(15)),
        ("ICU_RULES", pg(16)),
        ("BUILTIN_LOCALE", pg(17)),
    ];
    for (word, since) in left_out {
        for at in sql.all(&[word, "=", "*"]).take(1) {
            let cut = Edit::cut(sql.cut(at..at.saturating_add(3)));
            needs.push(Need::new(word, since, Cure::Edit(vec![cut])));
        }
    }
    for at in sql.all(&["LOCALE", "=", "*"]).take(1) {
        let value = at.saturating_add(2);
        if sql.kind(value) != Some(Kind::Text) {
            continue;
        }
        let name = sql.word(value);
        let older = [b"LC_COLLATE = ", name, b" LC_CTYPE = ", name].concat();
        let place = sql.place(at..value.saturating_add(1));
        needs.push(Need::new("LOCALE", pg(13), Cure::Edit(vec![Edit::swap(place, older)])));
    }
}
