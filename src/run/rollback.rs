//! Takes back what closes the clinic's own server, in the reverse order of the playbook.

use std::sync::Arc;
use std::time::Duration;

use crate::action::{Hands, StepCx, WorkDir};
use crate::clock::Clock;
use crate::diag::Problem;
use crate::fault::{self, Point};
use crate::journal::{Event, Journal, Role, State, StepState};
use crate::playbook::{CheckedPlaybook, Step, StepAction};
use crate::progress::Progress;

/// What a roll-back needs.
pub(super) struct Cx {
    pub(super) playbook: Arc<CheckedPlaybook>,
    pub(super) clock: Clock,
    pub(super) work: WorkDir,
    pub(super) journal: Journal,
    pub(super) hands: Arc<dyn Hands>,
}

impl Cx {
    /// What an action of `step` is given.
    pub(super) fn step(&self, step: &Step, progress: Progress) -> StepCx {
        StepCx {
            playbook: self.playbook.clone(),
            step: step.clone(),
            clock: self.clock.clone(),
            work: self.work.clone(),
            progress,
            journal: self.journal.clone(),
        }
    }
}

/// Takes back every step that closed something, the last one first. What was found out or made
/// while the clinic was closed is made again by a later resumption, which looks at it first. An
/// import is never among them: what it overwrote does not come back by itself.
///
/// # Errors
/// Where the journal cannot be written. A step that cannot be taken back is written down, and
/// the others are still taken back, unless another database still has the clinic's name.
pub(super) async fn rollback(cx: &Cx) -> Result<(), Problem> {
    let state = cx.journal.state().await;
    let steps: Vec<&Step> = cx.playbook.phases.iter().flat_map(|phase| &phase.steps).collect();
    for step in steps.into_iter().rev().filter(|step| closes(&state, step)) {
        let taken_back = fault::within(&step.id, undo_patiently(cx, step)).await?;
        // As long as another database has the clinic's name, opening it would let the service
        // write into the wrong one.
        if !taken_back && matches!(step.action, StepAction::SwapDatabase { .. }) {
            break;
        }
    }
    Ok(())
}

/// True where a roll-back was begun and not finished.
pub(super) fn is_begun(state: &State) -> bool {
    state.steps.values().any(|step| matches!(step, StepState::Undoing { .. }))
}

fn closes(state: &State, step: &Step) -> bool {
    state.roles.get(&step.id) == Some(&Role::ClosesSource)
        && matches!(
            state.steps.get(&step.id),
            Some(StepState::Done { .. } | StepState::Failed { .. } | StepState::Undoing { .. })
        )
}

/// How often taking a step back is tried: in the night nobody may be there who tries again.
const TRIES: u32 = 3;

/// The pause between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// True where the effect is taken back, at the first try or a later one.
async fn undo_patiently(cx: &Cx, step: &Step) -> Result<bool, Problem> {
    for _ in 1..TRIES {
        if undo(cx, step).await? {
            return Ok(true);
        }
        cx.clock.nap(PAUSE).await;
    }
    undo(cx, step).await
}

/// True where the effect is taken back.
async fn undo(cx: &Cx, step: &Step) -> Result<bool, Problem> {
    fault::reach(Point::UndoBeforeIntent).await?;
    cx.journal.append(Event::UndoStarted { step: step.id.clone() }).await?;
    let event = match effect(cx, step).await {
        Ok(()) => Event::UndoDone { step: step.id.clone() },
        Err(problem) => Event::UndoFailed { step: step.id.clone(), problem },
    };
    let taken_back = matches!(event, Event::UndoDone { .. });
    cx.journal.append(event).await?;
    fault::reach(Point::UndoAfterOutcome).await?;
    Ok(taken_back)
}

async fn effect(cx: &Cx, step: &Step) -> Result<(), Problem> {
    fault::reach(Point::UndoAfterIntent).await?;
    cx.hands.action(&step.action).undo(&cx.step(step, Progress::default())).await?;
    fault::reach(Point::UndoAfterEffect).await?;
    Ok(())
}
