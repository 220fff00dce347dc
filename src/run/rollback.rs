//! Takes back what closes the clinic's own server, in the reverse order of the playbook.

use std::sync::Arc;

use crate::action::{StepCx, WorkDir, action};
use crate::clock::Clock;
use crate::diag::Problem;
use crate::effect::Effect;
use crate::journal::{Event, Journal, StepState};
use crate::playbook::{CheckedPlaybook, Step};
use crate::progress::Progress;

/// What a roll-back needs.
pub(super) struct Cx {
    pub(super) playbook: Arc<CheckedPlaybook>,
    pub(super) clock: Clock,
    pub(super) work: WorkDir,
    pub(super) journal: Journal,
}

/// Takes back every step from the first one on that closed something, so that a later
/// resumption closes it again and makes a fresh dump. An import is never among them: what it
/// overwrote does not come back by itself.
///
/// # Errors
/// Where the journal cannot be written. A step that cannot be taken back is written down, and
/// the others are still taken back.
pub(super) async fn rollback(cx: &Cx) -> Result<(), Problem> {
    let state = cx.journal.state().await;
    let touched = |step: &Step| {
        matches!(state.steps.get(&step.id), Some(StepState::Done { .. } | StepState::Failed { .. }))
    };
    let steps: Vec<&Step> = cx.playbook.phases.iter().flat_map(|phase| &phase.steps).collect();
    let Some(first) =
        steps.iter().position(|step| step.action.is_undone_on_rollback() && touched(step))
    else {
        return Ok(());
    };
    let take_back = steps
        .iter()
        .skip(first)
        .rev()
        .filter(|step| touched(step) && step.action.effect() != Effect::AtMostOnce)
        // A step that failed and has nothing to take back stays failed, with its problem.
        .filter(|step| {
            step.action.is_undone_on_rollback()
                || matches!(state.steps.get(&step.id), Some(StepState::Done { .. }))
        });
    for step in take_back {
        undo(cx, step).await?;
    }
    Ok(())
}

async fn undo(cx: &Cx, step: &Step) -> Result<(), Problem> {
    cx.journal.append(Event::UndoStarted { step: step.id.clone() }).await?;
    let step_cx = StepCx {
        playbook: cx.playbook.clone(),
        step: step.clone(),
        clock: cx.clock.clone(),
        work: cx.work.clone(),
        progress: Progress::default(),
        journal: cx.journal.clone(),
    };
    let event = match action(&step.action).undo(&step_cx).await {
        Ok(()) => Event::UndoDone { step: step.id.clone() },
        Err(problem) => Event::UndoFailed { step: step.id.clone(), problem },
    };
    cx.journal.append(event).await?;
    Ok(())
}
