//! Attempts and roll-backs as the journal tells them.

use super::{RawRow, When};

/// A record's place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    pub(super) seq: u64,
    pub(super) millis: i64,
    pub(super) order: Option<u64>,
}

impl Mark {
    pub(super) fn of(row: &RawRow) -> Self {
        let at = chrono::DateTime::parse_from_rfc3339(&row.at);
        let millis = at.map(|at| at.timestamp_millis()).unwrap_or_default();
        Self { seq: row.seq, millis, order: row.order }
    }

    /// True where it surely does not lie behind `when`. Times alone are whole milliseconds.
    pub(super) fn is_before(&self, when: &When) -> bool {
        match (self.order, when.order) {
            (Some(mine), Some(other)) => mine < other,
            _ => self.millis <= when.millis + 1,
        }
    }

    pub(super) fn is_after(&self, when: &When) -> bool {
        match (self.order, when.order) {
            (Some(mine), Some(other)) => mine > other,
            _ => self.millis + 1 >= when.millis,
        }
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Done,
    Failed,
    InDoubt,
}

/// What settled an attempt in doubt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settled {
    pub(super) done: bool,
    pub(super) by_person: bool,
    pub(super) mark: Mark,
}

/// One attempt of one step.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) run: String,
    pub(super) step: String,
    pub(super) kind: String,
    pub(super) for_production: bool,
    pub(super) number: u64,
    pub(super) intent: Mark,
    pub(super) outcome: Option<(End, Mark)>,
    pub(super) settled: Option<Settled>,
    /// True where scheduled work carries it out, and no person.
    pub(super) by_itself: bool,
    /// Hash and size of the archive that was verified for it.
    pub(super) verified: Option<(String, u64)>,
}

impl Attempt {
    pub(super) fn imports(&self) -> bool {
        self.kind == "portal_import"
    }

    /// False where the journal says that it had no effect.
    pub(super) fn may_have_landed(&self) -> bool {
        match (self.outcome, self.settled) {
            (_, Some(settled)) => settled.done,
            (outcome, None) => !matches!(outcome, Some((End::Failed, _))),
        }
    }

    /// When its outcome was written: what it does must lie before. While it is in doubt, that is
    /// its settlement.
    pub(super) fn closed(&self) -> Option<Mark> {
        match (self.outcome, self.settled) {
            (_, Some(settled)) => Some(settled.mark),
            (Some((End::Done | End::Failed, mark)), None) => Some(mark),
            _ => None,
        }
    }
}

/// One roll-back of one step.
#[derive(Clone, Debug)]
pub(super) struct Undo {
    pub(super) kind: String,
    pub(super) from: Mark,
    pub(super) to: Option<Mark>,
}
