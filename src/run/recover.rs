//! What a new process makes of a run that another one left: crashed, failed or in doubt.

use super::clinic_state::{is_unsettled, past_no_return};
use super::rollback::{self, Cx};
use crate::action::{self, Verdict, WorkDir};
use crate::diag::{Fact, Kind, Problem};
use crate::effect::Effect;
use crate::fault::{self, Point};
use crate::ids::{RunId, StepId};
use crate::journal::store::Store;
use crate::journal::{Event, Journal, JournalError, SettledBy, State, StepState, fold};
use crate::playbook::Step;
use crate::progress::Progress;

/// The latest run in the store.
///
/// # Errors
/// Where there is none.
pub async fn latest(store: &dyn Store, work: &WorkDir) -> Result<RunId, Problem> {
    let runs = store.runs().await?;
    runs.into_iter()
        .next_back()
        .ok_or_else(|| JournalError::NoRun { path: work.journal().to_string() }.into())
}

/// Where the folder's latest run stands; `None` where there is none yet.
///
/// # Errors
/// Where the journal cannot be read.
pub async fn latest_state(work: &WorkDir) -> Result<Option<State>, Problem> {
    if !work.journal().may_exist() {
        return Ok(None);
    }
    let store = work.store(false).await?;
    let state = async {
        Ok(match store.runs().await?.last() {
            Some(run) => fold(&store.load(run).await?)?,
            None => None,
        })
    };
    let state = state.await;
    store.close().await;
    state
}

/// Refuses a new run where an earlier one is not settled, or has come past the point of no
/// return: a second production import is never a matter of starting the program again. The
/// earlier runs' own records decide, not the playbook in hand.
pub(super) async fn refuse_second_run(store: &dyn Store) -> Result<(), Problem> {
    for run in store.runs().await? {
        let Some(state) = fold(&store.load(&run).await?)? else { continue };
        let problem = if past_no_return(&state) {
            Problem::new("run-already-imported", Kind::Blocked)
        } else if is_unsettled(&state) {
            Problem::new("run-unfinished", Kind::Blocked)
        } else {
            continue;
        };
        return Err(problem.with(Fact::open("run", run)));
    }
    Ok(())
}

/// Writes down what became of steps that were running when the process died, finishes a roll-back
/// that was begun, and tries to find out, by looking only, about steps whose outcome matters.
pub(super) async fn recover(cx: &Cx) -> Result<(), Problem> {
    write_down_interrupted(cx).await?;
    if rollback::is_begun(&cx.journal.state().await) {
        rollback::rollback(cx).await?;
    }
    let playbook = cx.playbook.clone();
    for step in playbook.phases.iter().flat_map(|phase| &phase.steps) {
        let state = cx.journal.state().await;
        if matches!(state.steps.get(&step.id), Some(StepState::InDoubt { .. })) {
            fault::within(&step.id, find_out(cx, step)).await?;
        }
    }
    Ok(())
}

/// Writes down what became of steps that were running when the process died.
pub(super) async fn write_down_interrupted(cx: &Cx) -> Result<(), Problem> {
    for (step, is) in cx.journal.state().await.steps {
        let StepState::Running { attempt, effect, .. } = is else { continue };
        let event = if effect == Effect::AtMostOnce {
            let problem = Problem::new("run-interrupted-in-doubt", Kind::InDoubt);
            Event::StepInDoubt { step, attempt, problem }
        } else {
            let problem = Problem::new("run-interrupted", Kind::StepFailed);
            let again_at = Some(cx.clock.now());
            Event::StepFailed { step, attempt, problem, import_log: None, again_at }
        };
        cx.journal.append(event).await?;
    }
    Ok(())
}

async fn find_out(cx: &Cx, step: &Step) -> Result<(), Problem> {
    let step_cx = cx.step(step, Progress::default());
    let (done, proof, outputs) = match cx.hands.action(&step.action).verify(&step_cx).await {
        Ok(Verdict::Done(proof, outputs)) => (true, proof, outputs),
        Ok(Verdict::NotDone(proof)) => (false, proof, Default::default()),
        // Looking failed or proved nothing: the step stays in doubt, and the run says so.
        Ok(Verdict::Unknown) | Err(_) => return Ok(()),
    };
    fault::reach(Point::Proved).await?;
    let by = SettledBy::Proof(proof);
    cx.journal.append(Event::StepSettled { step: step.id.clone(), done, by, outputs }).await?;
    Ok(())
}

/// A person says whether a step in doubt took effect.
///
/// # Errors
/// Where the step is not in doubt, or the journal cannot be written.
pub async fn settle(
    journal: &Journal,
    step: &StepId,
    done: bool,
    name: &str,
    reason: &str,
) -> Result<(), Problem> {
    match journal.state().await.steps.get(step) {
        Some(StepState::InDoubt { .. }) => {}
        // The process died in mid-import: the next resumption looks, and says what it found.
        Some(StepState::Running { .. }) => {
            return Err(
                Problem::new("run-resume-first", Kind::Input).with(Fact::open("step", step))
            );
        }
        _ => {
            return Err(
                Problem::new("run-not-in-doubt", Kind::Input).with(Fact::open("step", step))
            );
        }
    }
    let (name, reason) = (name.to_owned(), reason.to_owned());
    let by = SettledBy::Person { name, reason, host: action::host_name() };
    let outputs = Default::default();
    journal.append(Event::StepSettled { step: step.clone(), done, by, outputs }).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::journal::fixture::{done, doubt, started, starts};
    use crate::journal::store::SqliteStore;
    use crate::journal::{ClinicState, Outcome, Role};
    use std::sync::Arc;

    /// A store with one run that had these events, and the run's journal.
    async fn store(folder: &std::path::Path, events: Vec<Event>) -> (Arc<SqliteStore>, Journal) {
        let store = Arc::new(SqliteStore::open(&folder.join("j.sqlite"), true).await.unwrap());
        let run = RunId::fresh();
        let mut begun = started();
        if let Event::RunStarted { run: of, .. } = &mut begun {
            *of = run.clone();
        }
        let journal = Journal::begin(store.clone(), Clock::System, run, begun, None).await.unwrap();
        for event in events {
            journal.append(event).await.unwrap();
        }
        (store, journal)
    }

    fn ended(outcome: Outcome) -> Event {
        Event::RunEnded { outcome, clinic: ClinicState::Unchanged }
    }

    #[tokio::test]
    async fn an_earlier_runs_records_decide_whether_another_may_begin() {
        let import = |end| vec![starts("import", Role::ProductionImport, 1), end];
        let look = vec![starts("a", Role::Plain, 1), done("a")];
        let over = |mut events: Vec<Event>, outcome| {
            events.push(ended(outcome));
            events
        };
        for (events, expected) in [
            (over(look.clone(), Outcome::Failed), None),
            (look, Some("run-unfinished")),
            (over(vec![], Outcome::Waiting), Some("run-unfinished")),
            (over(import(doubt("import")), Outcome::InDoubt), Some("run-already-imported")),
            (over(import(done("import")), Outcome::Failed), Some("run-already-imported")),
            (over(import(done("import")), Outcome::Done), Some("run-already-imported")),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let (store, _) = store(folder.path(), events.clone()).await;
            let refused = refuse_second_run(store.as_ref()).await.err();
            let code = refused.map(|problem| problem.code.to_string());
            assert_eq!(code.as_deref(), expected, "{events:?}");
        }
    }

    #[tokio::test]
    async fn only_a_doubt_is_settled_and_by_a_person_with_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let import = starts("import", Role::ProductionImport, 1);
        let (_store, journal) = store(folder.path(), vec![import]).await;
        let settle_as = async |done| settle(&journal, &"import".into(), done, "見本", "見た").await;
        let code = settle_as(true).await.unwrap_err().code;
        assert_eq!(code, "run-resume-first");
        journal.append(doubt("import")).await.unwrap();
        let other = settle(&journal, &"other".into(), true, "見本", "見た").await;
        assert_eq!(other.unwrap_err().code, "run-not-in-doubt");
        settle_as(true).await.unwrap();
        let state = journal.state().await;
        assert!(state.steps[&StepId::from("import")].is_satisfied());
        assert_eq!(settle_as(false).await.unwrap_err().code, "run-not-in-doubt");
        let records = journal.records().await.unwrap();
        let Event::StepSettled { by: SettledBy::Person { name, reason, host }, .. } =
            &records.last().unwrap().event
        else {
            panic!("{records:?}")
        };
        assert_eq!((name.as_str(), reason.as_str()), ("見本", "見た"));
        assert_eq!(*host, action::host_name());
    }
}
