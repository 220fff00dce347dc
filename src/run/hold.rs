//! What a process must hold to carry a clinic's run: the working folder's lock, which keeps the
//! machine's other processes out, and the store's lease, which keeps other machines' out.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::lock::Lock;
use crate::action::WorkDir;
use crate::diag::Problem;
use crate::journal::lease::Lease;
use crate::journal::store::Store;
use crate::playbook::Clinic;

/// Held as long as this value lives.
pub struct Hold {
    _lock: Lock,
    lease: Lease,
}

impl Hold {
    /// Takes both for `operator`; with `create` the store is made where it is missing.
    ///
    /// # Errors
    /// Where another process holds one of them, or the store cannot be opened.
    pub async fn take(
        work: &WorkDir,
        clinic: &Clinic,
        operator: &str,
        create: bool,
    ) -> Result<Self, Problem> {
        let lock = Lock::take(&work.lock())?;
        let store = work.store(create).await?;
        let length = clinic.journal.as_ref().and_then(|journal| journal.lease_secs);
        let lease = Lease::take(store, operator, length.map(Duration::from_secs)).await?;
        Ok(Self { _lock: lock, lease })
    }

    /// The store, with every record of a run bound to the lease.
    pub fn store(&self) -> Arc<dyn Store> {
        self.lease.store()
    }

    /// Does `work`, and gives both up. Where the lease is lost, the work is broken off where it
    /// stands: nothing more is begun, waited for or taken back, since another process
    /// has the clinic in hand.
    ///
    /// # Errors
    /// Those of the work; that the lease is lost.
    pub async fn during<T>(
        self,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let result = tokio::select! {
            biased;
            lost = self.lease.lost() => Err(lost.into()),
            result = work => result,
        };
        self.lease.release().await;
        result
    }
}
