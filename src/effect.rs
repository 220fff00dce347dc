//! What a step does to the world. Everything about repeating it follows from this.

use serde::{Deserialize, Serialize};

/// What a step does to the world, and so what may be done about it after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Looks only; may be repeated at will.
    ReadOnly,
    /// Changes something that a second execution changes to the same.
    Repeatable,
    /// Must not happen twice: after a crash its outcome is in doubt until proved or settled.
    AtMostOnce,
}
