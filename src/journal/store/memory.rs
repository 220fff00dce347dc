//! The journal in memory, for simulations and tests: it lives as long as the value does.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{LEDGER, Leases, Store};
use crate::ids::RunId;
use crate::journal::chain::Row;
use crate::journal::error::JournalError;
use crate::journal::lease::{Holder, LeaseEntry};

/// The journal in memory. Its lease runs by the runtime's clock.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    streams: BTreeMap<RunId, BTreeMap<u64, Row>>,
    lease: Option<Held>,
}

#[derive(Clone, Debug)]
struct Held {
    holder: Holder,
    token: u64,
    until: Instant,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every change is one assignment: a panic of another thread leaves nothing half done.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn token(&self) -> u64 {
        self.lease.as_ref().map_or(0, |held| held.token)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn write(
        &self,
        stream: &RunId,
        row: &Row,
        token: Option<u64>,
    ) -> Result<(), JournalError> {
        let mut inner = self.inner();
        if token.is_some_and(|token| token != inner.token()) {
            return Err(JournalError::LeaseLost);
        }
        let rows = inner.streams.entry(stream.clone()).or_default();
        if rows.contains_key(&row.seq) {
            return Err(JournalError::Taken { seq: row.seq });
        }
        rows.insert(row.seq, row.clone());
        Ok(())
    }

    async fn rows(&self, stream: &RunId, after: u64) -> Result<Vec<Row>, JournalError> {
        let inner = self.inner();
        let rows = inner.streams.get(stream).into_iter().flat_map(BTreeMap::values);
        Ok(rows.filter(|row| row.seq > after).cloned().collect())
    }

    async fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        let inner = self.inner();
        Ok(inner.streams.keys().filter(|run| run.as_str() != LEDGER).cloned().collect())
    }

    fn leases(&self) -> &dyn Leases {
        self
    }
}

#[async_trait]
impl Leases for MemoryStore {
    async fn lease(&self) -> Result<Option<LeaseEntry>, JournalError> {
        Ok(self.inner().lease.clone().map(|held| LeaseEntry {
            holder: held.holder,
            token: held.token,
            left: held.until.saturating_duration_since(Instant::now()),
        }))
    }

    async fn take_lease(
        &self,
        seen: u64,
        even_if_live: bool,
        holder: &Holder,
        length: Duration,
    ) -> Result<bool, JournalError> {
        let mut inner = self.inner();
        let now = Instant::now();
        let live = inner.lease.as_ref().is_some_and(|held| held.until > now);
        if inner.token() != seen || (live && !even_if_live) {
            return Ok(false);
        }
        inner.lease = Some(Held { holder: holder.clone(), token: seen + 1, until: now + length });
        Ok(true)
    }

    async fn renew_lease(&self, token: u64, length: Duration) -> Result<bool, JournalError> {
        let mut inner = self.inner();
        match &mut inner.lease {
            Some(held) if held.token == token => {
                held.until = Instant::now() + length;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}
