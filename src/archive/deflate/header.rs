//! The head of a block with codes of its own: the code lengths, themselves run-length coded and
//! then coded with a third prefix code (RFC 1951, 3.2.7).
//!
//! Chooses nothing; it tells its size and writes itself.

use super::bits::BitWriter;
use super::huffman;
use super::symbols::{DISTANCES, LITERALS};

/// In this order the lengths of the third code are sent, so that the rare ones can be left out.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// The longest code of the third code: its lengths are sent in three bits.
const LIMIT: usize = 7;

/// Repeats the length before it.
const REPEAT: u8 = 16;
/// A short and a long run of zeros.
const ZEROS: u8 = 17;
const MANY_ZEROS: u8 = 18;

/// One symbol of the third code with its extra bits.
#[derive(Clone, Copy, Default)]
struct Item {
    symbol: u8,
    extra: u8,
}

/// A head, ready to be written.
pub(super) struct Header {
    items: [Item; LITERALS + DISTANCES],
    used: usize,
    literals: usize,
    distances: usize,
    lengths: [u8; 19],
    sent: usize,
}

impl Header {
    pub(super) fn new(literals: &[u8; LITERALS], distances: &[u8; DISTANCES]) -> Self {
        let mut header = Self {
            items: [Item::default(); LITERALS + DISTANCES],
            used: 0,
            literals: trimmed(literals, 257),
            distances: trimmed(distances, 1),
            lengths: [0; 19],
            sent: 0,
        };
        let mut all = [0; LITERALS + DISTANCES];
        let sent = literals.iter().take(header.literals);
        let sent = sent.chain(distances.iter().take(header.distances));
        let mut count = 0;
        for (slot, length) in all.iter_mut().zip(sent) {
            *slot = *length;
            count += 1;
        }
        header.pack(all.get(..count).unwrap_or_default());
        header.code();
        header
    }

    /// Turns runs of equal lengths into items.
    fn pack(&mut self, lengths: &[u8]) {
        for run in lengths.chunk_by(|a, b| a == b) {
            let length = run.first().copied().unwrap_or(0);
            let mut left = run.len();
            if length != 0 {
                self.push(length, 0);
                left -= 1;
            }
            while left > 0 {
                let (symbol, least, most) = match (length, left) {
                    (_, ..3) => (length, 1, 1),
                    (0, ..11) => (ZEROS, 3, 10),
                    (0, _) => (MANY_ZEROS, 11, 138),
                    _ => (REPEAT, 3, 6),
                };
                let taken = left.min(most);
                self.push(symbol, (taken - least) as u8);
                left -= taken;
            }
        }
    }

    fn push(&mut self, symbol: u8, extra: u8) {
        if let Some(item) = self.items.get_mut(self.used) {
            *item = Item { symbol, extra };
            self.used += 1;
        }
    }

    /// Makes the third code.
    fn code(&mut self) {
        let mut counts = [0_u32; 19];
        for item in self.items.iter().take(self.used) {
            if let Some(count) = counts.get_mut(usize::from(item.symbol)) {
                *count += 1;
            }
        }
        huffman::lengths(&counts, LIMIT, &mut self.lengths);
        let last = ORDER.iter().rposition(|symbol| self.lengths[*symbol] != 0);
        self.sent = last.map_or(4, |last| (last + 1).max(4));
    }

    /// Its size in bits, without the three bits that begin every block.
    pub(super) fn bits(&self) -> u64 {
        let items = self.items.iter().take(self.used);
        let items = items.map(|item| {
            u64::from(self.lengths[usize::from(item.symbol)]) + u64::from(extra(item.symbol))
        });
        14 + 3 * self.sent as u64 + items.sum::<u64>()
    }

    pub(super) fn write(&self, bits: &mut BitWriter<'_>) {
        bits.put((self.literals - 257) as u64, 5);
        bits.put((self.distances - 1) as u64, 5);
        bits.put((self.sent - 4) as u64, 4);
        for symbol in ORDER.iter().take(self.sent) {
            bits.put(u64::from(self.lengths[*symbol]), 3);
        }
        let mut codes = [0; 19];
        huffman::codes(&self.lengths, &mut codes);
        for item in self.items.iter().take(self.used) {
            let code = codes[usize::from(item.symbol)];
            bits.put(u64::from(code >> 4), code & 15);
            bits.put(u64::from(item.extra), extra(item.symbol));
        }
    }
}

/// Extra bits of a symbol of the third code.
fn extra(symbol: u8) -> u32 {
    match symbol {
        REPEAT => 2,
        ZEROS => 3,
        MANY_ZEROS => 7,
        _ => 0,
    }
}

/// How many lengths must be sent: all up to the last one that is used, at least so many.
fn trimmed(lengths: &[u8], least: usize) -> usize {
    let last = lengths.iter().rposition(|length| *length != 0);
    last.map_or(least, |last| (last + 1).max(least))
}
