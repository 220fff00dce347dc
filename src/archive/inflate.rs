//! zlib streams, checked to their very end.
//!
//! A stream that simply stops is an error here; convenience readers take it for a short one.

use flate2::{Decompress, FlushDecompress, Status};

use super::ArchiveError;
use super::limits::DECODED;

/// One zlib stream.
pub(super) struct Inflater {
    zlib: Decompress,
    out: Vec<u8>,
    ended: bool,
}

impl Inflater {
    pub(super) fn new() -> Self {
        Self { zlib: Decompress::new(true), out: vec![0; DECODED], ended: false }
    }

    /// Checks that nothing is missing at the block's end.
    pub(super) fn finish(self, offset: u64) -> Result<(), ArchiveError> {
        if self.ended {
            Ok(())
        } else {
            Err(ArchiveError::Damaged { what: "a compressed block has no end", offset })
        }
    }

    /// Decompresses a piece and hands the result on. `offset` is for errors.
    pub(super) fn push(
        &mut self,
        mut piece: &[u8],
        offset: u64,
        take: &mut impl FnMut(&[u8]) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let damaged = |what| ArchiveError::Damaged { what, offset };
        loop {
            if self.ended {
                let empty = piece.is_empty();
                return if empty {
                    Ok(())
                } else {
                    Err(damaged("bytes follow a compressed block"))
                };
            }
            let (read, written) = (self.zlib.total_in(), self.zlib.total_out());
            let status = self
                .zlib
                .decompress(piece, &mut self.out, FlushDecompress::None)
                .map_err(|_| damaged("a compressed block cannot be decompressed"))?;
            let read = usize::try_from(self.zlib.total_in() - read).unwrap_or(usize::MAX);
            let written = usize::try_from(self.zlib.total_out() - written).unwrap_or(usize::MAX);
            take(self.out.get(..written).unwrap_or_default())?;
            piece = piece.get(read..).unwrap_or_default();
            self.ended = status == Status::StreamEnd;
            // A full buffer may hide more output; an empty step means that more input is needed.
            if !self.ended && written < self.out.len() && (piece.is_empty() || read == 0) {
                return if piece.is_empty() {
                    Ok(())
                } else {
                    Err(damaged("a compressed block cannot be decompressed"))
                };
            }
        }
    }
}
