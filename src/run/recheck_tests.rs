//! What is looked at again before an interrupted run goes on, and what is left alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::attempt::role;
use super::recheck::{is_of_another_night, recheck};
use super::rollback::Cx;
use crate::action::{self, Action, Failure, Hands, StepCx, WorkDir};
use crate::clock::Clock;
use crate::journal::fixture::{done, doubt, failed, reopened, skipped, started, starts};
use crate::journal::{Event, Journal, Role, StepState};
use crate::plan::fixture::of_clinic_in;
use crate::playbook::{CheckedPlaybook, Outputs, StepAction};

/// A service that runs as long as there is its file.
fn service(playbook: &mut CheckedPlaybook, folder: &Path, runs: bool) {
    let file = folder.join("service");
    if runs {
        std::fs::write(&file, "").unwrap();
    }
    let words = |program: &str, option: Option<&str>| {
        let file = file.display().to_string();
        let words = [program.to_owned()].into_iter().chain(option.map(str::to_owned));
        words.chain([file]).collect::<Vec<_>>()
    };
    let service = &mut playbook.clinic.source.service;
    service.status = words("test", Some("-e"));
    (service.start, service.stop) = (words("touch", None), words("rm", Some("-f")));
    // Nobody answers there: a look at the database fails, and proves nothing.
    playbook.clinic.source.os_user = "no-such-user".to_owned();
}

/// Every step before `until` is done, in the playbook's order, then `more`.
fn so_far(playbook: &CheckedPlaybook, until: &str, more: Vec<Event>) -> Vec<Event> {
    let before = playbook.steps().take_while(|step| step.id.as_str() != until);
    let mut events = Vec::new();
    for step in before {
        if step.applies {
            events
                .extend([starts(step.id.as_str(), role(&step.action), 1), done(step.id.as_str())]);
        } else {
            events.push(skipped(step.id.as_str()));
        }
    }
    events.extend(more);
    events
}

/// The real hands, in a folder in which every export lies as it was downloaded.
struct ExportsKept;

impl Hands for ExportsKept {
    fn action(&self, step: &StepAction) -> Box<dyn Action> {
        match step {
            StepAction::PortalExport { .. } => Box::new(Kept),
            other => action::action(other),
        }
    }
}

struct Kept;

#[async_trait::async_trait]
impl Action for Kept {
    async fn apply(&self, _cx: &StepCx) -> Result<Outputs, Failure> {
        Ok(Outputs::new())
    }
}

struct Looked {
    /// Steps that were opened again, with the reason.
    again: BTreeMap<String, String>,
    /// Steps whose undoing was begun.
    undone: Vec<String>,
    /// Nothing goes on behind a door that is open in part.
    half_open: bool,
    cx: Cx,
}

impl Looked {
    fn again(&self) -> Vec<&str> {
        self.again.keys().map(String::as_str).collect()
    }

    async fn is(&self, step: &str) -> Option<StepState> {
        self.cx.journal.state().await.steps.get(&step.into()).cloned()
    }
}

async fn looked(runs: bool, until: &str, more: Vec<Event>) -> Looked {
    let folder = tempfile::tempdir().unwrap();
    let mut playbook = of_clinic_in(folder.path());
    service(&mut playbook, folder.path(), runs);
    let events = so_far(&playbook, until, more);
    let work = WorkDir::open(&playbook.clinic).unwrap();
    let store = work.store(true).await.unwrap();
    let begun = started();
    let Event::RunStarted { run, .. } = begun.clone() else { panic!() };
    let journal = Journal::begin(store, Clock::System, run, begun, None).await.unwrap();
    for event in events {
        journal.append(event).await.unwrap();
    }
    let before = journal.state().await.seq;
    let hands = Arc::new(ExportsKept);
    let cx = Cx { playbook: Arc::new(playbook), clock: Clock::System, work, journal, hands };
    let half_open = match recheck(&cx).await {
        Ok(()) => false,
        Err(problem) => {
            assert_eq!(problem.code, "run-half-open");
            true
        }
    };
    let (mut again, mut undone) = (BTreeMap::new(), Vec::new());
    for record in cx.journal.records().await.unwrap() {
        match record.event {
            Event::StepReopened { step, reason } if record.seq > before => {
                assert!(again.insert(step.to_string(), reason).is_none(), "{step} twice");
            }
            Event::UndoStarted { step } => undone.push(step.to_string()),
            _ => {}
        }
    }
    // A step that cannot be taken back is tried more than once.
    undone.dedup();
    Looked { again, undone, half_open, cx }
}

const FRESH: [&str; 2] = ["cutover_portal", "cutover_window"];

#[tokio::test]
async fn looks_at_the_present_moment_are_made_again_and_nothing_else() {
    // Nothing is closed yet: the night was interrupted right after its first looks.
    let looked = looked(true, "stop", vec![]).await;
    assert_eq!(looked.again(), FRESH);
    assert!(looked.again.values().all(|reason| reason == "must-be-fresh"));
    assert!(looked.undone.is_empty());
    // After an earlier wait the looks that came since it count, not those before.
    let looked = self::looked(true, "test_verify", vec![]).await;
    assert_eq!(looked.again(), ["test_window"]);
}

#[tokio::test]
async fn where_a_wait_comes_next_nothing_rests_on_the_present_moment() {
    for next in ["test_time", "production_time"] {
        let looked = looked(true, next, vec![]).await;
        assert!(looked.again.is_empty() && looked.undone.is_empty(), "{next}");
    }
    // Nor where no wait was done yet.
    let looked = looked(true, "mail", vec![]).await;
    assert!(looked.again.is_empty(), "{:?}", looked.again);
}

#[tokio::test]
async fn a_service_that_is_still_stopped_stays_so_and_one_that_runs_is_a_broken_door() {
    let still = looked(false, "fence", vec![]).await;
    assert_eq!(still.again(), FRESH);
    assert!(still.undone.is_empty());
    assert!(matches!(still.is("stop").await, Some(StepState::Done { .. })));

    // Somebody started it: it is closed again in order, and what was behind it is worth nothing.
    let export = vec![starts("production_before", Role::Plain, 1), done("production_before")];
    let broken = looked(true, "fence", export).await;
    assert_eq!(broken.undone, ["stop"]);
    assert!(!broken.half_open);
    assert!(matches!(broken.is("stop").await, Some(StepState::Undone { .. })));
    // The looks came before the door; the export of the tenant is the only copy and stays.
    assert_eq!(broken.again(), FRESH);
    assert!(matches!(broken.is("production_before").await, Some(StepState::Done { .. })));
}

#[test]
fn an_export_is_of_another_night_after_twelve_hours() {
    let folder = tempfile::tempdir().unwrap();
    let playbook = of_clinic_in(folder.path());
    let step = playbook.steps().find(|step| step.id.as_str() == "production_before").unwrap();
    let events = vec![starts("production_before", Role::Plain, 1), done("production_before")];
    let state = crate::journal::fixture::state(events);
    let Some(StepState::Done { since, .. }) = state.steps.get(&step.id) else { panic!() };
    let after = |seconds| *since + chrono::TimeDelta::seconds(seconds);
    assert!(!is_of_another_night(&state, step, after(12 * 3600)));
    assert!(is_of_another_night(&state, step, after(12 * 3600 + 1)));
    let nothing = crate::journal::fixture::state(vec![]);
    assert!(!is_of_another_night(&nothing, step, after(1 << 20)));
}

#[tokio::test]
async fn a_dump_behind_a_door_that_was_open_since_is_made_anew() {
    // The fence cannot be looked at: that is no proof that it still stands.
    let broken = looked(false, "close", vec![]).await;
    assert_eq!(broken.undone, ["fence", "stop"]);
    assert!(
        broken.half_open && matches!(broken.is("fence").await, Some(StepState::Undoing { .. }))
    );
    let mut expected = FRESH.to_vec();
    expected.extend(["final_dump", "stale"]);
    assert_eq!(broken.again(), expected);
    assert_eq!(broken.again["final_dump"], "no-longer-holds");
    assert_eq!(broken.again["stale"], "no-longer-holds");
    assert_eq!(broken.again["cutover_window"], "must-be-fresh");
}

#[tokio::test]
async fn after_the_import_began_nothing_is_repeated() {
    let import = |end: Vec<Event>| {
        let mut events = vec![starts("production_import", Role::ProductionImport, 1)];
        events.extend(end);
        events
    };
    for end in [vec![], vec![doubt("production_import")], vec![done("production_import")]] {
        let looked = looked(false, "production_import", import(end.clone())).await;
        assert!(looked.again.is_empty() && looked.undone.is_empty(), "{end:?}");
    }
    // One that surely failed is no import: everything is looked at again.
    let end = vec![failed("production_import", "portal-unreachable", None)];
    let looked = looked(false, "production_import", import(end)).await;
    assert!(looked.again.contains_key("last_window"), "{:?}", looked.again);
    assert!(looked.again.contains_key("final_dump"));
    assert!(!looked.again.contains_key("production_before"));
}

#[tokio::test]
async fn a_step_that_was_skipped_and_applies_now_is_opened() {
    // Everything up to the wait is done but for `source`, which was switched off then.
    let folder = tempfile::tempdir().unwrap();
    let playbook = of_clinic_in(folder.path());
    let first = playbook.steps().next().unwrap().id.to_string();
    let looked = looked(true, &first, vec![skipped(&first)]).await;
    assert_eq!(looked.again(), [first.as_str()]);
    assert_eq!(looked.again[&first], "applies-now");
    // What does not apply stays skipped.
    let all = self::looked(true, "stop", vec![]).await;
    assert!(!all.again.contains_key("release"));
    assert!(matches!(all.is("release").await, Some(StepState::Skipped)));
}

#[tokio::test]
async fn a_door_that_was_being_opened_is_a_broken_one() {
    for more in [
        vec![crate::journal::fixture::undo_started("stop")],
        vec![
            crate::journal::fixture::undo_started("stop"),
            crate::journal::fixture::undo_done("stop"),
        ],
    ] {
        let mut events = vec![starts("fence", Role::ClosesSource, 1), done("fence")];
        events.extend(more);
        let looked = looked(false, "fence", events).await;
        assert!(looked.undone.contains(&"fence".to_owned()), "{:?}", looked.undone);
    }
    // An interrupted closing that cannot be looked at leaves things as far as they were.
    let half = vec![
        starts("close", Role::ClosesSource, 1),
        failed("close", "run-interrupted", None),
        reopened("stale"),
        starts("stale", Role::Plain, 2),
        done("stale"),
    ];
    let looked = looked(false, "close", half).await;
    assert!(looked.again.contains_key("stale"));
}
