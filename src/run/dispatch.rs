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
            may_start && !given_up.contains(&step.id) && needs_satisfied(playbook, step, state)
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
        .filter(|step| !given_up.contains(&step.id) && needs_satisfied(playbook, step, state))
        .filter_map(|step| match state.steps.get(&step.id) {
            Some(StepState::Failed { again_at, .. }) => *again_at,
            _ => None,
        })
        .min()
}

/// Everything that the step needs, and what that needs in turn: a look that is taken anew may lie
/// behind steps that are done and stay so. A playbook's needs have no circle.
fn needs_satisfied(playbook: &CheckedPlaybook, step: &Step, state: &State) -> bool {
    step.needs.iter().all(|need| {
        state.steps.get(need).is_some_and(StepState::is_satisfied)
            && playbook
                .steps()
                .find(|other| other.id == *need)
                .is_none_or(|other| needs_satisfied(playbook, other, state))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::SourceText;
    use crate::journal::fixture::{at, done, failed, reopened, starts, state};
    use crate::journal::{Event, Role};
    use crate::playbook;

    fn shipped() -> CheckedPlaybook {
        let text = |name: &str, text: &str| SourceText { name: name.into(), text: text.into() };
        playbook::load(
            &text("cutover.yaml", include_str!("../../playbooks/cutover.yaml")),
            &text("clinic.yaml", include_str!("../../examples/clinic.yaml")),
        )
        .unwrap()
    }

    fn ended_well(step: &str) -> [Event; 2] {
        [starts(step, Role::Plain, 1), done(step)]
    }

    /// Runs the shipped playbook in every round with what is ready, and holds each round against
    /// what the file says: needs are satisfied, and no phase starts before the last one's end.
    #[test]
    fn the_shipped_playbook_runs_in_an_order_that_keeps_its_promises() {
        let playbook = shipped();
        let now = crate::clock::to_jst(chrono::Utc::now());
        let (mut events, mut order, mut rounds) = (Vec::new(), Vec::new(), 0);
        loop {
            let state = state(events.clone());
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
                events.extend(ended_well(step.id.as_str()));
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

    /// After a crash the window is checked anew, and export and dump stay as they are: the import
    /// must not start beside the check.
    #[test]
    fn an_import_waits_for_a_check_that_is_done_anew() {
        let playbook = shipped();
        let now = crate::clock::to_jst(chrono::Utc::now());
        let import = StepId::from("test_import");
        let before = playbook.steps().take_while(|step| step.id != import);
        let mut events: Vec<Event> = before.flat_map(|step| ended_well(step.id.as_str())).collect();
        let ids = |events: &[Event]| {
            let state = state(events.to_vec());
            let ready = ready(&playbook, &state, &BTreeSet::new(), now);
            ready.iter().map(|step| step.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ids(&events), [import]);
        events.push(reopened("test_window"));
        assert_eq!(ids(&events), [StepId::from("test_window")]);
    }

    #[test]
    fn a_step_that_was_given_up_holds_the_phase_but_not_its_neighbours() {
        let playbook = shipped();
        let now = crate::clock::to_jst(chrono::Utc::now());
        let given_up = BTreeSet::from([StepId::from("mail")]);
        let ready = ready(&playbook, &state(vec![]), &given_up, now);
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

    #[test]
    fn a_failed_step_waits_for_its_time_and_what_is_unsettled_for_a_person() {
        let playbook = shipped();
        let none = BTreeSet::new();
        let begun = |events: Vec<Event>| {
            let mut all = vec![starts("source", Role::Plain, 1)];
            all.extend(events);
            state(all)
        };
        let may = |state: &State, given_up: &BTreeSet<StepId>, now: Jst| {
            ready(&playbook, state, given_up, now).iter().any(|step| step.id.as_str() == "source")
        };
        let (before, time, after) = (at(99), at(100), at(101));
        let waits = begun(vec![failed("source", "run-timeout", Some(time))]);
        assert!(
            !may(&waits, &none, before) && may(&waits, &none, time) && may(&waits, &none, after)
        );
        assert_eq!(next_attempt(&playbook, &waits, &none), Some(time));
        let given_up = BTreeSet::from([StepId::from("source")]);
        assert!(!may(&waits, &given_up, after));
        assert_eq!(next_attempt(&playbook, &waits, &given_up), None);
        let failed_for_good = begun(vec![failed("source", "run-timeout", None)]);
        assert!(may(&failed_for_good, &none, before));
        assert_eq!(next_attempt(&playbook, &failed_for_good, &none), None);
        for events in [vec![], vec![done("source")]] {
            let is = begun(events);
            assert!(!may(&is, &none, after), "{:?}", is.steps);
            assert_eq!(next_attempt(&playbook, &is, &none), None);
        }
        // Of two that wait the earlier one wakes the run.
        let mut two = vec![failed("source", "run-timeout", Some(after))];
        two.extend([starts("mail", Role::Plain, 1), failed("mail", "run-timeout", Some(time))]);
        assert_eq!(next_attempt(&playbook, &begun(two), &none), Some(time));
    }

    #[test]
    fn a_phase_waits_for_every_step_of_the_one_before() {
        let playbook = shipped();
        let first: Vec<&str> =
            playbook.phases[0].steps.iter().map(|step| step.id.as_str()).collect();
        for missing in &first {
            let rest = first.iter().filter(|step| step != &missing);
            let state = state(rest.flat_map(|step| ended_well(step)).collect());
            assert_eq!(
                current_phase(&playbook, &state).unwrap().id.as_str(),
                "preflight",
                "{missing}"
            );
            let ids: Vec<&str> = ready(&playbook, &state, &BTreeSet::new(), at(99))
                .iter()
                .map(|step| step.id.as_str())
                .collect();
            assert_eq!(ids, [*missing]);
        }
        let all = state(first.iter().flat_map(|step| ended_well(step)).collect());
        assert_eq!(current_phase(&playbook, &all).unwrap().id.as_str(), "test_import");
        // In it, a step waits for all that it needs.
        let mut events: Vec<Event> = first.iter().flat_map(|step| ended_well(step)).collect();
        for step in ["test_time", "test_window", "release", "test_dump", "test_verify"] {
            events.extend(ended_well(step));
        }
        let without = ready(&playbook, &state(events.clone()), &BTreeSet::new(), at(99));
        assert!(without.iter().all(|step| step.id.as_str() != "test_import"));
        events.extend(ended_well("test_before"));
        let with = state(events);
        let with = ready(&playbook, &with, &BTreeSet::new(), at(99));
        assert!(with.iter().any(|step| step.id.as_str() == "test_import"));
    }
}
