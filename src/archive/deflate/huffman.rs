//! Prefix codes: from how often symbols occur to code lengths, and from these to the codes.
//!
//! Knows nothing of what the symbols mean.

use super::symbols::LITERALS;

/// The longest code that any caller asks for.
const LONGEST: usize = 15;

/// Code lengths for symbols that occur so often, none longer than `limit`, which is 2-15; 0 for
/// those that do not occur. Two symbols get a code at least: a decoder may refuse a lone one.
pub(super) fn lengths(counts: &[u32], limit: usize, lengths: &mut [u8]) {
    let limit = limit.clamp(2, LONGEST);
    let mut keys = [0_u32; LITERALS];
    let used = sorted(counts, &mut keys);
    let Some(keys) = keys.get_mut(..used) else { return };
    let per_length = depths(keys, limit);
    // The rarest symbols come first and get the longest codes.
    let mut symbols = keys.iter().map(|key| (key & SYMBOL) as usize);
    lengths.fill(0);
    for length in (1..=limit).rev() {
        for symbol in symbols.by_ref().take(per_length[length]) {
            if let Some(slot) = lengths.get_mut(symbol) {
                *slot = length as u8;
            }
        }
    }
}

/// A sort key is the count above these bits and the symbol in them, so that ties have an order.
const SYMBOL_BITS: u32 = 9;
const SYMBOL: u32 = (1 << SYMBOL_BITS) - 1;
/// Counts above this would run out of the key. No block is so long.
const MOST: u32 = (1 << (32 - SYMBOL_BITS)) - 1;

/// Puts the keys of the symbols that occur at the front, the rarest first; says how many.
fn sorted(counts: &[u32], keys: &mut [u32; LITERALS]) -> usize {
    let mut used = 0;
    let occurring = (0_u32..).zip(counts).filter(|(_, count)| **count > 0);
    for (key, (symbol, count)) in keys.iter_mut().zip(occurring) {
        *key = (*count).min(MOST) << SYMBOL_BITS | symbol;
        used += 1;
    }
    for symbol in 0..2 {
        if used < 2 && counts.get(symbol as usize) == Some(&0) {
            keys[used] = 1 << SYMBOL_BITS | symbol;
            used += 1;
        }
    }
    if let Some(keys) = keys.get_mut(..used) {
        keys.sort_unstable();
    }
    used
}

/// Builds the tree over sorted keys: joins the two lightest, leaf or inner node, until one is
/// left. Inner nodes come about in the order of their weight, so two queues are enough. Gives the
/// parent of each inner node; the last one is the root.
fn tree(keys: &[u32]) -> [u16; LITERALS] {
    let mut weights = [0_u32; LITERALS];
    let mut parents = [0_u16; LITERALS];
    let (mut leaf, mut node) = (0, 0);
    for new in 0..keys.len().saturating_sub(1).min(LITERALS) {
        for _ in 0..2 {
            let next_leaf = keys.get(leaf).map(|key| key >> SYMBOL_BITS);
            let next_node = (node < new).then(|| weights[node]);
            let weight = match (next_leaf, next_node) {
                (Some(light), Some(heavy)) if light > heavy => {
                    parents[node] = new as u16;
                    node += 1;
                    heavy
                }
                (Some(light), _) => {
                    leaf += 1;
                    light
                }
                (None, next) => {
                    parents[node] = new as u16;
                    node += 1;
                    next.unwrap_or(0)
                }
            };
            weights[new] = weights[new].saturating_add(weight);
        }
    }
    parents
}

/// How many leaves lie at each depth, from the root down. A pair of leaves that would lie too
/// deep is hung where the deepest leaf was that still has room, which keeps the code complete.
fn depths(keys: &[u32], limit: usize) -> [usize; LONGEST + 1] {
    let parents = tree(keys);
    let mut found = [0_usize; LONGEST + 1];
    let mut depths = [0_u8; LITERALS];
    found[1] = 2;
    for node in (0..keys.len().saturating_sub(2).min(LITERALS)).rev() {
        let parent = usize::from(parents[node]).min(LITERALS - 1);
        depths[node] = depths[parent].saturating_add(1);
        // Its parent counted this node as a leaf; now it is two leaves one deeper.
        let mut at = usize::from(depths[node]);
        if at >= limit {
            at = limit - 1;
            while at > 1 && found[at] == 0 {
                at -= 1;
            }
        }
        found[at] = found[at].saturating_sub(1);
        found[at + 1] += 2;
    }
    found
}

/// The codes of these lengths, as RFC 1951, 3.2.2 numbers them, with their bits turned round
/// because they are sent from the highest bit on. Each is `code << 4 | length`.
pub(super) fn codes(lengths: &[u8], codes: &mut [u32]) {
    let mut next = [0_u32; LONGEST + 2];
    for &length in lengths.iter().filter(|length| **length > 0) {
        next[usize::from(length).min(LONGEST) + 1] += 1;
    }
    for length in 1..next.len() {
        next[length] = (next[length] + next[length - 1]) << 1;
    }
    for (code, &length) in codes.iter_mut().zip(lengths) {
        let length = length.min(LONGEST as u8);
        let value = &mut next[usize::from(length)];
        *code = if length == 0 {
            0
        } else {
            value.reverse_bits() >> (32 - u32::from(length)) << 4 | u32::from(length)
        };
        *value += u32::from(length > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// What the best code costs: the sum of the weights of all joins.
    fn least(counts: &[u32]) -> u64 {
        let mut weights: Vec<u64> =
            counts.iter().filter(|count| **count > 0).map(|count| u64::from(*count)).collect();
        let mut cost = 0;
        while weights.len() > 1 {
            weights.sort_unstable_by(|a, b| b.cmp(a));
            let two = weights.split_off(weights.len() - 2);
            cost += two.iter().sum::<u64>();
            weights.push(two.iter().sum());
        }
        cost
    }

    fn complete(lengths: &[u8]) -> bool {
        let used = lengths.iter().filter(|length| **length > 0);
        used.map(|length| 1_u64 << (LONGEST - usize::from(*length))).sum::<u64>() == 1 << LONGEST
    }

    proptest! {
        #[test]
        fn the_code_is_complete_short_enough_and_the_best(
            counts in vec(prop_oneof![Just(0), 1..50_u32, 1..100_000_u32], 2..LITERALS),
        ) {
            let mut made = vec![0; counts.len()];
            lengths(&counts, LONGEST, &mut made);
            prop_assert!(complete(&made));
            let cost = counts.iter().zip(&made).map(|(a, b)| u64::from(*a) * u64::from(*b));
            let used = counts.iter().filter(|count| **count > 0).count();
            // Lone symbols still take a bit each; very uneven counts may meet the limit.
            if used > 1 && made.iter().all(|length| usize::from(*length) < LONGEST) {
                prop_assert_eq!(cost.sum::<u64>(), least(&counts));
            }
            for limit in [9, 14] {
                lengths(&counts, limit, &mut made);
                prop_assert!(complete(&made));
                prop_assert!(made.iter().all(|length| usize::from(*length) <= limit));
            }
        }
    }

    #[test]
    fn counts_that_want_a_very_long_code_get_the_limit() {
        let mut counts = vec![1_u32, 1];
        while counts.len() < 19 {
            counts.push(counts.iter().rev().take(2).sum());
        }
        for limit in [5, 7, 14, 15] {
            let mut made = vec![0; counts.len()];
            lengths(&counts, limit, &mut made);
            assert!(complete(&made), "{made:?}");
            assert_eq!(made.iter().max(), Some(&(limit as u8)));
        }
    }

    #[test]
    fn codes_are_those_of_the_format() {
        // The example of RFC 1951, 3.2.2.
        let mut made = [0; 8];
        codes(&[3, 3, 3, 3, 3, 2, 4, 4], &mut made);
        let sent = [0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111];
        for (code, sent) in made.iter().zip(sent) {
            assert_eq!(code >> 4, sent, "{made:?}");
        }
    }
}
