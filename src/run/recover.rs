//! What a new process makes of a run that another one left: crashed, failed or in doubt.

use super::clinic_state::{is_unsettled, past_no_return};
use super::rollback::{self, Cx};
use crate::action::{Verdict, WorkDir, action};
use crate::diag::{Fact, Kind, Problem};
use crate::effect::Effect;
use crate::ids::{RunId, StepId};
use crate::journal::store::Store;
use crate::journal::{Event, Journal, JournalError, SettledBy, StepState, fold};
use crate::playbook::Step;
use crate::progress::Progress;

/// The latest run in the store.
///
/// # Errors
/// Where there is none.
pub async fn latest(store: &dyn Store, work: &WorkDir) -> Result<RunId, Problem> {
    let runs = store.runs().await?;
    runs.into_iter()
        .next_back()
        .ok_or_else(|| JournalError::NoRun { path: work.journal().to_string() }.into())
}

/// Refuses a new run where an earlier one is not settled, or has come past the point of no
/// return: a second production import is never a matter of starting the program again. The
/// earlier runs' own records decide, not the playbook in hand.
pub(super) async fn refuse_second_run(store: &dyn Store) -> Result<(), Problem> {
    for run in store.runs().await? {
        let Some(state) = fold(&store.load(&run).await?)? else { continue };
        let problem = if past_no_return(&state) {
            Problem::new("run-already-imported", Kind::Blocked)
        } else if is_unsettled(&state) {
            Problem::new("run-unfinished", Kind::Blocked)
        } else {
            continue;
        };
        return Err(problem.with(Fact::open("run", run)));
    }
    Ok(())
}

/// Writes down what became of steps that were running when the process died, finishes a roll-back
/// that was begun, and tries to find out, by looking only, about steps whose outcome matters.
pub(super) async fn recover(cx: &Cx) -> Result<(), Problem> {
    write_down_interrupted(cx).await?;
    if rollback::is_begun(&cx.journal.state().await) {
        rollback::rollback(cx).await?;
    }
    let playbook = cx.playbook.clone();
    for step in playbook.phases.iter().flat_map(|phase| &phase.steps) {
        let state = cx.journal.state().await;
        if matches!(state.steps.get(&step.id), Some(StepState::InDoubt { .. })) {
            find_out(cx, step).await?;
        }
    }
    Ok(())
}

/// Writes down what became of steps that were running when the process died.
pub(super) async fn write_down_interrupted(cx: &Cx) -> Result<(), Problem> {
    for (step, is) in cx.journal.state().await.steps {
        let StepState::Running { attempt, effect, .. } = is else { continue };
        let event = if effect == Effect::AtMostOnce {
            let problem = Problem::new("run-interrupted-in-doubt", Kind::InDoubt);
            Event::StepInDoubt { step, attempt, problem }
        } else {
            let problem = Problem::new("run-interrupted", Kind::StepFailed);
            let again_at = Some(cx.clock.now());
            Event::StepFailed { step, attempt, problem, import_log: None, again_at }
        };
        cx.journal.append(event).await?;
    }
    Ok(())
}

async fn find_out(cx: &Cx, step: &Step) -> Result<(), Problem> {
    let step_cx = cx.step(step, Progress::default());
    let (done, proof, outputs) = match action(&step.action).verify(&step_cx).await {
        Ok(Verdict::Done(proof, outputs)) => (true, proof, outputs),
        Ok(Verdict::NotDone(proof)) => (false, proof, Default::default()),
        // Looking failed or proved nothing: the step stays in doubt, and the run says so.
        Ok(Verdict::Unknown) | Err(_) => return Ok(()),
    };
    let by = SettledBy::Proof(proof);
    cx.journal.append(Event::StepSettled { step: step.id.clone(), done, by, outputs }).await?;
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
    match journal.state().await.steps.get(step) {
        Some(StepState::InDoubt { .. }) => {}
        // The process died in mid-import: the next resumption looks, and says what it found.
        Some(StepState::Running { .. }) => {
            return Err(
                Problem::new("run-resume-first", Kind::Input).with(Fact::open("step", step))
            );
        }
        _ => {
            return Err(
                Problem::new("run-not-in-doubt", Kind::Input).with(Fact::open("step", step))
            );
        }
    }
    let by = SettledBy::Person { name: name.to_owned(), reason: reason.to_owned() };
    let outputs = Default::default();
    journal.append(Event::StepSettled { step: step.clone(), done, by, outputs }).await?;
    Ok(())
}
