//! Turns of phrase in queries and expressions that a list of words cannot tell.

use super::limits::MAX_COLUMNS;
use super::needs::{Cure, Edit, Need, note, refused};
use super::server::Release;
use super::sql::{Kind, Sql};

/// Notes what the expressions of this definition use.
pub(super) fn expressions(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    subscripts(kind, sql, needs);
    named_arguments(sql, needs);
    constructors(kind, sql, needs);
}

/// Notes what only a query can hold.
pub(super) fn find(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    frames(kind, sql, needs);
    cycles(kind, sql, needs);
    for at in sql.all(&["USING", "("]) {
        let close = sql.close(at.saturating_add(1));
        if close.is_some_and(|close| sql.is(close.saturating_add(1), "AS")) {
            note(needs, Need::new("JOIN ... USING ... AS", Release::major(14), refused(kind)));
        }
    }
}

/// `ROWS BETWEEN 1 PRECEDING AND CURRENT ROW`; which way a window is framed stands before it.
fn frames(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let eleven = |feature: &str| Need::new(feature, Release::major(11), refused(kind));
    let bounds = ["UNBOUNDED", "PRECEDING", "FOLLOWING", "CURRENT"];
    let mut way = "";
    for at in 0..sql.len() {
        let next = at.saturating_add(1);
        if sql.follows(at, &["."]) {
            continue;
        }
        for frame in ["ROWS", "RANGE", "GROUPS"] {
            let framed = sql.is(next, "BETWEEN")
                || sql.is(next.saturating_add(1), "PRECEDING")
                || sql.kind(next) == Some(Kind::Text);
            if framed && sql.is(at, frame) {
                way = frame;
            }
        }
        let bound = bounds.iter().any(|bound| sql.is(at, bound));
        if bound && way == "GROUPS" {
            note(needs, eleven("OVER (... GROUPS ...)"));
        }
        // Before, a range began and ended with its partition or with the row itself.
        let offset = sql.is(at, "PRECEDING") || sql.is(at, "FOLLOWING");
        if offset && way == "RANGE" && !sql.follows(at, &["UNBOUNDED"]) {
            note(needs, eleven("OVER (... RANGE ... PRECEDING)"));
        }
    }
}

/// `CYCLE a, b SET c USING d`.
fn cycles(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let mut columns = false;
    for at in 0..sql.len() {
        let next = at.saturating_add(1);
        if sql.is(at, "CYCLE") && !sql.is_qualified(at) && sql.name(next).is_some() {
            columns = true;
        } else if columns && sql.is(at, "SET") {
            note(needs, Need::new("CYCLE ... SET", Release::major(14), refused(kind)));
            columns = false;
        } else if columns && sql.name(at).is_none() && !sql.is(at, ",") {
            columns = false;
        }
    }
}

/// `j['a'::text]`: before 14 only arrays had subscripts, and those are numbers.
fn subscripts(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    for at in sql.all(&["[", "*"]) {
        let array = sql.follows(at, &["ARRAY", "[", ",", "("]);
        if sql.kind(at.saturating_add(1)) == Some(Kind::Text) && !array {
            note(needs, Need::new("[text]", Release::major(14), refused(kind)));
        }
    }
}

/// `make_interval(days => 1)`; `:=` always meant the same.
fn named_arguments(sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let edits = sql.all(&["*", "=", ">"]).filter_map(|at| {
        let (equals, value) = (at.saturating_add(1), at.saturating_add(3));
        let place = sql.place(equals..value);
        let together = place.len() == 2 && sql.depth(at) > 0 && sql.follows(at, &["(", ","]);
        let operator = ["=", ">", "<", "~", "!", "@", "#", "%", "&", "|", "?", "*", "/"];
        let goes_on = operator.iter().any(|mark| sql.is(value, mark));
        (together && !goes_on && sql.name(at).is_some()).then(|| Edit::swap(place, ":="))
    });
    let edits: Vec<_> = edits.take(MAX_COLUMNS).collect();
    if !edits.is_empty() {
        needs.push(Need::new("=>", Release::nine(5), Cure::Edit(edits)));
    }
}

/// `JSON_OBJECT('a' : 1 RETURNING json)` beside the function of that name, and `XMLSERIALIZE`.
fn constructors(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    let sixteen = |feature: &str| Need::new(feature, Release::major(16), refused(kind));
    // The word that closes, and the two before it.
    let end = |at: usize, back: usize| {
        let close = sql.close(at.saturating_add(1))?;
        close.checked_sub(back)
    };
    for at in sql.all(&["XMLSERIALIZE", "("]) {
        let word = |back: usize, word: &str| end(at, back).is_some_and(|at| sql.is(at, word));
        if word(1, "INDENT") && !word(2, "NO") {
            note(needs, sixteen("XMLSERIALIZE(... INDENT)"));
        }
    }
    let mut inside = None;
    for at in 0..sql.len() {
        if sql.are(at, &["JSON_OBJECT", "("]) && !sql.is_qualified(at) {
            inside = end(at, 0).or(inside);
        }
        let spaced = sql.is(at, ":") && !sql.is(at.saturating_add(1), ":");
        let colon = spaced && !sql.follows(at, &[":"]);
        if (colon || sql.is(at, "RETURNING")) && inside.is_some_and(|end| at < end) {
            note(needs, sixteen("JSON_OBJECT(... : ...)"));
        }
    }
}
