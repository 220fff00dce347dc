//! Takes a clinic's lease, keeps it alive, and says when it is lost.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::fenced::Fenced;
use super::{Holder, LeaseEntry};
use crate::journal::error::JournalError;
use crate::journal::store::Store;

/// How long a lease runs where nothing else is said: as long as a store may be out of reach
/// before another process may take over.
const LENGTH: Duration = Duration::from_secs(60);

/// A lease is renewed when this part of its length is over: two renewals may fail.
const RENEWALS: u32 = 3;

/// Leases that this process holds: one that it let go without a word counts as given up.
static OWN: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());
static NUMBER: AtomicU64 = AtomicU64::new(1);

/// A lease that this process holds, until it is given up or lost.
pub struct Lease {
    store: Arc<dyn Store>,
    token: u64,
    number: u64,
    length: Duration,
    renewal: JoinHandle<()>,
    lost: watch::Receiver<bool>,
}

impl Lease {
    /// Takes the clinic's lease for `operator`. One that has run out is taken over, and one
    /// whose process surely lives no more.
    ///
    /// # Errors
    /// [`JournalError::LeaseHeld`] where another process holds it; also where the store cannot
    /// be written.
    pub async fn take(
        store: Arc<dyn Store>,
        operator: &str,
        length: Option<Duration>,
    ) -> Result<Self, JournalError> {
        let length = length.unwrap_or(LENGTH);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // Known as live before it stands in the store: another task of this process must not take
        // it for one that was let go.
        own().insert(number);
        let token = match token_for(store.as_ref(), operator, number, length).await {
            Ok(token) => token,
            Err(error) => {
                own().remove(&number);
                return Err(error);
            }
        };
        let (tell, lost) = watch::channel(false);
        let renewal = tokio::spawn(renew(store.clone(), token, length, tell));
        Ok(Self { store, token, number, length, renewal, lost })
    }

    /// True where a process holds the clinic's lease.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn is_held(store: &dyn Store) -> Result<bool, JournalError> {
        Ok(store
            .leases()
            .lease()
            .await?
            .is_some_and(|entry| !entry.left.is_zero() && !is_dead(&entry)))
    }

    /// The store, with every record of a run bound to this lease.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::new(Fenced { store: self.store.clone(), token: self.token, length: self.length })
    }

    /// Returns once another process has taken the lease over.
    pub async fn lost(&self) -> JournalError {
        let mut lost = self.lost.clone();
        if lost.wait_for(|lost| *lost).await.is_err() {
            // Nobody renews it any more, so nobody will ever know.
            std::future::pending::<()>().await;
        }
        JournalError::LeaseLost
    }

    /// As a process that sleeps: the lease runs out.
    #[cfg(test)]
    pub(in crate::journal) fn stop_renewing(&self) {
        self.renewal.abort();
    }

    /// Gives the lease up, so that the next process need not wait.
    pub async fn release(mut self) {
        // A renewal that is under way must not come after it.
        self.renewal.abort();
        let _ = (&mut self.renewal).await;
        // Where the store cannot be reached, it runs out by itself.
        let _ = self.store.leases().renew_lease(self.token, Duration::ZERO).await;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewal.abort();
        own().remove(&self.number);
    }
}

/// Writes this process into the store as the lease's holder; gives the lease's token.
async fn token_for(
    store: &dyn Store,
    operator: &str,
    number: u64,
    length: Duration,
) -> Result<u64, JournalError> {
    let seen = store.leases().lease().await?;
    let dead = seen.as_ref().is_some_and(is_dead);
    let holder = Holder::this_process(operator, number);
    let before = seen.as_ref().map_or(0, |entry| entry.token);
    if !store.leases().take_lease(before, dead, &holder, length).await? {
        // Where the answer to a first try was lost, it is this process's own.
        let entry = store.leases().lease().await?;
        if entry.as_ref().is_none_or(|entry| entry.holder != holder) {
            return Err(held_by(entry));
        }
    }
    Ok(before + 1)
}

fn is_dead(entry: &LeaseEntry) -> bool {
    entry.holder.is_surely_dead(|number| own().contains(&number))
}

fn own() -> MutexGuard<'static, BTreeSet<u64>> {
    OWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who was quicker; nobody, where it was given up since.
fn held_by(entry: Option<LeaseEntry>) -> JournalError {
    entry.map_or(JournalError::LeaseLost, |entry| JournalError::LeaseHeld {
        operator: entry.holder.operator,
        host: entry.holder.host,
        pid: entry.holder.pid,
        secs: entry.left.as_secs() + 1,
    })
}

/// Renews the lease until it is lost. A store that cannot be reached is asked again: without it
/// nothing can be written, and so nothing is done.
async fn renew(store: Arc<dyn Store>, token: u64, length: Duration, tell: watch::Sender<bool>) {
    loop {
        tokio::time::sleep(length / RENEWALS).await;
        if matches!(store.leases().renew_lease(token, length).await, Ok(false)) {
            let _ = tell.send(true);
            return;
        }
    }
}
