//! `resolve`: a person says whether a step in doubt took effect.

use super::args::{ResolveArgs, Settled};
use super::operator::operator;
use super::{files, output::Output};
use crate::action::WorkDir;
use crate::diag::Problem;
use crate::ids::StepId;
use crate::journal::Journal;
use crate::run::{self, Hold};
use crate::t;

pub(super) async fn resolve(args: &ResolveArgs, output: &Output) -> Result<u8, Problem> {
    let clinic = files::clinic(&args.clinic.clinic, output)?;
    let work = WorkDir::of(&clinic);
    let step = StepId(args.step.clone());
    let by = operator(Some(&args.by))?;
    let done = args.settled == Settled::Done;
    let hold = Hold::take(&work, &clinic, &by, false).await?;
    let store = hold.store();
    hold.during(async {
        let run = run::latest(store.as_ref(), &work).await?;
        let journal = Journal::take_up(store, files::clock(&clinic), run, None).await?;
        run::settle(&journal, &step, done, &by, &args.reason).await
    })
    .await?;
    if output.json {
        output.json(&serde_json::json!({ "step": step, "done": done, "by": by }))?;
    } else {
        output.data(&t!(output.lang, "cli-settled", step = step))?;
    }
    Ok(0)
}
