//! A data block's chunks as one stream, for decoders that pull their input.
//!
//! It remembers why it failed and whether it was asked for more than there is: a decoder's own
//! error says neither, and some take an end in mid-stream for a proper one.

use std::io::{self, Read};

use super::ArchiveError;
use super::input::Input;

/// The bytes of one block, up to the empty chunk that ends it.
pub(super) struct Chunks<'a, R> {
    input: &'a mut Input<R>,
    left: u64,
    ended: bool,
    consumed: u64,
    asked_past_end: bool,
    failed: Option<ArchiveError>,
}

impl<'a, R: Read> Chunks<'a, R> {
    pub(super) fn new(input: &'a mut Input<R>) -> Self {
        Self { input, left: 0, ended: false, consumed: 0, asked_past_end: false, failed: None }
    }

    /// True where nothing is left.
    pub(super) fn at_end(&mut self) -> Result<bool, ArchiveError> {
        if self.left == 0 && !self.ended {
            let length = self.input.int()?;
            self.left = u64::try_from(length)
                .map_err(|_| self.input.damaged("a chunk has a negative length"))?;
            self.ended = self.left == 0;
        }
        Ok(self.ended)
    }

    /// Compressed bytes so far.
    pub(super) fn consumed(&self) -> u64 {
        self.consumed
    }

    /// What really went wrong when a decoder gave up; `offset` is the block's.
    pub(super) fn reason(&mut self, offset: u64) -> ArchiveError {
        let what = if self.asked_past_end {
            "a compressed block has no end"
        } else {
            "a compressed block cannot be decompressed"
        };
        self.failed.take().unwrap_or(ArchiveError::Damaged { what, offset })
    }

    /// Checks that the decoder took everything and wanted nothing more.
    pub(super) fn finish(&mut self, offset: u64) -> Result<(), ArchiveError> {
        if self.asked_past_end || self.failed.is_some() {
            return Err(self.reason(offset));
        }
        if self.at_end()? {
            return Ok(());
        }
        Err(ArchiveError::Damaged { what: "bytes follow a compressed block", offset })
    }

    fn take(&mut self, buffer: &mut [u8]) -> Result<usize, ArchiveError> {
        if self.at_end()? {
            self.asked_past_end = true;
            return Ok(0);
        }
        let at = self.input.offset();
        let there = self.input.fill()?;
        if there.is_empty() {
            return Err(ArchiveError::Truncated { offset: at });
        }
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        let length = left.min(there.len()).min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), there.get(..length)) {
            to.copy_from_slice(from);
        }
        self.input.consume(length);
        self.left = self.left.saturating_sub(length as u64);
        self.consumed = self.consumed.saturating_add(length as u64);
        Ok(length)
    }
}

impl<R: Read> Read for Chunks<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.take(buffer).map_err(|error| {
            self.failed = Some(error);
            io::Error::other("the archive cannot be read on")
        })
    }
}
