//! In what state the clinic is, folded from the journal alone: whatever playbook is in hand.

use crate::journal::{ClinicState, Outcome, Role, RunStatus, State, StepState};

/// The clinic's state after everything in `state`. `all_done` says that every step of the
/// playbook is satisfied.
pub fn clinic_state(state: &State, all_done: bool) -> ClinicState {
    let in_role = |role: Role| {
        state.steps.iter().filter(move |(id, _)| state.roles.get(*id) == Some(&role)).map(|s| s.1)
    };
    let production: Vec<&StepState> = in_role(Role::ProductionImport).collect();
    if production
        .iter()
        .any(|step| matches!(step, StepState::InDoubt { .. } | StepState::Running { .. }))
    {
        return ClinicState::CloudInDoubt;
    }
    if production.iter().any(|step| matches!(step, StepState::Done { .. })) {
        return if all_done { ClinicState::InCloud } else { ClinicState::CloudOverwritten };
    }
    if source_is_closed(state) {
        return ClinicState::SourceClosed;
    }
    if !production.is_empty() {
        return ClinicState::ImportFailed;
    }
    if in_role(Role::TestImport).next().is_some() {
        return ClinicState::TestDataInCloud;
    }
    ClinicState::Unchanged
}

/// True where the clinic's service is stopped or its database closed, as far as the journal says.
pub(super) fn source_is_closed(state: &State) -> bool {
    let open = |step: &StepState| matches!(step, StepState::Undone { .. } | StepState::Skipped);
    state
        .steps
        .iter()
        .any(|(id, step)| state.roles.get(id) == Some(&Role::ClosesSource) && !open(step))
}

/// True where the production import took place or may have: from here on nothing is taken back
/// by itself, and no new run starts.
pub fn past_no_return(state: &State) -> bool {
    matches!(
        clinic_state(state, ended_well(state)),
        ClinicState::CloudInDoubt | ClinicState::CloudOverwritten | ClinicState::InCloud
    )
}

/// True where a new run must wait: something is unsettled, or the clinic's server is closed.
pub(super) fn is_unsettled(state: &State) -> bool {
    state.status == RunStatus::Running
        || matches!(state.status, RunStatus::Ended { outcome: Outcome::Waiting, .. })
        || state.steps.values().any(|step| {
            matches!(
                step,
                StepState::Running { .. } | StepState::InDoubt { .. } | StepState::Undoing { .. }
            )
        })
        || source_is_closed(state)
}

/// True where the run ended with every step done.
pub(super) fn ended_well(state: &State) -> bool {
    matches!(state.status, RunStatus::Ended { outcome: Outcome::Done, .. })
}
