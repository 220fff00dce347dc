//! From text to steps: which bytes stand for themselves, and which are copied.
//!
//! Writes no bits; the blocks do.

use super::block::Step;
use super::symbols::{MIN_MATCH, WINDOW};
use super::table::{Match, Table};

/// After 32 places without a match every second one is tried, after 64 every third: what does not
/// repeat, like images in hexadecimal, is passed quickly.
const PATIENCE: usize = 32;
/// The widest step, or the repeating text behind such a stretch would be missed.
const LONGEST_STRIDE: usize = 16;

/// How to search; constants, so that each effort becomes a loop of its own.
pub(super) struct Searcher<
    const WAYS: usize,
    const WIDTH: u32,
    const LAZY: usize,
    const EVERY: usize,
> {
    table: Table<WAYS, WIDTH>,
}

impl<const WAYS: usize, const WIDTH: u32, const LAZY: usize, const EVERY: usize>
    Searcher<WAYS, WIDTH, LAZY, EVERY>
{
    pub(super) fn new() -> Self {
        Self { table: Table::new() }
    }

    /// Begins a chunk whose first `start` bytes are known to the reader.
    pub(super) fn begin(&mut self, text: &[u8], start: usize) {
        self.table.clear();
        for at in (start.saturating_sub(WINDOW)..start).step_by(EVERY) {
            self.table.insert(text, at);
        }
    }

    /// Adds the steps from `begin` to about `end`, and says where they end.
    pub(super) fn block(
        &mut self,
        text: &[u8],
        begin: usize,
        end: usize,
        steps: &mut Vec<Step>,
    ) -> usize {
        let mut at = begin;
        let mut from = begin;
        let mut misses = PATIENCE;
        while at < end {
            let found = self.table.find(text, at);
            if found.length == 0 {
                at += (misses / PATIENCE).min(LONGEST_STRIDE);
                misses += 1;
                continue;
            }
            misses = PATIENCE;
            let (later, found, seen) = self.better(text, at, found);
            at = later;
            steps.push(Step {
                literals: (at - from) as u32,
                length: (found.length - MIN_MATCH) as u8,
                distance: found.distance as u16,
            });
            from = at + found.length;
            for place in (seen..from).step_by(EVERY) {
                self.table.insert(text, place);
            }
            at = from;
        }
        let at = at.max(end).min(text.len());
        if at > from {
            steps.push(Step { literals: (at - from) as u32, length: 0, distance: 0 });
        }
        at
    }

    /// Looks whether a longer match begins one byte later, again and again. Gives where the match
    /// begins, the match, and the first place that the table has not seen.
    #[inline(always)]
    fn better(&mut self, text: &[u8], at: usize, found: Match) -> (usize, Match, usize) {
        let (mut at, mut found, mut seen) = (at, found, at + 1);
        while found.length < LAZY {
            let next = self.table.find(text, at + 1);
            seen = at + 2;
            if next.length <= found.length {
                break;
            }
            at += 1;
            found = next;
        }
        (at, found, seen)
    }
}
