//! Where the same bytes stood before: a hash table over the text, and the comparing of matches.
//!
//! What it says is always a real match, whatever lies in the table, because the bytes themselves
//! are compared. It does not decide which match is worth taking.

use super::symbols::{MAX_MATCH, WINDOW};

/// A match: this many bytes from so far back. A length of 0 is none.
#[derive(Clone, Copy, Default)]
pub(super) struct Match {
    pub(super) length: usize,
    pub(super) distance: usize,
}

/// 16384 buckets: with one to four places in each they fit a core's second level cache, beside
/// the window.
const BITS: u32 = 14;

/// For each hash of `WIDTH` bytes, the last `WAYS` places that had it.
///
/// A place is the low half of its position below 16 bits of the hash that the bucket's number
/// does not hold: these tell, without a look at the text, that a match is worth a comparison. A
/// position that has wrapped round gives a distance that is too long or bytes that differ.
pub(super) struct Table<const WAYS: usize, const WIDTH: u32> {
    buckets: Box<[[u32; WAYS]; 1 << BITS]>,
}

/// Where a hash is kept, and by what it is known there.
struct Key {
    bucket: usize,
    tag: u32,
}

impl<const WAYS: usize, const WIDTH: u32> Table<WAYS, WIDTH> {
    pub(super) fn new() -> Self {
        Self { buckets: Box::new([[0; WAYS]; 1 << BITS]) }
    }

    /// Forgets everything, so that a chunk's bytes depend on nothing but its own text.
    pub(super) fn clear(&mut self) {
        self.buckets.fill([0; WAYS]);
    }

    /// The longest match of at least `WIDTH` bytes that the table knows, the nearest of equals;
    /// remembers the place.
    #[inline(always)]
    pub(super) fn find(&mut self, text: &[u8], at: usize) -> Match {
        let mut best = Match::default();
        let Some(word) = word(text, at) else { return best };
        let key = Self::key(word);
        let places = self.replace(&key, at);
        for place in places {
            let distance = usize::from((at as u16).wrapping_sub(place as u16));
            if (place ^ key.tag) >> 16 != 0 || distance.wrapping_sub(1) >= WINDOW.min(at) {
                continue;
            }
            let length = common(text, at - distance, at);
            if length >= WIDTH as usize && length > best.length {
                best = Match { length, distance };
            }
        }
        best
    }

    /// Remembers the place.
    #[inline(always)]
    pub(super) fn insert(&mut self, text: &[u8], at: usize) {
        if let Some(word) = word(text, at) {
            self.replace(&Self::key(word), at);
        }
    }

    /// Puts the place first in its bucket and gives what was in it.
    #[inline(always)]
    fn replace(&mut self, key: &Key, at: usize) -> [u32; WAYS] {
        let Some(bucket) = self.buckets.get_mut(key.bucket) else { return [0; WAYS] };
        let before = *bucket;
        let mut new = (at as u32 & 0xffff) | key.tag;
        for place in bucket {
            std::mem::swap(place, &mut new);
        }
        before
    }

    #[inline(always)]
    fn key(word: u64) -> Key {
        let hash = (word << (64 - 8 * WIDTH)).wrapping_mul(0x9e37_79b1_85eb_ca87);
        Key { bucket: (hash >> (64 - BITS)) as usize, tag: (hash >> 16) as u32 & 0xffff_0000 }
    }
}

/// Eight bytes from a place on; none within the last seven bytes.
#[inline(always)]
fn word(text: &[u8], at: usize) -> Option<u64> {
    text.get(at..).and_then(<[u8]>::first_chunk::<8>).map(|bytes| u64::from_le_bytes(*bytes))
}

/// How many bytes from `from` on equal those from `at` on, at most what a match can hold.
#[inline(always)]
fn common(text: &[u8], from: usize, at: usize) -> usize {
    let mut length = 0;
    while length < MAX_MATCH {
        let (Some(a), Some(b)) = (word(text, from + length), word(text, at + length)) else {
            let rest = text.get(from + length..).unwrap_or_default().iter();
            let pairs = rest.zip(text.get(at + length..).unwrap_or_default());
            length += pairs.take_while(|(a, b)| a == b).count();
            break;
        };
        let differ = a ^ b;
        if differ != 0 {
            length += (differ.trailing_zeros() >> 3) as usize;
            break;
        }
        length += 8;
    }
    length.min(MAX_MATCH)
}
