//! zlib streams, checked to their very end.
//!
//! A stream that simply stops is an error here; convenience readers take it for a short one.

use flate2::{Decompress, FlushDecompress, Status};

use super::ArchiveError;

/// Bytes decompressed at a time; the stream may expand a thousandfold, memory does not.
const OUT: usize = 128 << 10;

/// What the chunks of one data block are.
pub(super) enum Inflater {
    /// Not compressed.
    Plain,
    /// One zlib stream.
    Zlib(Box<Stream>),
}

pub(super) struct Stream {
    zlib: Decompress,
    out: Vec<u8>,
    ended: bool,
}

impl Inflater {
    /// For a header's level.
    pub(super) fn new(level: i32) -> Self {
        if level == 0 {
            return Self::Plain;
        }
        let zlib = Decompress::new(true);
        Self::Zlib(Box::new(Stream { zlib, out: vec![0; OUT], ended: false }))
    }

    /// Decompresses a piece and hands the result on. `offset` is for errors.
    pub(super) fn push(
        &mut self,
        piece: &[u8],
        offset: u64,
        mut take: impl FnMut(&[u8]) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        match self {
            Self::Plain => take(piece),
            Self::Zlib(stream) => stream.push(piece, offset, &mut take),
        }
    }

    /// Checks that nothing is missing at the block's end.
    pub(super) fn finish(self, offset: u64) -> Result<(), ArchiveError> {
        match self {
            Self::Zlib(stream) if !stream.ended => {
                Err(ArchiveError::Damaged { what: "a compressed block has no end", offset })
            }
            _ => Ok(()),
        }
    }
}

impl Stream {
    fn push(
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
