//! The ledger as processes use it: several may write, each after having seen what is there.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::event::LedgerEvent;
use super::state::Ledger;
use crate::clock::Clock;
use crate::fault::{self, Point};
use crate::ids::RunId;
use crate::journal::chain::{ChainHash, Record};
use crate::journal::error::JournalError;
use crate::journal::store::{LEDGER, Store};

/// How often an event is tried again after another process was quicker.
const MAX_TRIES: usize = 20;

/// A clinic's ledger. Clones share what was read.
#[derive(Clone)]
pub struct LedgerLog {
    store: Arc<dyn Store>,
    clock: Clock,
    read: Arc<Mutex<Ledger>>,
}

impl LedgerLog {
    /// Reads the ledger; an empty one is fine.
    ///
    /// # Errors
    /// Where its records cannot be read or do not follow from one another.
    pub async fn open(store: Arc<dyn Store>, clock: Clock) -> Result<Self, JournalError> {
        let log = Self { store, clock, read: Arc::default() };
        log.now().await?;
        Ok(log)
    }

    /// The ledger with everything that any process has written.
    ///
    /// # Errors
    /// As [`LedgerLog::open`].
    pub async fn now(&self) -> Result<Ledger, JournalError> {
        let mut read = self.read.lock().await;
        self.catch_up(&mut read).await?;
        Ok(read.clone())
    }

    /// Makes an event durable where it may follow what is there by now, and gives the ledger
    /// after it.
    ///
    /// # Errors
    /// Where the event may not follow, or is not surely on disk: the caller must then not act.
    pub async fn append(&self, event: LedgerEvent) -> Result<Ledger, JournalError> {
        let mut read = self.read.lock().await;
        for _ in 0..MAX_TRIES {
            self.catch_up(&mut read).await?;
            let (seq, head) = place(&read);
            // Time never runs backwards in the ledger, whatever the machine's clock does.
            let at = read.at.map_or_else(|| self.clock.now(), |at| at.max(self.clock.now()));
            let (record, row) = Record::bind(seq + 1, at, event.clone(), &head)?;
            let after = read.clone().next(&record)?;
            fault::reach(Point::LedgerBefore).await?;
            match self.store.append(&stream(), &row).await {
                Ok(()) => {
                    fault::reach(Point::LedgerAfter).await?;
                    *read = after.clone();
                    return Ok(after);
                }
                Err(JournalError::Taken { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(JournalError::Taken { seq: read.seq + 1 })
    }

    /// All records, for those who look back.
    ///
    /// # Errors
    /// As [`LedgerLog::open`].
    pub async fn records(&self) -> Result<Vec<Record<LedgerEvent>>, JournalError> {
        let stream = stream();
        Record::read_all(&self.store.rows(&stream, 0).await?, (0, ChainHash::seed(&stream)))
    }

    async fn catch_up(&self, read: &mut Ledger) -> Result<(), JournalError> {
        let rows = self.store.rows(&stream(), read.seq).await?;
        for record in Record::read_all(&rows, place(read))? {
            *read = std::mem::take(read).next(&record)?;
        }
        Ok(())
    }
}

/// The ledger's name among the streams of a store.
pub fn stream() -> RunId {
    RunId::from(LEDGER)
}

/// Number and hash of the last record.
fn place(ledger: &Ledger) -> (u64, ChainHash) {
    let head = ledger.head.clone().unwrap_or_else(|| ChainHash::seed(&stream()));
    (ledger.seq, head)
}
