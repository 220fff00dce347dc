//! What each kind of work does, and what must be in order before it begins.

use std::path::PathBuf;
use std::sync::Arc;

use super::calendar::{read_calendar, tell_news};
use super::tick::Tick;
use crate::action::{self, Fate, PurgeOrder};
use crate::diag::{Fact, Kind, Problem};
use crate::journal::lease::Lease;
use crate::journal::{JournalError, Outcome, RunStatus, State};
use crate::plan::{SavedPlan, Verdict};
use crate::playbook::{CheckedPlaybook, Job};
use crate::run::{self, RunEnd, RunRequest, SavedFile, gate};

/// How work ended.
pub(super) enum Ended {
    /// As it should.
    Done,
    /// It failed; true where it told so itself.
    Failed(Problem, bool),
}

/// What must be in order before work begins; nothing is changed.
///
/// # Errors
/// What it waits for.
pub(super) async fn may_start(cx: &Tick, job: Job) -> Result<(), Problem> {
    if job.is_run() && is_carried(cx).await? {
        return Ok(());
    }
    match job {
        Job::TestImport => match run::latest_state(&cx.work).await? {
            // A run that got further than this has nothing left to begin.
            Some(state) if is_waiting(&state) => Ok(()),
            Some(state) if is_interrupted(&state) => resumable(cx).await.map(drop),
            _ => approved(cx).await.map(drop),
        },
        Job::Cutover => {
            let (playbook, _) = resumable(cx).await?;
            let maintenance = action::known_maintenance(&cx.clinic, &cx.ledger.now().await?)?;
            match run::latest_state(&cx.work).await? {
                // Waiting for a reading of the announcements costs nothing; a run that fails for
                // the lack of one would have to be taken up by hand.
                Some(state) if is_waiting(&state) => {
                    action::may_cut_over(&playbook, &maintenance, &state, cx.clock.now())
                }
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Does the work.
///
/// # Errors
/// Where it could not be done; what is told to people is in it.
pub(super) async fn carry_out(cx: &Tick, job: Job) -> Result<Ended, Problem> {
    if job.is_run() && is_carried(cx).await? {
        return Ok(Ended::Done);
    }
    match job {
        Job::Preflight => preflight(cx).await,
        Job::PortalProbe => portal(cx).await,
        Job::Calendar => {
            let news = read_calendar(cx).await;
            tell_news(cx, &news).await;
            match (news.problem, news.revoked.into_iter().next()) {
                (Some(problem), _) => Ok(Ended::Failed(problem, false)),
                // It was read; what it says now is told already.
                (None, Some((_, problem))) => Ok(Ended::Failed(problem, true)),
                (None, None) => Ok(Ended::Done),
            }
        }
        Job::TestImport => match run::latest_state(&cx.work).await? {
            Some(state) if is_waiting(&state) => Ok(Ended::Done),
            Some(state) if is_interrupted(&state) => resume(cx).await,
            _ => begin(cx).await,
        },
        Job::Cutover => resume(cx).await,
        Job::MailRetry => mails(cx).await,
        Job::Purge => purge(cx).await,
    }
}

/// Looks at server, site, mail and calendar as a plan does; what blocks is told the night before
/// it matters.
async fn preflight(cx: &Tick) -> Result<Ended, Problem> {
    // While a run has the server in hand, and once the clinic is in the cloud, there is nothing
    // to look at that could still be mended.
    if is_carried(cx).await?
        || run::latest_state(&cx.work).await?.as_ref().is_some_and(run::past_no_return)
    {
        return Ok(Ended::Done);
    }
    let playbook = load(cx).await?;
    let paths = (playbook_path(cx).await?, cx.clinic_path.clone());
    let saved = run::prepare(&playbook, (&paths.0, &paths.1), &cx.clock, false).await?;
    if let Some(problem) = saved.plan.facts.problems.first() {
        return Ok(Ended::Failed(problem.clone(), false));
    }
    // Once a run waits for its night, the past test import is no news.
    let began = run::latest_state(&cx.work).await?.is_some();
    let blocking = saved.plan.checks.iter().find(|check| {
        check.verdict == Verdict::Block && !(began && check.code == "calendar-start-past")
    });
    match blocking {
        Some(check) => {
            let code = format!("{}.block", check.code);
            let problem = Problem {
                code: code.into(),
                kind: Kind::Blocked,
                facts: check.facts.clone(),
                detail: None,
            };
            Ok(Ended::Failed(named(problem, &check.code), false))
        }
        None => Ok(Ended::Done),
    }
}

/// A row of the plan as a problem: a calendar rule has its own words for why it blocks, others
/// are told by the criterion that does not hold.
fn named(problem: Problem, code: &str) -> Problem {
    let known = crate::i18n::find(crate::i18n::Lang::En, &problem.code, &[]).is_some();
    if known {
        return problem;
    }
    Problem::new("run-preflight-blocked", Kind::Blocked).with(Fact::open("code", code))
}

async fn portal(cx: &Tick) -> Result<Ended, Problem> {
    // A mail that does not arrive must be known before the night that needs it. It is sent first:
    // trouble with the site is told by mail.
    let mail = action::send_test_mail(&cx.clinic, &cx.clock, &cx.work).await;
    let pages = action::probe_portal(&cx.clinic, &cx.clock).await?;
    if pages.is_empty() {
        return Ok(mail.err().map_or(Ended::Done, |problem| Ended::Failed(problem, true)));
    }
    let problem = Problem::new("run-pages-changed", Kind::NotUnderstood)
        .with(Fact::open("pages", pages.join(", ")));
    Ok(Ended::Failed(problem, false))
}

/// Removes what is due; what only a person may remove is left for the command.
async fn purge(cx: &Tick) -> Result<Ended, Problem> {
    let lock = match run::Lock::take(&cx.work.lock()) {
        Ok(lock) => Some(lock),
        Err(JournalError::Locked { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let by = cx.name.clone();
    let order = PurgeOrder { by, all: None, dry_run: false, alone: lock.is_some() };
    let purge = action::purge(&cx.clinic, &cx.clock, &cx.work, &order).await?;
    // That a server could not be asked about a database is no failure of the removal.
    let failed = purge.files.iter().map(|file| &file.fate);
    let failed = failed.chain(purge.unregistered.iter().map(|file| &file.fate));
    let mut problem = failed.filter_map(|fate| match fate {
        Fate::Failed { problem } => Some(problem.clone()),
        _ => None,
    });
    Ok(problem.next().map_or(Ended::Done, |problem| Ended::Failed(problem, false)))
}

async fn mails(cx: &Tick) -> Result<Ended, Problem> {
    // A mail about mail that does not arrive would not arrive either: `status` and the exit
    // status tell.
    let left = action::deliver_spooled(&cx.clinic, &cx.clock, &cx.work).await?;
    Ok(left.problem().map_or(Ended::Done, |problem| Ended::Failed(problem, true)))
}

/// Starts the approved plan's run; it is left at the wait for the production time.
async fn begin(cx: &Tick) -> Result<Ended, Problem> {
    let (playbook, saved) = approved(cx).await?;
    let request = request(cx, playbook, &saved);
    ended(run::start(&request, &cx.observer).await?)
}

/// Takes the run up where it was left.
async fn resume(cx: &Tick) -> Result<Ended, Problem> {
    let (playbook, saved) = resumable(cx).await?;
    let request = request(cx, playbook, &saved);
    ended(run::resume(&request, &cx.observer).await?)
}

/// A run whose process died and whose time is over does not leave the clinic's server closed until
/// somebody looks. Nothing is sent any more: where nothing was imported, what was closed is opened
/// again; else the run looks what came of its import. `None` where nothing is closed, or somebody
/// carries the run.
///
/// # Errors
/// Where that could not be done.
pub(super) async fn end_interrupted(cx: &Tick) -> Result<Option<Ended>, Problem> {
    let Some(state) = run::latest_state(&cx.work).await? else { return Ok(None) };
    let left_closed = is_interrupted(&state) && run::source_is_closed(&state);
    if !left_closed || !matches!(is_carried(cx).await, Ok(false)) {
        return Ok(None);
    }
    if run::past_no_return(&state) {
        return resume(cx).await.map(Some);
    }
    // An approval that was revoked, a plan that has moved: no reason to leave it closed.
    let saved = gate::load_run(&cx.work)?;
    let request = request(cx, checked(cx, &saved.playbook)?, &saved);
    ended(run::take_back(&request, &cx.observer, false).await?).map(Some)
}

fn ended(end: RunEnd) -> Result<Ended, Problem> {
    match (end.outcome, end.problem) {
        (Outcome::Done | Outcome::Waiting, _) => {
            Ok(end.unsealed.map_or(Ended::Done, |problem| Ended::Failed(problem, false)))
        }
        (_, Some(problem)) => Ok(Ended::Failed(problem, true)),
        (_, None) => Ok(Ended::Failed(Problem::new("run-stopped", Kind::StepFailed), true)),
    }
}

fn request(cx: &Tick, playbook: Arc<CheckedPlaybook>, saved: &SavedPlan) -> RunRequest {
    RunRequest {
        approved: saved.approved(),
        stop: cx.stop.clone(),
        saved: Some(SavedFile::of_run(&cx.work, saved)),
        clock: cx.clock.clone(),
        playbook,
        plan: saved.plan.digest.clone(),
        work: cx.work.clone(),
        operator: cx.name.clone(),
        by_person: false,
        leave_at_waits: true,
        hands: Arc::new(action::RealHands),
    }
}

/// The plan as the world is now, which a person has approved and nothing blocks.
async fn approved(cx: &Tick) -> Result<(Arc<CheckedPlaybook>, SavedPlan), Problem> {
    run::refuse_second_run(&cx.work).await?;
    let ledger = cx.ledger.now().await?;
    let playbook = load(cx).await?;
    let path = playbook_path(cx).await?;
    let saved = run::prepare(&playbook, (&path, &cx.clinic_path), &cx.clock, false).await?;
    // What cannot be reached is tried again at the next look, as long as the window is open.
    if let Some(problem) = saved.plan.facts.problems.first() {
        return Err(problem.clone());
    }
    gate::gate(&cx.work, &ledger, &saved)?;
    let blocks = saved.plan.checks.iter().filter(|check| check.verdict == Verdict::Block);
    // The start that is due now has come: that it lies behind is no reason.
    let blocks: Vec<&str> = blocks
        .map(|check| check.code.as_str())
        .filter(|code| *code != "calendar-start-past")
        .collect();
    match blocks.as_slice() {
        [] => Ok((playbook, saved)),
        codes => Err(Problem::new("run-preflight-blocked", Kind::Blocked)
            .with(Fact::open("code", codes.join(", ")))),
    }
}

/// The plan of the run that waits, still approved as things are today.
async fn resumable(cx: &Tick) -> Result<(Arc<CheckedPlaybook>, SavedPlan), Problem> {
    let Some(state) = run::latest_state(&cx.work).await? else {
        return Err(Problem::new("run-no-test-import", Kind::Blocked));
    };
    if !is_waiting(&state) && !is_interrupted(&state) {
        return Err(Problem::new("run-not-waiting", Kind::Blocked));
    }
    let taken = gate::load_run(&cx.work)?;
    let playbook = checked(cx, &taken.playbook)?;
    let saved = run::taken_up(&playbook, &cx.work, &cx.clock, taken).await?;
    Ok((playbook, saved))
}

/// True where another process carries the run: it waits for the run's times by itself.
///
/// # Errors
/// Where the clinic is held for something else, such as a purge, or by another machine, of whose
/// process nothing is known: the work waits until it is free.
async fn is_carried(cx: &Tick) -> Result<bool, Problem> {
    let path = cx.work.lock().display().to_string();
    match run::Lock::take(&cx.work.lock()) {
        Ok(_) => {}
        Err(JournalError::Locked { .. }) => {
            return match run::latest_state(&cx.work).await?.as_ref().is_some_and(is_interrupted) {
                true => Ok(true),
                false => Err(JournalError::Locked { path }.into()),
            };
        }
        // A lock that cannot even be looked at says nothing about who holds it.
        Err(error) => return Err(error.into()),
    }
    let store = cx.work.store(false).await?;
    let held = Lease::is_held(store.as_ref()).await;
    store.close().await;
    if held? { Err(JournalError::Locked { path }.into()) } else { Ok(false) }
}

fn is_waiting(state: &State) -> bool {
    matches!(state.status, RunStatus::Ended { outcome: Outcome::Waiting, .. })
}

/// Its process died: the journal says that it runs, and nobody holds its lock.
fn is_interrupted(state: &State) -> bool {
    state.status == RunStatus::Running
}

async fn load(cx: &Tick) -> Result<Arc<CheckedPlaybook>, Problem> {
    checked(cx, &playbook_path(cx).await?)
}

/// The playbook that was named, or that of the plan that is approved, or of the one saved last.
async fn playbook_path(cx: &Tick) -> Result<PathBuf, Problem> {
    if let Some(path) = &cx.playbook {
        return Ok(path.clone());
    }
    let ledger = cx.ledger.now().await?;
    let digest = ledger.approved().map(|(digest, _)| digest).or(ledger.newest.as_ref());
    match digest {
        Some(digest) => Ok(gate::load(&run::plan_file(&cx.work, digest))?.playbook),
        None => Err(Problem::new("run-no-plan", Kind::ConfirmationNeeded)),
    }
}

fn checked(cx: &Tick, path: &std::path::Path) -> Result<Arc<CheckedPlaybook>, Problem> {
    run::load_playbook(path, &cx.clinic_path).map_err(|refused| refused.problem())
}
