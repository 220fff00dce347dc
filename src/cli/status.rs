//! `status`: where the latest run stands.

use super::args::ClinicArg;
use super::{files, output::Output};
use crate::action::WorkDir;
use crate::diag::Problem;
use crate::journal::store::{SqliteStore, Store};
use crate::plan::Plan;
use crate::report::{self, RunView};
use crate::run;

pub(super) async fn status(args: &ClinicArg, output: &Output) -> Result<u8, Problem> {
    let (view, _) = latest(args, output).await?;
    if output.json {
        output.json(&view)?;
    } else {
        output.data(&report::terminal::status(&view, output.lang, output.colour, output.width))?;
    }
    Ok(0)
}

/// The latest run's view and plan.
pub(super) async fn latest(args: &ClinicArg, output: &Output) -> Result<(RunView, Plan), Problem> {
    let clinic = files::clinic(&args.clinic, output)?;
    let work = WorkDir::at(&clinic.work_dir);
    let store = SqliteStore::open(&work.journal(), false).await?;
    let run = run::latest(&store, &work).await?;
    let records = store.load(&run).await?;
    let plan = files::load_run_file(&work)?.plan;
    let view = RunView::new(&plan, &records, Some(files::clock(&clinic).now()))?;
    Ok((view, plan))
}
