//! The turns of phrase that came to SQL after 9.0, as pg_dump writes them.

use super::limits::MAX_COLUMNS;
use super::needs::{Cure, Edit, Need};
use super::server::Release;
use super::sql::Sql;

/// What to do about a phrase for a server that lacks it.
enum Act {
    /// It carries meaning.
    Refuse,
    /// Only these words go: they speed things up or mark what is the default.
    Cut,
    /// The whole statement goes.
    CutStatement,
    /// The whole entry goes.
    Drop,
    /// An older phrase means the same.
    Say(&'static str),
}

struct Phrase {
    kinds: &'static [&'static [u8]],
    words: &'static [&'static str],
    since: Release,
    act: Act,
}

const fn phrase(
    kinds: &'static [&'static [u8]],
    words: &'static [&'static str],
    since: Release,
    act: Act,
) -> Phrase {
    Phrase { kinds, words, since, act }
}

const fn nine(second: u8) -> Release {
    Release::nine(second)
}

const fn pg(major: u8) -> Release {
    Release::major(major)
}

const TABLES: &[&[u8]] = &[b"TABLE", b"FOREIGN TABLE"];
const INDEXED: &[&[u8]] = &[b"INDEX", b"CONSTRAINT"];
const CHECKS: &[&[u8]] = &[b"TABLE", b"CONSTRAINT", b"CHECK CONSTRAINT", b"FK CONSTRAINT"];
const VIEWS: &[&[u8]] = &[b"VIEW", b"MATERIALIZED VIEW", b"RULE"];
const ROUTINES: &[&[u8]] = &[b"FUNCTION", b"PROCEDURE"];
/// Entries with expressions of the source's own.
pub(super) const EXPRESSIONS: &[&[u8]] = &[
    b"TABLE",
    b"FOREIGN TABLE",
    b"TYPE",
    b"DOMAIN",
    b"DEFAULT",
    b"CONSTRAINT",
    b"CHECK CONSTRAINT",
    b"INDEX",
    b"VIEW",
    b"MATERIALIZED VIEW",
    b"RULE",
    b"POLICY",
    b"TRIGGER",
    b"STATISTICS",
    b"FUNCTION",
    b"PROCEDURE",
];
/// Entries with queries of the source's own.
pub(super) const QUERIES: &[&[u8]] =
    &[b"VIEW", b"MATERIALIZED VIEW", b"RULE", b"POLICY", b"FUNCTION", b"PROCEDURE"];
const GRANTS: &[&[u8]] = &[b"ACL", b"DEFAULT ACL"];

/// The phrases by the kinds of entries in which they stand.
const PHRASES: &[Phrase] = &[
    phrase(TABLES, &["UNLOGGED", "TABLE"], nine(1), Act::Say("TABLE")),
    phrase(TABLES, &["REPLICA", "IDENTITY"], nine(4), Act::CutStatement),
    phrase(INDEXED, &["REPLICA", "IDENTITY"], nine(4), Act::CutStatement),
    phrase(TABLES, &["FORCE", "ROW", "LEVEL", "SECURITY"], nine(5), Act::Refuse),
    phrase(TABLES, &["PARTITION", "BY"], pg(10), Act::Refuse),
    phrase(TABLES, &["PARTITION", "BY", "HASH"], pg(11), Act::Refuse),
    phrase(&[b"TABLE ATTACH"], &["DEFAULT", ";"], pg(11), Act::Refuse),
    phrase(&[b"TABLE ATTACH"], &["WITH", "(", "MODULUS"], pg(11), Act::Refuse),
    phrase(TABLES, &["SET", "COMPRESSION"], pg(14), Act::CutStatement),
    phrase(CHECKS, &["NO", "INHERIT"], nine(2), Act::Refuse),
    phrase(CHECKS, &["NOT", "NULL", "NO", "INHERIT"], pg(18), Act::Refuse),
    phrase(CHECKS, &["NOT", "ENFORCED"], pg(18), Act::Refuse),
    phrase(&[b"FK CONSTRAINT"], &["NOT", "VALID"], nine(1), Act::Refuse),
    phrase(&[b"FK CONSTRAINT"], &["SET", "NULL", "("], pg(15), Act::Refuse),
    phrase(&[b"FK CONSTRAINT"], &["SET", "DEFAULT", "("], pg(15), Act::Refuse),
    phrase(&[b"CHECK CONSTRAINT"], &["NOT", "VALID"], nine(2), Act::Refuse),
    phrase(&[b"CONSTRAINT"], &["NOT", "VALID"], pg(18), Act::Refuse),
    phrase(&[b"CONSTRAINT", b"INDEX"], &["WITHOUT", "OVERLAPS"], pg(18), Act::Refuse),
    phrase(INDEXED, &["NULLS", "NOT", "DISTINCT"], pg(15), Act::Refuse),
    phrase(&[b"INDEX"], &["ON", "ONLY"], pg(11), Act::Refuse),
    phrase(&[b"INDEX"], &["SET", "STATISTICS"], pg(11), Act::CutStatement),
    phrase(&[b"INDEX"], &["USING", "spgist"], nine(2), Act::Refuse),
    phrase(&[b"INDEX"], &["USING", "brin"], nine(5), Act::Refuse),
    phrase(&[b"SEQUENCE"], &["AS", "IDENTITY"], pg(10), Act::Refuse),
    phrase(TABLES, &["AS", "IDENTITY"], pg(10), Act::Refuse),
    phrase(&[b"SEQUENCE"], &["UNLOGGED", "SEQUENCE"], pg(15), Act::Say("SEQUENCE")),
    phrase(&[b"SEQUENCE"], &["SET", "LOGGED"], pg(15), Act::CutStatement),
    phrase(&[b"SEQUENCE"], &["SET", "UNLOGGED"], pg(15), Act::CutStatement),
    phrase(
        &[b"TRIGGER", b"EVENT TRIGGER"],
        &["EXECUTE", "FUNCTION"],
        pg(11),
        Act::Say("EXECUTE PROCEDURE"),
    ),
    phrase(&[b"EVENT TRIGGER"], &["ON", "table_rewrite"], nine(5), Act::Refuse),
    phrase(&[b"EVENT TRIGGER"], &["ON", "login"], pg(17), Act::Refuse),
    phrase(&[b"TRIGGER"], &["INSTEAD", "OF"], nine(1), Act::Refuse),
    phrase(&[b"TRIGGER"], &["REFERENCING"], pg(10), Act::Refuse),
    phrase(&[b"POLICY"], &["AS", "RESTRICTIVE"], pg(10), Act::Refuse),
    phrase(ROUTINES, &["LEAKPROOF"], nine(2), Act::Cut),
    phrase(ROUTINES, &["TRANSFORM", "FOR"], nine(5), Act::Refuse),
    phrase(ROUTINES, &["PARALLEL", "SAFE"], nine(6), Act::Cut),
    phrase(ROUTINES, &["PARALLEL", "RESTRICTED"], nine(6), Act::Cut),
    phrase(ROUTINES, &["PARALLEL", "UNSAFE"], nine(6), Act::Cut),
    phrase(ROUTINES, &["BEGIN", "ATOMIC"], pg(14), Act::Refuse),
    phrase(ROUTINES, &["RETURN"], pg(14), Act::Refuse),
    phrase(&[b"AGGREGATE"], &[",", "PARALLEL", "=", "*"], nine(6), Act::Cut),
    phrase(&[b"OPERATOR"], &["FUNCTION", "="], pg(11), Act::Say("PROCEDURE =")),
    phrase(&[b"ACCESS METHOD"], &["TYPE", "TABLE"], pg(12), Act::Refuse),
    phrase(&[b"TYPE"], &["AS", "RANGE"], nine(2), Act::Refuse),
    phrase(&[b"TYPE"], &[",", "multirange_type_name", "=", "*", ".", "*"], pg(14), Act::Cut),
    phrase(&[b"COLLATION"], &["provider", "=", "icu"], pg(10), Act::Refuse),
    phrase(&[b"COLLATION"], &["provider", "=", "libc", ","], pg(10), Act::Cut),
    phrase(&[b"COLLATION"], &["provider", "=", "builtin"], pg(17), Act::Refuse),
    phrase(&[b"COLLATION"], &["deterministic"], pg(12), Act::Refuse),
    phrase(&[b"COLLATION"], &["rules"], pg(16), Act::Refuse),
    phrase(VIEWS, &["WITH", "CASCADED", "CHECK", "OPTION"], nine(4), Act::Refuse),
    phrase(VIEWS, &["WITH", "LOCAL", "CHECK", "OPTION"], nine(4), Act::Refuse),
    phrase(VIEWS, &["AS", "MATERIALIZED", "("], pg(12), Act::Say("AS (")),
    phrase(VIEWS, &["AS", "NOT", "MATERIALIZED", "("], pg(12), Act::Say("AS (")),
    phrase(&[b"STATISTICS"], &["mcv"], pg(12), Act::Drop),
    phrase(&[b"STATISTICS"], &["SET", "STATISTICS"], pg(13), Act::CutStatement),
    phrase(&[b"STATISTICS"], &["ON", "(", "("], pg(14), Act::Drop),
    phrase(GRANTS, &["ON", "TYPE"], nine(2), Act::Drop),
    phrase(GRANTS, &["ON", "TYPES"], nine(2), Act::Drop),
    phrase(GRANTS, &["ON", "SCHEMAS"], pg(10), Act::Drop),
    phrase(GRANTS, &["ON", "PROCEDURE"], pg(11), Act::Drop),
    phrase(GRANTS, &["ON", "LARGE", "OBJECTS"], pg(18), Act::Drop),
];

/// The phrases of expressions and queries, as pg_dump writes them out.
const QUERY_PHRASES: &[Phrase] = &[
    phrase(EXPRESSIONS, &["COLLATION", "FOR", "("], nine(2), Act::Refuse),
    phrase(EXPRESSIONS, &["IS", "NORMALIZED"], pg(13), Act::Refuse),
    phrase(EXPRESSIONS, &["IS", "*", "NORMALIZED"], pg(13), Act::Refuse),
    phrase(EXPRESSIONS, &["SIMILAR"], pg(14), Act::Refuse),
    phrase(EXPRESSIONS, &["IS", "JSON"], pg(16), Act::Refuse),
    phrase(EXPRESSIONS, &["SYSTEM_USER"], pg(16), Act::Refuse),
    phrase(EXPRESSIONS, &["NO", "INDENT"], pg(16), Act::Cut),
    phrase(EXPRESSIONS, &["AT", "LOCAL"], pg(17), Act::Refuse),
    phrase(QUERIES, &["LATERAL"], nine(3), Act::Refuse),
    phrase(QUERIES, &["FOR", "NO", "KEY", "UPDATE"], nine(3), Act::Refuse),
    phrase(QUERIES, &["FOR", "KEY", "SHARE"], nine(3), Act::Refuse),
    phrase(QUERIES, &["FILTER", "(", "WHERE"], nine(4), Act::Refuse),
    phrase(QUERIES, &["WITHIN", "GROUP"], nine(4), Act::Refuse),
    phrase(QUERIES, &["WITH", "ORDINALITY"], nine(4), Act::Refuse),
    phrase(QUERIES, &["ROWS", "FROM", "("], nine(4), Act::Refuse),
    phrase(QUERIES, &["GROUPING", "SETS"], nine(5), Act::Refuse),
    phrase(QUERIES, &["CUBE", "("], nine(5), Act::Refuse),
    phrase(QUERIES, &["ROLLUP", "("], nine(5), Act::Refuse),
    phrase(QUERIES, &["TABLESAMPLE"], nine(5), Act::Refuse),
    phrase(QUERIES, &["SKIP", "LOCKED"], nine(5), Act::Refuse),
    phrase(QUERIES, &["ON", "CONFLICT"], nine(5), Act::Refuse),
    phrase(QUERIES, &["EXCLUDE", "CURRENT", "ROW"], pg(11), Act::Refuse),
    phrase(QUERIES, &["EXCLUDE", "GROUP"], pg(11), Act::Refuse),
    phrase(QUERIES, &["EXCLUDE", "TIES"], pg(11), Act::Refuse),
    phrase(QUERIES, &["WITH", "TIES"], pg(13), Act::Refuse),
    phrase(QUERIES, &["SEARCH", "BREADTH", "FIRST"], pg(14), Act::Refuse),
    phrase(QUERIES, &["SEARCH", "DEPTH", "FIRST"], pg(14), Act::Refuse),
    phrase(QUERIES, &["GROUP", "BY", "DISTINCT"], pg(14), Act::Refuse),
];

/// Notes every phrase of this definition.
pub(super) fn find(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    for phrase in PHRASES.iter().chain(QUERY_PHRASES).filter(|phrase| phrase.kinds.contains(&kind))
    {
        // What follows a dot is a name; in a function's parentheses stand its arguments' names.
        let outside = |at: &usize| {
            let arguments = phrase.kinds == ROUTINES && sql.depth(*at) > 0;
            !arguments && !sql.is_qualified(*at)
        };
        let places: Vec<_> = sql.all(phrase.words).filter(outside).take(MAX_COLUMNS).collect();
        if places.is_empty() {
            continue;
        }
        let length = phrase.words.len();
        let edits =
            |edit: &dyn Fn(usize) -> Edit| Cure::Edit(places.iter().map(|at| edit(*at)).collect());
        let cure = match &phrase.act {
            Act::Refuse => Cure::Refuse,
            Act::Drop => Cure::Drop,
            Act::Cut => edits(&|at| Edit::cut(sql.cut(at..at.saturating_add(length)))),
            Act::CutStatement => edits(&|at| Edit::cut(sql.cut(sql.statement(at)))),
            Act::Say(older) => {
                edits(&|at| Edit::swap(sql.place(at..at.saturating_add(length)), *older))
            }
        };
        needs.push(Need::new(named(phrase.words), phrase.since, cure));
    }
}

fn named(phrase: &[&str]) -> String {
    // A list at the end is what is new about these words.
    let list = if phrase.last() == Some(&"(") { " (...)" } else { "" };
    let words = phrase.iter().filter(|word| !matches!(**word, "," | ";" | "." | "("));
    let words = words.map(|word| if *word == "*" { "..." } else { word });
    let words = words.collect::<Vec<_>>().join(" ").to_uppercase();
    words.replace("... ...", "...") + list
}
