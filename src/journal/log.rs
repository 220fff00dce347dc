//! One run's journal as its process uses it: append, then act.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};

use super::chain::{ChainHash, Record};
use super::error::JournalError;
use super::event::Event;
use super::ledger::{LedgerEvent, LedgerLog};
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
    known: Mutex<Known>,
    listener: Option<mpsc::UnboundedSender<Record>>,
}

/// What this process knows of the run.
struct Known {
    state: State,
    /// A record that the store may have taken although it did not say so, and the state after it.
    offered: Option<(Record, State)>,
}

impl Journal {
    fn of(
        run: RunId,
        store: Arc<dyn Store>,
        clock: Clock,
        state: State,
        listener: Option<mpsc::UnboundedSender<Record>>,
    ) -> Self {
        let known = Mutex::new(Known { state, offered: None });
        Self(Arc::new(Inner { run, store, clock, known, listener }))
    }

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
        Ok(Self::of(run, store, clock, state, listener))
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
        Ok(Self::of(run, store, clock, state, listener))
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
        let mut known = self.0.known.lock().await;
        self.settle(&mut known).await?;
        let (seq, head) = (known.state.seq + 1, &known.state.head);
        let (record, row) = Record::bind(seq, self.0.clock.now(), event, head)?;
        let after = state::next(Some(known.state.clone()), &record)?;
        let written = async {
            fault::reach(Point::JournalBefore).await?;
            self.0.store.append(&self.0.run, &row).await?;
            fault::reach(Point::JournalAfter).await?;
            Ok(())
        };
        if let Err(error) = written.await {
            known.offered = Some((record, after));
            return Err(error);
        }
        known.state = after.clone();
        tell(self.0.listener.as_ref(), &record);
        Ok(after)
    }

    /// The store may have taken the last record although it answered with an error: then what comes
    /// next follows from it.
    async fn settle(&self, known: &mut Known) -> Result<(), JournalError> {
        let Some((record, after)) = known.offered.clone() else { return Ok(()) };
        let there = self.0.store.load(&self.0.run).await?;
        known.offered = None;
        if there.last().is_some_and(|last| last.hash == record.hash) {
            known.state = after;
            tell(self.0.listener.as_ref(), &record);
        }
        Ok(())
    }

    /// The state once it is known what became of a record whose answer was lost.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn settled(&self) -> Result<State, JournalError> {
        let mut known = self.0.known.lock().await;
        self.settle(&mut known).await?;
        Ok(known.state.clone())
    }

    /// Writes into the ledger how far the run has come: that it is gone as a whole, or that its end
    /// was cut off, is seen by [`super::verify`] then.
    ///
    /// # Errors
    /// Where the ledger cannot be read or written.
    pub async fn anchor(&self) -> Result<(), JournalError> {
        let State { seq, head, .. } = self.state().await;
        let ledger = LedgerLog::open(self.0.store.clone(), self.0.clock.clone()).await?;
        let run = self.0.run.clone();
        ledger.append(LedgerEvent::RunAnchored { run, seq, head }).await?;
        Ok(())
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
        self.0.known.lock().await.state.clone()
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
