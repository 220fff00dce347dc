//! The files that `plan` and `revoke` write for people.

use std::path::{Path, PathBuf};

use super::args::PlanArgs;
use super::{files, output::Output};
use crate::action::WorkDir;
use crate::diag::{Fact, Kind, Problem};
use crate::journal::ledger::PlanEntry;
use crate::plan::Plan;
use crate::report;
use crate::t;

/// Every file that was asked for. `sequence` is the number of the journal's last record: a file
/// that is written later moves the calendar entries of an earlier one.
pub(super) fn write(
    args: &PlanArgs,
    plan: &Plan,
    entry: Option<&PlanEntry>,
    sequence: u64,
    output: &Output,
) -> Result<(), Problem> {
    let lang = output.lang;
    if let Some(path) = &args.html {
        file(path, report::html::plan(plan, entry, lang).as_bytes(), output)?;
    }
    if let Some(path) = &args.md {
        file(path, report::markdown::plan(plan, entry, lang).as_bytes(), output)?;
    }
    if let Some(path) = &args.xlsx {
        let book = report::xlsx::plan(plan, entry, lang).map_err(|error| {
            Problem::new("cli-unwritable", Kind::Internal)
                .with(Fact::local("path", path.display()))
                .with(Fact::local("reason", error))
        })?;
        file(path, &book, output)?;
    }
    if let Some(path) = &args.ics {
        file(path, report::ical::publish(plan, sequence, lang).as_bytes(), output)?;
    }
    Ok(())
}

/// The plan's calendar entries called off, in the work folder.
pub(super) fn write_cancelled(
    work: &WorkDir,
    plan: &Plan,
    sequence: u64,
    output: &Output,
) -> Result<PathBuf, Problem> {
    let path = work.report("cancelled.ics");
    file(&path, report::ical::cancel(plan, sequence, output.lang).as_bytes(), output)?;
    Ok(path)
}

fn file(path: &Path, bytes: &[u8], output: &Output) -> Result<(), Problem> {
    files::write(path, bytes)?;
    output.talk(&format!("{} {}", t!(output.lang, "cli-written"), path.display()));
    Ok(())
}
