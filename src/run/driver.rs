//! The run's loop: starts what is ready, writes down how it ended, and decides what follows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

use super::clinic_state::{clinic_state, ended_well, past_no_return, source_is_closed};
use super::lock::Lock;
use super::{dispatch, error_log, recheck, recover, rollback};
use crate::action::{self, Certainty, Failure, Notice, StepCx, WorkDir};
use crate::clock::Clock;
use crate::diag::{Fact, Kind, Problem};
use crate::effect::Effect;
use crate::ids::{PlanDigest, RunId, StepId};
use crate::journal::store::{SqliteStore, Store};
use crate::journal::{
    ClinicState, Event, Journal, Outcome, Record, Role, RunStatus, State, StepState,
};
use crate::plan::Inputs;
use crate::playbook::{CheckedPlaybook, Outputs, Purpose, Step, StepAction};
use crate::progress::Progress;

/// Given to an attempt beyond its step's limit, so that a process's own watchdog ends it first.
const GRACE: Duration = Duration::from_secs(15);

/// What to run.
pub struct RunRequest {
    /// The playbook with the clinic's values.
    pub playbook: Arc<CheckedPlaybook>,
    /// Digest of the approved plan.
    pub plan: PlanDigest,
    /// The clock.
    pub clock: Clock,
    /// The working folder.
    pub work: WorkDir,
    /// What the plan rests on.
    pub inputs: Inputs,
    /// Who runs it.
    pub operator: String,
    /// Notified when the run is to stop: nothing new is started, what runs is waited for.
    pub stop: Arc<Notify>,
    /// What later commands need, written once the run may go on.
    pub saved: Option<SavedFile>,
}

/// A file for later commands.
pub struct SavedFile {
    /// Its path.
    pub path: std::path::PathBuf,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Who watches a run: records as they become durable, and the counters of running steps.
#[derive(Clone, Default)]
pub struct Observer {
    /// Gets every record.
    pub records: Option<mpsc::UnboundedSender<Record>>,
    /// Counters of the steps that run.
    pub running: Arc<Mutex<BTreeMap<StepId, Progress>>>,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct RunEnd {
    /// The run.
    pub run: RunId,
    /// How.
    pub outcome: Outcome,
    /// The clinic's state.
    pub clinic: ClinicState,
    /// The problem that ended it.
    pub problem: Option<Problem>,
    /// True where a mail lies in the outbox unsent.
    pub mail_unsent: bool,
    /// True where a step that changes something was begun.
    pub changed: bool,
    /// True where the clinic's own server is closed.
    pub source_closed: bool,
}

impl RunEnd {
    fn of(journal: &Journal, state: &State, problem: Option<Problem>) -> Self {
        let (outcome, clinic) = match state.status {
            RunStatus::Ended { outcome, clinic } => (outcome, clinic),
            RunStatus::Running => (Outcome::Failed, clinic_state(state, false)),
        };
        Self {
            run: journal.run().clone(),
            outcome,
            clinic,
            problem,
            mail_unsent: state.mails.values().any(|mail| !mail.sent),
            source_closed: source_is_closed(state),
            changed: state.roles.values().any(|role| *role != Role::Plain),
        }
    }
}

type Ended = Result<Outputs, Failure>;

/// Refuses a new run where an earlier one in this folder is not settled or has imported for
/// production; [`start`] does the same, this is for telling before a plan is made.
///
/// # Errors
/// The refusal, or that the journal cannot be read.
pub async fn refuse_second_run(work: &WorkDir) -> Result<(), Problem> {
    if !work.journal().exists() {
        return Ok(());
    }
    let store = SqliteStore::open(&work.journal(), false).await?;
    let refused = recover::refuse_second_run(&store).await;
    store.close().await;
    refused
}

/// Starts a new run.
///
/// # Errors
/// Where it may not start, or the journal cannot be written. What happens to steps is not an
/// error here but the run's end.
pub async fn start(request: &RunRequest, observer: &Observer) -> Result<RunEnd, Problem> {
    let _lock = Lock::take(&request.work.lock())?;
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&request.work.journal(), true).await?);
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
        host: host_name(),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        rehearsal: request.clock.is_rehearsal(),
    };
    let clock = request.clock.clone();
    let journal = Journal::begin(store, clock, run, started, observer.records.clone()).await?;
    save(request)?;
    Driver::new(request, observer, journal).run().await
}

/// Takes the latest run up where it was left.
///
/// # Errors
/// As [`start`]; also where there is nothing to resume.
pub async fn resume(request: &RunRequest, observer: &Observer) -> Result<RunEnd, Problem> {
    let _lock = Lock::take(&request.work.lock())?;
    let journal = take_up(request, observer).await?;
    let state = journal.state().await;
    if ended_well(&state) {
        // Nothing is left to do; whoever asks twice gets the same answer.
        return Ok(RunEnd::of(&journal, &state, None));
    }
    resumed(request, &journal, request.plan.clone()).await?;
    save(request)?;
    let driver = Driver::new(request, observer, journal);
    let cx = driver.cx();
    recover::recover(&cx).await?;
    recheck::recheck(&cx).await?;
    driver.run().await
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
    let _lock = Lock::take(&request.work.lock())?;
    let journal = take_up(request, observer).await?;
    let state = journal.state().await;
    if past_no_return(&state) && !force {
        return Err(Problem::new("run-past-no-return", Kind::ConfirmationNeeded));
    }
    // Opening the clinic's server approves nothing: the approved plan stays what it was.
    resumed(request, &journal, state.info.plan).await?;
    let driver = Driver::new(request, observer, journal);
    let cx = driver.cx();
    recover::write_down_interrupted(&cx).await?;
    rollback::rollback(&cx).await?;
    driver.end(Outcome::Failed, None).await
}

async fn take_up(request: &RunRequest, observer: &Observer) -> Result<Journal, Problem> {
    let store = Arc::new(SqliteStore::open(&request.work.journal(), false).await?);
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
    let (host, tool) = (host_name(), env!("CARGO_PKG_VERSION").to_owned());
    journal.append(Event::RunResumed { plan, operator, host, tool }).await?;
    let RunRequest { playbook, clock, work, .. } = request;
    // Mails that an earlier process could not send. Whether they go now changes nothing here.
    let _ = action::deliver(&playbook.clinic, clock, work, journal).await;
    Ok(())
}

/// Written only after the lock and every refusal: a command that was refused changes nothing.
fn save(request: &RunRequest) -> Result<(), Problem> {
    let Some(saved) = &request.saved else { return Ok(()) };
    action::write_private(&saved.path, &saved.bytes).map_err(|error| {
        Problem::new("run-log-unwritable", Kind::Environment).with(Fact::local("reason", error))
    })
}

/// What part a step plays in a cutover.
fn role(action: &StepAction) -> Role {
    match action {
        StepAction::PortalImport { purpose: Purpose::Test, .. } => Role::TestImport,
        StepAction::PortalImport { purpose: Purpose::Production, .. } => Role::ProductionImport,
        action if action.is_undone_on_rollback() => Role::ClosesSource,
        _ => Role::Plain,
    }
}

struct Driver<'a> {
    request: &'a RunRequest,
    observer: &'a Observer,
    journal: Journal,
    /// Steps that this process does not try again.
    given_up: BTreeSet<StepId>,
    /// Attempts of this process.
    tries: BTreeMap<StepId, u32>,
    /// Which attempt each task carries out.
    attempts: BTreeMap<Id, (StepId, u32)>,
    /// Tasks that only wait, and may be broken off.
    waits: Vec<AbortHandle>,
    /// True once the run is to stop.
    stopping: bool,
}

impl<'a> Driver<'a> {
    fn new(request: &'a RunRequest, observer: &'a Observer, journal: Journal) -> Self {
        Self {
            request,
            observer,
            journal,
            given_up: BTreeSet::new(),
            tries: BTreeMap::new(),
            attempts: BTreeMap::new(),
            waits: Vec::new(),
            stopping: false,
        }
    }

    fn cx(&self) -> rollback::Cx {
        rollback::Cx {
            playbook: self.request.playbook.clone(),
            clock: self.request.clock.clone(),
            work: self.request.work.clone(),
            journal: self.journal.clone(),
        }
    }

    async fn run(mut self) -> Result<RunEnd, Problem> {
        let mut tasks: JoinSet<Ended> = JoinSet::new();
        self.skip_what_does_not_apply().await?;
        loop {
            let goes_on = self.given_up.is_empty() && !self.stopping && !self.any_in_doubt().await;
            if goes_on {
                self.start_ready(&mut tasks).await?;
            }
            if tasks.is_empty() {
                if goes_on && self.wait_for_next_attempt().await {
                    continue;
                }
                break;
            }
            tokio::select! {
                Some(ended) = tasks.join_next_with_id() => self.ended(ended).await?,
                // Wakes up for a step whose next attempt comes due beside a running one.
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                () = self.request.stop.notified(), if !self.stopping => {
                    self.stopping = true;
                    self.waits.iter().for_each(AbortHandle::abort);
                }
            }
        }
        self.conclude().await
    }

    async fn skip_what_does_not_apply(&self) -> Result<(), Problem> {
        let state = self.journal.state().await;
        for step in self.request.playbook.phases.iter().flat_map(|phase| &phase.steps) {
            if !step.applies && !state.steps.contains_key(&step.id) {
                self.journal.append(Event::StepSkipped { step: step.id.clone() }).await?;
            }
        }
        Ok(())
    }

    async fn any_in_doubt(&self) -> bool {
        let state = self.journal.state().await;
        state.steps.values().any(|step| matches!(step, StepState::InDoubt { .. }))
    }

    async fn start_ready(&mut self, tasks: &mut JoinSet<Ended>) -> Result<(), Problem> {
        let state = self.journal.state().await;
        let now = self.request.clock.now();
        for step in dispatch::ready(&self.request.playbook, &state, &self.given_up, now) {
            let attempt = match state.steps.get(&step.id) {
                Some(StepState::Failed { attempt, .. } | StepState::Undone { attempt }) => {
                    attempt + 1
                }
                _ => 1,
            };
            // The intent is durable before the first effect.
            self.journal
                .append(Event::StepStarted {
                    step: step.id.clone(),
                    attempt,
                    effect: step.action.effect(),
                    role: role(&step.action),
                })
                .await?;
            *self.tries.entry(step.id.clone()).or_default() += 1;
            let cx = self.cx().step(step, Progress::default());
            self.running().insert(step.id.clone(), cx.progress.clone());
            let inputs = self.request.inputs.clone();
            let task = tasks.spawn(async move { attempt_once(&cx, &inputs).await });
            self.attempts.insert(task.id(), (step.id.clone(), attempt));
            if matches!(step.action, StepAction::Wait { .. }) {
                self.waits.push(task);
            }
        }
        Ok(())
    }

    async fn ended(&mut self, ended: Result<(Id, Ended), JoinError>) -> Result<(), Problem> {
        let (id, result) = match ended {
            Ok((id, result)) => (id, result),
            Err(error) if error.is_cancelled() => {
                (error.id(), Err(Problem::new("run-stopped", Kind::StepFailed).into()))
            }
            // A panic in a task is a defect, and no reason to leave the clinic closed.
            Err(error) => (error.id(), Err(self.after_panic(error.id()))),
        };
        match self.attempts.remove(&id) {
            Some((step, attempt)) => self.write_down(step, attempt, result).await,
            None => Err(Problem::new("run-defect", Kind::Internal)),
        }
    }

    fn after_panic(&self, id: Id) -> Failure {
        let problem = Problem::new("run-defect", Kind::Internal);
        let step = self.attempts.get(&id).and_then(|(step, _)| self.find(step));
        match step.map(|step| step.action.effect()) {
            Some(Effect::AtMostOnce) | None => Failure::in_doubt(problem),
            Some(Effect::ReadOnly | Effect::Repeatable) => problem.into(),
        }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, BTreeMap<StepId, Progress>> {
        self.observer.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait_for_next_attempt(&self) -> bool {
        let state = self.journal.state().await;
        let playbook = &self.request.playbook;
        let Some(at) = dispatch::next_attempt(playbook, &state, &self.given_up) else {
            return false;
        };
        let left = (at - self.request.clock.now()).to_std().unwrap_or_default();
        // Back-off is real time, also in a rehearsal: what is waited for is another machine.
        tokio::time::sleep(left + Duration::from_millis(5)).await;
        true
    }

    async fn write_down(
        &mut self,
        step: StepId,
        attempt: u32,
        result: Result<Outputs, Failure>,
    ) -> Result<(), Problem> {
        self.running().remove(&step);
        let event = match result {
            Ok(outputs) => Event::StepDone { step, attempt, outputs },
            Err(failure) if failure.certainty == Certainty::InDoubt => {
                Event::StepInDoubt { step, attempt, problem: failure.problem }
            }
            Err(failure) => {
                let again_at = self.again_at(&step, &failure.problem);
                if again_at.is_none() {
                    self.given_up.insert(step.clone());
                }
                let Failure { problem, import_log, .. } = failure;
                Event::StepFailed { step, attempt, problem, import_log, again_at }
            }
        };
        self.journal.append(event).await?;
        Ok(())
    }

    /// When a failed step is tried again: only where trying again can help, where it surely had
    /// no effect that may not come twice, and as often as the playbook says.
    fn again_at(&self, id: &StepId, problem: &Problem) -> Option<crate::clock::Jst> {
        let step = self.find(id)?;
        let tries = self.tries.get(id).copied().unwrap_or(0);
        let may_help =
            matches!(problem.kind, Kind::Environment | Kind::StepFailed | Kind::MailUndelivered);
        if !may_help || step.action.effect() == Effect::AtMostOnce || tries >= step.retry.attempts {
            return None;
        }
        let wait = step.retry.wait_before(tries + 1);
        let wait = chrono::TimeDelta::from_std(wait).ok()?;
        self.request.clock.now().checked_add_signed(wait)
    }

    fn find(&self, id: &StepId) -> Option<&Step> {
        self.request.playbook.phases.iter().flat_map(|phase| &phase.steps).find(|s| s.id == *id)
    }

    async fn conclude(self) -> Result<RunEnd, Problem> {
        let state = self.journal.state().await;
        let in_doubt = state.steps.iter().find_map(|(id, step)| match step {
            StepState::InDoubt { problem, .. } => Some((id.clone(), problem.clone(), None)),
            _ => None,
        });
        let failed = state.steps.iter().find_map(|(id, step)| match step {
            StepState::Failed { problem, import_log, .. } if self.given_up.contains(id) => {
                Some((id.clone(), problem.clone(), import_log.clone()))
            }
            _ => None,
        });
        let (outcome, ended_by) = match (in_doubt, failed) {
            (Some(doubt), _) => (Outcome::InDoubt, Some(doubt)),
            (None, Some(failed)) => (Outcome::Failed, Some(failed)),
            (None, None) => match self.first_open(&state) {
                Some(step) => {
                    let problem = Problem::new("run-stopped", Kind::StepFailed);
                    (Outcome::Failed, Some((step, problem, None)))
                }
                None => (Outcome::Done, None),
            },
        };
        if outcome == Outcome::Failed && !past_no_return(&state) {
            // The cloud does not hold the clinic's data: its own server must work in the morning.
            rollback::rollback(&self.cx()).await?;
        }
        self.end(outcome, ended_by).await
    }

    /// The first step that is not satisfied: a run is done only when there is none.
    fn first_open(&self, state: &State) -> Option<StepId> {
        let phase = dispatch::current_phase(&self.request.playbook, state)?;
        let is_open = |id: &StepId| !state.steps.get(id).is_some_and(StepState::is_satisfied);
        phase.steps.iter().map(|step| &step.id).find(|id| is_open(id)).cloned()
    }

    async fn end(
        &self,
        outcome: Outcome,
        ended_by: Option<(StepId, Problem, Option<crate::diag::Redacted>)>,
    ) -> Result<RunEnd, Problem> {
        let all_done = outcome == Outcome::Done;
        let clinic = clinic_state(&self.journal.state().await, all_done);
        let problem = ended_by.as_ref().map(|(_, problem, _)| problem.clone());
        let notice = match ended_by {
            Some((step, problem, import_log)) => {
                let error_log = error_log::error_log(&self.journal.records().await?);
                Some(Notice::Failure { step, problem, import_log, clinic, error_log })
            }
            None if outcome == Outcome::Done => Some(Notice::Finished),
            None => None,
        };
        let mut mail_problem = None;
        if let Some(notice) = notice {
            let RunRequest { playbook, clock, work, .. } = self.request;
            // A mail that cannot be written must not hide how the run ended.
            mail_problem = action::notify(playbook, clock, work, &self.journal, notice).await.err();
        }
        let state = self.journal.append(Event::RunEnded { outcome, clinic }).await?;
        let mut end = RunEnd::of(&self.journal, &state, problem);
        end.mail_unsent |= mail_problem.is_some();
        end.problem = end.problem.or(mail_problem);
        Ok(end)
    }
}

async fn attempt_once(cx: &StepCx, approved: &Inputs) -> Result<Outputs, Failure> {
    if cx.step.action.effect() != Effect::ReadOnly {
        refuse_moved(cx, approved)?;
    }
    let action = action::action(&cx.step.action);
    if matches!(cx.step.action, StepAction::Wait { .. }) {
        // Its length is the playbook's; a limit on it would be a limit on the calendar.
        return action.apply(cx).await;
    }
    match tokio::time::timeout(cx.timeout() + GRACE, action.apply(cx)).await {
        Ok(result) => result,
        Err(_) => {
            let in_doubt = cx.step.action.effect() == Effect::AtMostOnce;
            let kind = if in_doubt { Kind::InDoubt } else { Kind::StepFailed };
            let problem =
                Problem::new("run-timeout", kind).with(Fact::open("seconds", cx.step.timeout_secs));
            Err(if in_doubt { Failure::in_doubt(problem) } else { problem.into() })
        }
    }
}

/// Mapping rules and portal profile are read from disk by the step itself: what was edited while
/// the run waited was not approved.
fn refuse_moved(cx: &StepCx, approved: &Inputs) -> Result<(), Problem> {
    let now = action::inputs(&cx.playbook)?;
    if now.mapping == approved.mapping && now.profile == approved.profile {
        return Ok(());
    }
    Err(Problem::new("run-plan-moved", Kind::ConfirmationNeeded)
        .with(Fact::open("approved", crate::plan::digest(approved)))
        .with(Fact::open("digest", crate::plan::digest(&now))))
}

fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
