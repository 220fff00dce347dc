//! Which steps may start now. Pure.

use std::collections::BTreeSet;

use crate::clock::Jst;
use crate::ids::StepId;
use crate::journal::{State, StepState};
use crate::playbook::{CheckedPlaybook, Phase, Step};

/// Steps of the first phase that is not complete whose needs are satisfied and that are neither
/// done, running, in doubt, nor among `given_up`.
pub(super) fn ready<'a>(
    playbook: &'a CheckedPlaybook,
    state: &State,
    given_up: &BTreeSet<StepId>,
    now: Jst,
) -> Vec<&'a Step> {
    let Some(phase) = current_phase(playbook, state) else { return Vec::new() };
    phase
        .steps
        .iter()
        .filter(|step| {
            let may_start = match state.steps.get(&step.id) {
                None | Some(StepState::Undone { .. }) => true,
                Some(StepState::Failed { again_at, .. }) => again_at.is_none_or(|at| at <= now),
                Some(_) => false,
            };
            may_start && !given_up.contains(&step.id) && needs_satisfied(step, state)
        })
        .collect()
}

/// The first phase with a step that is not satisfied; a phase never starts before the one before
/// it is complete.
pub(super) fn current_phase<'a>(playbook: &'a CheckedPlaybook, state: &State) -> Option<&'a Phase> {
    playbook.phases.iter().find(|phase| {
        phase
            .steps
            .iter()
            .any(|step| !state.steps.get(&step.id).is_some_and(StepState::is_satisfied))
    })
}

/// The earliest time at which a step that waits for its next attempt may start.
pub(super) fn next_attempt(
    playbook: &CheckedPlaybook,
    state: &State,
    given_up: &BTreeSet<StepId>,
) -> Option<Jst> {
    current_phase(playbook, state)?
        .steps
        .iter()
        .filter(|step| !given_up.contains(&step.id) && needs_satisfied(step, state))
        .filter_map(|step| match state.steps.get(&step.id) {
            Some(StepState::Failed { again_at, .. }) => *again_at,
            _ => None,
        })
        .min()
}

fn needs_satisfied(step: &Step, state: &State) -> bool {
    step.needs.iter().all(|need| state.steps.get(need).is_some_and(StepState::is_satisfied))
}
