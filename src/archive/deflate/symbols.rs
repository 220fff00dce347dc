//! Which symbol and which extra bits stand for a length or a distance (RFC 1951, 3.2.5).
//!
//! Tables only; they are computed when the program is compiled.

/// Literals 0-255, the end of a block, 29 lengths, and two that are never sent but have their place
/// in the fixed code.
pub(super) const LITERALS: usize = 288;
/// Ends a block.
pub(super) const END_OF_BLOCK: usize = 256;
/// Distance symbols.
pub(super) const DISTANCES: usize = 30;

/// The format's limits of a match.
pub(super) const MIN_MATCH: usize = 3;
pub(super) const MAX_MATCH: usize = 258;
/// How far back a match may lie.
pub(super) const WINDOW: usize = 32 << 10;

/// Extra bits of the length symbols 257-285.
pub(super) const LENGTH_EXTRA: [u8; 29] =
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

/// Extra bits of the distance symbols; two unused ones make the table as long as a five bit index.
pub(super) const DISTANCE_EXTRA: [u8; 32] = {
    let mut extra = [0; 32];
    let mut slot = 4;
    while slot < DISTANCES {
        extra[slot] = (slot / 2 - 1) as u8;
        slot += 1;
    }
    extra
};

/// The smallest distance of each distance symbol, less one.
pub(super) const DISTANCE_BASE: [u16; 32] = {
    let mut base = [0; 32];
    let mut slot = 1;
    while slot < DISTANCES {
        base[slot] = base[slot - 1] + (1 << DISTANCE_EXTRA[slot - 1]);
        slot += 1;
    }
    base
};

/// The shortest length of each length symbol, less three. 258 has a symbol of its own.
pub(super) const LENGTH_BASE: [u8; 29] = {
    let mut base = [0; 29];
    let mut slot = 1;
    while slot < 28 {
        base[slot] = base[slot - 1] + (1 << LENGTH_EXTRA[slot - 1]);
        slot += 1;
    }
    base[28] = 255;
    base
};

/// Length less three to the number of its symbol, counted from 257.
pub(super) static LENGTH_SLOT: [u8; 256] = {
    let mut slots = [0; 256];
    let mut length = 0;
    let mut slot = 0;
    while length < 256 {
        while slot < 28 && LENGTH_BASE[slot + 1] as usize <= length {
            slot += 1;
        }
        slots[length] = slot as u8;
        length += 1;
    }
    slots
};

/// Distance less one to its symbol: below 256 directly, above by its upper bits, because from there
/// on every symbol spans whole multiples of 128.
static DISTANCE_SLOT: [u8; 512] = {
    let mut slots = [0; 512];
    let mut index = 0;
    while index < 512 {
        let less = if index < 256 { index } else { (index - 256) << 7 };
        let mut slot = 0;
        while slot < DISTANCES - 1 && DISTANCE_BASE[slot + 1] as usize <= less {
            slot += 1;
        }
        slots[index] = slot as u8;
        index += 1;
    }
    slots
};

/// The symbol of a distance of 1-32768.
#[inline(always)]
pub(super) fn distance_slot(distance: u16) -> usize {
    let less = usize::from(distance.wrapping_sub(1) & 0x7fff);
    let index = if less < 256 { less } else { 256 + (less >> 7) };
    usize::from(DISTANCE_SLOT[index & 511]) & 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_distance_and_length_has_the_symbol_whose_span_it_lies_in() {
        for distance in 1..=WINDOW {
            let slot = distance_slot(distance as u16);
            let base = usize::from(DISTANCE_BASE[slot]) + 1;
            assert!((base..base + (1 << DISTANCE_EXTRA[slot])).contains(&distance), "{distance}");
            assert!(slot < DISTANCES);
        }
        for length in MIN_MATCH..=MAX_MATCH {
            let slot = usize::from(LENGTH_SLOT[length - MIN_MATCH]);
            let base = usize::from(LENGTH_BASE[slot]) + MIN_MATCH;
            assert!((base..base + (1 << LENGTH_EXTRA[slot])).contains(&length), "{length}");
        }
        // RFC 1951, 3.2.5: the longest match has a symbol of its own without extra bits.
        assert_eq!((LENGTH_SLOT[255], LENGTH_SLOT[254]), (28, 27));
        assert_eq!((DISTANCE_BASE[29] + 1, DISTANCE_EXTRA[29]), (24_577, 13));
    }
}
