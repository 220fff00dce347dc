//! `plan`: shows what will happen, when, and whether it may.

use super::args::PlanArgs;
use super::operator::operator;
use super::{files, output::Output, plan_files};
use crate::action::{self, WorkDir};
use crate::diag::{Fact, Kind, Problem};
use crate::journal::ledger::PlanEntry;
use crate::plan::{Plan, Verdict};
use crate::run::{self, gate};
use crate::{report, t};

pub(super) async fn plan(args: &PlanArgs, output: &Output) -> Result<u8, Problem> {
    let by = if args.save { Some(operator(args.operator.as_deref())?) } else { None };
    let paths = (args.files.playbook.as_path(), args.files.clinic.as_path());
    let playbook = files::playbook(paths.0, paths.1, output)?;
    let clock = files::clock(&playbook.clinic);
    let saved = run::prepare(&playbook, paths, &clock, args.offline).await?;
    let plan = &saved.plan;
    if let Some(by) = by {
        let work = WorkDir::open(&playbook.clinic)?;
        let ledger = action::open_ledger(&work, &clock).await?;
        let file = gate::save(&work, &ledger, &saved, &by).await?;
        output.talk(&format!("{} {}", t!(output.lang, "cli-written"), file.display()));
    }
    let work = WorkDir::of(&playbook.clinic);
    let ledger = action::read_ledger(&work, &clock).await?;
    let entry = ledger.plans.get(&plan.digest);
    plan_files::write(args, plan, entry, ledger.seq, output)?;
    show(plan, entry, output)?;
    Ok(if plan.verdict() == Verdict::Block { Kind::Blocked.exit_code() } else { 0 })
}

/// The plan on standard output, and what could not be found out on standard error.
pub(super) fn show(plan: &Plan, entry: Option<&PlanEntry>, output: &Output) -> Result<(), Problem> {
    if output.json {
        output.json(plan)?;
    } else {
        let (lang, colour, width) = (output.lang, output.colour, output.width);
        output.data(&report::terminal::plan(plan, entry, lang, colour, width))?;
    }
    for problem in &plan.facts.problems {
        output.explain(problem);
    }
    Ok(())
}

/// Stops where a criterion of the plan does not hold.
pub(super) fn refuse_blocked(plan: &Plan, output: &Output) -> Result<(), Problem> {
    let blocking: Vec<_> =
        plan.checks.iter().filter(|check| check.verdict == Verdict::Block).collect();
    if blocking.is_empty() {
        return Ok(());
    }
    for check in &blocking {
        output.talk(&format!(
            "BLOCK  {}: {}",
            check.criterion(output.lang),
            check.measured(output.lang)
        ));
        if let Some(hint) = check.hint(output.lang) {
            output.talk(&format!("       {hint}"));
        }
    }
    Err(Problem::new("run-plan-blocked", Kind::Blocked).with(Fact::open("count", blocking.len())))
}
