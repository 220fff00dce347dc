//! Large objects of archive 1.16 in the form of 1.12 to 1.15.
//!
//! Since 1.16 one entry creates up to a thousand large objects that have an owner and grants in
//! common; its definition is a list of their numbers. Before, each had an entry of its own. The
//! data blocks are the same in both.

use std::collections::{HashMap, HashSet};

use super::ArchiveError;
use super::limits::{MAX_TOC_BYTES, MAX_TOC_ENTRIES};
use super::needs::Setting;
use super::retarget::{Rewrite, RewriteAction, utf8_name};
use super::sql::Sql;
use super::toc::{DataAt, Entry, SECTION_NONE, SECTION_PRE_DATA};

/// The catalogue of large objects' metadata, whose oid every such entry names.
const PG_LARGEOBJECT_METADATA: &[u8] = b"2613";
const METADATA: &str = "BLOB METADATA";

/// Gives every large object an entry of its own.
pub(super) fn separate(
    entries: &mut Vec<Entry>,
    setting: Setting,
) -> Result<Vec<Rewrite>, ArchiveError> {
    if !entries.iter().any(|entry| entry.is(METADATA)) {
        return Ok(Vec::new());
    }
    let highest = entries.iter().map(|entry| entry.id).max().unwrap_or(0);
    let mut work = Work { next_id: highest, groups: HashMap::new(), bytes: 0, setting };
    let mut separated = Vec::new();
    let mut rewrites = Vec::new();
    for entry in entries.drain(..) {
        if entry.is(METADATA) {
            let (name, action) = (utf8_name(&entry), RewriteAction::Rewritten);
            let feature = METADATA.to_owned();
            rewrites.push(Rewrite { entry: name, feature, action });
            work.create(&entry, &mut separated)?;
        } else {
            work.follow(entry, &mut separated)?;
        }
        if separated.len() > MAX_TOC_ENTRIES {
            return Err(too_large());
        }
    }
    *entries = separated;
    Ok(rewrites)
}

/// The numbers of all large objects that entries of 1.12 and later name, as data blocks write
/// them: as if they had a sign.
pub(super) fn named(entries: &[Entry]) -> HashSet<i32> {
    let lists = entries.iter().filter_map(|entry| match entry.desc.as_deref()? {
        b"BLOB" => entry.tag.as_deref(),
        b"BLOB METADATA" => entry.defn.as_deref(),
        _ => None,
    });
    let numbers = lists
        .flat_map(|list| list.split(|byte| *byte == b'\n'))
        .filter_map(|oid| std::str::from_utf8(oid.trim_ascii()).ok()?.parse::<u32>().ok());
    numbers.map(u32::cast_signed).collect()
}

/// Checks that a data block held every object that an entry names: an empty one has one too.
pub(super) fn check_complete(
    entries: &[Entry],
    left: Option<&HashSet<i32>>,
) -> Result<(), ArchiveError> {
    let with_data = entries.iter().any(|entry| entry.has_data && entry.is("BLOBS"));
    match left.and_then(|left| left.iter().min()).filter(|_| with_data) {
        None => Ok(()),
        Some(oid) => Err(ArchiveError::DataMissing {
            schema: "pg_largeobject".to_owned(),
            table: oid.cast_unsigned().to_string(),
        }),
    }
}

fn too_large() -> ArchiveError {
    let what = "the table of contents with an entry for each large object";
    ArchiveError::TooLarge { what, limit: MAX_TOC_ENTRIES, offset: 0 }
}

/// The large objects of one old entry: number and new entry.
type Group = Vec<(Vec<u8>, i32)>;

struct Work {
    next_id: i32,
    /// By the number of the entry that created them.
    groups: HashMap<Vec<u8>, Group>,
    /// Bytes of what was made so far; a few hostile entries could multiply.
    bytes: usize,
    setting: Setting,
}

impl Work {
    fn id(&mut self) -> Result<i32, ArchiveError> {
        self.next_id = self.next_id.checked_add(1).ok_or_else(too_large)?;
        Ok(self.next_id)
    }

    fn count(&mut self, bytes: usize) -> Result<(), ArchiveError> {
        self.bytes = self.bytes.saturating_add(bytes).saturating_add(size_of::<Entry>());
        if self.bytes > MAX_TOC_BYTES { Err(too_large()) } else { Ok(()) }
    }

    fn create(&mut self, entry: &Entry, out: &mut Vec<Entry>) -> Result<(), ArchiveError> {
        let mut group = Group::new();
        let list = entry.defn.as_deref().unwrap_or_default();
        for oid in list.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
            if oid.is_empty() {
                continue;
            }
            let number = std::str::from_utf8(oid).ok().and_then(|oid| oid.parse::<u32>().ok());
            let Some(number) = number else {
                let what = "a large object's number is none";
                return Err(ArchiveError::Damaged { what, offset: 0 });
            };
            let id = self.id()?;
            let oid = number.to_string().into_bytes();
            self.count(oid.len())?;
            out.push(Entry {
                id,
                table_oid: Some(PG_LARGEOBJECT_METADATA.to_vec()),
                oid: Some(oid.clone()),
                tag: Some(oid.clone()),
                desc: Some(b"BLOB".to_vec()),
                section: SECTION_PRE_DATA,
                defn: Some(format!("SELECT pg_catalog.lo_create('{number}');\n").into_bytes()),
                drop: Some(format!("SELECT pg_catalog.lo_unlink('{number}');\n").into_bytes()),
                data: DataAt::None,
                has_data: false,
                ..entry.alike()
            });
            group.push((oid, id));
        }
        self.groups.insert(entry.id.to_string().into_bytes(), group);
        Ok(())
    }

    /// An entry that may need large objects: grants are given one by one, comments and data
    /// follow the new numbers.
    fn follow(&mut self, mut entry: Entry, out: &mut Vec<Entry>) -> Result<(), ArchiveError> {
        let found = entry.needs.iter().find_map(|need| self.groups.get(need));
        let Some(group) = found.cloned() else {
            out.push(entry);
            return Ok(());
        };
        let groups = &self.groups;
        entry.needs.retain(|need| !groups.contains_key(need));
        if entry.is("ACL") {
            return self.grants(&entry, &group, out);
        }
        let tag = entry.tag.as_deref().unwrap_or_default();
        let named = tag.strip_prefix(b"LARGE OBJECT ");
        let own = group.iter().filter(|(oid, _)| named == Some(oid));
        entry.needs.extend(own.map(|(_, id)| id.to_string().into_bytes()));
        out.push(entry);
        Ok(())
    }

    fn grants(
        &mut self,
        entry: &Entry,
        group: &Group,
        out: &mut Vec<Entry>,
    ) -> Result<(), ArchiveError> {
        let definition = entry.defn.as_deref().unwrap_or_default();
        let sql = Sql::new(definition, self.setting.escapes);
        let places: Vec<_> = sql
            .all(&["LARGE", "OBJECT", "*"])
            .map(|at| sql.place(at.saturating_add(2)..at.saturating_add(3)))
            .collect();
        for (step, (oid, needed)) in group.iter().enumerate() {
            let mut granted = Vec::with_capacity(definition.len());
            let mut done = 0;
            for place in &places {
                granted.extend_from_slice(definition.get(done..place.start).unwrap_or_default());
                granted.extend_from_slice(oid);
                done = place.end;
            }
            granted.extend_from_slice(definition.get(done..).unwrap_or_default());
            self.count(granted.len())?;
            let mut single = entry.clone();
            single.id = if step == 0 { entry.id } else { self.id()? };
            single.tag = Some([b"LARGE OBJECT ", oid.as_slice()].concat());
            single.section = SECTION_NONE;
            single.defn = Some(granted);
            single.needs.push(needed.to_string().into_bytes());
            out.push(single);
        }
        Ok(())
    }
}
