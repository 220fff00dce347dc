//! The places of an archive's blocks in a file, and a file read from several places at once.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::SystemTime;

use super::ArchiveError;
use super::reader::Reader;
use super::toc::DataAt;

/// A block's place and the entry it belongs to.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) id: i32,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// What shows that a file was written to while it was read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) regular: bool,
    pub(super) bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    pub(super) fn of(file: &File, path: &Path) -> Result<Self, ArchiveError> {
        let meta = file.metadata().map_err(ArchiveError::reading(path))?;
        let (regular, bytes) = (meta.is_file(), meta.len());
        Ok(Self { regular, bytes, modified: meta.modified().ok() })
    }
}

/// A file from some place on; several can read the same one.
pub(super) struct FromHere<'a> {
    pub(super) file: &'a File,
    pub(super) at: u64,
}

impl Read for FromHere<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

/// Where each block stands, `None` where the table of contents does not say it for all, or says
/// what cannot be: then the file is read in order, which tells what is wrong with it.
pub(super) fn plan(reader: &Reader<File>, bytes: u64) -> Option<Vec<Span>> {
    let with_data = reader.entries.iter().filter(|entry| entry.has_data);
    let starts = with_data.map(|entry| match entry.data {
        DataAt::Offset(start) if entry.is("TABLE DATA") || entry.is("BLOBS") => {
            Some(Span { id: entry.id, start, end: bytes })
        }
        // Old versions have blocks of other kinds, which are known where the file is read in
        // order.
        DataAt::Offset(_) | DataAt::Unknown | DataAt::None => None,
    });
    let mut spans = starts.collect::<Option<Vec<_>>>()?;
    spans.sort_by_key(|span| span.start);
    let starts: Vec<u64> = spans.iter().map(|span| span.start).chain([bytes]).collect();
    let first = starts.first().is_some_and(|first| *first == reader.input.offset());
    if !first || !starts.is_sorted_by(|a, b| a < b) {
        return None;
    }
    for (span, end) in spans.iter_mut().zip(starts.iter().skip(1)) {
        span.end = *end;
    }
    Some(spans)
}
