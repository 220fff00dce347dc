//! What a new process makes of a run that another one left: crashed, failed or in doubt.

use std::sync::Arc;

use super::clinic_state::past_no_return;
use crate::action::{StepCx, Verdict, WorkDir, action};
use crate::clock::Clock;
use crate::diag::{Fact, Kind, Problem};
use crate::effect::Effect;
use crate::ids::{RunId, StepId};
use crate::journal::store::Store;
use crate::journal::{Event, Journal, JournalError, RunStatus, SettledBy, StepState, fold};
use crate::playbook::{CheckedPlaybook, Step};
use crate::progress::Progress;

/// The latest run in the store.
///
/// # Errors
/// Where there is none.
pub async fn latest(store: &dyn Store, work: &WorkDir) -> Result<RunId, Problem> {
    let runs = store.runs().await?;
    runs.into_iter()
        .next_back()
        .ok_or_else(|| JournalError::NoRun { path: work.journal().display().to_string() }.into())
}

/// Refuses a new run where an earlier one is not settled, or has come past the point of no
/// return: a second production import is never a matter of starting the program again.
pub(super) async fn refuse_second_run(
    playbook: &CheckedPlaybook,
    store: &dyn Store,
) -> Result<(), Problem> {
    for run in store.runs().await? {
        let Some(state) = fold(&store.load(&run).await?)? else { continue };
        let problem = if past_no_return(playbook, &state) {
            Problem::new("run-already-imported", Kind::Blocked)
        } else if state.status == RunStatus::Running {
            Problem::new("run-unfinished", Kind::Blocked)
        } else {
            continue;
        };
        return Err(problem.with(Fact::open("run", run)));
    }
    Ok(())
}

/// Writes down what became of steps that were running when the process died, and tries to find
/// out, by looking only, about those whose outcome matters.
pub(super) async fn recover(
    playbook: &Arc<CheckedPlaybook>,
    clock: &Clock,
    work: &WorkDir,
    journal: &Journal,
) -> Result<(), Problem> {
    for (step, is) in journal.state().await.steps {
        let StepState::Running { attempt, effect, .. } = is else { continue };
        let event = if effect == Effect::AtMostOnce {
            let problem = Problem::new("run-interrupted-in-doubt", Kind::InDoubt);
            Event::StepInDoubt { step, attempt, problem }
        } else {
            let problem = Problem::new("run-interrupted", Kind::StepFailed);
            let again_at = Some(clock.now());
            Event::StepFailed { step, attempt, problem, import_log: None, again_at }
        };
        journal.append(event).await?;
    }
    for step in playbook.phases.iter().flat_map(|phase| &phase.steps) {
        let state = journal.state().await;
        if matches!(state.steps.get(&step.id), Some(StepState::InDoubt { .. })) {
            find_out(playbook, clock, work, journal, step).await?;
        }
    }
    Ok(())
}

async fn find_out(
    playbook: &Arc<CheckedPlaybook>,
    clock: &Clock,
    work: &WorkDir,
    journal: &Journal,
    step: &Step,
) -> Result<(), Problem> {
    let cx = StepCx {
        playbook: playbook.clone(),
        step: step.clone(),
        clock: clock.clone(),
        work: work.clone(),
        progress: Progress::default(),
        journal: journal.clone(),
    };
    let (done, proof, outputs) = match action(&step.action).verify(&cx).await {
        Ok(Verdict::Done(proof, outputs)) => (true, proof, outputs),
        Ok(Verdict::NotDone(proof)) => (false, proof, Default::default()),
        // Looking failed or proved nothing: the step stays in doubt, and the run says so.
        Ok(Verdict::Unknown) | Err(_) => return Ok(()),
    };
    let by = SettledBy::Proof(proof);
    journal.append(Event::StepSettled { step: step.id.clone(), done, by, outputs }).await?;
    Ok(())
}

/// A person says whether a step in doubt took effect.
///
/// # Errors
/// Where the step is not in doubt, or the journal cannot be written.
pub async fn settle(
    journal: &Journal,
    step: &StepId,
    done: bool,
    name: &str,
    reason: &str,
) -> Result<(), Problem> {
    let by = SettledBy::Person { name: name.to_owned(), reason: reason.to_owned() };
    let outputs = Default::default();
    journal.append(Event::StepSettled { step: step.clone(), done, by, outputs }).await?;
    Ok(())
}
