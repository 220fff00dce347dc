//! In what state the clinic is, folded from the journal alone: whatever playbook is in hand.

use crate::ids::StepId;
use crate::journal::{ClinicState, Outcome, Role, RunStatus, State, StepState};

/// The clinic's state after everything in `state`. `all_done` says that every step of the
/// playbook is satisfied.
pub fn clinic_state(state: &State, all_done: bool) -> ClinicState {
    let in_role =
        |role: Role| state.steps.iter().filter(move |(id, _)| state.roles.get(*id) == Some(&role));
    let production: Vec<&StepState> =
        in_role(Role::ProductionImport).map(|(_, step)| step).collect();
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
    if in_role(Role::ProductionImport).any(|(id, _)| reached_the_tenant(state, id)) {
        return ClinicState::ImportFailed;
    }
    if in_role(Role::TestImport).any(|(id, _)| reached_the_tenant(state, id)) {
        return ClinicState::TestDataInCloud;
    }
    ClinicState::Unchanged
}

/// True for an import of which the tenant may show something. One whose every attempt failed in
/// another way than by the site's own word surely brought nothing.
pub(super) fn reached_the_tenant(state: &State, import: &StepId) -> bool {
    match state.steps.get(import) {
        None | Some(StepState::Skipped) => false,
        Some(StepState::Failed { .. }) => state.failed_imports.contains(import),
        Some(_) => true,
    }
}

/// True for a step that is at closing something.
pub(super) fn is_closing(state: &State, step: &StepId) -> bool {
    state.roles.get(step) == Some(&Role::ClosesSource)
        && matches!(state.steps.get(step), Some(StepState::Running { .. }))
}

/// True where something that was closed at the clinic was opened again, and nothing is left closed.
pub(super) fn was_opened_again(state: &State) -> bool {
    let is_undone = |(id, step): (&StepId, &StepState)| {
        state.roles.get(id) == Some(&Role::ClosesSource) && matches!(step, StepState::Undone { .. })
    };
    state.steps.iter().any(is_undone) && !source_is_closed(state)
}

/// True where the clinic's service is stopped or its database closed, as far as the journal says.
pub fn source_is_closed(state: &State) -> bool {
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

/// True where the production import took place: what is left only looks at what came of it.
pub(super) fn is_imported(state: &State) -> bool {
    matches!(
        clinic_state(state, ended_well(state)),
        ClinicState::CloudOverwritten | ClinicState::InCloud
    )
}

/// True where a person took back by force what a run had closed, although its production import
/// took place or may have.
pub(super) fn taken_back_after_import(state: &State) -> bool {
    let is_open =
        |step: &StepState| matches!(step, StepState::Undone { .. } | StepState::Undoing { .. });
    past_no_return(state)
        && state
            .steps
            .iter()
            .any(|(id, step)| state.roles.get(id) == Some(&Role::ClosesSource) && is_open(step))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Event;
    use crate::journal::fixture::*;

    fn ended(outcome: Outcome) -> Event {
        Event::RunEnded { outcome, clinic: ClinicState::Unchanged }
    }

    fn import(end: Option<Event>) -> Vec<Event> {
        let mut events = vec![starts("import", Role::ProductionImport, 1)];
        events.extend(end);
        events
    }

    fn closed() -> Vec<Event> {
        vec![starts("fence", Role::ClosesSource, 1), done("fence")]
    }

    fn failed_import() -> Event {
        failed("import", "portal-import-failed", None)
    }

    /// What happened, the state it leaves, whether a way back by itself is closed, and whether a
    /// new run must wait.
    fn table() -> Vec<(&'static str, Vec<Event>, ClinicState, bool, bool)> {
        use ClinicState::*;
        let of = |parts: &[Vec<Event>]| parts.concat();
        let over = || vec![ended(Outcome::Failed)];
        let test = || vec![starts("test", Role::TestImport, 1), done("test")];
        let open = || vec![undo_started("fence"), undo_done("fence")];
        vec![
            ("nothing", over(), Unchanged, false, false),
            (
                "a look",
                of(&[vec![starts("a", Role::Plain, 1), done("a")], over()]),
                Unchanged,
                false,
                false,
            ),
            ("a test import", of(&[test(), over()]), TestDataInCloud, false, false),
            ("a closed server", of(&[test(), closed(), over()]), SourceClosed, false, true),
            (
                "a half-open server",
                of(&[closed(), vec![undo_started("fence")], over()]),
                SourceClosed,
                false,
                true,
            ),
            (
                "a fence that failed",
                of(&[
                    vec![starts("fence", Role::ClosesSource, 1), failed("fence", "x", None)],
                    over(),
                ]),
                SourceClosed,
                false,
                true,
            ),
            (
                "an opened server",
                of(&[test(), closed(), open(), over()]),
                TestDataInCloud,
                false,
                false,
            ),
            ("an import under way", of(&[closed(), import(None)]), CloudInDoubt, true, true),
            (
                "an import in doubt",
                of(&[closed(), import(Some(doubt("import"))), over()]),
                CloudInDoubt,
                true,
                true,
            ),
            (
                "a doubt and an open server",
                of(&[import(Some(doubt("import"))), over()]),
                CloudInDoubt,
                true,
                true,
            ),
            (
                "an import that is done",
                of(&[closed(), import(Some(done("import"))), over()]),
                CloudOverwritten,
                true,
                true,
            ),
            (
                "an import that is proved",
                of(&[import(Some(done("import"))), vec![ended(Outcome::Done)]]),
                InCloud,
                true,
                false,
            ),
            (
                "a failed import",
                of(&[closed(), import(Some(failed_import())), over()]),
                SourceClosed,
                false,
                true,
            ),
            (
                "a failed import, opened",
                of(&[closed(), import(Some(failed_import())), open(), over()]),
                ImportFailed,
                false,
                false,
            ),
            (
                "an import that was refused before its first byte",
                of(&[test(), import(Some(failed("import", "run-no-longer-holds", None))), over()]),
                TestDataInCloud,
                false,
                false,
            ),
            (
                "a refused one after one that failed",
                of(&[
                    import(Some(failed_import())),
                    vec![starts("import", Role::ProductionImport, 2)],
                    vec![again("import", 2, "run-too-late")],
                    over(),
                ]),
                ImportFailed,
                false,
                false,
            ),
            (
                "an import that was refused twice",
                of(&[
                    test(),
                    import(Some(failed("import", "run-no-longer-holds", None))),
                    vec![starts("import", Role::ProductionImport, 2)],
                    vec![again("import", 2, "run-too-late")],
                    over(),
                ]),
                TestDataInCloud,
                false,
                false,
            ),
            (
                "a test import that was refused",
                of(&[
                    vec![starts("test", Role::TestImport, 1), failed("test", "run-too-late", None)],
                    over(),
                ]),
                Unchanged,
                false,
                false,
            ),
            (
                "a doubt that was none",
                of(&[import(Some(doubt("import"))), over(), vec![settled("import", false)]]),
                Unchanged,
                false,
                false,
            ),
            (
                "a doubt that was an import",
                of(&[import(Some(doubt("import"))), over(), vec![settled("import", true)]]),
                CloudOverwritten,
                true,
                false,
            ),
            (
                "a run that waits",
                of(&[test(), vec![ended(Outcome::Waiting)]]),
                TestDataInCloud,
                false,
                true,
            ),
            ("a run that goes on", test(), TestDataInCloud, false, true),
            (
                "a test import in doubt",
                of(&[vec![starts("test", Role::TestImport, 1), doubt("test")], over()]),
                TestDataInCloud,
                false,
                true,
            ),
        ]
    }

    fn again(step: &str, attempt: u32, code: &'static str) -> Event {
        match failed(step, code, None) {
            Event::StepFailed { step, problem, import_log, again_at, .. } => {
                Event::StepFailed { step, attempt, problem, import_log, again_at }
            }
            other => other,
        }
    }

    #[test]
    fn opened_again_is_only_what_is_open_altogether() {
        let fence = [closed(), vec![undo_started("fence"), undo_done("fence")]].concat();
        let stop = vec![starts("stop", Role::ClosesSource, 1), done("stop")];
        assert!(was_opened_again(&state(fence.clone())));
        assert!(!was_opened_again(&state([fence, stop].concat())), "the service did not start");
        assert!(!was_opened_again(&state(closed())));
        assert!(!was_opened_again(&state(vec![])));
    }

    #[test]
    fn the_journal_alone_says_in_what_state_the_clinic_is() {
        for (what, events, clinic, past, waits) in table() {
            let state = state(events);
            let all_done = ended_well(&state);
            assert_eq!(clinic_state(&state, all_done), clinic, "{what}");
            assert_eq!(past_no_return(&state), past, "{what}");
            assert_eq!(is_unsettled(&state), waits, "{what}");
        }
    }

    #[test]
    fn done_is_only_a_run_that_ended_with_every_step() {
        for (outcome, well) in [
            (Outcome::Done, true),
            (Outcome::Failed, false),
            (Outcome::InDoubt, false),
            (Outcome::Waiting, false),
        ] {
            assert_eq!(ended_well(&state(vec![ended(outcome)])), well, "{outcome:?}");
        }
        assert!(!ended_well(&state(vec![])));
    }

    #[test]
    fn a_step_that_does_not_apply_closes_nothing() {
        let skipped_ = state(vec![skipped("fence")]);
        assert!(!source_is_closed(&skipped_));
        assert!(source_is_closed(&state(closed())));
    }
}
