//! The table of contents as a given server and its `pg_restore` take it.
//!
//! `pg_restore` writes the SET lines of a restored database itself, each release its own; an
//! archive holds three: ENCODING, STDSTRINGS, SEARCHPATH. Every release takes the first two.
//! The third came with 1.13; an older `pg_restore` runs it as any statement and then sets the
//! path for each schema, which does no harm because the definitions of those minor versions name
//! every schema. It is kept, so that a newer minor version restores as its dump meant.

use serde::Serialize;

use super::ArchiveError;
use super::edit::apply;
use super::header::{Header, Version};
use super::large_objects;
use super::limits::MAX_NEEDS;
use super::needs::{self, Cure, Need, Setting};
use super::reader::BLOB_COMMENTS;
use super::server::{Release, ServerVersion, release_in};
use super::toc::{Entry, Text};

/// Newest archive version that is written: what 12 to 15 write and what every newer
/// `pg_restore` reads.
const NEWEST_WRITTEN: u8 = 14;
/// Below this version a block of large objects also creates them.
const SEPARATE_LARGE_OBJECTS: u8 = 12;
/// Longest name of an entry in a report.
const MAX_NAME: usize = 200;

/// A change to the table of contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rewrite {
    /// Kind and name.
    pub entry: String,
    /// What the server does not know, in the words of SQL.
    pub feature: String,
    /// What was done.
    pub action: RewriteAction,
}

/// What was done to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RewriteAction {
    /// It says the same in older words, or goes without what changes no data and no rule.
    Rewritten,
    /// It is not in the output.
    LeftOut,
    /// What named the old encoding names UTF-8.
    ForUtf8,
}

/// Changes header and entries for `server`; for none, only as far as the format asks for it.
pub(super) fn retarget(
    header: &mut Header,
    entries: &mut Vec<Entry>,
    server: Option<ServerVersion>,
) -> Result<Vec<Rewrite>, ArchiveError> {
    let dumped_by = header.dump_version.as_deref().and_then(release_in);
    let setting = Setting::new(entries, dumped_by);
    let mut rewrites = large_objects::separate(entries, setting)?;
    entries.retain(|entry| !entry.is(BLOB_COMMENTS));
    header.version.minor = written_version(header, entries, server);
    header.version.revision = 0;
    if let Some(server) = server {
        leave_out_standard_comment(entries, &mut rewrites);
        rewrite_for(server, setting, entries, &mut rewrites)?;
    }
    for entry in entries {
        // A partitioned table has no storage of its own; its partitions name theirs.
        let partitioned = entry.relkind == i32::from(b'p');
        if !header.version.at_least(14) || partitioned {
            entry.table_am = None;
        }
    }
    Ok(rewrites)
}

/// The first release from which on every one knows all that the definitions use, where some that
/// read archives of `version` do not.
pub(super) fn first_to_restore(
    version: Version,
    entries: &[Entry],
    setting: Setting,
) -> Option<Release> {
    let oldest = Release::all().find(|release| release.reads() >= version.minor)?;
    let since = entries
        .iter()
        .filter_map(|entry| needs::of(entry, setting).iter().map(|need| need.since).max());
    since.max().filter(|since| *since > oldest)
}

fn written_version(header: &Header, entries: &[Entry], server: Option<ServerVersion>) -> u8 {
    let newest = server.map_or(NEWEST_WRITTEN, |server| server.reads().min(NEWEST_WRITTEN));
    let old = !header.version.at_least(SEPARATE_LARGE_OBJECTS);
    let blobs = entries.iter().any(|entry| entry.has_data && entry.is("BLOBS"));
    // Nothing but the data names the large objects of an old archive, so it stays one; every
    // `pg_restore` since reads it.
    let oldest = SEPARATE_LARGE_OBJECTS.saturating_sub(u8::from(old && blobs));
    header.version.minor.clamp(oldest, newest)
}

/// The comment that `CREATE EXTENSION plpgsql` itself sets, and that only a superuser may repeat.
fn leave_out_standard_comment(entries: &mut Vec<Entry>, rewrites: &mut Vec<Rewrite>) {
    const STANDARD: &[u8] = b"COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language';";
    entries.retain(|entry| {
        let defn = entry.defn.as_deref().unwrap_or_default();
        let standard = entry.is("COMMENT") && defn.trim_ascii() == STANDARD;
        if standard {
            rewrites.push(Rewrite {
                entry: utf8_name(entry),
                feature: "COMMENT ON EXTENSION plpgsql".to_owned(),
                action: RewriteAction::LeftOut,
            });
        }
        !standard
    });
}

fn rewrite_for(
    server: ServerVersion,
    setting: Setting,
    entries: &mut Vec<Entry>,
    rewrites: &mut Vec<Rewrite>,
) -> Result<(), ArchiveError> {
    let mut lacks = Lacks::default();
    let mut dropped = Vec::new();
    for entry in entries.iter_mut() {
        let mut needs = needs::of(entry, setting);
        needs.retain(|need| need.is_lacked_by(server.release));
        if needs.is_empty() {
            continue;
        }
        if rewrites.len().saturating_add(lacks.total) > MAX_NEEDS {
            let (what, limit) = ("what the server does not know", MAX_NEEDS);
            return Err(ArchiveError::TooLarge { what, limit, offset: 0 });
        }
        let name = utf8_name(entry);
        if let Some(need) = needs.iter().find(|need| need.cure == Cure::Drop) {
            dropped.push(entry.id);
            let (feature, action) = (need.feature.clone(), RewriteAction::LeftOut);
            rewrites.push(Rewrite { entry: name, feature, action });
            continue;
        }
        cure(entry, &needs);
        for need in needs {
            if need.cure == Cure::Refuse {
                lacks.add(&name, need.feature);
            } else {
                let (entry, action) = (name.clone(), RewriteAction::Rewritten);
                rewrites.push(Rewrite { entry, feature: need.feature, action });
            }
        }
    }
    if let Some((entry, feature)) = lacks.first.take() {
        let (server, more) = (server.to_string(), lacks.total.saturating_sub(1));
        return Err(ArchiveError::ServerLacks { server, entry, feature, more, all: lacks.all });
    }
    leave_out(entries, &dropped, rewrites);
    Ok(())
}

fn cure(entry: &mut Entry, needs: &[Need]) {
    let edits = needs.iter().filter_map(|need| match &need.cure {
        Cure::Edit(edits) => Some(edits.iter().cloned()),
        _ => None,
    });
    let edits: Vec<_> = edits.flatten().collect();
    if let Some(definition) = entry.defn.as_mut().filter(|_| !edits.is_empty()) {
        *definition = apply(definition, edits);
    }
    if needs.iter().any(|need| need.feature == needs::NAMED_NOT_NULL) {
        // There is no constraint of that name to drop. Nor is there a need: to set NOT NULL again
        // changes nothing, and the older words may not be allowed while there is a primary key.
        entry.drop = Some(Vec::new());
    }
    if needs.iter().any(|need| need.cure == Cure::ForgetOids) {
        entry.with_oids = Some(b"false".to_vec());
    }
}

/// What cannot be said for the server, the first of all kept apart for the message.
#[derive(Default)]
struct Lacks {
    total: usize,
    first: Option<(String, String)>,
    all: Vec<String>,
}

impl Lacks {
    fn add(&mut self, entry: &str, feature: String) {
        self.total = self.total.saturating_add(1);
        self.all.push(format!("{entry}: {feature}"));
        self.first.get_or_insert_with(|| (entry.to_owned(), feature));
    }
}

/// Takes entries out, with the comments and grants on them; whatever else needs them goes without.
fn leave_out(entries: &mut Vec<Entry>, dropped: &[i32], rewrites: &mut Vec<Rewrite>) {
    if dropped.is_empty() {
        return;
    }
    let ids: std::collections::HashSet<Vec<u8>> =
        dropped.iter().map(|id| id.to_string().into_bytes()).collect();
    entries.retain_mut(|entry| {
        if ids.contains(entry.id.to_string().as_bytes()) {
            return false;
        }
        let needed = entry.needs.len();
        entry.needs.retain(|need| !ids.contains(need));
        let of_it = ["COMMENT", "ACL", "SECURITY LABEL"].iter().any(|kind| entry.is(kind));
        let stays = entry.needs.len() == needed || !of_it;
        if !stays {
            let (name, action) = (utf8_name(entry), RewriteAction::LeftOut);
            rewrites.push(Rewrite { feature: name.clone(), entry: name, action });
        }
        stays
    });
}

/// Kind, schema and name of an entry, as reports show them.
pub(super) fn entry_name(entry: &Entry, text: impl Fn(&Text) -> String) -> String {
    let (kind, schema, tag) = (text(&entry.desc), text(&entry.namespace), text(&entry.tag));
    let dot = if schema.is_empty() { "" } else { "." };
    format!("{kind} {schema}{dot}{tag}").chars().take(MAX_NAME).collect()
}

/// The same for an entry whose texts are UTF-8 by now.
pub(super) fn utf8_name(entry: &Entry) -> String {
    entry_name(entry, |text| {
        String::from_utf8_lossy(text.as_deref().unwrap_or_default()).into_owned()
    })
}
