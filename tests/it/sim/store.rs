//! The journal's store: in memory, and it fails and dies as it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use orca_cutover::ids::{RunId, StepId};
use orca_cutover::journal::store::{Leases, MemoryStore, Store};
use orca_cutover::journal::{ChainHash, Event, JournalError, Record, Row, State, fold};

use super::fault::Fault;
use super::world::World;
use crate::judge::{Acknowledged, RawRow, Stream};

const LEDGER: &str = "ledger";

/// Each run's records, with their places among everything that happened.
type Streams = BTreeMap<RunId, Vec<(Row, u64)>>;

/// A store in memory. Clones are the same one.
#[derive(Clone)]
pub(crate) struct SimStore {
    world: World,
    streams: Arc<Mutex<Streams>>,
    /// Keeps the lease alone.
    leases: Arc<MemoryStore>,
}

impl SimStore {
    pub(crate) fn of(world: World) -> Self {
        Self { world, streams: Arc::default(), leases: Arc::default() }
    }

    fn with<T>(&self, f: impl FnOnce(&mut Streams) -> T) -> T {
        f(&mut self.streams.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The runs as the checker wants them.
    pub(crate) fn raw(&self) -> Vec<Stream> {
        self.with(|streams| {
            let runs = streams.iter().filter(|(run, _)| run.as_str() != LEDGER);
            runs.map(|(run, rows)| {
                let raw = |(row, order): &(Row, u64)| RawRow {
                    seq: row.seq,
                    at: row.at.clone(),
                    text: row.json.clone(),
                    hash: row.hash.clone(),
                    order: Some(*order),
                };
                Stream { run: run.to_string(), rows: rows.iter().map(raw).collect() }
            })
            .collect()
        })
    }

    /// Run and number of the last record, where that is the end of a run.
    pub(crate) fn at_end(&self) -> Option<(String, u64)> {
        self.with(|streams| {
            let (run, rows) = streams.iter().rfind(|(run, _)| run.as_str() != LEDGER)?;
            let (row, _) = rows.last()?;
            row.json.contains("\"type\":\"run-ended\"").then(|| (run.to_string(), row.seq))
        })
    }

    fn put(&self, stream: &RunId, row: &Row) -> Result<(), JournalError> {
        let order = self.world.now().tick();
        self.with(|streams| {
            let rows = streams.entry(stream.clone()).or_default();
            if rows.len() as u64 + 1 != row.seq {
                return Err(JournalError::Taken { seq: row.seq });
            }
            rows.push((row.clone(), order));
            Ok(())
        })
    }
}

fn failed() -> JournalError {
    JournalError::Store {
        path: "memory".to_owned(),
        reason: "a fault of the simulation".to_owned(),
    }
}

/// Where a process may die beside a record: before and after it is durable.
fn crashes(json: &str) -> (Fault, Fault) {
    let kind = json.split('"').nth(3).unwrap_or_default();
    match kind {
        "step-started" => (Fault::CrashBeforeIntent, Fault::CrashAfterIntent),
        "step-done" | "step-failed" | "step-in-doubt" => {
            (Fault::CrashBeforeOutcome, Fault::CrashAfterOutcome)
        }
        "undo-started" | "undo-done" | "undo-failed" => {
            (Fault::CrashInRollback, Fault::CrashInRollback)
        }
        "run-ended" => (Fault::CrashAtEnd, Fault::CrashAtEnd),
        _ => (Fault::CrashAtOtherRecord, Fault::CrashAtOtherRecord),
    }
}

#[async_trait]
impl Store for SimStore {
    async fn write(
        &self,
        stream: &RunId,
        row: &Row,
        token: Option<u64>,
    ) -> Result<(), JournalError> {
        if let Some(token) = token
            && self.leases.leases().lease().await?.is_none_or(|entry| entry.token != token)
        {
            return Err(JournalError::LeaseLost);
        }
        if stream.as_str() == LEDGER {
            return self.put(stream, row);
        }
        let (before, after) = crashes(&row.json);
        self.world.crash_if(before).await;
        if self.world.fires(Fault::AppendFails) {
            return Err(failed());
        }
        self.put(stream, row)?;
        self.world.say(|| format!("  #{} {}", row.seq, row.json));
        self.world.crash_if(after).await;
        if self.world.fires(Fault::AppendAnswerLost) {
            return Err(failed());
        }
        let (run, seq, hash) = (stream.to_string(), row.seq, row.hash.clone());
        self.world.now().acknowledged.push(Acknowledged { run, seq, hash });
        Ok(())
    }

    async fn rows(&self, stream: &RunId, after: u64) -> Result<Vec<Row>, JournalError> {
        if stream.as_str() != LEDGER && self.world.fires(Fault::LoadFails) {
            return Err(failed());
        }
        Ok(self.with(|streams| {
            let rows = streams.get(stream).into_iter().flatten();
            rows.filter(|(row, _)| row.seq > after).map(|(row, _)| row.clone()).collect()
        }))
    }

    async fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        Ok(self
            .with(|streams| streams.keys().filter(|run| run.as_str() != LEDGER).cloned().collect()))
    }

    fn leases(&self) -> &dyn Leases {
        self.leases.leases()
    }
}

impl SimStore {
    /// The state of the latest run, as the product folds it: what `status` shows a person.
    pub(crate) fn state(&self) -> Option<State> {
        let (run, rows) = self.with(|streams| {
            let (run, rows) = streams.iter().rfind(|(run, _)| run.as_str() != LEDGER)?;
            Some((run.clone(), rows.iter().map(|(row, _)| row.clone()).collect::<Vec<_>>()))
        })?;
        fold(&Record::<Event>::read_all(&rows, (0, ChainHash::seed(&run))).ok()?).ok()?
    }

    /// The place of the last intent of a step among everything that happened.
    pub(crate) fn last_intent(&self, step: &StepId) -> Option<u64> {
        let intent = format!("\"type\":\"step-started\",\"step\":\"{step}\"");
        self.with(|streams| {
            let rows = streams.values().flatten();
            rows.filter(|(row, _)| row.json.contains(&intent)).map(|(_, order)| *order).max()
        })
    }
}

impl From<SimStore> for Arc<dyn Store> {
    fn from(store: SimStore) -> Self {
        Arc::new(store)
    }
}
