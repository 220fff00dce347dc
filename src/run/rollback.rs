//! Takes back what closes the clinic's own server, in the reverse order of the playbook.

use std::sync::Arc;
use std::time::Duration;

use super::clinic_state::is_closing;
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
        let taken_back =
            fault::within(&step.id, patiently(cx, async || undo(cx, step).await)).await?;
        // As long as another database has the clinic's name, opening it would let the service
        // write into the wrong one.
        if !taken_back && matches!(step.action, StepAction::SwapDatabase { .. }) {
            break;
        }
    }
    Ok(())
}

/// The same, where the journal may fail: what cannot be written is taken back all the same. Says in
/// `state` what was opened. What was at it when the journal failed is taken back as well.
pub(super) async fn open_unrecorded(cx: &Cx, state: &mut State) {
    let steps: Vec<&Step> = cx.playbook.steps().collect();
    for step in steps.into_iter().rev() {
        let is_at_it = is_closing(state, &step.id);
        if !is_at_it && !closes(state, step) {
            continue;
        }
        let tries = async {
            // That an effect of which nobody knows is taken back has no record of its own.
            if !is_at_it && let Ok(taken_back) = patiently(cx, async || undo(cx, step).await).await
            {
                return taken_back;
            }
            patiently(cx, async || Ok(effect(cx, step).await.is_ok())).await.unwrap_or(false)
        };
        let taken_back = fault::within(&step.id, tries).await;
        if taken_back {
            state.steps.insert(step.id.clone(), StepState::Undone { attempt: 1 });
        } else if matches!(step.action, StepAction::SwapDatabase { .. }) {
            break;
        }
    }
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

/// True where `once` says that the effect is taken back, at the first try or a later one.
async fn patiently(
    cx: &Cx,
    once: impl AsyncFn() -> Result<bool, Problem>,
) -> Result<bool, Problem> {
    for _ in 1..TRIES {
        if once().await? {
            return Ok(true);
        }
        cx.clock.nap(PAUSE).await;
    }
    once().await
}

/// True where the effect is taken back.
async fn undo(cx: &Cx, step: &Step) -> Result<bool, Problem> {
    fault::reach(Point::UndoBeforeIntent).await?;
    cx.journal.append(Event::UndoStarted { step: step.id.clone() }).await?;
    cx.journal.confirm().await?;
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
