//! One look at the clock: begins what is due, tells what was missed, asks where a person must
//! decide. Two looks at the same moment do everything once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Notify;

use super::decide::{Decision, MOST_TIMES, Over, decide};
use super::heartbeat::Heartbeat;
use super::jobs::{self, Ended};
use crate::action::{self, Told, WorkDir, actor};
use crate::clock::{Clock, Jst, show};
use crate::diag::{Fact, Kind, Problem};
use crate::journal::JournalError;
use crate::journal::ledger::{LedgerEvent, LedgerLog, WorkEntry, WorkOutcome, WorkState};
use crate::plan;
use crate::playbook::{Clinic, Job, Schedule, complete, time_delta};
use crate::run::Lock;

/// What a look needs.
pub struct Tick {
    /// The clinic's values.
    pub clinic: Clinic,
    /// The clinic file.
    pub clinic_path: PathBuf,
    /// The playbook; that of the approved plan where it is left out.
    pub playbook: Option<PathBuf>,
    /// The clock.
    pub clock: Clock,
    /// The working folder.
    pub work: WorkDir,
    /// The ledger.
    pub ledger: LedgerLog,
    /// Under which name the program acts: `tick`, `daemon`.
    pub name: String,
    /// Notified when a run that this look began is to stop.
    pub stop: Arc<Notify>,
    /// Who watches such a run.
    pub observer: crate::run::Observer,
}

/// Which work a look is about: a daemon lets the long runs and everything else go side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// The two runs.
    Runs,
    /// Everything else.
    Others,
}

impl Which {
    fn takes(self, job: Job) -> bool {
        match self {
            Self::All => true,
            Self::Runs => job.is_run(),
            Self::Others => !job.is_run(),
        }
    }
}

/// What a look brought for one kind of work.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Ticked {
    /// The work.
    pub job: Job,
    /// When it was due.
    #[serde(with = "crate::clock::serde_jst")]
    pub due: Jst,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, where it is not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// The command that lets it go on, where it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// What became of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is done.
    Done,
    /// It ran and failed.
    Failed,
    /// It waits for a person.
    Waits,
    /// Its time is over.
    Missed,
    /// Another process does it.
    Runs,
    /// Its process had died; it is taken up or told.
    Interrupted,
}

/// Looks at the clock once.
///
/// # Errors
/// Where the ledger cannot be read or written. What happens to the work is in the result.
pub async fn tick(cx: &Tick, which: Which) -> Result<Vec<Ticked>, Problem> {
    let heartbeat = Heartbeat::of(&cx.work);
    let last_look = heartbeat.last();
    heartbeat.beat(&cx.clock.now());
    let mut ticked = Vec::new();
    for schedule in complete(&cx.clinic.schedules) {
        if !which.takes(schedule.job) {
            continue;
        }
        if let Some(done) = look(cx, &schedule, last_look).await? {
            ticked.push(done);
        }
    }
    if which.takes(Job::Cutover) {
        ticked.extend(left_closed(cx).await);
    }
    Ok(ticked)
}

/// Whoever began a run that died behind the closed door: once the window is over, the clinic gets
/// its server back, or the import its proof. Where neither can even be begun, people learn of it
/// at the first look, and once a day from then on.
async fn left_closed(cx: &Tick) -> Option<Ticked> {
    let (due, now) = (cx.clinic.cutover.window_end, cx.clock.now());
    if now <= due {
        return None;
    }
    let ended = jobs::end_interrupted(cx).await.transpose()?;
    let mut result = ticked(Job::Cutover, due, Outcome::Interrupted);
    let command = resume_command(cx);
    let told = Heartbeat::of_left_closed(&cx.work);
    if let Err(why) = &ended
        && told.last().is_none_or(|last| last.date_naive() != now.date_naive())
    {
        tell(cx, Job::Cutover, "failed", due, why, Some(&command)).await;
        told.beat(&now);
    }
    result.command = Some(command);
    // A run that came to its end tells of its own failure by mail, with the clinic's state.
    result.problem = match ended {
        Ok(Ended::Done) => None,
        Ok(Ended::Failed(problem, _)) | Err(problem) => Some(problem),
    };
    Some(result)
}

/// A person decides about work that waits.
///
/// # Errors
/// Where it does not wait, or the ledger cannot be written.
pub async fn release(
    ledger: &LedgerLog,
    job: Job,
    person: &str,
    begin: bool,
    reason: &str,
) -> Result<Jst, Problem> {
    let now = ledger.now().await?;
    let Some(WorkEntry { state: WorkState::Waiting { due, .. }, .. }) = now.work.get(job.name())
    else {
        return Err(Problem::new("run-work-waits-not", Kind::Input).with(Fact::open("job", job)));
    };
    ledger
        .append(LedgerEvent::WorkReleased {
            job: job.name().to_owned(),
            due: *due,
            by: actor(person),
            begin,
            reason: reason.to_owned(),
        })
        .await?;
    Ok(*due)
}

async fn look(
    cx: &Tick,
    schedule: &Schedule,
    last_look: Option<Jst>,
) -> Result<Option<Ticked>, Problem> {
    let job = schedule.job;
    let name = job.name().to_owned();
    let mut ledger = cx.ledger.now().await?;
    if !ledger.work.contains_key(&name) {
        // What was due before anybody watched is nobody's miss; an import whose window is still
        // open is wanted.
        let now = cx.clock.now();
        let open_since = now.checked_sub_signed(time_delta(schedule.window_secs));
        let upto = open_since.filter(|_| job.is_run()).unwrap_or(now);
        let watched = LedgerEvent::WorkWatched { job: name.clone(), upto };
        ledger = cx.ledger.append(watched).await?;
    }
    let Some(entry) = ledger.work.get(&name) else { return Ok(None) };
    let now = cx.clock.now();
    let due = plan::times_between(schedule, &cx.clinic, entry.upto, now, MOST_TIMES);
    match decide(schedule, entry, &due, now) {
        Decision::Nothing => Ok(None),
        Decision::Runs { due } => running(cx, schedule, due).await,
        Decision::Start { due } => start(cx, schedule, due).await,
        Decision::Waits { due } => wait_on(cx, schedule, entry, due).await,
        Decision::Ask { due } => {
            let problem = Problem::new("run-work-late", Kind::ConfirmationNeeded)
                .with(Fact::open("job", job))
                .with(Fact::open("minutes", (now - due).num_minutes()));
            waits(cx, schedule, due, problem, true).await.map(Some)
        }
        Decision::Over { due, times, why } => {
            over(cx, schedule, due, (times, why), last_look).await.map(Some)
        }
    }
}

/// Its process lives as long as it holds the lock; a lock that is free says that it died.
async fn running(cx: &Tick, schedule: &Schedule, due: Jst) -> Result<Option<Ticked>, Problem> {
    let job = schedule.job;
    let Some(lock) = take_lock(cx, job)? else {
        return Ok(Some(ticked(job, due, Outcome::Runs)));
    };
    // Between the ledger's reading and the lock it may have ended.
    let ledger = cx.ledger.now().await?;
    let still = ledger.work.get(job.name()).map(|entry| &entry.state);
    if !matches!(still, Some(WorkState::Running { due: runs, .. }) if *runs == due) {
        return Ok(None);
    }
    let problem = Problem::new("run-work-interrupted", Kind::StepFailed)
        .with(Fact::open("job", job))
        .with(Fact::open("due", show(&due)));
    let outcome = WorkOutcome::Interrupted;
    let name = job.name().to_owned();
    let event =
        LedgerEvent::WorkEnded { job: name.clone(), due, outcome, problem: Some(problem.clone()) };
    cx.ledger.append(event).await?;
    if cx.clock.now() <= schedule.last_start(due) {
        // It may go on in its own window: a run takes itself up where it was left, and never
        // repeats an import.
        let waits = LedgerEvent::WorkWaits { job: name, due, problem: problem.clone() };
        cx.ledger.append(waits).await?;
        drop(lock);
        return start(cx, schedule, due).await;
    }
    let command = job.is_run().then(|| resume_command(cx));
    tell(cx, job, "interrupted", due, &problem, command.as_deref()).await;
    if job.is_run()
        && let Err(why) = jobs::end_interrupted(cx).await
    {
        tell(cx, job, "failed", due, &why, command.as_deref()).await;
    }
    let mut result = ticked(job, due, Outcome::Interrupted);
    (result.problem, result.command) = (Some(problem), command);
    Ok(Some(result))
}

async fn start(cx: &Tick, schedule: &Schedule, due: Jst) -> Result<Option<Ticked>, Problem> {
    let job = schedule.job;
    let Some(lock) = take_lock(cx, job)? else {
        return Ok(Some(ticked(job, due, Outcome::Runs)));
    };
    if let Err(problem) = jobs::may_start(cx, job).await {
        return waits(cx, schedule, due, problem, true).await.map(Some);
    }
    // The intent is durable before the first effect; of two processes one gets it.
    let started = LedgerEvent::WorkStarted { job: job.name().to_owned(), due, by: actor(&cx.name) };
    match cx.ledger.append(started).await {
        Ok(_) => {}
        Err(JournalError::Work { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let ended = jobs::carry_out(cx, job).await;
    let (outcome, problem) = match &ended {
        Ok(Ended::Done) => (WorkOutcome::Done, None),
        Ok(Ended::Failed(problem, _)) | Err(problem) => {
            (WorkOutcome::Failed, Some(problem.clone()))
        }
    };
    let event = LedgerEvent::WorkEnded {
        job: job.name().to_owned(),
        due,
        outcome,
        problem: problem.clone(),
    };
    let before = cx.ledger.now().await.ok();
    let before = before.and_then(|ledger| ledger.work.get(job.name())?.last.clone());
    let recorded = cx.ledger.append(event).await;
    drop(lock);
    let mut result = ticked(job, due, Outcome::Done);
    if let Some(problem) = problem {
        result.outcome = Outcome::Failed;
        // A run tells of its own failure, and the same trouble is told once a day.
        let known = before.is_some_and(|before| {
            let same = before.problem.is_some_and(|known| known.code == problem.code);
            same && before.at.date_naive() == cx.clock.now().date_naive()
        });
        if !known && !matches!(ended, Ok(Ended::Failed(_, true))) {
            tell(cx, job, "failed", due, &problem, None).await;
        }
        result.problem = Some(problem);
    }
    // People are told first: they need not learn it from a ledger that cannot be written.
    recorded?;
    Ok(Some(result))
}

/// Waits for a person: a start that only lacks what a person has settled since begins.
async fn wait_on(
    cx: &Tick,
    schedule: &Schedule,
    entry: &WorkEntry,
    due: Jst,
) -> Result<Option<Ticked>, Problem> {
    let WorkState::Waiting { problem, .. } = &entry.state else { return Ok(None) };
    // A late start waits for the word of a person, whatever else is in order.
    if problem.code == "run-work-late" {
        let mut result = ticked(schedule.job, due, Outcome::Waits);
        result.command = Some(release_command(cx, schedule.job));
        result.problem = Some(problem.clone());
        return Ok(Some(result));
    }
    match jobs::may_start(cx, schedule.job).await {
        Ok(()) => start(cx, schedule, due).await,
        Err(now) => {
            let news = now.code != problem.code || now.facts != problem.facts;
            waits(cx, schedule, due, now, news).await.map(Some)
        }
    }
}

async fn waits(
    cx: &Tick,
    schedule: &Schedule,
    due: Jst,
    problem: Problem,
    news: bool,
) -> Result<Ticked, Problem> {
    let job = schedule.job;
    let command = match problem.code.as_ref() {
        "run-work-late" => Some(release_command(cx, job)),
        "calendar-stale.block" => Some(format!(
            "orca-cutover calendar check --read-by PERSON {}",
            clinic_argument(&cx.clinic_path)
        )),
        _ => approve_command(cx, &problem).await,
    };
    if news {
        let waits =
            LedgerEvent::WorkWaits { job: job.name().to_owned(), due, problem: problem.clone() };
        cx.ledger.append(waits).await?;
        tell(cx, job, "waits", due, &problem, command.as_deref()).await;
    }
    let mut result = ticked(job, due, Outcome::Waits);
    (result.problem, result.command) = (Some(problem), command);
    Ok(result)
}

async fn over(
    cx: &Tick,
    schedule: &Schedule,
    due: Jst,
    (times, why): (usize, Over),
    last_look: Option<Jst>,
) -> Result<Ticked, Problem> {
    let job = schedule.job;
    let now = cx.clock.now();
    let code = match why {
        Over::NobodyLooked => "run-work-missed",
        Over::Late => "run-work-skipped",
        Over::Waited => "run-work-waited-out",
    };
    let problem = Problem::new(code, Kind::StepFailed)
        .with(Fact::open("job", job))
        .with(Fact::open("due", show(&due)))
        .with(Fact::open("until", show(&schedule.last_start(due))))
        .with(Fact::open("now", show(&now)))
        .with(Fact::open("times", times))
        .with(Fact::open("looked", last_look.as_ref().map_or_else(|| "never".to_owned(), show)));
    let missed =
        LedgerEvent::WorkMissed { job: job.name().to_owned(), due, problem: problem.clone() };
    match cx.ledger.append(missed).await {
        Ok(_) => tell(cx, job, "missed", due, &problem, None).await,
        // Another look was quicker.
        Err(JournalError::Work { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let mut result = ticked(job, due, Outcome::Missed);
    result.problem = Some(problem);
    Ok(result)
}

fn ticked(job: Job, due: Jst, outcome: Outcome) -> Ticked {
    Ticked { job, due, outcome, problem: None, command: None }
}

/// The job's lock; `None` where another process holds it.
fn take_lock(cx: &Tick, job: Job) -> Result<Option<Lock>, JournalError> {
    match Lock::take(&cx.work.path().join(format!("{job}.lock"))) {
        Ok(lock) => Ok(Some(lock)),
        Err(JournalError::Locked { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A mail that cannot be spooled is no reason to leave work undone.
async fn tell(cx: &Tick, job: Job, what: &str, due: Jst, problem: &Problem, command: Option<&str>) {
    let told = Told { job: job.name(), what, due, problem, command };
    let _ = action::tell(&cx.clinic, &cx.clock, &cx.work, &told).await;
}

fn clinic_argument(path: &Path) -> String {
    format!("--clinic {}", path.display())
}

fn release_command(cx: &Tick, job: Job) -> String {
    let clinic = clinic_argument(&cx.clinic_path);
    format!("orca-cutover schedule release {job} --as PERSON --reason REASON {clinic}")
}

fn resume_command(cx: &Tick) -> String {
    format!("orca-cutover run --resume {}", clinic_argument(&cx.clinic_path))
}

/// The command that gives the approval that is missed: of a plan that was saved already, or of
/// one that has to be saved first.
async fn approve_command(cx: &Tick, problem: &Problem) -> Option<String> {
    if problem.kind != Kind::ConfirmationNeeded {
        return None;
    }
    let clinic = clinic_argument(&cx.clinic_path);
    let digest = problem.facts.iter().find(|fact| fact.name == "digest")?.value.clone();
    let short: String = digest.chars().take(12).collect();
    let saved = cx.ledger.now().await.ok()?.plans.contains_key(&digest.as_str().into());
    let approve = format!("orca-cutover approve {short} --as PERSON {clinic}");
    if saved {
        return Some(approve);
    }
    let playbook =
        cx.playbook.as_ref().map_or_else(|| "PLAYBOOK".into(), |p| p.display().to_string());
    Some(format!("orca-cutover plan {playbook} {clinic} --save && {approve}"))
}
