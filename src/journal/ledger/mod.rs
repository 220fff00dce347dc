//! The clinic's ledger: what happens outside of runs, in the same journal and by the same rules.

mod event;
mod log;
mod state;

pub use event::{
    Actor, Announced, AnnouncedWindow, LedgerEvent, Reading, ReadingKind, WorkOutcome,
};
pub use log::{LedgerLog, stream};
pub use state::{
    Approval, LastWork, Ledger, MailFate, MissedWork, PlanEntry, ReadingEntry, Revocation,
    ScanEntry, WorkEntry, WorkState,
};

#[cfg(test)]
mod state_tests;
#[cfg(test)]
mod tests;
