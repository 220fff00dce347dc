//! Waits until the planned time of an import.

use async_trait::async_trait;

use super::{Action, Failure, StepCx};
use crate::clock::rfc3339;
use crate::diag::{Fact, Kind, Problem};
use crate::playbook::{Outputs, Purpose};

pub(super) struct Wait {
    pub(super) until: Purpose,
}

#[async_trait]
impl Action for Wait {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let cutover = &cx.clinic().cutover;
        let until = match self.until {
            Purpose::Test => cutover.test_import_at,
            Purpose::Production => cutover.production_at,
        };
        cx.progress.stage(&cx.clock.show(&until));
        cx.clock.sleep_until(&until).await.map_err(|error| {
            Problem::new("run-clock", Kind::Environment).with(Fact::local("reason", error))
        })?;
        Ok(Outputs::from([("until".to_owned(), rfc3339(&until).into())]))
    }
}
