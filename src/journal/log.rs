//! One run's journal as its process uses it: append, then act.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};

use super::chain::{ChainHash, Record};
use super::error::JournalError;
use super::event::Event;
use super::state::{self, State};
use super::store::Store;
use crate::clock::Clock;
use crate::fault::{self, Point};
use crate::ids::RunId;

/// A run's journal. Clones share it.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    run: RunId,
    store: Arc<dyn Store>,
    clock: Clock,
    state: Mutex<State>,
    listener: Option<mpsc::UnboundedSender<Record>>,
}

impl Journal {
    /// Begins a new run with its first event, which must be [`Event::RunStarted`].
    ///
    /// # Errors
    /// Where the record is not surely on disk.
    pub async fn begin(
        store: Arc<dyn Store>,
        clock: Clock,
        run: RunId,
        started: Event,
        listener: Option<mpsc::UnboundedSender<Record>>,
    ) -> Result<Self, JournalError> {
        let (record, row) = Record::bind(1, clock.now(), started, &ChainHash::seed(&run))?;
        let state = state::next(None, &record)?;
        fault::reach(Point::JournalBefore).await?;
        store.append(&run, &row).await?;
        fault::reach(Point::JournalAfter).await?;
        tell(listener.as_ref(), &record);
        Ok(Self(Arc::new(Inner { run, store, clock, state: Mutex::new(state), listener })))
    }

    /// Takes up a run that is in the store. The listener hears only what happens from now on;
    /// what happened before is in [`Journal::records`].
    ///
    /// # Errors
    /// Where the records cannot be read or do not follow from one another.
    pub async fn take_up(
        store: Arc<dyn Store>,
        clock: Clock,
        run: RunId,
        listener: Option<mpsc::UnboundedSender<Record>>,
    ) -> Result<Self, JournalError> {
        let records = store.load(&run).await?;
        let state = fold(&records)?.ok_or_else(|| JournalError::NoRun { path: run.to_string() })?;
        Ok(Self(Arc::new(Inner { run, store, clock, state: Mutex::new(state), listener })))
    }

    /// Makes an event durable and gives the state after it.
    ///
    /// # Errors
    /// Where the event is illegal, or not surely on disk: the caller must then not act.
    pub async fn append(&self, event: Event) -> Result<State, JournalError> {
        // In a task of its own: a caller whose time is up must not leave a record on disk that
        // the state does not know.
        let journal = self.clone();
        let append = fault::carried(async move { journal.append_now(event).await });
        match tokio::spawn(append).await {
            Ok(result) => result,
            // Not the error's own words: they quote the panic's text, which may quote a row.
            Err(_) => Err(JournalError::Unwritable { reason: "a panic".to_owned() }),
        }
    }

    async fn append_now(&self, event: Event) -> Result<State, JournalError> {
        let mut guard = self.0.state.lock().await;
        let (record, row) = Record::bind(guard.seq + 1, self.0.clock.now(), event, &guard.head)?;
        let after = state::next(Some(guard.clone()), &record)?;
        fault::reach(Point::JournalBefore).await?;
        self.0.store.append(&self.0.run, &row).await?;
        fault::reach(Point::JournalAfter).await?;
        *guard = after.clone();
        tell(self.0.listener.as_ref(), &record);
        Ok(after)
    }

    /// Says whether this process may still act for the clinic; asked again right before what
    /// cannot be taken back.
    ///
    /// # Errors
    /// [`JournalError::LeaseLost`]; also where the store cannot be asked.
    pub async fn confirm(&self) -> Result<(), JournalError> {
        self.0.store.confirm().await
    }

    /// The state now.
    pub async fn state(&self) -> State {
        self.0.state.lock().await.clone()
    }

    /// The run.
    pub fn run(&self) -> &RunId {
        &self.0.run
    }

    /// All records so far.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub async fn records(&self) -> Result<Vec<Record>, JournalError> {
        self.0.store.load(&self.0.run).await
    }
}

/// The state after all of `records`; `None` where there are none.
///
/// # Errors
/// Where one cannot follow from those before it.
pub fn fold(records: &[Record]) -> Result<Option<State>, JournalError> {
    let mut state = None;
    for record in records {
        state = Some(state::next(state, record)?);
    }
    Ok(state)
}

fn tell(listener: Option<&mpsc::UnboundedSender<Record>>, record: &Record) {
    if let Some(listener) = listener {
        // A renderer that has gone away does not stop the run.
        let _ = listener.send(record.clone());
    }
}
