//! A store as the holder of a lease sees it: nothing of a run is written without the token.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::ids::RunId;
use crate::journal::chain::Row;
use crate::journal::error::JournalError;
use crate::journal::store::{LEDGER, Leases, Store};

/// A store whose runs are written under a lease's token. The ledger is everybody's.
pub(super) struct Fenced {
    pub(super) store: Arc<dyn Store>,
    pub(super) token: u64,
    pub(super) length: Duration,
}

#[async_trait]
impl Store for Fenced {
    async fn write(
        &self,
        stream: &RunId,
        row: &Row,
        token: Option<u64>,
    ) -> Result<(), JournalError> {
        let own = (stream.as_str() != LEDGER).then_some(self.token);
        self.store.write(stream, row, token.or(own)).await
    }

    async fn rows(&self, stream: &RunId, after: u64) -> Result<Vec<Row>, JournalError> {
        self.store.rows(stream, after).await
    }

    async fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        self.store.runs().await
    }

    fn leases(&self) -> &dyn Leases {
        self.store.leases()
    }

    /// Asks the store, and lets the lease run anew: what follows has its whole length.
    async fn confirm(&self) -> Result<(), JournalError> {
        if self.store.leases().renew_lease(self.token, self.length).await? {
            Ok(())
        } else {
            Err(JournalError::LeaseLost)
        }
    }

    async fn close(&self) {
        self.store.close().await;
    }
}
