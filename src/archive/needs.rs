//! What a definition uses that not every PostgreSQL knows, and what can be done about it.
//!
//! pg_dump's own statements and the expressions in them are judged by their words: what is new in
//! the grammar, types, built-in functions, collations. What an expression means is not worked out,
//! and the bodies of functions are the source's own and can hold anything. Which server is meant
//! is decided elsewhere.

use std::ops::Range;

use super::limits::MAX_NEEDS;
use super::needs_collations as collations;
use super::needs_functions as functions;
use super::needs_indexes as indexes;
use super::needs_lists as lists;
use super::needs_queries as queries;
use super::needs_types as types;
use super::needs_words as words;
use super::server::Release;
use super::sql::Sql;
use super::toc::Entry;

/// Something that a server has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// In the words of SQL.
    pub(super) feature: String,
    /// The servers that know it: from this release on, and before that one.
    pub(super) since: Release,
    pub(super) until: Option<Release>,
    pub(super) cure: Cure,
}

impl Need {
    pub(super) fn new(feature: impl Into<String>, since: Release, cure: Cure) -> Self {
        Self { feature: feature.into(), since, until: None, cure }
    }

    /// True where this server lacks it.
    pub(super) fn is_lacked_by(&self, server: Release) -> bool {
        server < self.since || self.until.is_some_and(|until| server >= until)
    }
}

/// A constraint that becomes a property of its column.
pub(super) const NAMED_NOT_NULL: &str = "ADD CONSTRAINT ... NOT NULL";

/// What can be done for a server that lacks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cure {
    /// Say it otherwise, or leave out what changes no data and no rule.
    Edit(Vec<Edit>),
    /// Leave the whole entry out: the data and its rules are complete without it.
    Drop,
    /// Do not mark the table as one with OIDs.
    ForgetOids,
    /// Nothing: the restored database would not be the same.
    Refuse,
}

/// Bytes of the definition and what takes their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) place: Range<usize>,
    pub(super) with: Vec<u8>,
}

impl Edit {
    pub(super) fn cut(place: Range<usize>) -> Self {
        Self { place, with: Vec::new() }
    }

    pub(super) fn swap(place: Range<usize>, with: impl Into<Vec<u8>>) -> Self {
        Self { place, with: with.into() }
    }
}

/// What holds for all definitions of an archive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    /// `standard_conforming_strings = off`.
    pub(super) escapes: bool,
    /// The release of pg_dump.
    pub(super) dumped_by: Option<Release>,
}

impl Setting {
    pub(super) fn new(entries: &[Entry], dumped_by: Option<Release>) -> Self {
        let strings = entries.iter().find(|entry| entry.is("STDSTRINGS"));
        let defn = strings.and_then(|entry| entry.defn.as_deref()).unwrap_or_default();
        let escapes = defn.windows(5).any(|window| window == b"'off'");
        Self { escapes, dumped_by }
    }
}

/// What becomes of an entry on a server that does not know its kind.
enum Fate {
    Drop,
    Refuse,
}

/// The kinds of entries that came after 9.0, and the first release that knows them.
const KINDS: [(&str, Release, Fate); 19] = [
    ("EXTENSION", Release::nine(1), Fate::Refuse),
    ("FOREIGN TABLE", Release::nine(1), Fate::Refuse),
    ("COLLATION", Release::nine(1), Fate::Refuse),
    ("SECURITY LABEL", Release::nine(1), Fate::Drop),
    ("EVENT TRIGGER", Release::nine(3), Fate::Refuse),
    ("MATERIALIZED VIEW", Release::nine(3), Fate::Refuse),
    ("POLICY", Release::nine(5), Fate::Refuse),
    ("ROW SECURITY", Release::nine(5), Fate::Refuse),
    ("TRANSFORM", Release::nine(5), Fate::Refuse),
    ("ACCESS METHOD", Release::nine(6), Fate::Refuse),
    ("TABLE ATTACH", Release::major(10), Fate::Refuse),
    ("INDEX ATTACH", Release::major(11), Fate::Refuse),
    ("PROCEDURE", Release::major(11), Fate::Refuse),
    // Replication is set up between two servers; it is none of the restored data's rules.
    ("PUBLICATION", Release::major(10), Fate::Drop),
    ("PUBLICATION TABLE", Release::major(10), Fate::Drop),
    ("PUBLICATION TABLES IN SCHEMA", Release::major(15), Fate::Drop),
    ("SUBSCRIPTION", Release::major(10), Fate::Drop),
    // Planner's knowledge: the server gathers it anew.
    ("STATISTICS", Release::major(10), Fate::Drop),
    ("STATISTICS DATA", Release::major(18), Fate::Drop),
];

/// Everything that this entry needs.
pub(super) fn of(entry: &Entry, setting: Setting) -> Vec<Need> {
    let mut needs = Vec::new();
    of_kind(entry, setting, &mut needs);
    of_storage(entry, &mut needs);
    if let Some(definition) = &entry.defn {
        let kind = entry.desc.as_deref().unwrap_or_default();
        let sql = Sql::new(definition, setting.escapes);
        of_definition(kind, &sql, &mut needs);
    }
    // pg_dump refuses servers newer than itself: what came after it only looks alike.
    needs.retain(|need| setting.dumped_by.is_none_or(|by| need.since <= by));
    needs.truncate(MAX_NEEDS);
    needs
}

/// What the words of a definition need.
pub(super) fn of_definition(kind: &[u8], sql: &Sql<'_>, needs: &mut Vec<Need>) {
    words::find(kind, sql, needs);
    lists::find(kind, sql, needs);
    types::find(kind, sql, needs);
    if words::EXPRESSIONS.contains(&kind) {
        collations::find(kind, sql, needs);
        functions::find(kind, sql, needs);
        queries::expressions(kind, sql, needs);
    }
    if words::QUERIES.contains(&kind) {
        queries::find(kind, sql, needs);
    }
    match kind {
        b"INDEX" | b"CONSTRAINT" => indexes::find(sql, needs),
        b"OPERATOR CLASS" | b"OPERATOR FAMILY" => indexes::support(sql, needs),
        _ => {}
    }
}

/// Adds what an entry may need more than once, but is to be said only once.
pub(super) fn note(needs: &mut Vec<Need>, need: Need) {
    if !needs.iter().any(|known| known.feature == need.feature && known.cure == need.cure) {
        needs.push(need);
    }
}

/// The cure for what only newer words can say, in an entry of this kind.
pub(super) fn refused(kind: &[u8]) -> Cure {
    // Planner's knowledge, like the whole kind.
    if kind == b"STATISTICS" { Cure::Drop } else { Cure::Refuse }
}

fn of_kind(entry: &Entry, setting: Setting, needs: &mut Vec<Need>) {
    let tag = entry.tag.as_deref().unwrap_or_default();
    for (kind, since, fate) in &KINDS {
        if entry.is(kind) {
            // 9.0 has this one built in, without an extension around it.
            let built_in = *kind == "EXTENSION" && tag == b"plpgsql";
            let cure = match fate {
                Fate::Refuse if !built_in => Cure::Refuse,
                _ => Cure::Drop,
            };
            needs.push(Need::new(*kind, *since, cure));
        }
    }
    // From 11 on these belong to `pg_restore -C` alone; an older one runs them always, against
    // a database that may have another name.
    let newer = setting.dumped_by.is_some_and(|by| by >= Release::major(11));
    let of_database = tag.starts_with(b"DATABASE ");
    let kind = entry.desc.as_deref().unwrap_or_default();
    if entry.is("DATABASE PROPERTIES")
        || (newer && of_database && matches!(kind, b"ACL" | b"COMMENT" | b"SECURITY LABEL"))
    {
        needs.push(Need::new("DATABASE PROPERTIES", Release::major(11), Cure::Drop));
    }
}

fn of_storage(entry: &Entry, needs: &mut Vec<Need>) {
    let until = |feature: &str, cure| Need {
        until: Some(Release::major(12)),
        ..Need::new(feature, Release::nine(0), cure)
    };
    if entry.is("TABLE") && entry.with_oids.as_deref() == Some(b"true") {
        needs.push(until("WITH OIDS", Cure::ForgetOids));
    }
    let copy = entry.copy.as_deref().unwrap_or_default();
    if copy.windows(11).any(|window| window == b" WITH OIDS ") {
        needs.push(until("COPY ... WITH OIDS", Cure::Refuse));
    }
    let method = entry.table_am.as_deref().unwrap_or_default();
    if !method.is_empty() && method != b"heap" {
        let feature = format!("USING {}", String::from_utf8_lossy(method));
        needs.push(Need::new(feature, Release::major(12), Cure::Refuse));
    }
}
