//! The bytes of an archive as they come: counted, hashed, and read with a bound on everything.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::ArchiveError;
use super::limits::READ_BUFFER;
use crate::progress::Progress;

/// Bytes of chunks that are handed on together: they stay in a core's own cache.
const GATHERED: usize = 64 << 10;

/// A stream with its position.
pub(super) struct Input<R> {
    inner: R,
    path: PathBuf,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    sha: Option<Sha256>,
    progress: Progress,
    /// Bytes of an integer, as the header says.
    pub(super) int_size: usize,
}

impl<R: Read> Input<R> {
    pub(super) fn new(inner: R, path: &Path, hashed: bool, progress: &Progress) -> Self {
        Self {
            inner,
            path: path.to_owned(),
            buffer: vec![0; READ_BUFFER],
            start: 0,
            end: 0,
            offset: 0,
            sha: hashed.then(Sha256::new),
            progress: progress.clone(),
            int_size: 4,
        }
    }

    /// The position, in bytes from the start.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) fn damaged(&self, what: &'static str) -> ArchiveError {
        ArchiveError::Damaged { what, offset: self.offset }
    }

    pub(super) fn too_large(&self, what: &'static str, limit: usize) -> ArchiveError {
        ArchiveError::TooLarge { what, limit, offset: self.offset }
    }

    /// The bytes that are there, at least one unless the stream has ended.
    pub(super) fn fill(&mut self) -> Result<&[u8], ArchiveError> {
        while self.start >= self.end {
            let read = match self.inner.read(&mut self.buffer) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(ArchiveError::reading(&self.path)(error)),
            };
            self.start = 0;
            self.end = read.min(self.buffer.len());
            if read == 0 {
                break;
            }
            let fresh = self.buffer.get(..self.end).unwrap_or_default();
            if let Some(sha) = &mut self.sha {
                sha.update(fresh);
            }
            self.progress.add_bytes(read as u64);
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    /// Passes over bytes that [`Input::fill`] gave.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
        self.offset = self.offset.saturating_add(count as u64);
    }

    /// One byte, `None` at the end.
    pub(super) fn byte_or_end(&mut self) -> Result<Option<u8>, ArchiveError> {
        let byte = self.fill()?.first().copied();
        if byte.is_some() {
            self.consume(1);
        }
        Ok(byte)
    }

    pub(super) fn byte(&mut self) -> Result<u8, ArchiveError> {
        self.byte_or_end()?.ok_or(ArchiveError::Truncated { offset: self.offset })
    }

    /// Hands `count` bytes on in pieces, without holding them.
    pub(super) fn pieces(
        &mut self,
        count: u64,
        mut take: impl FnMut(&[u8]) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let mut left = count;
        while left > 0 {
            let offset = self.offset;
            let there = self.fill()?;
            if there.is_empty() {
                return Err(ArchiveError::Truncated { offset });
            }
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(there.len());
            take(there.get(..length).unwrap_or_default())?;
            self.consume(length);
            left = left.saturating_sub(length as u64);
        }
        Ok(())
    }

    /// An integer: a sign byte, then `int_size` bytes, the lowest first.
    pub(super) fn int(&mut self) -> Result<i32, ArchiveError> {
        let sign = self.byte()?;
        let mut value = 0_u64;
        for place in 0..self.int_size {
            let byte = u64::from(self.byte()?);
            if place < 8 {
                value |= byte << (place * 8);
            } else if byte != 0 {
                return Err(self.damaged("an integer is out of range"));
            }
        }
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        let value = match sign {
            0 => value,
            // The oids of large objects are written as if they were signed, down to -2^31.
            1 => value.saturating_neg(),
            _ => return Err(self.damaged("an integer has no valid sign")),
        };
        i32::try_from(value).map_err(|_| self.damaged("an integer is out of range"))
    }

    /// A string: its length, negative for none, then its bytes.
    pub(super) fn string(&mut self, limit: usize) -> Result<Option<Vec<u8>>, ArchiveError> {
        let length = self.int()?;
        let Ok(length) = usize::try_from(length) else { return Ok(None) };
        if length > limit {
            return Err(self.too_large("a string", limit));
        }
        // The memory follows the bytes that come, not the length that is promised.
        let mut bytes = Vec::new();
        self.pieces(length as u64, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(Some(bytes))
    }

    /// The chunks of a data block, up to the empty one that ends it. An uncompressed dump has a
    /// chunk for each row; they are handed on together.
    pub(super) fn chunks(
        &mut self,
        mut take: impl FnMut(&[u8]) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let mut gathered = Vec::with_capacity(READ_BUFFER);
        loop {
            let length = match self.length_at_hand() {
                Some(length) => length,
                None => self.int()?,
            };
            match u64::try_from(length) {
                Ok(0) => {
                    return if gathered.is_empty() { Ok(()) } else { take(&gathered) };
                }
                Ok(length) => self.pieces(length, |piece| {
                    gathered.extend_from_slice(piece);
                    if gathered.len() < GATHERED {
                        return Ok(());
                    }
                    let taken = take(&gathered);
                    gathered.clear();
                    taken
                })?,
                Err(_) => return Err(self.damaged("a chunk has a negative length")),
            }
        }
    }

    /// A positive integer of four bytes that lies in the buffer already: the common case of the
    /// ten million that a dump can have.
    fn length_at_hand(&mut self) -> Option<i32> {
        let there = self.buffer.get(self.start..self.end)?;
        let (0, rest) = there.split_first()? else { return None };
        let bytes = rest.first_chunk::<4>().filter(|_| self.int_size == 4)?;
        let length = i32::try_from(u32::from_le_bytes(*bytes)).ok()?;
        self.consume(5);
        Some(length)
    }

    /// Goes on with another stream, as if it had been read up to `offset`.
    pub(super) fn with<S: Read>(&self, inner: S, offset: u64) -> Input<S> {
        let mut input = Input::new(inner, &self.path, false, &self.progress);
        (input.offset, input.int_size) = (offset, self.int_size);
        input
    }

    /// SHA-256 of everything that was read.
    pub(super) fn take_sha256(&mut self) -> Option<String> {
        self.sha.take().map(|sha| hex::encode(sha.finalize()))
    }
}
