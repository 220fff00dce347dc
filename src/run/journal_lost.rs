//! The way out of a run whose journal can no more be written: the clinic gets its server back, and
//! people are told, although neither stands in a record.
//!
//! A resumption looks before it goes on, finds the door open, and closes it anew.

use std::time::Duration;

use tokio::task::JoinSet;

use super::clinic_state::{
    clinic_state, is_closing, past_no_return, source_is_closed, was_opened_again,
};
use super::error_log;
use super::request::RunRequest;
use super::rollback::{self, Cx};
use crate::action::{Failure, Notice};
use crate::diag::{Kind, Problem};
use crate::ids::StepId;
use crate::journal::store::Place;
use crate::journal::{Event, State, StepState};
use crate::playbook::{Outputs, Step};

/// A step that closes something is not left while it is at it: stopping the service takes four
/// minutes at most (`source/service.rs`), closing the database less.
const PATIENCE: Duration = Duration::from_secs(300);

/// What other processes did is not this one's to take back or to tell of.
const NOT_OURS: [&str; 4] =
    ["journal-lease-lost", "journal-lease-held", "journal-taken", "journal-locked"];

/// Opens what this run has closed, unless the production import took place or may have, and tells
/// people. What fails here is seen in the letter; the journal's own failure is the run's end.
pub(super) async fn leave(
    request: &RunRequest,
    cx: &Cx,
    mut tasks: JoinSet<Result<Outputs, Failure>>,
    problem: &Problem,
) {
    if NOT_OURS.contains(&problem.code.as_ref()) {
        return;
    }
    write_off(cx).await;
    let state = cx.journal.state().await;
    if state.steps.keys().any(|step| is_closing(&state, step)) {
        // What it closes after it was opened would stay closed.
        let ended = async { while tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(PATIENCE, ended).await;
    }
    drop(tasks);
    let mut told = state.clone();
    if !past_no_return(&state) && source_is_closed(&state) && is_alone(cx).await {
        rollback::open_unrecorded(cx, &mut told).await;
    }
    let Some(step) = step_of(cx, &state) else { return };
    let notice = Notice::Failure {
        step,
        problem: problem.clone(),
        import_log: None,
        clinic: clinic_state(&told, false),
        opened_again: was_opened_again(&told),
        error_log: error_log::error_log(&cx.journal.records().await.unwrap_or_default()),
    };
    let RunRequest { playbook, clock, work, hands, .. } = request;
    // It is spooled before the journal is asked; that the journal fails is known already.
    let _ = hands.notify(playbook, clock, work, &cx.journal, notice).await;
}

/// An intent that the store took without saying so was never acted on: it surely failed. As long as
/// an import's stood there, nobody could know whether it took place.
async fn write_off(cx: &Cx) {
    let begun = cx.journal.state().await;
    let Ok(settled) = cx.journal.settled().await else { return };
    for (step, is) in settled.steps {
        let StepState::Running { attempt, .. } = is else { continue };
        if begun.steps.get(&step) == Some(&is) {
            continue;
        }
        let problem = Problem::new("run-interrupted", Kind::StepFailed);
        let again_at = Some(cx.clock.now());
        let failed = Event::StepFailed { step, attempt, problem, import_log: None, again_at };
        // Where it cannot be written, the next process finds an interrupted step.
        let _ = cx.journal.append(failed).await;
    }
}

/// Nobody else can carry this run: a file's journal is held by the folder's lock, and a server's
/// only as long as it answers that the lease is still this process's.
async fn is_alone(cx: &Cx) -> bool {
    matches!(cx.work.journal(), Place::File(_)) || cx.journal.confirm().await.is_ok()
}

/// The step that was at work, else the last that came to anything.
pub(super) fn step_of(cx: &Cx, state: &State) -> Option<StepId> {
    let touched = || cx.playbook.steps().filter(|step| state.steps.contains_key(&step.id));
    let is_running =
        |step: &&Step| matches!(state.steps.get(&step.id), Some(StepState::Running { .. }));
    touched().find(is_running).or_else(|| touched().last()).map(|step| step.id.clone())
}
