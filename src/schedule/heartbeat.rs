//! When somebody last looked at the clock. A machine that slept finds the gap here.

use std::path::PathBuf;

use crate::action::WorkDir;
use crate::clock::{Jst, rfc3339, to_jst};
use crate::disk;

/// The file of the last look, or of another moment that is to be known afterwards.
#[derive(Clone, Debug)]
pub struct Heartbeat(PathBuf);

impl Heartbeat {
    /// The one of a working folder.
    pub fn of(work: &WorkDir) -> Self {
        Self(work.path().join("heartbeat"))
    }

    /// When people were last told that the clinic was left closed and cannot be opened. The looks
    /// themselves do not tell: those of a daemon go side by side.
    pub fn of_left_closed(work: &WorkDir) -> Self {
        Self(work.path().join("left-closed-told"))
    }

    /// The moment that was written down last; `None` where there is none.
    pub fn last(&self) -> Option<Jst> {
        let text = std::fs::read_to_string(&self.0).ok()?;
        chrono::DateTime::parse_from_rfc3339(text.trim()).ok().map(to_jst)
    }

    /// Writes a moment down. It is no proof of anything: a disk that refuses it is
    /// noticed by the journal.
    pub fn beat(&self, now: &Jst) {
        let _ = disk::write_private(&self.0, rfc3339(now).as_bytes());
    }
}
