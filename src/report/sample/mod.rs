//! A plainly synthetic plan and runs of it, for the tests of this room.

mod plan;
mod rows;
mod runs;

pub(super) use plan::{at, plan, rehearsal};
pub(super) use rows::{approved, revoked};
pub(super) use runs::{Run, failed, finished, in_doubt, redacted, settled, undo_failed};
