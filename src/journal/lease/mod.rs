//! The lease of a clinic: at any time at most one process carries its run.
//!
//! A lease has a token that only rises. Each record of a run is written in one transaction with
//! a look at the token, so that whoever was put to sleep and wakes up after another process took
//! over writes nothing more; and no record, no action. The lock of the working folder
//! keeps processes of one folder apart; the lease does it for all that share a store.

mod fenced;
mod held;
mod holder;

use std::time::Duration;

pub use held::Lease;
pub use holder::Holder;

/// The lease as it stands in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseEntry {
    /// Who took it last.
    pub holder: Holder,
    /// 1 for the first lease of the clinic, and one more for each that follows.
    pub token: u64,
    /// How long it still runs by the store's clock; zero where it has run out or was given up.
    pub left: Duration,
}
