//! Reads what people wrote, and what an earlier command left for a later one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::output::Output;
use crate::action::{self, WorkDir};
use crate::clock::Clock;
use crate::diag::{Fact, Findings, Kind, Problem, SourceText};
use crate::plan::SavedPlan;
use crate::playbook::{self, CheckedPlaybook, Clinic};
use crate::run::{self, SavedFile};

pub(super) fn source_text(path: &Path) -> Result<SourceText, Problem> {
    let text = action::read_text(path)?;
    Ok(SourceText { name: path.display().to_string(), text: text.into() })
}

/// Both files, checked; findings are shown here.
pub(super) fn playbook(
    playbook: &Path,
    clinic: &Path,
    output: &Output,
) -> Result<Arc<CheckedPlaybook>, Problem> {
    let mut checked = playbook::load(&source_text(playbook)?, &source_text(clinic)?)
        .map_err(|findings| refused(&findings, output))?;
    playbook::resolve_paths(&mut checked.clinic, &folder_of(clinic));
    Ok(Arc::new(checked))
}

pub(super) fn clinic(path: &Path, output: &Output) -> Result<Clinic, Problem> {
    let mut clinic = playbook::load_clinic(&source_text(path)?)
        .map_err(|findings| refused(&findings, output))?;
    playbook::resolve_paths(&mut clinic, &folder_of(path));
    Ok(clinic)
}

fn refused(findings: &Findings, output: &Output) -> Problem {
    output.findings(findings);
    Problem::new("cli-findings", Kind::Input).with(Fact::open("count", findings.0.len()))
}

fn folder_of(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.parent().map(Path::to_owned).unwrap_or_default()
}

pub(super) fn clock(clinic: &Clinic) -> Clock {
    match &clinic.rehearsal_clock {
        Some(path) => Clock::Rehearsal(path.clone()),
        None => Clock::System,
    }
}

/// The file that the run writes once it may go on.
pub(super) fn run_file(work: &WorkDir, saved: &SavedPlan) -> SavedFile {
    let bytes = serde_json::to_vec_pretty(saved).unwrap_or_default();
    SavedFile { path: work.report("run.json"), bytes }
}

/// The plan of the latest run.
pub(super) fn load_run_file(work: &WorkDir) -> Result<SavedPlan, Problem> {
    run::gate::load(&work.report("run.json"))
}

/// Writes a file for people: temporary name, then renamed; readable by its owner only, since a
/// report names patients' files and the clinic's people.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    action::write_private(path, bytes).map_err(|error| {
        Problem::new("cli-unwritable", Kind::Environment)
            .with(Fact::local("path", path.display()))
            .with(Fact::local("reason", error))
    })
}
