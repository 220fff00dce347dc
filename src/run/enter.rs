//! The ways into a run: a new one, one that is taken up again, one that is taken back.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::clinic_state::{ended_well, past_no_return, taken_back_after_import};
use super::driver::Driver;
use super::hold::Hold;
use super::request::{Observer, RunEnd, RunRequest};
use super::{at_rest, journal_lost, recheck, recover, rollback};
use crate::action::{self, WorkDir};
use crate::diag::{Fact, Kind, Problem};
use crate::disk;
use crate::fault;
use crate::ids::{PlanDigest, RunId};
use crate::journal::store::Store;
use crate::journal::{Event, Journal, Outcome};

/// Refuses a new run where an earlier one in this folder is not settled or has imported for
/// production; [`start`] does the same, this is for telling before a plan is made.
///
/// # Errors
/// The refusal, or that the journal cannot be read.
pub async fn refuse_second_run(work: &WorkDir) -> Result<(), Problem> {
    if !work.journal().may_exist() {
        return Ok(());
    }
    let store = work.store(false).await?;
    let refused = recover::refuse_second_run(store.as_ref()).await;
    store.close().await;
    refused
}

/// Starts a new run.
///
/// # Errors
/// Where it may not start, or the journal cannot be written. What happens to steps is not an
/// error here but the run's end.
pub async fn start(request: &RunRequest, observer: &Observer) -> Result<RunEnd, Problem> {
    let hold = hold(request, true).await?;
    let store = hold.store();
    hold.during(start_held(request, observer, store)).await
}

async fn start_held(
    request: &RunRequest,
    observer: &Observer,
    store: Arc<dyn Store>,
) -> Result<RunEnd, Problem> {
    recover::refuse_second_run(store.as_ref()).await?;
    let run = RunId::fresh();
    let clinic = &request.playbook.clinic;
    let started = Event::RunStarted {
        run: run.clone(),
        playbook: request.playbook.name.clone(),
        clinic: clinic.name.clone(),
        clinic_id: clinic.clinic_id.clone(),
        plan: request.plan.clone(),
        operator: request.operator.clone(),
        host: action::host_name(),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        rehearsal: request.clock.is_rehearsal(),
    };
    let clock = request.clock.clone();
    // Before the first record: a run without its plan could neither go on nor be told of.
    save(request)?;
    let journal = Journal::begin(store, clock, run, started, observer.records.clone()).await?;
    journal.anchor().await?;
    Driver::new(request, observer, journal).run().await
}

/// Takes the latest run up where it was left.
///
/// # Errors
/// As [`start`]; also where there is nothing to resume.
pub async fn resume(request: &RunRequest, observer: &Observer) -> Result<RunEnd, Problem> {
    let hold = hold(request, false).await?;
    let store = hold.store();
    hold.during(resume_held(request, observer, store)).await
}

async fn resume_held(
    request: &RunRequest,
    observer: &Observer,
    store: Arc<dyn Store>,
) -> Result<RunEnd, Problem> {
    let journal = take_up(request, observer, store).await?;
    let state = journal.state().await;
    if ended_well(&state) {
        // Nothing is left to do but what failed after the end; whoever asks twice gets the same
        // answer.
        let driver = Driver::new(request, observer, journal.clone());
        let mut end = RunEnd::of(&journal, &state, None);
        end.unsealed = at_rest::seal(&driver.cx()).await.err();
        end.mail_unsent = action::outbox(&request.work).await.undelivered().any();
        return Ok(end);
    }
    if taken_back_after_import(&state) {
        // Going on would close the clinic's server, on which it works again by a person's word.
        return Err(Problem::new("run-taken-back", Kind::Blocked));
    }
    let mut driver = Driver::new(request, observer, journal.clone());
    if !request.by_person {
        driver.give_up_failed_imports(&state);
    }
    let cx = driver.cx();
    let looked = async {
        resumed(request, &journal, request.plan.clone()).await?;
        save(request)?;
        recover::recover(&cx).await?;
        recheck::recheck(&cx).await
    };
    match looked.await {
        Ok(()) => driver.run().await,
        Err(problem) => Err(driver.leave(JoinSet::new(), problem).await),
    }
}

/// Takes back what a failed run left closed at the clinic: opens the database, starts the service.
///
/// # Errors
/// As [`resume`]; also where the production import took place or may have, and `force` is not set.
pub async fn take_back(
    request: &RunRequest,
    observer: &Observer,
    force: bool,
) -> Result<RunEnd, Problem> {
    let hold = hold(request, false).await?;
    let store = hold.store();
    hold.during(take_back_held(request, observer, force, store)).await
}

async fn take_back_held(
    request: &RunRequest,
    observer: &Observer,
    force: bool,
    store: Arc<dyn Store>,
) -> Result<RunEnd, Problem> {
    let journal = take_up(request, observer, store).await?;
    let state = journal.state().await;
    if past_no_return(&state) && !force {
        return Err(Problem::new("run-past-no-return", Kind::ConfirmationNeeded));
    }
    let driver = Driver::new(request, observer, journal.clone());
    let cx = driver.cx();
    // A person who takes a run back knows; where scheduled work does, people are told.
    let told = journal_lost::step_of(&cx, &state).filter(|_| !request.by_person);
    let told = told.map(|step| (step, Problem::new("run-left-closed", Kind::StepFailed), None));
    let taken_back = async {
        // Opening the clinic's server approves nothing: the approved plan stays what it was.
        resumed(request, &journal, state.info.plan).await?;
        recover::write_down_interrupted(&cx).await?;
        rollback::rollback(&cx).await?;
        driver.end(Outcome::Failed, told).await
    };
    match taken_back.await {
        Err(problem) => Err(driver.leave(JoinSet::new(), problem).await),
        ended => ended,
    }
}

async fn hold(request: &RunRequest, create: bool) -> Result<Hold, Problem> {
    fault::refuse_real(&request.clock)?;
    Hold::take(&request.work, &request.playbook.clinic, &request.operator, create).await
}

async fn take_up(
    request: &RunRequest,
    observer: &Observer,
    store: Arc<dyn Store>,
) -> Result<Journal, Problem> {
    let run = recover::latest(store.as_ref(), &request.work).await?;
    let listener = observer.records.clone();
    let journal = Journal::take_up(store, request.clock.clone(), run, listener).await?;
    // A rehearsal's clock may have been lost with its folder: time never runs backwards.
    let last = journal.state().await.at;
    if request.clock.is_rehearsal() && request.clock.now() < last {
        request.clock.set(&last).map_err(|error| {
            Problem::new("run-clock", Kind::Environment).with(Fact::local("reason", error))
        })?;
    }
    Ok(journal)
}

async fn resumed(request: &RunRequest, journal: &Journal, plan: PlanDigest) -> Result<(), Problem> {
    let operator = request.operator.clone();
    let (host, tool) = (action::host_name(), env!("CARGO_PKG_VERSION").to_owned());
    journal.append(Event::RunResumed { plan, operator, host, tool }).await?;
    let RunRequest { playbook, clock, work, .. } = request;
    // Mails that an earlier process could not send. Whether they go now changes nothing here.
    let _ = request.hands.deliver(&playbook.clinic, clock, work, journal).await;
    Ok(())
}

/// Written only after the lock and every refusal: a command that was refused changes nothing.
fn save(request: &RunRequest) -> Result<(), Problem> {
    let Some(saved) = &request.saved else { return Ok(()) };
    disk::write_private(&saved.path, &saved.bytes).map_err(|error| {
        Problem::new("run-plan-unwritable", Kind::Environment)
            .with(Fact::local("path", saved.path.display()))
            .with(Fact::local("reason", error))
    })
}
