//! `status`: where the latest run, approvals and scheduled work stand.

use super::args::ClinicArg;
use super::{files, output::Output};
use crate::action::{self, WorkDir};
use crate::diag::{Kind, Problem};
use crate::journal::lease::Lease;
use crate::journal::{JournalError, fold};
use crate::plan::Plan;
use crate::report::{self, RunView};
use crate::run;
use crate::schedule;

pub(super) async fn status(args: &ClinicArg, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic, output)?;
    let (clock, work) = (files::clock(&clinic), WorkDir::of(&clinic));
    let standing = schedule::standing(&clinic, &clock, &work).await?;
    let began = has_run(&work).await?;
    let planned = standing.plan.is_some() || standing.last_look.is_some();
    if !began && !planned {
        return Err(JournalError::NoRun { path: work.journal().to_string() }.into());
    }
    let drift = drift(&standing, args, &clock, &work, output).await;
    let run = if began { Some(latest(args, output).await?.0) } else { None };
    if output.json {
        let mut shown = serde_json::to_value(&run).unwrap_or_default();
        if !shown.is_object() {
            shown = serde_json::json!({});
        }
        if let Some(map) = shown.as_object_mut() {
            map.insert("standing".to_owned(), serde_json::to_value(&standing).unwrap_or_default());
        }
        output.json(&shown)?;
    } else {
        let (lang, colour, width) = (output.lang, output.colour, output.width);
        let told = report::terminal::standing(&standing, lang, clock.is_rehearsal(), colour, width);
        // What waits for a person comes first, whatever a run says of itself.
        if standing.waits() {
            output.data(&told)?;
        }
        if let Some(view) = &run {
            output.data(&report::terminal::status(view, lang, colour, width))?;
        }
        if !standing.waits() {
            output.data(&told)?;
        }
    }
    if let Some(problem) = drift {
        output.explain(&problem);
    }
    // Mail that does not arrive is told here, because it cannot be told by mail.
    Ok(if standing.mails.any() { Kind::MailUndelivered.exit_code() } else { 0 })
}

/// What has moved since the plan was approved; a night should not be the first to tell.
async fn drift(
    standing: &report::Standing,
    args: &ClinicArg,
    clock: &crate::clock::Clock,
    work: &WorkDir,
    output: &Output,
) -> Option<Problem> {
    let plan = standing.plan.as_ref().filter(|plan| plan.entry.approval.is_some())?;
    let saved = run::gate::load(&run::plan_file(work, &plan.digest)).ok()?;
    let playbook = files::playbook(&saved.playbook, &args.clinic, output).ok()?;
    run::gate::drift(&playbook, &saved, clock).await.unwrap_or_else(Some)
}

async fn has_run(work: &WorkDir) -> Result<bool, Problem> {
    if !work.journal().may_exist() {
        return Ok(false);
    }
    let store = work.store(false).await?;
    let any = !store.runs().await?.is_empty();
    store.close().await;
    Ok(any)
}

/// The latest run's view and plan.
pub(super) async fn latest(args: &ClinicArg, output: &Output) -> Result<(RunView, Plan), Problem> {
    let clinic = files::clinic(&args.clinic, output)?;
    let work = WorkDir::of(&clinic);
    let store = work.store(false).await?;
    let run = run::latest(store.as_ref(), &work).await?;
    // Asked before the records are read: a process that ends between has its end among them.
    let is_held = Lease::is_held(store.as_ref()).await?;
    let records = store.load(&run).await?;
    store.close().await;
    let plan = run::gate::load_run(&work)?.plan;
    let now = Some(files::clock(&clinic).now());
    let mut view = RunView::new(&plan, &records, now)?;
    view.learn_mails(&action::settled_mails(&work).await, now);
    if let (false, Some(state)) = (is_held, fold(&records)?) {
        view.learn_interrupted(run::clinic_state(&state, false), now);
    }
    Ok((view, plan))
}
