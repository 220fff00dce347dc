//! `run`: carries an approved plan out, goes on with a run, or takes back what it closed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Notify;

use super::args::RunArgs;
use super::live::Live;
use super::operator::operator;
use super::{confirm, files, output::Output, plan};
use crate::action::{self, RealHands, WorkDir};
use crate::diag::{Fact, Kind, Problem};
use crate::journal::Outcome;
use crate::plan::{Plan, SavedPlan, Verdict};
use crate::playbook::CheckedPlaybook;
use crate::report;
use crate::run::{self, RunEnd, RunRequest, SavedFile, gate};
use crate::t;

pub(super) async fn run(args: &RunArgs, output: &Output) -> Result<u8, Problem> {
    let operator = operator(args.operator.as_deref())?;
    let clinic = files::clinic(&args.clinic, output)?;
    let work = WorkDir::of(&clinic);
    let again = args.resume || args.rollback;
    if !again {
        run::refuse_second_run(&work).await?;
    }
    let path = match &args.playbook {
        Some(path) => std::path::absolute(path).unwrap_or_else(|_| path.clone()),
        None => run::gate::load_run(&work)?.playbook,
    };
    let playbook = files::playbook(&path, &args.clinic, output)?;
    let plan = if again {
        resumed_plan(&playbook, &work, args).await?
    } else {
        new_plan(&playbook, &path, args, output).await?
    };
    // Only now: a run that was refused leaves nothing behind.
    let work = WorkDir::open(&clinic)?;
    let request = RunRequest {
        approved: plan.approved(),
        stop: stop_on_signal(),
        saved: Some(SavedFile::of_run(&work, &plan)),
        clock: files::clock(&playbook.clinic),
        playbook,
        plan: plan.plan.digest.clone(),
        work,
        operator,
        by_person: true,
        leave_at_waits: args.leave_at_waits,
        hands: Arc::new(RealHands),
    };
    let mode = match (args.resume, args.rollback) {
        (true, _) => Mode::Resume,
        (_, true) => Mode::Rollback { force: args.force },
        _ => Mode::New,
    };
    let end = carry_out(&request, &plan.plan, mode, output).await?;
    let status = finish(&request, &plan.plan, &end, output).await?;
    if args.rollback {
        // What was asked for is that the clinic's server works again.
        return Ok(if end.source_closed { Kind::StepFailed.exit_code() } else { 0 });
    }
    Ok(status)
}

/// Ctrl-C, SIGTERM and a lost terminal stop the run in good order.
pub(super) fn stop_on_signal() -> Arc<Notify> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = Arc::new(Notify::new());
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let stop = stop.clone();
        if let Ok(mut signals) = signal(kind) {
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    stop.notify_one();
                }
            });
        }
    }
    stop
}

/// The plan as the world is now, if a person has said yes to it.
async fn new_plan(
    playbook: &CheckedPlaybook,
    path: &Path,
    args: &RunArgs,
    output: &Output,
) -> Result<SavedPlan, Problem> {
    let clock = files::clock(&playbook.clinic);
    let saved = run::prepare(playbook, (path, &args.clinic), &clock, false).await?;
    let digest = &saved.plan.digest;
    let refused = match (&args.approve, &args.person) {
        (Some(read), _) if read != digest.as_str() => Some(
            Problem::new("run-plan-moved", Kind::ConfirmationNeeded)
                .with(Fact::open("approved", read))
                .with(Fact::open("digest", digest)),
        ),
        (Some(_), Some(person)) => {
            // A plan that may not be carried out is not saved either.
            if saved.plan.verdict() == Verdict::Block {
                plan::show(&saved.plan, None, output)?;
                plan::refuse_blocked(&saved.plan, output)?;
            }
            confirm::clinic(&saved.plan, args.clinic_name.as_deref(), output)?;
            let work = WorkDir::open(&playbook.clinic)?;
            let ledger = action::open_ledger(&work, &clock).await?;
            gate::save(&work, &ledger, &saved, person).await?;
            gate::approve(&playbook.clinic, &ledger, &saved, &saved.snapshot, person).await.err()
        }
        _ => {
            let work = WorkDir::of(&playbook.clinic);
            let ledger = action::read_ledger(&work, &clock).await?;
            gate::gate(&work, &ledger, &saved).err()
        }
    };
    if refused.is_some() || saved.plan.verdict() == Verdict::Block {
        let work = WorkDir::of(&playbook.clinic);
        let ledger = action::read_ledger(&work, &clock).await?;
        plan::show(&saved.plan, ledger.plans.get(&saved.plan.digest), output)?;
    }
    plan::refuse_blocked(&saved.plan, output)?;
    // A plan may be read with gaps; it is not carried out with them.
    match refused.or_else(|| saved.plan.facts.problems.first().cloned()) {
        Some(problem) => Err(problem),
        None => Ok(saved),
    }
}

/// The plan of the run that is taken up. The world has moved since: only what the approval is
/// bound to is held against it.
async fn resumed_plan(
    playbook: &CheckedPlaybook,
    work: &WorkDir,
    args: &RunArgs,
) -> Result<SavedPlan, Problem> {
    let clock = files::clock(&playbook.clinic);
    let taken = run::gate::load_run(work)?;
    if args.rollback {
        // Opening the clinic's own server again must not wait for an approval.
        return Ok(taken);
    }
    run::taken_up(playbook, work, &clock, taken).await
}

/// How a run is entered.
#[derive(Clone, Copy)]
pub(super) enum Mode {
    New,
    Resume,
    Rollback { force: bool },
}

/// Runs with the live view on standard error.
pub(super) async fn carry_out(
    request: &RunRequest,
    plan: &Plan,
    mode: Mode,
    output: &Output,
) -> Result<RunEnd, Problem> {
    let live = Live::start(plan, output);
    let end = match mode {
        Mode::New => run::start(request, live.observer()).await,
        Mode::Resume => run::resume(request, live.observer()).await,
        Mode::Rollback { force } => run::take_back(request, live.observer(), force).await,
    };
    live.stop().await;
    end
}

/// Writes the reports, shows the result, and gives the exit status.
pub(super) async fn finish(
    request: &RunRequest,
    plan: &Plan,
    end: &RunEnd,
    output: &Output,
) -> Result<u8, Problem> {
    let store = request.work.store(false).await?;
    let records = store.load(&end.run).await?;
    let now = Some(request.clock.now());
    let mut view = report::RunView::new(plan, &records, now)?;
    view.learn_mails(&action::settled_mails(&request.work).await, now);
    // The run's result is told even where the journal says nothing of its plan.
    let ledger = action::read_ledger(&request.work, &request.clock).await.unwrap_or_default();
    let entry = ledger.plans.get(&plan.digest);
    let mut written = Vec::new();
    for lang in [crate::i18n::Lang::Ja, crate::i18n::Lang::En] {
        for (name, html) in [
            ("plan", report::html::plan(plan, entry, lang)),
            ("report", report::html::report(&view, plan, lang)),
        ] {
            let path = request.work.report(&format!("{name}.{}.html", lang.tag()));
            files::write(&path, html.as_bytes())?;
            written.push(path);
        }
    }
    written.extend(request.work.journal().file().map(PathBuf::from));
    written.extend(
        view.files
            .iter()
            .filter(|file| file.sha256.is_some() && file.sealed_as.is_none())
            .map(|file| PathBuf::from(&file.path)),
    );
    let status = output.status(exit_status(end), show(&view, &written, output));
    for problem in [&end.mail_problem, &end.unsealed].into_iter().flatten() {
        output.explain(problem);
    }
    status
}

fn show(view: &report::RunView, written: &[PathBuf], output: &Output) -> Result<(), Problem> {
    if output.json {
        return output.json(&serde_json::json!({ "run": view, "written": written }));
    }
    output.data(&report::terminal::report(view, output.lang, output.colour, output.width))?;
    output.data(&t!(output.lang, "cli-written"))?;
    written.iter().try_for_each(|path| output.data(&format!("  {}", path.display())))
}

fn exit_status(end: &RunEnd) -> u8 {
    match end.outcome {
        Outcome::Done | Outcome::Waiting if end.mail_unsent => Kind::MailUndelivered.exit_code(),
        Outcome::Done | Outcome::Waiting => {
            end.unsealed.as_ref().map_or(0, |problem| problem.kind.exit_code())
        }
        Outcome::InDoubt => Kind::InDoubt.exit_code(),
        Outcome::Failed => match end.problem.as_ref().map(|problem| problem.kind) {
            // These two say that nothing was changed.
            Some(Kind::Blocked | Kind::ConfirmationNeeded) if end.changed => {
                Kind::StepFailed.exit_code()
            }
            kind => kind.unwrap_or(Kind::StepFailed).exit_code(),
        },
    }
}
