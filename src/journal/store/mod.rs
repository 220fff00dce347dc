//! Where records lie. One trait; SQLite on one machine, PostgreSQL for many, memory for what is
//! not to be kept.

mod distrust;
mod memory;
mod place;
mod postgres;
mod sqlite;

use std::time::Duration;

use async_trait::async_trait;

use super::chain::{ChainHash, Record, Row};
use super::error::JournalError;
use super::lease::{Holder, LeaseEntry};
use crate::ids::RunId;

pub use memory::MemoryStore;
pub use place::Place;
pub use postgres::{PostgresConfig, PostgresStore};
pub use sqlite::SqliteStore;

/// The stream of the clinic's ledger beside those of its runs, whose names are UUIDs.
pub const LEDGER: &str = "ledger";

/// Keeps the lease that says which process may carry a clinic's run.
#[async_trait]
pub trait Leases: Send + Sync {
    /// The lease as it stands, run out or not; `None` where nobody ever held it.
    ///
    /// # Errors
    /// Where it cannot be read.
    async fn lease(&self) -> Result<Option<LeaseEntry>, JournalError>;

    /// Takes the lease for `length`, under a token that is one higher, where it is still the one
    /// that was `seen` and has run out by the store's clock, or `even_if_live`. False where it
    /// is not, or somebody was quicker.
    ///
    /// # Errors
    /// Where it cannot be written.
    async fn take_lease(
        &self,
        seen: u64,
        even_if_live: bool,
        holder: &Holder,
        length: Duration,
    ) -> Result<bool, JournalError>;

    /// Lets the lease run for `length` from now; a zero gives it up. False where it has another
    /// token: it is lost.
    ///
    /// # Errors
    /// Where it cannot be written.
    async fn renew_lease(&self, token: u64, length: Duration) -> Result<bool, JournalError>;
}

/// Keeps the records of one clinic's runs and of its ledger, with the lease beside them.
#[async_trait]
pub trait Store: Send + Sync {
    /// Makes a record durable. With `token` only where that is still the lease's: both are one
    /// transaction, so that nobody can take the lease over in between.
    ///
    /// # Errors
    /// Where it is not surely on disk. [`JournalError::Taken`] where a record of this number is
    /// there already, [`JournalError::LeaseLost`] where the lease has another token.
    async fn write(
        &self,
        stream: &RunId,
        row: &Row,
        token: Option<u64>,
    ) -> Result<(), JournalError>;

    /// The records of a stream whose number is above `after`, as they are stored.
    ///
    /// # Errors
    /// Where they cannot be read.
    async fn rows(&self, stream: &RunId, after: u64) -> Result<Vec<Row>, JournalError>;

    /// Runs, oldest first.
    ///
    /// # Errors
    /// Where they cannot be read.
    async fn runs(&self) -> Result<Vec<RunId>, JournalError>;

    /// The lease that lies beside the records.
    fn leases(&self) -> &dyn Leases;

    /// Makes a record durable, whoever holds the lease.
    ///
    /// # Errors
    /// As [`Store::write`].
    async fn append(&self, stream: &RunId, row: &Row) -> Result<(), JournalError> {
        self.write(stream, row, None).await
    }

    /// Says whether this process may still act for the clinic. A store that was opened without
    /// a lease always says so.
    ///
    /// # Errors
    /// [`JournalError::LeaseLost`]; also where the store cannot be asked.
    async fn confirm(&self) -> Result<(), JournalError> {
        Ok(())
    }

    /// All records of a run, each checked against the one before it.
    ///
    /// # Errors
    /// Where they cannot be read or do not follow from one another.
    async fn load(&self, run: &RunId) -> Result<Vec<Record>, JournalError> {
        Record::read_all(&self.rows(run, 0).await?, (0, ChainHash::seed(run)))
    }

    /// Ends the use of the store. What was acknowledged is durable without it.
    async fn close(&self) {}
}

#[cfg(test)]
mod postgres_tests;
#[cfg(test)]
mod suite_tests;
