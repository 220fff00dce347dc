//! Deflate for a table's COPY text, quicker than zlib at its size.
//!
//! Writes pieces of one stream that can be made on several cores: each chunk may refer to the text
//! before it and ends on a byte border. It does not frame them as a zlib stream, and nothing here
//! reads or inflates.

mod adler;
mod bits;
mod block;
mod header;
mod huffman;
mod search;
mod symbols;
mod table;

pub(super) use adler::{adler32, adler32_combine};
use bits::BitWriter;
use block::Step;
use search::Searcher;
use symbols::WINDOW;

/// A block's text, about: long enough that its codes cost little, short enough that they fit it.
const BLOCK: usize = 96 << 10;

/// What closes a stream after its last chunk: an empty last block with the fixed code.
pub(super) const END: [u8; 2] = [3, 0];

/// How hard to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// As quick as is sensible.
    Fast,
    /// As small as zlib's level 6 on a clinic's tables.
    Default,
    /// For text that repeats in short pieces, like names: within 6 % of zlib's level 6 there, too,
    /// at half the pace. Digits come out no smaller than by default.
    Small,
}

/// Compresses chunk after chunk with the same buffers.
pub(super) struct Encoder {
    search: Search,
    steps: Vec<Step>,
}

/// The search of each effort. Matches of fewer than five or six bytes are left alone: in fields
/// of digits, which fill most tables, they cost more bits than the digits, and much time.
enum Search {
    Fast(Searcher<1, 6, 0, 2>),
    Default(Searcher<2, 6, 16, 1>),
    Small(Searcher<4, 5, 16, 1>),
}

impl Encoder {
    pub(super) fn new(effort: Effort) -> Self {
        let search = match effort {
            Effort::Fast => Search::Fast(Searcher::new()),
            Effort::Default => Search::Default(Searcher::new()),
            Effort::Small => Search::Small(Searcher::new()),
        };
        Self { search, steps: Vec::new() }
    }

    /// Appends `text` from `start` on as whole blocks that are not the stream's last, ended on a
    /// byte border by an empty stored block. What lies before `start` is what came before in the
    /// same stream: it may be referred to, the last 32 KiB of it. The bytes depend on nothing else.
    pub(super) fn chunk(&mut self, text: &[u8], start: usize, out: &mut Vec<u8>) {
        let start = start.min(text.len());
        let text = text.get(start.saturating_sub(WINDOW)..).unwrap_or_default();
        let start = start.min(WINDOW);
        let mut bits = BitWriter::new(out);
        match &mut self.search {
            Search::Fast(search) => blocks(search, &mut self.steps, text, start, &mut bits),
            Search::Default(search) => blocks(search, &mut self.steps, text, start, &mut bits),
            Search::Small(search) => blocks(search, &mut self.steps, text, start, &mut bits),
        }
        block::store(&[], &mut bits);
        bits.finish();
    }
}

/// Writes the text from `start` on, block by block.
fn blocks<const WAYS: usize, const WIDTH: u32, const LAZY: usize, const EVERY: usize>(
    search: &mut Searcher<WAYS, WIDTH, LAZY, EVERY>,
    steps: &mut Vec<Step>,
    text: &[u8],
    start: usize,
    bits: &mut BitWriter<'_>,
) {
    search.begin(text, start);
    let mut at = start;
    while at < text.len() {
        steps.clear();
        let end = at.saturating_add(BLOCK).min(text.len());
        let next = search.block(text, at, end, steps);
        block::write(text.get(at..next).unwrap_or_default(), steps, bits);
        at = next;
    }
}

#[cfg(test)]
mod tests;
