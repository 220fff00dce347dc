//! Where records lie. One trait; SQLite on one machine.

mod place;
mod sqlite;

use async_trait::async_trait;

use super::chain::{ChainHash, Record, Row};
use super::error::JournalError;
use crate::ids::RunId;

pub use place::Place;
pub use sqlite::SqliteStore;

/// The stream of the clinic's ledger beside those of its runs, whose names are UUIDs.
pub(super) const LEDGER: &str = "ledger";

/// Keeps the records of runs, and of the clinic's ledger.
#[async_trait]
pub trait Store: Send + Sync {
    /// Makes a record durable.
    ///
    /// # Errors
    /// Where it is not surely on disk. [`JournalError::Taken`] where a record of this number is
    /// there already.
    async fn append(&self, stream: &RunId, row: &Row) -> Result<(), JournalError>;

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
