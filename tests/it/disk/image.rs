//! A model of a disk that loses its power: from what was done to it, in order, every state that it
//! may be found in.
//!
//! What was synced is there. Of what was not, everything, nothing, some sectors, or all but a torn
//! last sector may be there. A name that was given or taken away counts once its folder was synced,
//! and may count before.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// An operation, as `shim.c` logs it.
#[derive(Debug)]
pub(super) enum Op {
    Write { number: u64, offset: u64, bytes: Vec<u8> },
    Truncate { number: u64, size: u64 },
    SyncFile { number: u64 },
    SyncFolder { path: PathBuf },
    Create { path: PathBuf, number: u64 },
    Rename { from: PathBuf, to: PathBuf },
    Unlink { path: PathBuf },
    MakeFolder { path: PathBuf },
    Acknowledge { text: String },
}

/// Reads a log.
pub(super) fn operations(mut log: &[u8]) -> Vec<Op> {
    fn take<'a>(log: &mut &'a [u8], size: usize) -> &'a [u8] {
        let (taken, rest) = log.split_at(size);
        *log = rest;
        taken
    }
    let mut ops = Vec::new();
    while !log.is_empty() {
        let kind = take(&mut log, 1)[0];
        let long = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap());
        let short = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap()) as usize;
        let (number, offset) = (long(take(&mut log, 8)), long(take(&mut log, 8)));
        let (path_size, size) = (short(take(&mut log, 4)), short(take(&mut log, 4)));
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let path = PathBuf::from(text(take(&mut log, path_size)));
        let bytes = take(&mut log, size).to_vec();
        ops.push(match kind {
            b'W' => Op::Write { number, offset, bytes },
            b'T' => Op::Truncate { number, size: offset },
            b'S' => Op::SyncFile { number },
            b'D' => Op::SyncFolder { path },
            b'C' => Op::Create { path, number },
            b'R' => Op::Rename { from: path, to: PathBuf::from(text(&bytes)) },
            b'U' => Op::Unlink { path },
            b'M' => Op::MakeFolder { path },
            b'A' => Op::Acknowledge { text: text(&bytes).trim().to_owned() },
            other => panic!("an operation `{other}`"),
        });
    }
    ops
}

/// What became of bytes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Data {
    Kept,
    Dropped,
    /// The last write's last sector of this size is half new, half old.
    Torn(usize),
    /// Some sectors are there and some are not; which, by this seed.
    Mixed(u64),
}

/// What became of names whose folder was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    Kept,
    Lost,
}

/// Every way in which one moment may be found.
pub(super) fn ways(seed: u64) -> Vec<(Data, Names)> {
    let data = [Data::Kept, Data::Dropped, Data::Torn(512), Data::Torn(4096), Data::Mixed(seed)];
    let both = |data| [(data, Names::Kept), (data, Names::Lost)];
    data.into_iter().flat_map(both).collect()
}

#[derive(Clone, Debug)]
enum Change {
    Write { order: u64, offset: usize, bytes: Vec<u8> },
    Truncate { size: usize },
}

#[derive(Clone, Debug, Default)]
struct FileState {
    durable: Vec<u8>,
    since: Vec<Change>,
}

/// One folder's entry that is not surely on the disk.
#[derive(Clone, Debug)]
enum Half {
    Add { path: PathBuf, file: usize },
    Remove { path: PathBuf },
    Folder { path: PathBuf },
}

impl Half {
    fn folder(&self) -> &Path {
        let (Self::Add { path, .. } | Self::Remove { path } | Self::Folder { path }) = self;
        path.parent().unwrap()
    }
}

#[derive(Clone, Debug, Default)]
struct Tree {
    files: BTreeMap<PathBuf, usize>,
    folders: BTreeSet<PathBuf>,
}

impl Tree {
    fn apply(&mut self, half: &Half) {
        match half {
            Half::Add { path, file } => {
                self.files.insert(path.clone(), *file);
            }
            Half::Remove { path } => {
                self.files.remove(path);
            }
            Half::Folder { path } => {
                self.folders.insert(path.clone());
            }
        }
    }
}

/// The disk after some operations.
pub(super) struct Disk {
    root: PathBuf,
    files: Vec<FileState>,
    /// The file that has an inode's number now.
    numbers: HashMap<u64, usize>,
    durable: Tree,
    since: Vec<Half>,
    now: Tree,
    writes: u64,
}

impl Disk {
    /// With what lies below `root`, all of it on the disk.
    pub(super) fn of(root: &Path) -> Self {
        let mut disk = Self {
            root: root.to_owned(),
            files: Vec::new(),
            numbers: HashMap::new(),
            durable: Tree::default(),
            since: Vec::new(),
            now: Tree::default(),
            writes: 0,
        };
        disk.durable.folders.insert(root.to_owned());
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    disk.durable.folders.insert(path.clone());
                    folders.push(path);
                    continue;
                }
                let file = disk.files.len();
                let durable = std::fs::read(&path).unwrap();
                disk.files.push(FileState { durable, since: Vec::new() });
                disk.numbers.insert(std::fs::metadata(&path).unwrap().ino(), file);
                disk.durable.files.insert(path, file);
            }
        }
        disk.now = disk.durable.clone();
        disk
    }

    fn file(&mut self, number: u64) -> &mut FileState {
        let file = self.numbers[&number];
        &mut self.files[file]
    }

    fn name(&mut self, half: Half) {
        self.now.apply(&half);
        self.since.push(half);
    }

    pub(super) fn apply(&mut self, op: &Op) {
        match op {
            Op::Write { number, offset, bytes } => {
                self.writes += 1;
                let (order, offset) = (self.writes, usize::try_from(*offset).unwrap());
                let bytes = bytes.clone();
                self.file(*number).since.push(Change::Write { order, offset, bytes });
            }
            Op::Truncate { number, size } => {
                let size = usize::try_from(*size).unwrap();
                self.file(*number).since.push(Change::Truncate { size });
            }
            Op::SyncFile { number } => {
                let file = self.file(*number);
                let since = std::mem::take(&mut file.since);
                since.iter().for_each(|change| whole(&mut file.durable, change));
            }
            Op::SyncFolder { path } => {
                let (synced, rest) =
                    std::mem::take(&mut self.since).into_iter().partition(|h| h.folder() == path);
                self.since = rest;
                let synced: Vec<Half> = synced;
                synced.iter().for_each(|half| self.durable.apply(half));
            }
            Op::Create { path, number } => {
                let file = self.files.len();
                self.files.push(FileState::default());
                self.numbers.insert(*number, file);
                self.name(Half::Add { path: path.clone(), file });
            }
            Op::Rename { from, to } => {
                let file = self.now.files[from];
                self.name(Half::Add { path: to.clone(), file });
                self.name(Half::Remove { path: from.clone() });
            }
            Op::Unlink { path } => self.name(Half::Remove { path: path.clone() }),
            Op::MakeFolder { path } => self.name(Half::Folder { path: path.clone() }),
            Op::Acknowledge { .. } => {}
        }
    }

    /// What is found below the root: paths relative to it, `None` for a folder.
    pub(super) fn found(&self, data: Data, names: Names) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let tree = match names {
            Names::Kept => &self.now,
            Names::Lost => &self.durable,
        };
        let reached = |path: &Path| {
            let above = path.ancestors().skip(1).take_while(|path| path.starts_with(&self.root));
            above.into_iter().all(|folder| tree.folders.contains(folder))
        };
        let inside = |path: &Path| path.strip_prefix(&self.root).unwrap().to_owned();
        let mut found = BTreeMap::new();
        for folder in tree.folders.iter().filter(|path| **path != self.root && reached(path)) {
            found.insert(inside(folder), None);
        }
        for (path, file) in tree.files.iter().filter(|(path, _)| reached(path)) {
            found.insert(inside(path), Some(self.content(&self.files[*file], data)));
        }
        found
    }

    fn content(&self, file: &FileState, data: Data) -> Vec<u8> {
        let mut bytes = file.durable.clone();
        for change in &file.since {
            match (data, change) {
                (Data::Dropped, _) => {}
                (Data::Torn(sector), Change::Write { order, offset, bytes: new })
                    if *order == self.writes =>
                {
                    let last = (offset + new.len() - 1) / sector * sector;
                    let cut = (last + sector / 2).clamp(*offset, offset + new.len());
                    put(&mut bytes, *offset, &new[..cut - offset]);
                }
                (Data::Mixed(seed), Change::Write { order, offset, bytes: new }) => {
                    let mut at = 0;
                    while at < new.len() {
                        let to = (((offset + at) / 512 + 1) * 512 - offset).min(new.len());
                        let coin = mix(seed ^ (order << 20) ^ (offset + at) as u64);
                        if coin & 1 == 0 {
                            put(&mut bytes, offset + at, &new[at..to]);
                        }
                        at = to;
                    }
                }
                (_, change) => whole(&mut bytes, change),
            }
        }
        bytes
    }
}

fn whole(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes: new, .. } => put(bytes, *offset, new),
        Change::Truncate { size } => bytes.resize(*size, 0),
    }
}

fn put(bytes: &mut Vec<u8>, offset: usize, new: &[u8]) {
    let end = offset + new.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[offset..end].copy_from_slice(new);
}

/// SplitMix64.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Lays what is found into an empty folder.
pub(super) fn lay(found: &BTreeMap<PathBuf, Option<Vec<u8>>>, folder: &Path) {
    for (path, content) in found {
        let path = folder.join(path);
        match content {
            None => std::fs::create_dir_all(&path).unwrap(),
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
        }
    }
}

/// One number for all that is found: most moments look like one that was judged already.
pub(super) fn sum(found: &BTreeMap<PathBuf, Option<Vec<u8>>>) -> u128 {
    let mut sum = xxhash_rust::xxh3::Xxh3::new();
    for (path, content) in found {
        sum.update(path.as_os_str().as_encoded_bytes());
        sum.update(&content.as_ref().map_or(u64::MAX, |bytes| bytes.len() as u64).to_le_bytes());
        sum.update(content.as_deref().unwrap_or_default());
    }
    sum.digest128()
}
