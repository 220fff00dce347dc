//! Removes patient data whose time is over, and proves that it is gone.
//!
//! What is there is looked at first ([`found`]); what may go is removed, looked for again, written
//! into the records and onto a paper. A file that nobody registered is told, and only removed
//! where it surely is of no use or a person says so.

mod carry_out;
mod databases;
mod found;
mod paper;
mod unregistered;

pub use carry_out::purge;
pub use found::{DatabaseFate, Fate, FoundDatabase, FoundFile, Purge, PurgeOrder, Unregistered};
