//! Events and what is folded from them, for tests of whoever reads a journal.

use super::{ChainHash, Event, IllegalEvent, Record, Role, SettledBy, State, next};
use crate::clock::{Jst, to_jst};
use crate::diag::{Kind, Problem};
use crate::effect::Effect;
use crate::ids::{PlanDigest, RunId, StepId};

pub(crate) fn started() -> Event {
    Event::RunStarted {
        run: RunId::fresh(),
        playbook: "cutover".into(),
        clinic: "見本".into(),
        clinic_id: "JPN000000000452".into(),
        plan: PlanDigest("0".repeat(64)),
        operator: "test".into(),
        host: "test".into(),
        tool: "0".into(),
        rehearsal: true,
    }
}

/// The moment of the record with this number: a second each.
pub(crate) fn at(seq: u64) -> Jst {
    let seconds = i64::try_from(seq).unwrap();
    to_jst(chrono::DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap())
}

/// Records with these events, numbered from 1 and chained.
pub(crate) fn records(events: Vec<Event>) -> Vec<Record> {
    let mut before = ChainHash("0".repeat(64));
    let bind = |(seq, event)| {
        let (record, _) = Record::bind(seq, at(seq), event, &before).unwrap();
        before = record.hash.clone();
        record
    };
    (1..).zip(events).map(bind).collect()
}

/// The state after a run's beginning and these events, or the first that cannot follow.
pub(crate) fn folded(events: Vec<Event>) -> Result<State, IllegalEvent> {
    let mut all = vec![started()];
    all.extend(events);
    let mut state = None;
    for record in records(all) {
        state = Some(next(state, &record)?);
    }
    Ok(state.unwrap())
}

pub(crate) fn state(events: Vec<Event>) -> State {
    folded(events).unwrap()
}

pub(crate) fn starts(step: &str, role: Role, attempt: u32) -> Event {
    let effect = match role {
        Role::TestImport | Role::ProductionImport => Effect::AtMostOnce,
        Role::Plain | Role::ClosesSource => Effect::Repeatable,
    };
    Event::StepStarted { step: step.into(), attempt, effect, role }
}

pub(crate) fn done(step: &str) -> Event {
    Event::StepDone { step: step.into(), attempt: 1, outputs: Default::default() }
}

pub(crate) fn failed(step: &str, code: &'static str, again_at: Option<Jst>) -> Event {
    let problem = Problem::new(code, Kind::StepFailed);
    let step = StepId::from(step);
    Event::StepFailed { step, attempt: 1, problem, import_log: None, again_at }
}

pub(crate) fn doubt(step: &str) -> Event {
    let problem = Problem::new("portal-import-in-doubt", Kind::InDoubt);
    Event::StepInDoubt { step: step.into(), attempt: 1, problem }
}

pub(crate) fn settled(step: &str, done: bool) -> Event {
    let by = SettledBy::Person { name: "n".into(), reason: "r".into(), host: "h".into() };
    Event::StepSettled { step: step.into(), done, by, outputs: Default::default() }
}

pub(crate) fn skipped(step: &str) -> Event {
    Event::StepSkipped { step: step.into() }
}

pub(crate) fn reopened(step: &str) -> Event {
    Event::StepReopened { step: step.into(), reason: "must-be-fresh".into() }
}

pub(crate) fn undo_started(step: &str) -> Event {
    Event::UndoStarted { step: step.into() }
}

pub(crate) fn undo_done(step: &str) -> Event {
    Event::UndoDone { step: step.into() }
}

pub(crate) fn undo_failed(step: &str) -> Event {
    let problem = Problem::new("run-timeout", Kind::StepFailed);
    Event::UndoFailed { step: step.into(), problem }
}

pub(crate) fn noted(step: &str) -> Event {
    Event::StepNoted { step: step.into(), note: serde_json::json!({"row": 7}) }
}
