//! Which step surely ends before which: phases follow each other, and inside a phase `needs`.

use super::codes;
use super::outline::Outline;
use crate::yaml::{Reader, closest};

/// The order of steps, by their number in the outline.
#[derive(Debug)]
pub(super) struct Order {
    /// `ended[a][b]`: `b` has ended before `a` begins.
    ended: Vec<Vec<bool>>,
    /// Some `needs` was wrong, so that more may be meant than is known.
    pub(super) is_broken: bool,
}

impl Order {
    /// Works the order out and reports what is wrong with `needs`.
    pub(super) fn of(reader: &mut Reader, outline: &Outline<'_>) -> Self {
        let steps = &outline.steps;
        let count = steps.len();
        let mut order = Self { ended: vec![vec![false; count]; count], is_broken: false };
        for (from, step) in steps.iter().enumerate() {
            for (other, earlier) in steps.iter().enumerate() {
                if earlier.phase < step.phase {
                    order.set(from, other);
                }
            }
            for (id, span) in &step.needs {
                let found = steps.iter().position(|other| other.id.as_deref() == Some(id));
                let Some(found) = found else {
                    let ids = steps.iter().filter_map(|other| other.id.as_deref());
                    let guess = closest(id, ids).unwrap_or("none").to_owned();
                    let args = vec![("id", id.clone()), ("guess", guess)];
                    reader.report(codes::NEED_UNKNOWN, span.clone(), args);
                    order.is_broken = true;
                    continue;
                };
                if steps.get(found).is_some_and(|other| other.phase > step.phase) {
                    let args = vec![("id", id.clone())];
                    reader.report(codes::NEED_LATER_PHASE, span.clone(), args);
                    order.is_broken = true;
                    continue;
                }
                order.set(from, found);
            }
        }
        order.close();
        order.report_cycles(reader, outline);
        order
    }

    /// True where `other` has surely ended before `step` begins.
    pub(super) fn ended_before(&self, step: usize, other: usize) -> bool {
        self.ended.get(step).and_then(|row| row.get(other)).copied().unwrap_or(false)
    }

    fn set(&mut self, step: usize, other: usize) {
        if let Some(cell) = self.ended.get_mut(step).and_then(|row| row.get_mut(other)) {
            *cell = true;
        }
    }

    /// Warshall's transitive closure.
    fn close(&mut self) {
        for middle in 0..self.ended.len() {
            let reached = self.ended.get(middle).cloned().unwrap_or_default();
            for row in &mut self.ended {
                if row.get(middle).copied().unwrap_or(false) {
                    row.iter_mut().zip(&reached).for_each(|(cell, more)| *cell |= more);
                }
            }
        }
    }

    /// One finding for each ring of steps, at its first step's id.
    fn report_cycles(&mut self, reader: &mut Reader, outline: &Outline<'_>) {
        let mut told = vec![false; self.ended.len()];
        for (index, step) in outline.steps.iter().enumerate() {
            let is_told = told.get(index).copied().unwrap_or(true);
            if is_told || !self.ended_before(index, index) {
                continue;
            }
            let mut names = Vec::new();
            for (other, member) in outline.steps.iter().enumerate() {
                if self.ended_before(index, other) && self.ended_before(other, index) {
                    names.push(member.id.clone().unwrap_or_default());
                    if let Some(told) = told.get_mut(other) {
                        *told = true;
                    }
                }
            }
            let args = vec![("steps", names.join(", "))];
            reader.report(codes::NEED_CYCLE, step.span.clone(), args);
            self.is_broken = true;
        }
    }
}
