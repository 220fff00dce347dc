//! Closes the source database to writers; the roll-back opens it again.

use async_trait::async_trait;

use super::context::blocking;
use super::{Action, Failure, StepCx, connect};
use crate::diag::Problem;
use crate::playbook::{FenceMode, Outputs};
use crate::source::{FenceState, fence};

pub(super) struct Fence {
    pub(super) mode: FenceMode,
}

#[async_trait]
impl Action for Fence {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let config = connect::source(cx.clinic());
        let mode = self.mode;
        blocking(move || match mode {
            FenceMode::ReadOnly => fence::read_only(&config),
            FenceMode::Closed => fence::close(&config),
        })
        .await?;
        Ok(Outputs::new())
    }

    async fn holds(&self, cx: &StepCx) -> Result<bool, Problem> {
        let config = connect::source(cx.clinic());
        let state = blocking(move || fence::state(&config)).await?;
        Ok(match self.mode {
            FenceMode::ReadOnly => state != FenceState::Open,
            FenceMode::Closed => state == FenceState::Closed,
        })
    }

    async fn undo(&self, cx: &StepCx) -> Result<(), Problem> {
        let config = connect::source(cx.clinic());
        blocking(move || fence::open(&config)).await
    }
}
