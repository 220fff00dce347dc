//! A plan as it is written down: with what it rests on, so that what has moved can be named.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Plan, Snapshot};

/// A plan's file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The playbook's file.
    pub playbook: PathBuf,
    /// The clinic file.
    #[serde(default)]
    pub clinic: PathBuf,
    /// The plan.
    pub plan: Plan,
    /// The values that it rests on.
    #[serde(default)]
    pub snapshot: Snapshot,
}
