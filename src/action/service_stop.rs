//! Stops the clinic's 日レセ service; the roll-back starts it again.

use async_trait::async_trait;

use super::context::blocking;
use super::{Action, Failure, StepCx, connect};
use crate::diag::Problem;
use crate::playbook::Outputs;
use crate::source::service;

pub(super) struct ServiceStop;

#[async_trait]
impl Action for ServiceStop {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let config = connect::source(cx.clinic());
        blocking(move || service::stop(&config)).await?;
        Ok(Outputs::new())
    }

    async fn holds(&self, cx: &StepCx) -> Result<bool, Problem> {
        let config = connect::source(cx.clinic());
        blocking(move || service::is_running(&config)).await.map(|running| !running)
    }

    async fn undo(&self, cx: &StepCx) -> Result<(), Problem> {
        let config = connect::source(cx.clinic());
        blocking(move || service::start(&config)).await
    }
}
