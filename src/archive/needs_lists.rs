//! What stands in the lists of a definition: columns and their types, storage parameters, the
//! options of a sequence, of an index, of a database.

use std::ops::Range;

use super::limits::MAX_COLUMNS;
use super::needs::{Cure, Edit, Need};
use super::server::Release;
use super::sql::{Kind, Sql};

const fn nine(second: u8) -> Release {
    Release::nine(second)
}

const fn pg(major: u8) -> Release {
    Release::major(major)
}

/// Types that came after 9.0.
const TYPES: [(&str, Release); 24] = [
    ("json", nine(2)),
    ("int4range", nine(2)),
    ("int8range", nine(2)),
    ("numrange", nine(2)),
    ("tsrange", nine(2)),
    ("tstzrange", nine(2)),
    ("daterange", nine(2)),
    ("jsonb", nine(4)),
    ("pg_lsn", nine(4)),
    ("regrole", nine(5)),
    ("regnamespace", nine(5)),
    ("macaddr8", pg(10)),
    ("jsonpath", pg(12)),
    ("pg_mcv_list", pg(12)),
    ("xid8", pg(13)),
    ("regcollation", pg(13)),
    ("pg_snapshot", pg(13)),
    ("int4multirange", pg(14)),
    ("int8multirange", pg(14)),
    ("nummultirange", pg(14)),
    ("tsmultirange", pg(14)),
    ("tstzmultirange", pg(14)),
    ("datemultirange", pg(14)),
    ("pg_brin_bloom_summary", pg(14)),
];

/// Storage parameters that came after 9.0. All but the views' only tune.
const PARAMETERS: [(&str, Release); 17] = [
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
];

/// Notes what the lists of this definition use.
pub(super) fn find(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    match kind {
        b"TABLE" | b"FOREIGN TABLE" | b"TYPE" => {
            column_types(sql, needs);
            generated(sql, needs);
            parameters(sql, needs);
        }
        b"VIEW" | b"MATERIALIZED VIEW" => parameters(sql, needs),
        b"INDEX" => {
            included(sql, needs);
            parameters(sql, needs);
        }
        b"CONSTRAINT" => {
            included(sql, needs);
            parameters(sql, needs);
            not_null(sql, needs);
        }
        b"FK CONSTRAINT" => period(sql, needs),
        b"SEQUENCE" => sequence_type(sql, needs),
        b"ACL" | b"DEFAULT ACL" => maintain(sql, needs),
        b"DATABASE" => database(sql, needs),
        _ => {}
    }
}

fn column_types(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let Some(open) = sql.find(&["("]) else { return };
    for item in sql.items(open).into_iter().take(MAX_COLUMNS) {
        // Since 18, NOT NULL can be a constraint of the table.
        if sql.are(item.start, &["CONSTRAINT", "*", "NOT", "NULL"]) {
            needs.push(Need::new("CONSTRAINT ... NOT NULL", pg(18), Cure::Refuse));
        }
        let constraint = ["CONSTRAINT", "CHECK", "LIKE", "EXCLUDE"];
        let at = item.start.saturating_add(1);
        let qualified = sql.is(at.saturating_add(1), ".");
        if constraint.iter().any(|word| sql.is(item.start, word)) || qualified {
            continue;
        }
        for (name, since) in TYPES {
            if sql.is(at, name) && at < item.end {
                needs.push(Need::new(name, since, Cure::Refuse));
            }
        }
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

/// `WITH (a=1, toast.b='2')`.
fn parameters(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    for at in sql.all(&["WITH", "("]).take(MAX_COLUMNS) {
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

/// `INCLUDE (a, b)` only spares a look into the table; uniqueness does not depend on it.
fn included(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    for at in sql.all(&["INCLUDE", "("]).take(1) {
        if let Some(close) = sql.close(at.saturating_add(1)) {
            let cut = Edit::cut(sql.cut(at..close.saturating_add(1)));
            needs.push(Need::new("INCLUDE", pg(11), Cure::Edit(vec![cut])));
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
    needs.push(Need::new("ADD CONSTRAINT ... NOT NULL", pg(18), cure));
}

/// `AS integer`: before 10 every sequence was one of bigint, so its limit has to be said.
fn sequence_type(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let Some(create) = sql.find(&["CREATE", "SEQUENCE"]) else { return };
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

/// The privilege MAINTAIN; an older server has none, its owner maintains.
fn maintain(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let mut edits = Vec::new();
    for at in sql.all(&["MAINTAIN"]).take(MAX_COLUMNS) {
        let (before, after) = (at.saturating_sub(1), at.saturating_add(1));
        let statement = sql.statement(at);
        let on = statement.clone().find(|at| sql.is(*at, "ON"));
        if on.is_none_or(|on| on < at) {
            continue;
        }
        edits.push(Edit::cut(if sql.is(before, ",") {
            sql.cut(before..after)
        } else if sql.is(after, ",") {
            let mut place = sql.place(at..after.saturating_add(1));
            place.end = sql.place(after..after.saturating_add(1)).end;
            place
        } else {
            sql.cut(statement)
        }));
    }
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
