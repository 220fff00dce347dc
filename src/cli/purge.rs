//! `purge`: shows which patient data lies where and until when, and removes what is due.

use std::path::PathBuf;

use clap::Args;

use super::args::{ClinicArg, filled};
use super::operator::operator;
use super::{files, output::Output};
use crate::action::{self, PurgeOrder, WorkDir};
use crate::diag::Problem;
use crate::run::Lock;
use crate::t;

#[derive(Clone, Debug, Args)]
pub(super) struct PurgeArgs {
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
    /// Only show what is due, what stays, and why / 表示のみ（何も削除しない）
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Also what is not due yet, files that nobody registered, and databases that no run needs
    #[arg(long, requires = "by", requires = "reason")]
    pub(super) all: bool,
    /// Who decides that, with --all / --all の判断者の氏名
    #[arg(long, value_name = "NAME", env = "ORCA_CUTOVER_OPERATOR")]
    pub(super) by: Option<String>,
    /// Why, with --all / --all の理由
    #[arg(long, value_name = "TEXT", requires = "all", value_parser = filled)]
    pub(super) reason: Option<String>,
}

pub(super) async fn purge(args: &PurgeArgs, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    let clock = files::clock(&clinic);
    let work = WorkDir::of(&clinic);
    // Nothing is made by asking.
    let lock = match work.path().exists() {
        true if args.dry_run && !work.lock().exists() => None,
        true if args.dry_run => Lock::take(&work.lock()).ok(),
        true => Some(Lock::take(&work.lock())?),
        false => None,
    };
    let by = match args.dry_run {
        true => args.by.clone().unwrap_or_default(),
        false => operator(args.by.as_deref())?,
    };
    let order = PurgeOrder {
        by,
        all: args.reason.clone().filter(|_| args.all),
        dry_run: args.dry_run,
        alone: lock.is_some(),
    };
    let purge = action::purge(&clinic, &clock, &work, &order).await?;
    if output.json {
        output.json(&purge)?;
    } else {
        let lines = purge.lines(&clock, output.lang);
        if lines.is_empty() {
            output.data(&t!(output.lang, "purge-nothing"))?;
        }
        lines.iter().try_for_each(|line| output.data(line))?;
    }
    if let Some(path) = &purge.report {
        let path: &PathBuf = path;
        output.talk(&format!("{} {}", t!(output.lang, "cli-written"), path.display()));
    }
    for problem in purge.problems() {
        output.explain(problem);
    }
    Ok(purge.problems().first().map_or(0, |problem| problem.kind.exit_code()))
}
