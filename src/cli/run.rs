//! `run`: carries an approved plan out, goes on with a run, or takes back what it closed.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Notify;

use super::args::RunArgs;
use super::files::RunFiles;
use super::live::Live;
use super::{files, output::Output, plan};
use crate::action::WorkDir;
use crate::diag::{Fact, Kind, Problem};
use crate::journal::store::{SqliteStore, Store};
use crate::journal::{Outcome, fold};
use crate::plan::Plan;
use crate::playbook::CheckedPlaybook;
use crate::report;
use crate::run::{self, RunEnd, RunRequest};
use crate::t;

pub(super) async fn run(args: &RunArgs, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic, output)?;
    let work = WorkDir::at(&clinic.work_dir);
    let again = args.resume || args.rollback;
    if !again {
        run::refuse_second_run(&work).await?;
    }
    let path = match &args.playbook {
        Some(path) => std::path::absolute(path).unwrap_or_else(|_| path.clone()),
        None => files::load_run_files(&work)?.playbook,
    };
    let playbook = files::playbook(&path, &args.clinic, output)?;
    let plan = if again {
        resumed_plan(&playbook, &work, args).await?
    } else {
        new_plan(&playbook, args, output).await?
    };
    // Only now: a run that was refused leaves nothing behind.
    let work = WorkDir::open(&clinic.work_dir)?;
    let saved = files::run_files(&work, &RunFiles { playbook: path, plan: plan.clone() });
    let request = RunRequest {
        inputs: crate::action::inputs(&playbook)?,
        stop: stop_on_signal(),
        saved: Some(saved),
        clock: files::clock(&playbook.clinic),
        playbook,
        plan: plan.digest.clone(),
        work,
        operator: args.operator.clone().unwrap_or_else(login_name),
    };
    let mode = match (args.resume, args.rollback) {
        (true, _) => Mode::Resume,
        (_, true) => Mode::Rollback { force: args.force },
        _ => Mode::New,
    };
    let end = carry_out(&request, &plan, mode, output).await?;
    let status = finish(&request, &plan, &end, output).await?;
    if args.rollback {
        // What was asked for is that the clinic's server works again.
        return Ok(if end.source_closed { Kind::StepFailed.exit_code() } else { 0 });
    }
    Ok(status)
}

/// Ctrl-C, SIGTERM and a lost terminal stop the run in good order.
fn stop_on_signal() -> Arc<Notify> {
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

async fn new_plan(
    playbook: &CheckedPlaybook,
    args: &RunArgs,
    output: &Output,
) -> Result<Plan, Problem> {
    let plan = files::make_plan(playbook, false).await?;
    if args.approve.as_deref() != Some(plan.digest.as_str()) {
        plan::show(&plan, output)?;
        plan::refuse_blocked(&plan, output)?;
        let problem = match &args.approve {
            Some(approved) => Problem::new("run-plan-moved", Kind::ConfirmationNeeded)
                .with(Fact::open("approved", approved)),
            None => Problem::new("run-approval-needed", Kind::ConfirmationNeeded),
        };
        return Err(problem.with(Fact::open("digest", &plan.digest)));
    }
    if plan.verdict() == crate::plan::Verdict::Block {
        plan::show(&plan, output)?;
    }
    plan::refuse_blocked(&plan, output)?;
    // A plan may be read with gaps; it is not carried out with them.
    match plan.facts.problems.first() {
        Some(problem) => Err(problem.clone()),
        None => Ok(plan),
    }
}

/// The plan of the run that is taken up. The world has moved since: only what the approval is
/// bound to is held against it.
async fn resumed_plan(
    playbook: &CheckedPlaybook,
    work: &WorkDir,
    args: &RunArgs,
) -> Result<Plan, Problem> {
    let mut plan = files::load_run_files(work)?.plan;
    let store = SqliteStore::open(&work.journal(), false).await?;
    let run = run::latest(&store, work).await?;
    let approved = fold(&store.load(&run).await?)?.map(|state| state.info.plan);
    store.close().await;
    let digest = crate::plan::digest(&crate::action::inputs(playbook)?);
    let agreed = approved.as_ref() == Some(&digest)
        || args.approve.as_deref() == Some(digest.as_str())
        // Opening the clinic's own server again must not wait for an approval.
        || args.rollback;
    if !agreed {
        return Err(Problem::new("run-plan-moved", Kind::ConfirmationNeeded)
            .with(Fact::open("approved", approved.map(|d| d.0).unwrap_or_default()))
            .with(Fact::open("digest", &digest)));
    }
    plan.digest = digest;
    Ok(plan)
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
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&request.work.journal(), false).await?);
    let records = store.load(&end.run).await?;
    let view = report::RunView::new(plan, &records, Some(request.clock.now()))?;
    let mut written = Vec::new();
    for lang in [crate::i18n::Lang::Ja, crate::i18n::Lang::En] {
        for (name, html) in [
            ("plan", report::html::plan(plan, lang)),
            ("report", report::html::report(&view, plan, lang)),
        ] {
            let path = request.work.report(&format!("{name}.{}.html", lang.tag()));
            files::write(&path, html.as_bytes())?;
            written.push(path);
        }
    }
    written.push(request.work.journal());
    written.extend(
        view.files
            .iter()
            .filter(|file| file.sha256.is_some())
            .map(|file| PathBuf::from(&file.path)),
    );
    output.status(exit_status(end), show(&view, &written, output))
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
        Outcome::Done if end.mail_unsent => Kind::MailUndelivered.exit_code(),
        Outcome::Done => 0,
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

fn login_name() -> String {
    ["SUDO_USER", "USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}
