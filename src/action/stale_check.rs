//! Stops where anything was written to the source since a dump was taken.
//!
//! It comes after the dump and before the database is closed for good: a closed database cannot
//! be asked. In between, the read-only fence keeps ordinary writers out.

use async_trait::async_trait;

use super::context::blocking;
use super::{Action, Failure, StepCx, connect};
use crate::diag::{Fact, Kind, Problem};
use crate::ids::StepId;
use crate::journal::StepState;
use crate::playbook::Outputs;
use crate::source::{self, WriteStamp, fence};

pub(super) struct StaleCheck {
    pub(super) dump: StepId,
}

#[async_trait]
impl Action for StaleCheck {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let state = cx.journal.state().await;
        let before: Option<WriteStamp> = match state.steps.get(&self.dump) {
            Some(StepState::Done { outputs, .. }) => {
                outputs.get("stamp").and_then(|stamp| serde_json::from_value(stamp.clone()).ok())
            }
            _ => None,
        };
        let Some(before) = before else {
            return Err(Problem::new("run-no-stamp", Kind::Blocked)
                .with(Fact::open("step", &self.dump))
                .into());
        };
        let config = connect::source(cx.clinic());
        // A session that is idle tells what it wrote when it ends, at the latest.
        let stamp = move || {
            fence::end_others(&config)?;
            source::write_stamp(&config)
        };
        let now = blocking(stamp).await?;
        if now != before {
            return Err(Problem::new("run-dump-stale", Kind::Blocked)
                .with(Fact::open("step", &self.dump))
                .into());
        }
        Ok(Outputs::new())
    }
}
