//! A step with everything that it is given, for tests.

use std::path::Path;
use std::sync::Arc;

use super::{StepCx, WorkDir};
use crate::clock::Clock;
use crate::journal::{Event, Journal, fixture};
use crate::plan::fixture::of_clinic_in;
use crate::playbook::StepAction;
use crate::progress::Progress;

/// A step of the sample cutover with this action, in a folder of its own.
pub(crate) async fn step(folder: &Path, action: StepAction, timeout_secs: u64) -> StepCx {
    let playbook = of_clinic_in(folder);
    let work = WorkDir::open(&playbook.clinic).unwrap();
    let store = work.store(true).await.unwrap();
    let begun = fixture::started();
    let Event::RunStarted { run, .. } = begun.clone() else { panic!() };
    let journal = Journal::begin(store, Clock::System, run, begun, None).await.unwrap();
    let mut step = playbook.phases[0].steps[0].clone();
    (step.action, step.timeout_secs) = (action, timeout_secs);
    let (clock, progress) = (Clock::System, Progress::default());
    StepCx { playbook: Arc::new(playbook), step, clock, work, progress, journal }
}
