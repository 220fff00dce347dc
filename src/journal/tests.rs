use std::sync::Arc;

use chrono::TimeDelta;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::store::{SqliteStore, Store};
use super::*;
use crate::clock::Clock;
use crate::diag::{Explain, Kind, Problem};
use crate::effect::Effect;
use crate::ids::{PlanDigest, RunId, StepId};

fn started(run: &RunId) -> Event {
    Event::RunStarted {
        run: run.clone(),
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

fn begin(step: &str, attempt: u32, effect: Effect) -> Event {
    let role = if effect == Effect::AtMostOnce { Role::ProductionImport } else { Role::Plain };
    Event::StepStarted { step: step.into(), attempt, effect, role }
}

fn problem() -> Problem {
    Problem::new("run-timeout", Kind::StepFailed)
}

async fn journal(folder: &std::path::Path) -> (Journal, RunId, Arc<SqliteStore>) {
    let store = Arc::new(SqliteStore::open(&folder.join("j.sqlite"), true).await.unwrap());
    let run = RunId::fresh();
    let journal = Journal::begin(store.clone(), Clock::System, run.clone(), started(&run), None)
        .await
        .unwrap();
    (journal, run, store)
}

async fn refused(journal: &Journal, event: Event) -> IllegalEvent {
    match journal.append(event).await.unwrap_err() {
        JournalError::Illegal(illegal) => illegal,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_import_in_doubt_cannot_start_again_before_it_is_settled() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, run, store) = journal(folder.path()).await;
    journal.append(begin("import", 1, Effect::AtMostOnce)).await.unwrap();
    // Neither while it runs, nor in doubt, whatever the attempt is called.
    for attempt in [1, 2] {
        refused(&journal, begin("import", attempt, Effect::AtMostOnce)).await;
    }
    let doubt = Event::StepInDoubt { step: "import".into(), attempt: 1, problem: problem() };
    journal.append(doubt).await.unwrap();
    refused(&journal, begin("import", 2, Effect::AtMostOnce)).await;
    let undo = Event::UndoStarted { step: "import".into() };
    refused(&journal, undo).await;
    // A process that takes the run up knows it as well.
    let again = Journal::take_up(store, Clock::System, run, None).await.unwrap();
    refused(&again, begin("import", 2, Effect::AtMostOnce)).await;
    let by = SettledBy::Person { name: "n".into(), reason: "r".into(), host: "h".into() };
    let settled = |done| Event::StepSettled {
        step: "import".into(),
        done,
        by: by.clone(),
        outputs: Default::default(),
    };
    again.append(settled(false)).await.unwrap();
    refused(&again, begin("import", 1, Effect::AtMostOnce)).await;
    again.append(begin("import", 2, Effect::AtMostOnce)).await.unwrap();
}

#[tokio::test]
async fn a_refused_event_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, run, store) = journal(folder.path()).await;
    let before = journal.state().await;
    let done = Event::StepDone { step: "dump".into(), attempt: 1, outputs: Default::default() };
    refused(&journal, done).await;
    refused(&journal, started(&run)).await;
    assert_eq!(journal.state().await, before);
    assert_eq!(store.load(&run).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_being_undone_satisfies_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, ..) = journal(folder.path()).await;
    let step = StepId::from("fence");
    journal.append(begin("fence", 1, Effect::Repeatable)).await.unwrap();
    let done = Event::StepDone { step: step.clone(), attempt: 1, outputs: Default::default() };
    assert!(journal.append(done).await.unwrap().steps[&step].is_satisfied());
    let state = journal.append(Event::UndoStarted { step: step.clone() }).await.unwrap();
    assert!(!state.steps[&step].is_satisfied());
    // A crash here and a second roll-back: it is begun again, not forgotten.
    journal.append(Event::UndoStarted { step: step.clone() }).await.unwrap();
    let failed = Event::UndoFailed { step: step.clone(), problem: problem() };
    assert!(!journal.append(failed).await.unwrap().steps[&step].is_satisfied());
    journal.append(Event::UndoStarted { step: step.clone() }).await.unwrap();
    journal.append(Event::UndoDone { step: step.clone() }).await.unwrap();
    journal.append(begin("fence", 2, Effect::Repeatable)).await.unwrap();
}

#[tokio::test]
async fn a_note_lives_as_long_as_the_attempts_it_is_for() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, ..) = journal(folder.path()).await;
    let step = StepId::from("export");
    let note = || Event::StepNoted { step: step.clone(), note: serde_json::json!({"row": 7}) };
    refused(&journal, note()).await;
    journal.append(begin("export", 1, Effect::Repeatable)).await.unwrap();
    journal.append(note()).await.unwrap();
    let failed = Event::StepFailed {
        step: step.clone(),
        attempt: 1,
        problem: problem(),
        import_log: None,
        again_at: None,
    };
    assert!(journal.append(failed).await.unwrap().notes.contains_key(&step));
    journal.append(begin("export", 2, Effect::Repeatable)).await.unwrap();
    let done = Event::StepDone { step: step.clone(), attempt: 2, outputs: Default::default() };
    assert!(!journal.append(done).await.unwrap().notes.contains_key(&step));
}

/// The dump of a proof is no proof of what was sent after it.
#[test]
fn a_note_of_what_is_in_doubt_goes_with_its_settling() {
    use super::fixture::{doubt, noted, settled, starts, state};
    let step = StepId::from("import");
    for done in [true, false] {
        let mut events =
            vec![starts("import", Role::ProductionImport, 1), doubt("import"), noted("import")];
        assert!(state(events.clone()).notes.contains_key(&step));
        events.push(settled("import", done));
        assert!(!state(events).notes.contains_key(&step), "{done}");
    }
}

/// Each way to change the file behind the program's back, as an SQL statement.
const TAMPERINGS: [&str; 6] = [
    "UPDATE records SET event = replace(event, '\"attempt\":1', '\"attempt\":2') WHERE seq = 2",
    "UPDATE records SET at = replace(at, '20', '21') WHERE seq = 2",
    "DELETE FROM records WHERE seq = 2",
    "UPDATE records SET seq = seq + 100 WHERE seq = 3",
    "UPDATE records SET hash = (SELECT hash FROM records WHERE seq = 1) WHERE seq = 2",
    "UPDATE records SET event = (SELECT event FROM records WHERE seq = 3) WHERE seq = 2",
];

#[tokio::test]
async fn every_change_of_the_file_is_found() {
    for statement in TAMPERINGS {
        let folder = tempfile::tempdir().unwrap();
        let (journal, run, store) = journal(folder.path()).await;
        journal.append(begin("a", 1, Effect::ReadOnly)).await.unwrap();
        journal.append(begin("b", 1, Effect::ReadOnly)).await.unwrap();
        assert_eq!(store.load(&run).await.unwrap().len(), 3);
        store.close().await;
        let path = folder.path().join("j.sqlite");
        let options = SqliteConnectOptions::new().filename(&path);
        let mut raw = options.connect().await.unwrap();
        let changed = sqlx::query(statement).execute(&mut raw).await.unwrap();
        assert_eq!(changed.rows_affected(), 1, "{statement}");
        raw.close().await.unwrap();
        let store = SqliteStore::open(&path, false).await.unwrap();
        let error = store.load(&run).await.unwrap_err();
        assert_eq!(error.code(), "journal-broken", "{statement}");
    }
}

#[tokio::test]
async fn a_newer_file_is_refused_and_a_missing_one_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.sqlite");
    assert_eq!(SqliteStore::open(&path, false).await.unwrap_err().code(), "journal-no-run");
    assert!(!path.exists());
    SqliteStore::open(&path, true).await.unwrap().close().await;
    let mut raw = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    sqlx::query("PRAGMA user_version = 99").execute(&mut raw).await.unwrap();
    raw.close().await.unwrap();
    assert_eq!(SqliteStore::open(&path, true).await.unwrap_err().code(), "journal-newer");
}

#[tokio::test]
async fn the_file_is_private_durable_and_in_order() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (journal, run, store) = journal(folder.path()).await;
    // Many at once: numbers have no gap, and times do not run backwards.
    let appends = (0..40).map(|number| {
        let journal = journal.clone();
        tokio::spawn(async move {
            journal.append(begin(&format!("s{number}"), 1, Effect::ReadOnly)).await
        })
    });
    for append in appends.collect::<Vec<_>>() {
        append.await.unwrap().unwrap();
    }
    let records = store.load(&run).await.unwrap();
    assert_eq!(records.len(), 41);
    assert!(records.windows(2).all(|two| two[0].at <= two[1].at + TimeDelta::milliseconds(1)));
    let live_is_replay = fold(&records).unwrap().unwrap() == journal.state().await;
    assert!(live_is_replay);
    let mode = std::fs::metadata(folder.path().join("j.sqlite")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
    let mut raw = SqliteConnectOptions::new()
        .filename(folder.path().join("j.sqlite"))
        .connect()
        .await
        .unwrap();
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut raw).await.unwrap();
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn a_database_stands_in_the_state_until_it_is_dropped_whatever_becomes_of_its_step() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, ..) = journal(folder.path()).await;
    refused(&journal, Event::DatabaseDropped { oid: 16_400 }).await;
    journal.append(begin("dump", 1, Effect::Repeatable)).await.unwrap();
    let (database, step) = ("orca_utf8".to_owned(), StepId::from("dump"));
    let made = Event::DatabaseRegistered { database, oid: 16_400, step: step.clone() };
    journal.append(made).await.unwrap();
    let done = Event::StepDone { step: step.clone(), attempt: 1, outputs: Default::default() };
    journal.append(done).await.unwrap();
    let reopened = Event::StepReopened { step, reason: "no-longer-holds".to_owned() };
    let state = journal.append(reopened).await.unwrap();
    assert!(!state.databases[&16_400].dropped);
    let state = journal.append(Event::DatabaseDropped { oid: 16_400 }).await.unwrap();
    assert!(state.databases[&16_400].dropped);
}
