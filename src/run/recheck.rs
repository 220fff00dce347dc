//! What was found out or closed before an interruption may hold no more: before a run goes on, it
//! is looked at again.
//!
//! Only what lies between the last wait and the production import is looked at. Before the wait
//! nothing rests on the present moment; after the import nothing may be repeated.

use super::clinic_state::reached_the_tenant;
use super::rollback::{self, Cx};
use crate::action;
use crate::clock::Jst;
use crate::diag::{Fact, Kind, Problem};
use crate::journal::{Event, Role, State, StepState};
use crate::playbook::{FenceMode, Step, StepAction};
use crate::progress::Progress;

/// Reopens the steps whose outcome may not be relied on any more.
///
/// # Errors
/// Where the journal cannot be written; where a door that is open in part could not be opened.
pub(super) async fn recheck(cx: &Cx) -> Result<(), Problem> {
    let playbook = cx.playbook.clone();
    let steps: Vec<&Step> = playbook.phases.iter().flat_map(|phase| &phase.steps).collect();
    let state = cx.journal.state().await;
    for step in &steps {
        // A clinic file that was approved anew may have switched a step on.
        if step.applies && matches!(state.steps.get(&step.id), Some(StepState::Skipped)) {
            reopen(cx, step, "applies-now").await?;
        }
    }
    let is_wait = |step: &&Step| matches!(step.action, StepAction::Wait { .. });
    // Where a wait comes next, nothing that was done rests on the present moment.
    let next = steps.iter().find(|step| !state.steps.get(&step.id).is_some_and(is_satisfied));
    if next.is_some_and(is_wait) {
        return Ok(());
    }
    let Some(wait) = steps.iter().rposition(|step| is_wait(step) && is_done(&state, step)) else {
        return Ok(());
    };
    if import_began(&state) {
        return Ok(());
    }
    let span = steps.get(wait + 1..).unwrap_or_default();
    let closed = look_at_closing(cx, &state, span).await;
    if closed == Closed::Broken {
        // A dump made behind a door that was open since is worth nothing. Everything is opened
        // and closed again in the playbook's order.
        rollback::rollback(cx).await?;
    }
    let state = cx.journal.state().await;
    let first = span.iter().position(|step| step.action.is_undone_on_rollback());
    for (index, step) in span.iter().enumerate().filter(|(_, step)| is_done(&state, step)) {
        let behind_the_door = first.is_some_and(|first| index > first);
        // What closes something is opened by a roll-back alone, or the journal would call open what
        // still stands closed.
        let is_worthless = || !is_kept(step) && !step.action.is_undone_on_rollback();
        let worthless = closed == Closed::Broken && behind_the_door && is_worthless();
        let untouched = may_be_exported_again(&state, span, index);
        let old = is_of_another_night(&state, step, cx.clock.now());
        if worthless || untouched && !holds(cx, step).await {
            reopen(cx, step, "no-longer-holds").await?;
        } else if must_be_fresh(step, closed) || untouched && old {
            reopen(cx, step, "must-be-fresh").await?;
        }
    }
    match closed {
        Closed::Broken => refuse_half_open(cx, span).await,
        _ => Ok(()),
    }
}

/// Nothing goes on behind a door of which a part could not be opened.
async fn refuse_half_open(cx: &Cx, span: &[&Step]) -> Result<(), Problem> {
    let state = cx.journal.state().await;
    let stands = |step: &&&Step| {
        step.action.is_undone_on_rollback()
            && matches!(
                state.steps.get(&step.id),
                Some(StepState::Done { .. } | StepState::Undoing { .. })
            )
    };
    match span.iter().rev().find(stands) {
        Some(step) => {
            Err(Problem::new("run-half-open", Kind::StepFailed).with(Fact::open("step", &step.id)))
        }
        None => Ok(()),
    }
}

/// How far the clinic's server is closed, compared with what the journal says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closed {
    /// As the journal says; nobody can connect.
    ToEveryone,
    /// As the journal says.
    AsFar,
    /// Something that was closed is open.
    Broken,
}

async fn look_at_closing(cx: &Cx, state: &State, span: &[&Step]) -> Closed {
    let mut closed = Closed::AsFar;
    for step in span.iter().filter(|step| step.action.is_undone_on_rollback()) {
        let bolted = matches!(step.action, StepAction::Fence { mode: FenceMode::Closed });
        match state.steps.get(&step.id) {
            Some(StepState::Undone { .. } | StepState::Undoing { .. }) => return Closed::Broken,
            Some(StepState::Done { .. }) if !holds(cx, step).await => return Closed::Broken,
            Some(StepState::Done { .. }) if bolted => closed = Closed::ToEveryone,
            // Interrupted: it may have taken effect all the same.
            Some(StepState::Failed { .. }) if bolted && holds(cx, step).await => {
                closed = Closed::ToEveryone;
            }
            _ => {}
        }
    }
    closed
}

fn is_satisfied(step: &StepState) -> bool {
    step.is_satisfied()
}

fn is_done(state: &State, step: &Step) -> bool {
    matches!(state.steps.get(&step.id), Some(StepState::Done { .. }))
}

fn import_began(state: &State) -> bool {
    state.steps.iter().any(|(id, step)| {
        state.roles.get(id) == Some(&Role::ProductionImport)
            && !matches!(step, StepState::Failed { .. } | StepState::Undone { .. })
    })
}

/// An export is the only copy of what the import overwrites: it is kept, and not made anew. An
/// import is never repeated by itself.
fn is_kept(step: &Step) -> bool {
    matches!(step.action, StepAction::PortalExport { .. } | StepAction::PortalImport { .. })
}

/// True for an export of a tenant that no import has touched since: where its file is lost, it is
/// made once more.
fn may_be_exported_again(state: &State, span: &[&Step], index: usize) -> bool {
    let later = span.get(index..).unwrap_or_default();
    let touched = later.iter().any(|step| {
        matches!(step.action, StepAction::PortalImport { .. })
            && reached_the_tenant(state, &step.id)
    });
    let step = span.get(index);
    !touched && step.is_some_and(|step| matches!(step.action, StepAction::PortalExport { .. }))
}

/// What came into the tenant since would have no copy.
pub(super) fn is_of_another_night(state: &State, step: &Step, now: Jst) -> bool {
    match state.steps.get(&step.id) {
        Some(StepState::Done { since, .. }) => now - *since > action::EXPORT_FRESH,
        _ => false,
    }
}

/// Looks that speak of the present moment. A database that is closed to everyone cannot be
/// asked whether it was written to, and cannot have been.
fn must_be_fresh(step: &Step, closed: Closed) -> bool {
    match step.action {
        StepAction::WindowCheck { .. } | StepAction::PortalProbe { .. } => true,
        StepAction::StaleCheck { .. } => closed != Closed::ToEveryone,
        _ => false,
    }
}

/// A look that fails is no proof that the clinic is still closed.
async fn holds(cx: &Cx, step: &Step) -> bool {
    let step_cx = cx.step(step, Progress::default());
    cx.hands.action(&step.action).holds(&step_cx).await.unwrap_or(false)
}

async fn reopen(cx: &Cx, step: &Step, reason: &str) -> Result<(), Problem> {
    let reason = reason.to_owned();
    cx.journal.append(Event::StepReopened { step: step.id.clone(), reason }).await?;
    Ok(())
}
