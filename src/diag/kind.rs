//! What sort of trouble a problem is, and the exit status that follows.

use serde::{Deserialize, Serialize};

/// The sort of a problem. The exit status of the program follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A file or argument that a person wrote is wrong.
    Input,
    /// A rule of the plan forbids it; nothing was changed.
    Blocked,
    /// Something on this machine or the network is missing or refuses.
    Environment,
    /// A step failed and its state is known.
    StepFailed,
    /// It is not known whether a change took place; a person or a proof decides.
    InDoubt,
    /// A page of the management site was not understood; nothing was clicked.
    NotUnderstood,
    /// Data is damaged, or two sides that must agree differ.
    Data,
    /// Mail could not be delivered yet.
    MailUndelivered,
    /// A person must confirm; nothing was changed.
    ConfirmationNeeded,
    /// A defect of this program.
    Internal,
}

impl Kind {
    /// The exit status, as documented in `docs/exit-codes.md`.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Data => 1,
            Self::Input => 3,
            Self::Blocked => 4,
            Self::Environment => 5,
            Self::StepFailed => 6,
            Self::InDoubt => 7,
            Self::NotUnderstood => 8,
            Self::MailUndelivered => 9,
            Self::ConfirmationNeeded => 10,
            Self::Internal => 70,
        }
    }
}
