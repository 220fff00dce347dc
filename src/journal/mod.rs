//! The journal: append-only, hash-chained events on disk, and the state folded from them.
//!
//! No audit line, no action: an event is durable before what it announces begins.

mod chain;
mod error;
mod event;
pub mod lease;
pub mod ledger;
mod log;
mod state;
pub mod store;
mod verify;

pub use chain::{ChainHash, Record, Row};
pub use error::JournalError;
pub use event::{ClinicState, Contents, Event, Outcome, Role, SettledBy};
pub use log::{Journal, fold};
pub use state::{
    DatabaseEntry, FileEntry, IllegalEvent, MailEntry, RunInfo, RunStatus, State, StepState, next,
};
pub use verify::{Kept, Stream, Verified, verify};

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod state_tests;
#[cfg(test)]
mod tests;
