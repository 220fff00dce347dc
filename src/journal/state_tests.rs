//! Every event against every state a step can be in, held against a table written by hand.

use super::fixture::*;
use super::*;
use crate::clock::Jst;
use crate::diag::{Kind, Problem};
use crate::effect::Effect;
use crate::ids::{PlanDigest, Sha256, StepId};

const STEP: &str = "s";

/// Each place of a step, with the events that lead there and the attempts it has behind it.
fn places(role: Role) -> Vec<(&'static str, Vec<Event>, u32)> {
    let begun = || starts(STEP, role, 1);
    let mut places = vec![
        ("untouched", vec![], 0),
        ("running", vec![begun()], 1),
        ("done", vec![begun(), done(STEP)], 1),
        ("failed", vec![begun(), failed(STEP, "run-timeout", None)], 1),
        ("skipped", vec![skipped(STEP)], 0),
        ("undoing", vec![begun(), done(STEP), undo_started(STEP)], 1),
        ("undone", vec![begun(), done(STEP), undo_started(STEP), undo_done(STEP)], 1),
    ];
    if role == Role::ProductionImport {
        places.push(("in doubt", vec![begun(), doubt(STEP)], 1));
    }
    places
}

fn name(state: &State) -> &'static str {
    match state.steps.get(&StepId::from(STEP)) {
        None => "untouched",
        Some(StepState::Running { .. }) => "running",
        Some(StepState::Done { .. }) => "done",
        Some(StepState::Failed { .. }) => "failed",
        Some(StepState::InDoubt { .. }) => "in doubt",
        Some(StepState::Skipped) => "skipped",
        Some(StepState::Undoing { .. }) => "undoing",
        Some(StepState::Undone { .. }) => "undone",
    }
}

/// What may follow, and where it leads. Everything else is refused.
const FOLLOWS: [(&str, &str, &str); 18] = [
    ("untouched", "start", "running"),
    ("failed", "start", "running"),
    ("undone", "start", "running"),
    ("running", "done", "done"),
    ("running", "failed", "failed"),
    // Of a step that may be repeated nothing is ever in doubt.
    ("running", "doubt", "in doubt"),
    ("in doubt", "settled: done", "done"),
    ("in doubt", "settled: not done", "failed"),
    ("untouched", "skip", "skipped"),
    ("done", "undo", "undoing"),
    ("failed", "undo", "undoing"),
    ("undoing", "undo", "undoing"),
    ("undoing", "undo done", "undone"),
    ("undoing", "undo failed", "undoing"),
    ("done", "reopen", "undone"),
    ("skipped", "reopen", "undone"),
    ("running", "note", "running"),
    ("in doubt", "note", "in doubt"),
];

fn events(attempts: u32, role: Role) -> Vec<(&'static str, Event)> {
    vec![
        ("start", starts(STEP, role, attempts + 1)),
        ("done", done(STEP)),
        ("failed", failed(STEP, "run-timeout", None)),
        ("doubt", doubt(STEP)),
        ("settled: done", settled(STEP, true)),
        ("settled: not done", settled(STEP, false)),
        ("skip", skipped(STEP)),
        ("undo", undo_started(STEP)),
        ("undo done", undo_done(STEP)),
        ("undo failed", undo_failed(STEP)),
        ("reopen", reopened(STEP)),
        ("note", noted(STEP)),
    ]
}

#[test]
fn every_event_in_every_state_is_taken_or_refused_as_the_table_says() {
    let mut judged = 0;
    for role in [Role::Plain, Role::ClosesSource, Role::ProductionImport] {
        for (place, before, attempts) in places(role) {
            for (event_name, event) in events(attempts, role) {
                let expected = FOLLOWS
                    .iter()
                    .find(|(from, event, _)| (*from, *event) == (place, event_name))
                    .map(|(.., to)| *to)
                    // In doubt is only what must not come twice.
                    .filter(|to| *to != "in doubt" || role == Role::ProductionImport);
                let all: Vec<Event> = before.iter().cloned().chain([event]).collect();
                let found = folded(all);
                let what = format!("{role:?}: {event_name} in {place}");
                match (found, expected) {
                    (Ok(state), Some(to)) => assert_eq!(name(&state), to, "{what}"),
                    (Err(IllegalEvent::Step { step, is, .. }), None) => {
                        assert_eq!(step.as_str(), STEP, "{what}");
                        let told = if place == "undoing" { "being undone" } else { place };
                        assert_eq!(is, told, "{what}");
                    }
                    (found, expected) => panic!("{what}: {found:?}, expected {expected:?}"),
                }
                judged += 1;
            }
        }
    }
    assert_eq!(judged, (7 + 7 + 8) * 12);
}

#[test]
fn only_the_next_attempt_may_start() {
    for (place, before, attempts) in places(Role::Plain) {
        if !["untouched", "failed", "undone"].contains(&place) {
            continue;
        }
        for attempt in 0..4 {
            let all = before.iter().cloned().chain([starts(STEP, Role::Plain, attempt)]);
            let found = folded(all.collect());
            if attempt == attempts + 1 {
                assert!(found.is_ok(), "{place} {attempt}");
            } else {
                let expected = attempts + 1;
                let step = StepId::from(STEP);
                let refused = IllegalEvent::Attempt { step, found: attempt, expected };
                assert_eq!(found, Err(refused), "{place} {attempt}");
            }
        }
    }
    // A step that was skipped and is switched on begins with its first.
    let on = vec![skipped(STEP), reopened(STEP), starts(STEP, Role::Plain, 1)];
    assert!(folded(on).is_ok());
}

#[test]
fn what_happened_when_and_how_often_is_kept() {
    let again = Some(at(99));
    let state = state(vec![
        starts("a", Role::ClosesSource, 1),
        failed("a", "run-timeout", again),
        starts("a", Role::ClosesSource, 2),
        done("a"),
        starts("b", Role::ProductionImport, 1),
        doubt("b"),
        starts("c", Role::Plain, 1),
        failed("c", "run-timeout", again),
    ]);
    let step = |id: &str| state.steps[&StepId::from(id)].clone();
    let is = |step: &StepState, attempt_: u32, since_: Jst| match step {
        StepState::Done { attempt, since, .. }
        | StepState::InDoubt { attempt, since, .. }
        | StepState::Failed { attempt, since, .. } => (*attempt, *since) == (attempt_, since_),
        _ => false,
    };
    // The run's own beginning is record 1.
    assert!(is(&step("a"), 2, at(4)), "{:?}", step("a"));
    assert!(matches!(step("a"), StepState::Done { until, .. } if until == at(5)));
    assert!(is(&step("b"), 1, at(6)));
    assert!(is(&step("c"), 1, at(8)));
    assert!(matches!(step("c"), StepState::Failed { again_at, until, .. }
        if again_at == again && until == at(9)));
    assert_eq!(state.roles[&StepId::from("a")], Role::ClosesSource);
    assert_eq!(state.roles[&StepId::from("b")], Role::ProductionImport);
    assert_eq!((state.seq, state.at), (9, at(9)));
    assert!(step("a").is_satisfied());
    assert!(!step("b").is_satisfied() && !step("c").is_satisfied());
    let settled_ =
        folded(vec![starts("b", Role::ProductionImport, 1), doubt("b"), settled("b", true)]);
    assert!(is(&settled_.unwrap().steps[&StepId::from("b")], 1, at(2)));
}

fn ended() -> Event {
    Event::RunEnded { outcome: Outcome::Failed, clinic: ClinicState::Unchanged }
}

fn path() -> String {
    "/w/archives/a.dump".to_owned()
}

fn registered() -> Event {
    Event::FileRegistered { path: path(), contents: Contents::SourceDump, step: STEP.into() }
}

fn queued() -> Event {
    Event::MailQueued { message_id: "<1@test>".into(), about: "finished".into(), recipients: 1 }
}

fn resumed() -> Event {
    Event::RunResumed {
        plan: PlanDigest("1".repeat(64)),
        operator: "test".into(),
        host: "test".into(),
        tool: "0".into(),
    }
}

#[test]
fn after_the_end_only_what_belongs_there_may_come() {
    let before = || {
        vec![starts(STEP, Role::ProductionImport, 1), doubt(STEP), registered(), queued(), ended()]
    };
    let sent = Event::MailSent { message_id: "<1@test>".into() };
    let problem = Problem::new("run-timeout", Kind::StepFailed);
    let delayed = Event::MailDelayed { message_id: "<1@test>".into(), problem };
    let purged = Event::FilePurged { path: path() };
    let completed = Event::FileCompleted { path: path(), bytes: 1, sha256: Sha256("0".repeat(64)) };
    for (event, may) in [
        (resumed(), true),
        (settled(STEP, false), true),
        (sent, true),
        (delayed, true),
        (purged, true),
        // An earlier run's file is encrypted in its journal, when nobody takes it up any more.
        (completed, true),
        (registered(), true),
        (queued(), false),
        (ended(), false),
        (starts("other", Role::Plain, 1), false),
        (skipped("other"), false),
        (undo_started(STEP), false),
    ] {
        let all: Vec<Event> = before().into_iter().chain([event.clone()]).collect();
        match folded(all) {
            Ok(_) => assert!(may, "{event:?}"),
            Err(refused) => {
                assert!(!may, "{event:?}");
                assert_eq!(refused, IllegalEvent::Ended);
            }
        }
    }
    let again = state(before().into_iter().chain([resumed()]).collect());
    assert_eq!(again.status, RunStatus::Running);
    assert_eq!(again.info.plan, PlanDigest("1".repeat(64)));
    assert_eq!(folded(vec![started()]), Err(IllegalEvent::Run));
    let first = records(vec![skipped(STEP)]);
    assert_eq!(next(None, &first[0]), Err(IllegalEvent::Run));
}

#[test]
fn files_mails_and_databases_are_announced_before_anything_becomes_of_them() {
    let message_id = || "<1@test>".to_owned();
    let problem = || Problem::new("run-timeout", Kind::StepFailed);
    let unannounced = [
        Event::FileCompleted { path: path(), bytes: 1, sha256: Sha256("0".repeat(64)) },
        Event::FilePurged { path: path() },
        Event::DatabaseDropped { oid: 7 },
        Event::MailSent { message_id: message_id() },
        Event::MailDelayed { message_id: message_id(), problem: problem() },
    ];
    for event in unannounced {
        let refused = folded(vec![event.clone()]);
        assert!(matches!(refused, Err(IllegalEvent::Unannounced { .. })), "{event:?}");
    }
    let made = Event::DatabaseRegistered { database: "u".into(), oid: 7, step: STEP.into() };
    let known = state(vec![registered(), queued(), made]);
    let file = &known.files[&path()];
    assert_eq!((file.complete.clone(), file.purged, file.step.as_str()), (None, false, STEP));
    assert_eq!((known.databases[&7].dropped, known.mails[&message_id()].sent), (false, false));
    let sum = Sha256("0".repeat(64));
    let all = state(vec![
        registered(),
        Event::FileCompleted { path: path(), bytes: 5, sha256: sum.clone() },
        Event::FilePurged { path: path() },
        queued(),
        Event::MailDelayed { message_id: message_id(), problem: problem() },
    ]);
    let file = &all.files[&path()];
    assert_eq!((file.complete.clone(), file.purged), (Some((5, sum)), true));
    let mail = &all.mails[&message_id()];
    assert!(!mail.sent && mail.problem.is_some());
    let sent = state(vec![
        queued(),
        Event::MailDelayed { message_id: message_id(), problem: problem() },
        Event::MailSent { message_id: message_id() },
    ]);
    let mail = &sent.mails[&message_id()];
    assert!(mail.sent && mail.problem.is_none());
    // What may be repeated is never in doubt, whatever its role says.
    let read_only = Event::StepStarted {
        step: STEP.into(),
        attempt: 1,
        effect: Effect::ReadOnly,
        role: Role::ProductionImport,
    };
    assert!(folded(vec![read_only, doubt(STEP)]).is_err());
}
