//! The run's loop: starts what is ready, writes down how it ended, and decides what follows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::clinic_state::{clinic_state, past_no_return};
use super::lock::Lock;
use super::{dispatch, error_log, recover, rollback};
use crate::action::{self, Certainty, Failure, Notice, StepCx, WorkDir};
use crate::clock::Clock;
use crate::diag::{Fact, Kind, Problem};
use crate::effect::Effect;
use crate::ids::{PlanDigest, RunId, StepId};
use crate::journal::store::{SqliteStore, Store};
use crate::journal::{ClinicState, Event, Journal, Outcome, Record, StepState};
use crate::playbook::{CheckedPlaybook, Outputs, Step, StepAction};
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
    /// Who runs it.
    pub operator: String,
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
}

type Ended = (StepId, u32, Result<Outputs, Failure>);

/// Starts a new run.
///
/// # Errors
/// Where it may not start, or the journal cannot be written. What happens to steps is not an
/// error here but the run's end.
pub async fn start(request: &RunRequest, observer: &Observer) -> Result<RunEnd, Problem> {
    let _lock = Lock::take(&request.work.lock())?;
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&request.work.journal(), true).await?);
    recover::refuse_second_run(&request.playbook, store.as_ref()).await?;
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
    Driver::new(request, observer, journal).run().await
}

/// Takes the latest run up where it was left.
///
/// # Errors
/// As [`start`]; also where there is nothing to resume.
pub async fn resume(request: &RunRequest, observer: &Observer) -> Result<RunEnd, Problem> {
    let _lock = Lock::take(&request.work.lock())?;
    let journal = take_up(request, observer).await?;
    recover::recover(&request.playbook, &request.clock, &request.work, &journal).await?;
    Driver::new(request, observer, journal).run().await
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
    let driver = Driver::new(request, observer, journal);
    if past_no_return(&request.playbook, &driver.journal.state().await) && !force {
        return Err(Problem::new("run-past-no-return", Kind::ConfirmationNeeded));
    }
    rollback::rollback(&driver.cx()).await?;
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
    journal
        .append(Event::RunResumed {
            plan: request.plan.clone(),
            operator: request.operator.clone(),
            host: host_name(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
        })
        .await?;
    Ok(journal)
}

struct Driver<'a> {
    request: &'a RunRequest,
    observer: &'a Observer,
    journal: Journal,
    /// Steps that this process does not try again.
    given_up: BTreeSet<StepId>,
    /// Attempts of this process.
    tries: BTreeMap<StepId, u32>,
}

impl<'a> Driver<'a> {
    fn new(request: &'a RunRequest, observer: &'a Observer, journal: Journal) -> Self {
        let (given_up, tries) = (BTreeSet::new(), BTreeMap::new());
        Self { request, observer, journal, given_up, tries }
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
            if self.given_up.is_empty() && !self.any_in_doubt().await {
                self.start_ready(&mut tasks).await?;
            }
            if tasks.is_empty() {
                if self.given_up.is_empty() && self.wait_for_next_attempt().await {
                    continue;
                }
                break;
            }
            let ended = tokio::select! {
                ended = tasks.join_next() => ended,
                // Wakes up for a step whose next attempt comes due beside a running one.
                () = tokio::time::sleep(Duration::from_secs(1)) => continue,
            };
            match ended {
                Some(Ok((step, attempt, result))) => self.write_down(step, attempt, result).await?,
                // A panic in a task: its step has no outcome. The journal holds the intent, and
                // the next resumption treats it as what it is, a crash.
                Some(Err(_)) => return Err(Problem::new("run-defect", Kind::Internal)),
                None => {}
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
                })
                .await?;
            *self.tries.entry(step.id.clone()).or_default() += 1;
            let cx = self.step_cx(step);
            self.running().insert(step.id.clone(), cx.progress.clone());
            tasks.spawn(async move {
                let result = attempt_once(&cx).await;
                (cx.step.id.clone(), attempt, result)
            });
        }
        Ok(())
    }

    fn step_cx(&self, step: &Step) -> StepCx {
        StepCx {
            playbook: self.request.playbook.clone(),
            step: step.clone(),
            clock: self.request.clock.clone(),
            work: self.request.work.clone(),
            progress: Progress::default(),
            journal: self.journal.clone(),
        }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, BTreeMap<StepId, Progress>> {
        self.observer.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait_for_next_attempt(&self) -> bool {
        let state = self.journal.state().await;
        let Some(at) = dispatch::next_attempt(&state, &self.given_up) else { return false };
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
            (None, None) => (Outcome::Done, None),
        };
        if outcome == Outcome::Failed && !past_no_return(&self.request.playbook, &state) {
            // The cloud does not hold the clinic's data: its own server must work in the morning.
            rollback::rollback(&self.cx()).await?;
        }
        self.end(outcome, ended_by).await
    }

    async fn end(
        &self,
        outcome: Outcome,
        ended_by: Option<(StepId, Problem, Option<crate::diag::Redacted>)>,
    ) -> Result<RunEnd, Problem> {
        let clinic = clinic_state(&self.request.playbook, &self.journal.state().await);
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
        let mail_unsent = mail_problem.is_some() || state.mails.values().any(|mail| !mail.sent);
        let run = self.journal.run().clone();
        Ok(RunEnd { run, outcome, clinic, problem: problem.or(mail_problem), mail_unsent })
    }
}

async fn attempt_once(cx: &StepCx) -> Result<Outputs, Failure> {
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

fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
