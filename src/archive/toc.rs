//! The table of contents, entry by entry, as it stands in the archive.

use std::collections::HashSet;
use std::io::Read;

use super::ArchiveError;
use super::header::Version;
use super::input::Input;
use super::limits::{MAX_STRING_BYTES, MAX_TOC_BYTES, MAX_TOC_ENTRIES};

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
        let used = text.as_ref().map_or(0, Vec::len).saturating_add(size_of::<Text>());
        *self.budget = self.budget.saturating_sub(used);
        if *self.budget == 0 {
            return Err(self.input.too_large("the table of contents", MAX_TOC_BYTES));
        }
        Ok(text)
    }

    fn entry(&mut self, version: Version, offset_size: usize) -> Result<Entry, ArchiveError> {
        let id = self.input.int()?;
        let has_data = self.input.int()? != 0;
        let table_oid = self.text()?;
        let oid = self.text()?;
        let tag = self.text()?;
        let desc = self.text()?;
        let section = self.input.int()?;
        let defn = self.text()?;
        let drop = self.text()?;
        let copy = self.text()?;
        let namespace = self.text()?;
        let tablespace = self.text()?;
        let table_am = if version.at_least(14) { self.text()? } else { None };
        if version.at_least(16) {
            // The kind of relation; 1.14 has no place for it and pg_restore needs it for
            // partitioned tables' data only.
            self.input.int()?;
        }
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
