//! A data block's content, whatever compressed it, checked to its very end.
//!
//! Memory is bounded by the decoders' windows, the output by a ratio: a small file cannot keep
//! the program busy for days.

use std::io::Read;

use lz4_flex::frame::FrameDecoder;
use ruzstd::decoding::StreamingDecoder;

use super::ArchiveError;
use super::chunks::Chunks;
use super::header::Compression;
use super::inflate::Inflater;
use super::input::Input;
use super::limits::{DECODED, FREE_EXPANSION, MAX_EXPANSION, MAX_ZSTD_WINDOW};

/// Hands the current block's content on in pieces.
pub(super) fn content<R: Read>(
    input: &mut Input<R>,
    compression: Compression,
    mut take: impl FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    // The position of the block's beginning stands for all of it: a compressed byte has no finer
    // place.
    let offset = input.offset();
    match compression {
        Compression::None => input.chunks(take),
        Compression::Zlib => {
            let mut inflater = Inflater::new();
            input.chunks(|piece| inflater.push(piece, offset, &mut take))?;
            inflater.finish(offset)
        }
        Compression::Lz4 => {
            let mut chunks = Chunks::new(input);
            let mut decoder = FrameDecoder::new(&mut chunks);
            let read = pull(&mut decoder, |_| 0, offset, &mut take);
            drop(decoder);
            end(read, &mut chunks, offset)
        }
        Compression::Zstd => {
            let mut chunks = Chunks::new(input);
            let read = zstd(&mut chunks, offset, &mut take);
            end(read, &mut chunks, offset)
        }
    }
}

/// Why a decoder stopped.
enum Stop {
    /// The decoder gave up; the stream below knows why.
    Decoder,
    /// The receiver or a limit said so.
    Said(ArchiveError),
}

fn zstd<R: Read>(
    chunks: &mut Chunks<'_, R>,
    offset: u64,
    take: &mut impl FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<(), Stop> {
    let mut decoder = StreamingDecoder::new_with_max_window_size(chunks, MAX_ZSTD_WINDOW)
        .map_err(|_| Stop::Decoder)?;
    let consumed = |decoder: &StreamingDecoder<&mut Chunks<'_, R>, _>| decoder.get_ref().consumed();
    pull(&mut decoder, consumed, offset, take)?;
    let frame = decoder.into_frame_decoder();
    let (promised, found) = (frame.get_checksum_from_data(), frame.get_calculated_checksum());
    match promised {
        Some(promised) if Some(promised) != found => Err(Stop::Decoder),
        _ => Ok(()),
    }
}

/// Reads a decoder to its end. `consumed` says how much went in, 0 where the format itself
/// bounds what comes out.
fn pull<D: Read>(
    decoder: &mut D,
    consumed: impl Fn(&D) -> u64,
    offset: u64,
    take: &mut impl FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<(), Stop> {
    let mut buffer = vec![0; DECODED];
    let mut produced = 0_u64;
    loop {
        let read = decoder.read(&mut buffer).map_err(|_| Stop::Decoder)?;
        if read == 0 {
            return Ok(());
        }
        produced = produced.saturating_add(read as u64);
        let most = consumed(decoder).saturating_mul(MAX_EXPANSION).saturating_add(FREE_EXPANSION);
        if consumed(decoder) > 0 && produced > most {
            let limit = usize::try_from(most).unwrap_or(usize::MAX);
            let what = "a compressed block's content";
            return Err(Stop::Said(ArchiveError::TooLarge { what, limit, offset }));
        }
        take(buffer.get(..read).unwrap_or_default()).map_err(Stop::Said)?;
    }
}

fn end<R: Read>(
    read: Result<(), Stop>,
    chunks: &mut Chunks<'_, R>,
    offset: u64,
) -> Result<(), ArchiveError> {
    match read {
        Ok(()) => chunks.finish(offset),
        Err(Stop::Decoder) => Err(chunks.reason(offset)),
        Err(Stop::Said(error)) => Err(error),
    }
}
