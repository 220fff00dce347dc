//! A pass over all data of an archive file, on all cores where the table of contents says where
//! each block begins.
//!
//! Nothing is skipped either way. Side by side, each block must begin where the table of
//! contents says and end where the next one begins, the first one behind the table of contents
//! and the last one at the file's end: together they are the whole file, as when it is read in
//! order. What is done with the data is the caller's.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::Xxh3;

use super::ArchiveError;
use super::crew::{Crew, Job, Take};
use super::large_objects;
use super::limits::READ_BUFFER;
use super::places::{FromHere, Span, Stamp, plan};
use super::reader::{Block, Reader, Table};
use crate::progress::Progress;

/// Hashing takes about an eighth of the time that decompressing the same bytes takes.
const HASH_SHARE: u64 = 8;

/// What is done with an archive's data. Blocks come in any order and at the same time.
pub(super) trait Pass: Sync {
    /// What takes a table's content, `None` where it is of no interest. `block` is the position
    /// of its data, so that results can be put into the file's order.
    fn table<'a>(
        &'a self,
        table: &'a Table,
        block: u64,
    ) -> Result<Option<Box<dyn Take + Send + 'a>>, ArchiveError>;

    /// A large object: its number, length, and a hash of its bytes.
    fn large_object(&self, _oid: i32, _bytes: u64, _hash: u128) {}

    /// True where large objects are of no interest.
    fn skips_large_objects(&self) -> bool {
        false
    }
}

/// An archive file that is about to be read.
pub(super) struct Opened {
    path: PathBuf,
    reader: Mutex<Reader<File>>,
    pub(super) tables: HashMap<i32, Table>,
    pub(super) encoding: crate::charset::SourceEncoding,
    plan: Option<Vec<Span>>,
    /// The large objects that entries name and that have not come yet, where blocks are read
    /// side by side; in order, the reader looks after them.
    objects: Mutex<Option<HashSet<i32>>>,
    reads_objects: AtomicBool,
    file: File,
    stamp: Stamp,
    hashed: bool,
    result: Mutex<Outcome>,
}

#[derive(Default)]
struct Outcome {
    /// The first fault in the file's order.
    fault: Option<(u64, ArchiveError)>,
    sha256: Option<String>,
}

impl Opened {
    /// Reads header and table of contents; `hashed` where [`Opened::finish`] shall give the
    /// file's SHA-256.
    pub(super) fn open(
        path: &Path,
        hashed: bool,
        progress: &Progress,
    ) -> Result<Self, ArchiveError> {
        let file = File::open(path).map_err(ArchiveError::reading(path))?;
        let stamp = Stamp::of(&file, path)?;
        let mut reader = Reader::open(path, hashed && !stamp.regular, progress)?;
        let plan = if stamp.regular { plan(&reader, stamp.bytes) } else { None };
        if plan.is_none() && hashed && stamp.regular {
            // In order, the bytes are hashed on their way.
            reader = Reader::open(path, hashed, progress)?;
        }
        let named = plan.as_ref().map(|_| large_objects::named(&reader.entries));
        Ok(Self {
            path: path.to_owned(),
            tables: reader.tables.clone(),
            encoding: reader.encoding,
            reader: Mutex::new(reader),
            plan,
            objects: Mutex::new(named.filter(|named| !named.is_empty())),
            reads_objects: AtomicBool::new(false),
            file,
            stamp,
            hashed,
            result: Mutex::default(),
        })
    }

    /// Looks at header and table of contents.
    pub(super) fn look<T>(&self, at: impl FnOnce(&Reader<File>) -> T) -> T {
        at(&self.reader.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The file's size.
    pub(super) fn bytes(&self) -> u64 {
        self.stamp.bytes
    }

    /// True where the file can be opened and read once more.
    pub(super) fn can_be_read_again(&self) -> bool {
        self.stamp.regular
    }

    /// The jobs that read all of it once.
    pub(super) fn jobs<'env, P: Pass>(
        &'env self,
        pass: &'env P,
        progress: &'env Progress,
    ) -> Vec<Job<'env>> {
        self.reads_objects.store(!pass.skips_large_objects(), Ordering::Relaxed);
        let Some(plan) = &self.plan else {
            let work = move |crew: &Crew<'env>| {
                let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
                let mut at = 0;
                let read = self.in_order(&mut reader, &mut at, pass, crew, progress);
                read.unwrap_or_else(|error| self.fault(at, error));
            };
            return vec![Job { size: self.stamp.bytes, work: Box::new(work) }];
        };
        let blocks = plan.iter().filter(|span| self.wants(span.id, pass)).map(|span| {
            let work = move |crew: &Crew<'env>| {
                if !self.is_pointless(span.start) {
                    let read = self.one(*span, pass, crew, progress);
                    read.unwrap_or_else(|error| self.fault(span.start, error));
                }
            };
            Job { size: span.end.saturating_sub(span.start), work: Box::new(work) }
        });
        let mut jobs: Vec<Job<'env>> = blocks.collect();
        if self.hashed {
            let size = self.stamp.bytes / HASH_SHARE;
            jobs.push(Job { size, work: Box::new(move |_| self.hash()) });
        }
        jobs
    }

    /// Checks that all large objects came, where they were read side by side.
    fn all_objects(&self) -> Result<(), ArchiveError> {
        let left = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        if self.plan.is_none() || !self.reads_objects.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.look(|reader| large_objects::check_complete(&reader.entries, left.as_ref()))
    }

    /// What came of the jobs; the SHA-256 where it was asked for.
    pub(super) fn finish(&self) -> Result<Option<String>, ArchiveError> {
        let mut result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, error)) = result.fault.take() {
            return Err(error);
        }
        if self.stamp.regular && Stamp::of(&self.file, &self.path)? != self.stamp {
            let what = "the file was written to while it was read";
            return Err(ArchiveError::Damaged { what, offset: self.stamp.bytes });
        }
        self.all_objects()?;
        Ok(result.sha256.take())
    }

    fn fault(&self, at: u64, error: ArchiveError) {
        let mut result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        if result.fault.as_ref().is_none_or(|(known, _)| at < *known) {
            result.fault = Some((at, error));
        }
    }

    /// True where a fault is known that stands before `at`: only the first one is told.
    fn is_pointless(&self, at: u64) -> bool {
        let result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        result.fault.as_ref().is_some_and(|(known, _)| *known < at)
    }

    fn wants<P: Pass>(&self, id: i32, pass: &P) -> bool {
        match self.tables.get(&id) {
            // An error is told when the block is read.
            Some(table) => !matches!(pass.table(table, 0), Ok(None)),
            None => !pass.skips_large_objects(),
        }
    }

    /// Reads one block and sees that it ends where the next one begins.
    fn one<'env, P: Pass>(
        &'env self,
        span: Span,
        pass: &'env P,
        crew: &Crew<'env>,
        progress: &Progress,
    ) -> Result<(), ArchiveError> {
        let stream = FromHere { file: &self.file, at: span.start };
        let mut reader = self.look(|reader| reader.with(stream, span.start));
        let kind = reader.input.byte()?;
        let damaged = |what| ArchiveError::Damaged { what, offset: span.start };
        let expected = if self.tables.contains_key(&span.id) { 1 } else { 3 };
        if reader.input.int()? != span.id {
            return Err(damaged("a data block is not where the table of contents says"));
        }
        if kind != expected {
            return Err(damaged("a data block's kind is unknown"));
        }
        let block = if kind == 1 { Block::Table(span.id) } else { Block::Blobs(span.id) };
        self.block(&mut reader, block, span.start, pass, crew, progress)?;
        if reader.input.offset() == span.end {
            return Ok(());
        }
        Err(reader.input.damaged(if span.end == self.stamp.bytes {
            "bytes follow the last data block, or it ends too early"
        } else {
            "a data block does not end where the next one begins"
        }))
    }

    fn in_order<'env, P: Pass>(
        &'env self,
        reader: &mut Reader<File>,
        at: &mut u64,
        pass: &'env P,
        crew: &Crew<'env>,
        progress: &Progress,
    ) -> Result<(), ArchiveError> {
        loop {
            *at = reader.input.offset();
            let Some(block) = reader.next_block()? else { break };
            self.block(reader, block, *at, pass, crew, progress)?;
        }
        let sha256 = reader.input.take_sha256();
        self.result.lock().unwrap_or_else(PoisonError::into_inner).sha256 = sha256;
        Ok(())
    }

    fn block<'env, R: Read, P: Pass>(
        &'env self,
        reader: &mut Reader<R>,
        block: Block,
        start: u64,
        pass: &'env P,
        crew: &Crew<'env>,
        progress: &Progress,
    ) -> Result<(), ArchiveError> {
        let id = match block {
            Block::Blobs(_) => return self.large_objects(reader, pass),
            Block::Table(id) => id,
        };
        let Some(table) = self.tables.get(&id) else {
            return Err(reader.input.damaged("a data block belongs to no entry"));
        };
        progress.stage(&format!("{}.{}", table.schema, table.name));
        let Some(take) = pass.table(table, start)? else { return reader.content(|_, _| Ok(())) };
        crew.stream(take, |send| reader.content(send))?.finish(reader.input.offset())
    }

    fn large_objects<R: Read, P: Pass>(
        &self,
        reader: &mut Reader<R>,
        pass: &P,
    ) -> Result<(), ArchiveError> {
        while let Some(oid) = reader.next_blob()? {
            let mut named = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
            if named.as_mut().is_some_and(|named| !named.remove(&oid)) {
                let what = "a large object has no entry, or comes twice";
                return Err(reader.input.damaged(what));
            }
            drop(named);
            let (mut hash, mut length) = (Xxh3::new(), 0_u64);
            reader.content(|bytes, _| {
                length = length.saturating_add(bytes.len() as u64);
                hash.update(bytes);
                Ok(())
            })?;
            pass.large_object(oid, length, hash.digest128());
        }
        Ok(())
    }

    fn hash(&self) {
        let mut stream = FromHere { file: &self.file, at: 0 };
        let (mut sha, mut buffer) = (Sha256::new(), vec![0; READ_BUFFER]);
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => sha.update(buffer.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return self.fault(stream.at, ArchiveError::reading(&self.path)(error));
                }
            }
        }
        let sha256 = Some(hex::encode(sha.finalize()));
        self.result.lock().unwrap_or_else(PoisonError::into_inner).sha256 = sha256;
    }
}
