//! One deflate block from the steps that the search found: counted, coded in the shortest of the
//! three ways, written.
//!
//! Searches nothing and keeps nothing from block to block but its buffers.

use super::bits::BitWriter;
use super::header::Header;
use super::huffman;
use super::symbols::{
    DISTANCE_BASE, DISTANCE_EXTRA, DISTANCES, END_OF_BLOCK, LENGTH_BASE, LENGTH_EXTRA, LENGTH_SLOT,
    LITERALS, MIN_MATCH, distance_slot,
};

/// The longest code of a literal or length. 15 are allowed; with 14, four literals and the seven
/// bits that may be held fit one word, and the loss is not measurable.
const LITERAL_LIMIT: usize = 14;
const DISTANCE_LIMIT: usize = 15;
/// What a stored block can hold at most.
const STORED: usize = 0xffff;

/// Some literals from the text, then a match.
#[derive(Clone, Copy, Default)]
pub(super) struct Step {
    /// How many bytes stand for themselves.
    pub(super) literals: u32,
    /// How many bytes are copied, less three.
    pub(super) length: u8,
    /// From how far back: 1-32768; 0 where the block ends with literals.
    pub(super) distance: u16,
}

/// Lengths of the two codes of a block.
struct Lengths {
    literals: [u8; LITERALS],
    distances: [u8; DISTANCES],
}

/// The two codes, made ready for the writing loop.
struct Codes {
    /// `code << 4 | length` of each byte.
    literals: [u32; 256],
    end: u32,
    /// `code and extra bits << 5 | length of both` of each match length less three.
    lengths: [u32; 256],
    /// `code << 4 | length` of each distance symbol.
    distances: [u32; 32],
}

/// How often each symbol occurs in a block.
struct Counts {
    literals: [u32; LITERALS],
    distances: [u32; DISTANCES],
}

impl Counts {
    fn of(text: &[u8], steps: &[Step]) -> Self {
        // Equal bytes often follow each other; four tables keep an addition from waiting for the
        // one before it.
        let mut four = [[0_u32; 256]; 4];
        let mut lengths = [0_u32; 256];
        let mut distances = [0_u32; 32];
        let mut rest = text;
        for step in steps {
            let (run, after) = rest.split_at_checked(step.literals as usize).unwrap_or((rest, &[]));
            let (quads, single) = run.as_chunks::<4>();
            for quad in quads {
                four[0][usize::from(quad[0])] += 1;
                four[1][usize::from(quad[1])] += 1;
                four[2][usize::from(quad[2])] += 1;
                four[3][usize::from(quad[3])] += 1;
            }
            for byte in single {
                four[0][usize::from(*byte)] += 1;
            }
            if step.distance > 0 {
                lengths[usize::from(step.length)] += 1;
                distances[distance_slot(step.distance)] += 1;
                rest = after.get(usize::from(step.length) + MIN_MATCH..).unwrap_or_default();
            }
        }
        Self::folded(&four, &lengths, &distances)
    }

    fn folded(four: &[[u32; 256]; 4], lengths: &[u32; 256], distances: &[u32; 32]) -> Self {
        let mut counts = Self { literals: [0; LITERALS], distances: [0; DISTANCES] };
        for table in four {
            for (sum, count) in counts.literals.iter_mut().zip(table) {
                *sum += count;
            }
        }
        counts.literals[END_OF_BLOCK] = 1;
        for (count, slot) in lengths.iter().zip(LENGTH_SLOT) {
            counts.literals[257 + usize::from(slot)] += count;
        }
        for (sum, count) in counts.distances.iter_mut().zip(distances) {
            *sum = *count;
        }
        counts
    }

    /// The size in bits of the body with these code lengths.
    fn bits(&self, lengths: &Lengths) -> u64 {
        let of_lengths = self.literals.get(257..).unwrap_or_default();
        product(&self.literals, &lengths.literals)
            + product(of_lengths, &LENGTH_EXTRA)
            + product(&self.distances, &lengths.distances)
            + product(&self.distances, &DISTANCE_EXTRA)
    }
}

/// So many times so many bits, summed up.
fn product(counts: &[u32], bits: &[u8]) -> u64 {
    counts.iter().zip(bits).map(|(count, bits)| u64::from(*count) * u64::from(*bits)).sum()
}

impl Lengths {
    /// The best codes for these counts.
    fn best(counts: &Counts) -> Self {
        let mut lengths = Self { literals: [0; LITERALS], distances: [0; DISTANCES] };
        huffman::lengths(&counts.literals, LITERAL_LIMIT, &mut lengths.literals);
        huffman::lengths(&counts.distances, DISTANCE_LIMIT, &mut lengths.distances);
        lengths
    }

    /// The codes that every decoder knows (RFC 1951, 3.2.6).
    fn fixed() -> Self {
        let mut lengths = Self { literals: [8; LITERALS], distances: [5; DISTANCES] };
        for (symbol, length) in lengths.literals.iter_mut().enumerate() {
            *length = match symbol {
                144..256 => 9,
                256..280 => 7,
                _ => 8,
            };
        }
        lengths
    }
}

impl Codes {
    fn of(lengths: &Lengths) -> Self {
        let mut literals = [0; LITERALS];
        huffman::codes(&lengths.literals, &mut literals);
        let mut distances = [0; 32];
        huffman::codes(&lengths.distances, &mut distances);
        let mut codes =
            Self { literals: [0; 256], end: literals[END_OF_BLOCK], lengths: [0; 256], distances };
        for (code, from) in codes.literals.iter_mut().zip(literals) {
            *code = from;
        }
        for (length, code) in (0_u32..).zip(codes.lengths.iter_mut()) {
            let slot = usize::from(LENGTH_SLOT[length as usize & 255]).min(28);
            let from = literals[257 + slot];
            let extra = length - u32::from(LENGTH_BASE[slot]);
            let whole = from >> 4 | extra << (from & 15);
            *code = whole << 5 | ((from & 15) + u32::from(LENGTH_EXTRA[slot]));
        }
        codes
    }
}

/// Writes the bytes that the steps cover, which are all of `text`, as one block that is not the
/// stream's last.
pub(super) fn write(text: &[u8], steps: &[Step], bits: &mut BitWriter<'_>) {
    let counts = Counts::of(text, steps);
    let best = Lengths::best(&counts);
    let header = Header::new(&best.literals, &best.distances);
    let dynamic = 3 + header.bits() + counts.bits(&best);
    let known = Lengths::fixed();
    let fixed = 3 + counts.bits(&known);
    let stored = stored_bits(text.len());
    bits.reserve(dynamic.min(fixed).min(stored));
    if stored < dynamic && stored < fixed {
        store(text, bits);
    } else if fixed <= dynamic {
        bits.put(0b010, 3);
        body(text, steps, &Codes::of(&known), bits);
    } else {
        bits.put(0b100, 3);
        header.write(bits);
        body(text, steps, &Codes::of(&best), bits);
    }
}

/// The size in bits of so many bytes in stored blocks, at most.
fn stored_bits(bytes: usize) -> u64 {
    let blocks = bytes.div_ceil(STORED).max(1) as u64;
    bytes as u64 * 8 + blocks * 42
}

/// The bytes as they are. No bytes make an empty stored block: the mark of a sync flush.
pub(super) fn store(text: &[u8], bits: &mut BitWriter<'_>) {
    bits.reserve(stored_bits(text.len()));
    let mut rest = text;
    loop {
        let (piece, after) = rest.split_at(rest.len().min(STORED));
        bits.put(0b000, 3);
        bits.align();
        let length = piece.len() as u64;
        bits.put(length | (length ^ 0xffff) << 16, 32);
        bits.bytes(piece);
        rest = after;
        if rest.is_empty() {
            return;
        }
    }
}

/// The literals and matches and the end of the block.
fn body(text: &[u8], steps: &[Step], codes: &Codes, bits: &mut BitWriter<'_>) {
    let mut rest = text;
    for step in steps {
        let (run, after) = rest.split_at_checked(step.literals as usize).unwrap_or((rest, &[]));
        literals(run, codes, bits);
        if step.distance > 0 {
            let code = codes.lengths[usize::from(step.length)];
            bits.add(u64::from(code >> 5), code & 31);
            let slot = distance_slot(step.distance);
            let code = codes.distances[slot];
            bits.add(u64::from(code >> 4), code & 15);
            let extra = step.distance.wrapping_sub(1).wrapping_sub(DISTANCE_BASE[slot]);
            bits.add(u64::from(extra), u32::from(DISTANCE_EXTRA[slot]));
            bits.flush();
            rest = after.get(usize::from(step.length) + MIN_MATCH..).unwrap_or_default();
        }
    }
    bits.put(u64::from(codes.end >> 4), codes.end & 15);
}

/// Bytes that stand for themselves, four to a word.
#[inline(always)]
fn literals(run: &[u8], codes: &Codes, bits: &mut BitWriter<'_>) {
    let (quads, single) = run.as_chunks::<4>();
    for quad in quads {
        for byte in quad {
            let code = codes.literals[usize::from(*byte)];
            bits.add(u64::from(code >> 4), code & 15);
        }
        bits.flush();
    }
    for byte in single {
        let code = codes.literals[usize::from(*byte)];
        bits.add(u64::from(code >> 4), code & 15);
    }
    bits.flush();
}
