//! The critical path: the steps of which each one's delay delays the end. Pure.

use super::model::PlannedPhase;

/// Marks the steps of the critical path: from a phase's last end back over what each step waited
/// for. A phase begins when the one before it has ended, so every phase has its piece of it.
pub(super) fn mark(phases: &mut [PlannedPhase]) {
    for phase in phases {
        let last = phase
            .steps
            .iter()
            .filter(|step| step.applies)
            .max_by_key(|step| step.ends_at())
            .map(|step| step.id.clone());
        let mut next = last;
        // Each round goes to an earlier step; there are no cycles in a checked playbook.
        for _ in 0..phase.steps.len() {
            let Some(id) = next.take() else { break };
            let Some(step) = phase.steps.iter_mut().find(|step| step.id == id) else { break };
            // What does not apply takes no time: the path goes through it, and it delays nothing.
            step.critical = step.applies;
            let needs = step.needs.clone();
            next = phase
                .steps
                .iter()
                .filter(|other| needs.contains(&other.id))
                .max_by_key(|other| other.ends_at())
                .map(|other| other.id.clone());
        }
    }
}
