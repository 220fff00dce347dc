//! zlib streams, checked to their very end.
//!
//! A stream that simply stops is an error here; convenience readers take it for a short one.

use flate2::{Decompress, FlushDecompress, Status};
use simd_adler32::Adler32;

use super::ArchiveError;
use super::limits::DECODED;

/// Bytes before the compressed data, and the checksum's behind it (RFC 1950).
const HEAD: usize = 2;
const TAIL: usize = 4;

/// Where in the stream it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    Deflated,
    Tail,
    Ended,
}

/// One zlib stream. Its frame is read here and only the data given to the library, whose own
/// checksum took a twelfth of a verification.
pub(super) struct Inflater {
    deflate: Decompress,
    out: Vec<u8>,
    adler: Adler32,
    part: Part,
    /// What has come of head or tail.
    frame: Vec<u8>,
}

impl Inflater {
    pub(super) fn new() -> Self {
        Self {
            deflate: Decompress::new(false),
            out: vec![0; DECODED],
            adler: Adler32::new(),
            part: Part::Head,
            frame: Vec::with_capacity(TAIL),
        }
    }

    /// Checks that nothing is missing at the block's end.
    pub(super) fn finish(self, offset: u64) -> Result<(), ArchiveError> {
        if self.part == Part::Ended {
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
        let undone = || damaged("a compressed block cannot be decompressed");
        while self.part != Part::Deflated {
            if self.part == Part::Ended {
                let rest = piece.is_empty();
                return if rest { Ok(()) } else { Err(damaged("bytes follow a compressed block")) };
            }
            let Some((byte, rest)) = piece.split_first() else { return Ok(()) };
            piece = rest;
            self.frame.push(*byte);
            self.part = match (self.part, self.frame.as_slice()) {
                (Part::Head, head) if head.len() == HEAD => {
                    is_head(head).then_some(Part::Deflated).ok_or_else(undone)?
                }
                (Part::Tail, tail) if tail.len() == TAIL => {
                    let right = tail == self.adler.finish().to_be_bytes();
                    right.then_some(Part::Ended).ok_or_else(undone)?
                }
                (part, _) => part,
            };
        }
        self.frame.clear();
        self.inflate(piece, offset, take)
    }

    fn inflate(
        &mut self,
        mut piece: &[u8],
        offset: u64,
        take: &mut impl FnMut(&[u8]) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let undone =
            || ArchiveError::Damaged { what: "a compressed block cannot be decompressed", offset };
        loop {
            let (read, written) = (self.deflate.total_in(), self.deflate.total_out());
            let status = self
                .deflate
                .decompress(piece, &mut self.out, FlushDecompress::None)
                .map_err(|_| undone())?;
            let read = usize::try_from(self.deflate.total_in() - read).unwrap_or(usize::MAX);
            let written = usize::try_from(self.deflate.total_out() - written).unwrap_or(usize::MAX);
            let plain = self.out.get(..written).unwrap_or_default();
            self.adler.write(plain);
            take(plain)?;
            piece = piece.get(read..).unwrap_or_default();
            if status == Status::StreamEnd {
                self.part = Part::Tail;
                return self.push(piece, offset, take);
            }
            // A full buffer may hide more output; an empty step means that more input is needed.
            if written < self.out.len() && (piece.is_empty() || read == 0) {
                return if piece.is_empty() { Ok(()) } else { Err(undone()) };
            }
        }
    }
}

/// Deflate, a window of at most 32 kB, no dictionary, and the check bits right.
fn is_head(head: &[u8]) -> bool {
    let [method, flags] = head else { return false };
    let check = u16::from_be_bytes([*method, *flags]) % 31 == 0;
    method & 0x0f == 8 && method >> 4 <= 7 && flags & 0x20 == 0 && check
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn inflated(stream: &[u8], size: usize) -> Option<Vec<u8>> {
        let (mut inflater, mut out) = (Inflater::new(), Vec::new());
        for piece in stream.chunks(size) {
            let mut take = |bytes: &[u8]| {
                out.extend_from_slice(bytes);
                Ok(())
            };
            inflater.push(piece, 0, &mut take).ok()?;
        }
        inflater.finish(0).ok()?;
        Some(out)
    }

    #[test]
    fn a_stream_is_the_same_however_it_is_cut_and_no_damage_passes() {
        let plain = "試験　患者\t1\n".repeat(20_000).into_bytes();
        for level in [0, 1, 6, 9] {
            let mut zlib =
                flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
            zlib.write_all(&plain).unwrap();
            let stream = zlib.finish().unwrap();
            for size in [1, 2, 7, 4096, stream.len()] {
                assert!(inflated(&stream, size).as_ref() == Some(&plain), "{level} by {size}");
            }
            for cut in [0, 1, 2, 3, stream.len() / 2, stream.len() - 4, stream.len() - 1] {
                assert!(inflated(&stream[..cut], 100).is_none(), "{level} cut at {cut}");
            }
            let longer = [&stream[..], b"x"].concat();
            assert!(inflated(&longer, 4096).is_none());
            // Head and checksum bit by bit, and the data here and there.
            let ends = (0..16).chain((stream.len() - 4) * 8..stream.len() * 8);
            for bit in ends.chain((16..stream.len() * 8).step_by(stream.len() / 3 + 1)) {
                let mut flipped = stream.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                // Some bits of the head only tell the effort or a smaller window.
                let harmless = bit < 16 && inflated(&flipped, 4096).as_ref() == Some(&plain);
                assert!(harmless || inflated(&flipped, 4096).is_none(), "{level}: bit {bit}");
            }
        }
        assert_eq!(inflated(b"\x78\x9c\x03\x00\x00\x00\x00\x01", 3), Some(Vec::new()));
    }
}
