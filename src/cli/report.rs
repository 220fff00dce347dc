//! `report`: the report of the latest run.

use super::args::ReportArgs;
use super::{files, output::Output, status};
use crate::diag::Problem;
use crate::report;

pub(super) async fn report(args: &ReportArgs, output: &Output) -> Result<u8, Problem> {
    let (view, plan) = status::latest(&args.clinic, output).await?;
    if let Some(path) = &args.html {
        files::write(path, report::html::report(&view, &plan, output.lang).as_bytes())?;
    }
    if output.json {
        output.json(&view)?;
    } else {
        output.data(&report::terminal::report(&view, output.lang, output.colour, output.width))?;
    }
    Ok(0)
}
