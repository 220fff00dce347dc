//! `check`: reads both files and says what is wrong with them.

use super::args::Files;
use super::{files, output::Output};
use crate::diag::Problem;
use crate::t;

pub(super) async fn check(args: &Files, output: &Output) -> Result<u8, Problem> {
    let playbook = files::playbook(&args.playbook, &args.clinic, output)?;
    let clock = files::clock(&playbook.clinic);
    crate::action::load_maintenance(&playbook.clinic, &clock).await?;
    let steps: usize = playbook.phases.iter().map(|phase| phase.steps.len()).sum();
    if output.json {
        output.json(&serde_json::json!({
            "findings": [], "phases": playbook.phases.len(), "steps": steps,
        }))?;
    } else {
        output.data(&t!(
            output.lang,
            "cli-check-ok",
            phases = playbook.phases.len(),
            steps = steps
        ))?;
    }
    Ok(0)
}
