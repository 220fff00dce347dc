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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::SourceText;
    use crate::journal::{Event, Record, next};
    use crate::playbook;

    fn shipped() -> CheckedPlaybook {
        let text = |name: &str, text: &str| SourceText { name: name.into(), text: text.into() };
        playbook::load(
            &text("cutover.yaml", include_str!("../../playbooks/cutover.yaml")),
            &text("clinic.yaml", include_str!("../../examples/clinic.yaml")),
        )
        .unwrap()
    }

    fn push(state: Option<State>, event: Event) -> State {
        let (seq, before) = state.as_ref().map_or_else(
            || (0, crate::journal::ChainHash("0".repeat(64))),
            |state| (state.seq, state.head.clone()),
        );
        let at = crate::clock::to_jst(chrono::DateTime::UNIX_EPOCH);
        let (record, _) = Record::bind(seq + 1, at, event, &before).unwrap();
        next(state, &record).unwrap()
    }

    fn begun() -> State {
        let event = Event::RunStarted {
            run: crate::ids::RunId::fresh(),
            playbook: "cutover".into(),
            clinic: "見本".into(),
            clinic_id: "JPN000000000452".into(),
            plan: crate::ids::PlanDigest("0".repeat(64)),
            operator: "test".into(),
            host: "test".into(),
            tool: "0".into(),
            rehearsal: true,
        };
        push(None, event)
    }

    fn done(state: State, step: &Step) -> State {
        let (id, effect) = (step.id.clone(), step.action.effect());
        let started =
            Event::StepStarted { step: id.clone(), attempt: 1, effect, role: Default::default() };
        let ended = Event::StepDone { step: id, attempt: 1, outputs: Default::default() };
        push(Some(push(Some(state), started)), ended)
    }

    /// Runs the shipped playbook in every round with what is ready, and holds each round against
    /// what the file says: needs are satisfied, and no phase starts before the last one's end.
    #[test]
    fn the_shipped_playbook_runs_in_an_order_that_keeps_its_promises() {
        let playbook = shipped();
        let now = crate::clock::to_jst(chrono::Utc::now());
        let (mut state, mut order, mut rounds) = (begun(), Vec::new(), 0);
        loop {
            let ready: Vec<Step> =
                ready(&playbook, &state, &BTreeSet::new(), now).into_iter().cloned().collect();
            if ready.is_empty() {
                break;
            }
            rounds += 1;
            for step in &ready {
                assert!(step.needs.iter().all(|need| order.contains(need)), "{}", step.id);
            }
            for step in &ready {
                state = done(state, step);
                order.push(step.id.clone());
            }
        }
        let steps: Vec<&Step> = playbook.phases.iter().flat_map(|phase| &phase.steps).collect();
        assert_eq!(order.len(), steps.len());
        assert!(rounds < steps.len(), "something ran side by side");
        let phase_of = |id: &StepId| {
            playbook.phases.iter().position(|phase| phase.steps.iter().any(|s| s.id == *id))
        };
        assert!(order.windows(2).all(|two| phase_of(&two[0]) <= phase_of(&two[1])));
        // The irreversible step is alone, and everything but its proof comes before it.
        let import = order.iter().position(|id| id.as_str() == "production_import").unwrap();
        assert!(order.iter().take(import).any(|id| id.as_str() == "final_verify"));
        assert!(order.iter().take(import).any(|id| id.as_str() == "production_before"));
    }

    #[test]
    fn a_step_that_was_given_up_holds_the_phase_but_not_its_neighbours() {
        let playbook = shipped();
        let now = crate::clock::to_jst(chrono::Utc::now());
        let given_up = BTreeSet::from([StepId::from("mail")]);
        let ready = ready(&playbook, &begun(), &given_up, now);
        let ids: Vec<&str> = ready.iter().map(|step| step.id.as_str()).collect();
        assert_eq!(ids, ["source", "portal", "window"]);
    }

    #[test]
    fn waits_double_up_to_their_longest() {
        let retry = playbook::Retry { attempts: 9, first_wait_secs: 5, longest_wait_secs: 60 };
        let waits: Vec<u64> = (2..8).map(|attempt| retry.wait_before(attempt).as_secs()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 60, 60]);
        assert_eq!(retry.wait_before(u32::MAX).as_secs(), 60);
    }
}
