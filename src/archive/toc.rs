//! The table of contents, entry by entry, as it stands in the archive.
//!
//! The fields of an entry grew with the versions: a section since 1.11, a table access method
//! since 1.14, a kind of relation since 1.16. What the entries mean is decided elsewhere.

use std::collections::HashSet;
use std::io::Read;

use super::ArchiveError;
use super::header::Version;
use super::input::Input;
use super::limits::{MAX_STRING_BYTES, MAX_TOC_BYTES, MAX_TOC_ENTRIES, TEXT_OVERHEAD};

/// A string or nothing, in the archive's encoding.
pub(super) type Text = Option<Vec<u8>>;

/// Where an entry's data stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DataAt {
    /// Not known: the archive went through a pipe.
    Unknown,
    /// At this byte.
    Offset(u64),
    /// There is none.
    None,
}

/// One entry.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: i32,
    pub(super) has_data: bool,
    pub(super) table_oid: Text,
    pub(super) oid: Text,
    pub(super) tag: Text,
    pub(super) desc: Text,
    pub(super) section: i32,
    pub(super) defn: Text,
    pub(super) drop: Text,
    pub(super) copy: Text,
    pub(super) namespace: Text,
    pub(super) tablespace: Text,
    pub(super) table_am: Text,
    /// The kind of relation, `p` for a partitioned table; 0 below 1.16.
    pub(super) relkind: i32,
    pub(super) owner: Text,
    pub(super) with_oids: Text,
    pub(super) needs: Vec<Vec<u8>>,
    pub(super) data: DataAt,
}

impl Entry {
    /// True for the kind of entry that PostgreSQL calls `desc`.
    pub(super) fn is(&self, desc: &str) -> bool {
        self.desc.as_deref() == Some(desc.as_bytes())
    }

    /// An entry of the same owner and place, with nothing else yet.
    pub(super) fn alike(&self) -> Self {
        Self {
            id: self.id,
            has_data: false,
            table_oid: None,
            oid: None,
            tag: None,
            desc: None,
            section: self.section,
            defn: None,
            drop: None,
            copy: None,
            namespace: self.namespace.clone(),
            tablespace: self.tablespace.clone(),
            table_am: None,
            relkind: 0,
            owner: self.owner.clone(),
            with_oids: self.with_oids.clone(),
            needs: Vec::new(),
            data: DataAt::None,
        }
    }

    /// The strings that hold names or SQL, to be converted.
    pub(super) fn texts(&mut self) -> [(&'static str, &mut Text); 8] {
        [
            ("tag", &mut self.tag),
            ("definition", &mut self.defn),
            ("drop statement", &mut self.drop),
            ("copy statement", &mut self.copy),
            ("namespace", &mut self.namespace),
            ("tablespace", &mut self.tablespace),
            ("access method", &mut self.table_am),
            ("owner", &mut self.owner),
        ]
    }
}

/// The sections, as the archive numbers them.
pub(super) const SECTION_NONE: i32 = 1;
pub(super) const SECTION_PRE_DATA: i32 = 2;
pub(super) const SECTION_DATA: i32 = 3;
const SECTION_POST_DATA: i32 = 4;

/// The section of an entry of 8.0 to 8.3, which wrote none; the kinds are the ones of that time.
fn section_of(desc: &[u8]) -> i32 {
    match desc {
        b"COMMENT" | b"ACL" | b"ACL LANGUAGE" => SECTION_NONE,
        b"TABLE DATA" | b"BLOBS" | b"BLOB COMMENTS" => SECTION_DATA,
        b"CONSTRAINT" | b"CHECK CONSTRAINT" | b"FK CONSTRAINT" | b"INDEX" | b"RULE"
        | b"TRIGGER" => SECTION_POST_DATA,
        _ => SECTION_PRE_DATA,
    }
}

/// Reads all entries.
pub(super) fn read<R: Read>(
    input: &mut Input<R>,
    version: Version,
    offset_size: usize,
) -> Result<Vec<Entry>, ArchiveError> {
    let count = usize::try_from(input.int()?)
        .map_err(|_| input.damaged("the table of contents has a negative length"))?;
    if count > MAX_TOC_ENTRIES {
        return Err(input.too_large("the table of contents", MAX_TOC_ENTRIES));
    }
    let mut entries = Vec::new();
    let mut ids = HashSet::new();
    let mut budget = MAX_TOC_BYTES;
    for _ in 0..count {
        let entry = Reader { input, budget: &mut budget }.entry(version, offset_size)?;
        if entry.id <= 0 || !ids.insert(entry.id) {
            return Err(input.damaged("an entry's number is not unique"));
        }
        entries.push(entry);
    }
    Ok(entries)
}

struct Reader<'a, R> {
    input: &'a mut Input<R>,
    budget: &'a mut usize,
}

impl<R: Read> Reader<'_, R> {
    fn text(&mut self) -> Result<Text, ArchiveError> {
        let text = self.input.string(MAX_STRING_BYTES.min(*self.budget))?;
        let used = text.as_ref().map_or(0, |text| text.len().saturating_add(TEXT_OVERHEAD));
        self.spend(used)?;
        Ok(text)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), ArchiveError> {
        *self.budget = self.budget.saturating_sub(bytes);
        if *self.budget == 0 {
            return Err(self.input.too_large("the table of contents", MAX_TOC_BYTES));
        }
        Ok(())
    }

    fn entry(&mut self, version: Version, offset_size: usize) -> Result<Entry, ArchiveError> {
        self.spend(size_of::<Entry>())?;
        let id = self.input.int()?;
        let has_data = self.input.int()? != 0;
        let table_oid = self.text()?;
        let oid = self.text()?;
        let tag = self.text()?;
        let desc = self.text()?;
        let section = if version.at_least(11) {
            self.input.int()?
        } else {
            section_of(desc.as_deref().unwrap_or_default())
        };
        let defn = self.text()?;
        let drop = self.text()?;
        let copy = self.text()?;
        let namespace = self.text()?;
        let tablespace = self.text()?;
        let table_am = if version.at_least(14) { self.text()? } else { None };
        let relkind = if version.at_least(16) { self.input.int()? } else { 0 };
        let owner = self.text()?;
        let with_oids = self.text()?;
        let mut needs = Vec::new();
        while let Some(need) = self.text()? {
            needs.push(need);
        }
        let data = self.data_at(offset_size)?;
        Ok(Entry {
            id,
            has_data,
            table_oid,
            oid,
            tag,
            desc,
            section,
            defn,
            drop,
            copy,
            namespace,
            tablespace,
            table_am,
            relkind,
            owner,
            with_oids,
            needs,
            data,
        })
    }

    fn data_at(&mut self, offset_size: usize) -> Result<DataAt, ArchiveError> {
        let flag = self.input.byte()?;
        let mut bytes = [0; 8];
        for byte in bytes.iter_mut().take(offset_size) {
            *byte = self.input.byte()?;
        }
        match flag {
            1 => Ok(DataAt::Unknown),
            2 => Ok(DataAt::Offset(u64::from_le_bytes(bytes))),
            3 => Ok(DataAt::None),
            _ => Err(self.input.damaged("an entry's data flag is unknown")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::progress::Progress;

    fn version(minor: u8) -> Version {
        Version { major: 1, minor, revision: 0 }
    }

    fn parse(bytes: &[u8], minor: u8) -> Result<Vec<Entry>, ArchiveError> {
        let mut input = Input::new(bytes, Path::new("-"), false, &Progress::default());
        read(&mut input, version(minor), 8)
    }

    fn int(bytes: &mut Vec<u8>, value: i32) {
        bytes.push(u8::from(value < 0));
        bytes.extend(value.unsigned_abs().to_le_bytes());
    }

    fn text(bytes: &mut Vec<u8>, value: Option<&[u8]>) {
        int(bytes, value.map_or(-1, |value| i32::try_from(value.len()).unwrap()));
        bytes.extend(value.unwrap_or_default());
    }

    fn entry(minor: u8, id: i32, desc: &[u8], tag: Option<&[u8]>, needs: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        int(&mut bytes, id);
        int(&mut bytes, 0);
        for value in [Some(&b"1259"[..]), Some(b"0"), tag, Some(desc)] {
            text(&mut bytes, value);
        }
        if minor >= 11 {
            int(&mut bytes, 4);
        }
        for value in [Some(&b"defn"[..]), None, None, Some(b"public"), Some(b"")] {
            text(&mut bytes, value);
        }
        if minor >= 14 {
            text(&mut bytes, Some(b"heap"));
        }
        if minor >= 16 {
            int(&mut bytes, 112);
        }
        text(&mut bytes, Some(b"orca"));
        text(&mut bytes, Some(b"false"));
        needs.iter().for_each(|need| text(&mut bytes, Some(need)));
        text(&mut bytes, None);
        bytes.push(2);
        bytes.extend(77_u64.to_le_bytes());
        bytes
    }

    proptest! {
        #[test]
        fn entries_of_every_version_are_read(
            minor in 10_u8..=16,
            tag in prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
            needs in prop::collection::vec(prop::collection::vec(b'0'..=b'9', 1..6), 0..4),
        ) {
            let mut bytes = Vec::new();
            int(&mut bytes, 2);
            bytes.extend(entry(minor, 7, b"INDEX", tag.as_deref(), &needs));
            bytes.extend(entry(minor, 8, b"TABLE", tag.as_deref(), &needs));
            let entries = parse(&bytes, minor).unwrap();
            prop_assert_eq!(&entries[0].tag, &tag);
            prop_assert_eq!(&entries[0].needs, &needs);
            prop_assert_eq!(entries[0].section, 4);
            prop_assert_eq!(entries[1].section, if minor >= 11 { 4 } else { 2 });
            prop_assert_eq!(entries[1].data, DataAt::Offset(77));
            prop_assert_eq!(entries[1].table_am.is_some(), minor >= 14);
            prop_assert_eq!(entries[1].relkind, if minor >= 16 { 112 } else { 0 });
            prop_assert_eq!(entries[1].owner.as_deref(), Some(&b"orca"[..]));
            for length in 0..bytes.len() {
                prop_assert!(parse(&bytes[..length], minor).is_err());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(
            minor in 10_u8..=16,
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let _ = parse(&bytes, minor);
        }
    }

    #[test]
    fn a_length_that_only_promises_takes_no_memory() {
        let mut bytes = Vec::new();
        int(&mut bytes, 1_000_000);
        int(&mut bytes, 1);
        int(&mut bytes, 0);
        int(&mut bytes, 16 << 20);
        assert!(matches!(parse(&bytes, 14), Err(ArchiveError::Truncated { .. })));
        let mut bytes = Vec::new();
        int(&mut bytes, i32::MAX);
        assert!(matches!(parse(&bytes, 14), Err(ArchiveError::TooLarge { .. })));
    }
}
