//! Where records lie. One trait; SQLite on one machine.

mod sqlite;

use async_trait::async_trait;

use super::chain::Record;
use super::error::JournalError;
use crate::ids::RunId;

pub use sqlite::SqliteStore;

/// Keeps the records of runs.
#[async_trait]
pub trait Store: Send + Sync {
    /// Makes a record durable. `json` is the stored form of its event.
    ///
    /// # Errors
    /// Where it is not surely on disk, or a record of this number is there already.
    async fn append(&self, run: &RunId, record: &Record, json: &str) -> Result<(), JournalError>;

    /// All records of a run, each checked against the one before it.
    ///
    /// # Errors
    /// Where they cannot be read or do not follow from one another.
    async fn load(&self, run: &RunId) -> Result<Vec<Record>, JournalError>;

    /// Runs, oldest first.
    ///
    /// # Errors
    /// Where they cannot be read.
    async fn runs(&self) -> Result<Vec<RunId>, JournalError>;
}
