//! In what state the clinic is, folded from the journal. Pure.

use crate::journal::{ClinicState, State, StepState};
use crate::playbook::{CheckedPlaybook, Purpose, Step, StepAction};

/// The clinic's state after everything in `state`.
pub fn clinic_state(playbook: &CheckedPlaybook, state: &State) -> ClinicState {
    let steps: Vec<&Step> = playbook.phases.iter().flat_map(|phase| &phase.steps).collect();
    let of = |step: &Step| state.steps.get(&step.id);
    let touched = |step: &Step| !matches!(of(step), None | Some(StepState::Skipped));
    let import = |purpose: Purpose| {
        steps.iter().find(|step| {
            matches!(&step.action, StepAction::PortalImport { purpose: p, .. } if *p == purpose)
        })
    };
    if let Some(step) = import(Purpose::Production) {
        match of(step) {
            Some(StepState::Done { .. }) => {
                let all = steps.iter().all(|s| of(s).is_some_and(StepState::is_satisfied));
                return if all { ClinicState::InCloud } else { ClinicState::CloudOverwritten };
            }
            Some(StepState::InDoubt { .. } | StepState::Running { .. }) => {
                return ClinicState::CloudInDoubt;
            }
            _ => {}
        }
    }
    let closed = steps.iter().any(|step| {
        step.action.is_undone_on_rollback()
            && touched(step)
            && !matches!(of(step), Some(StepState::Undone { .. }))
    });
    if closed {
        return ClinicState::SourceClosed;
    }
    if import(Purpose::Test).is_some_and(|step| touched(step)) {
        return ClinicState::TestDataInCloud;
    }
    ClinicState::Unchanged
}

/// True where the production import took place or may have: from here on nothing is taken back
/// by itself, and no new run starts.
pub(super) fn past_no_return(playbook: &CheckedPlaybook, state: &State) -> bool {
    matches!(
        clinic_state(playbook, state),
        ClinicState::CloudInDoubt | ClinicState::CloudOverwritten | ClinicState::InCloud
    )
}
