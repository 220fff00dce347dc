//! Reads what people wrote, and what an earlier command left for a later one.

use std::path::Path;
use std::sync::Arc;

use super::output::Output;
use crate::action;
use crate::clock::Clock;
use crate::diag::{Fact, Findings, Kind, Problem, SourceText};
use crate::disk;
use crate::fault;
use crate::playbook::{self, CheckedPlaybook, Clinic};
use crate::run::{self, NotLoaded};
use crate::t;

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
    let loaded = run::load_playbook(playbook, clinic).map_err(|refused| {
        if let NotLoaded::Wrong(findings) = &refused {
            output.findings(findings);
        }
        refused.problem()
    })?;
    arm(&loaded.clinic, output)?;
    Ok(loaded)
}

pub(super) fn clinic(path: &Path, output: &Output) -> Result<Clinic, Problem> {
    let mut clinic = playbook::load_clinic(&source_text(path)?)
        .map_err(|findings| refused(&findings, output))?;
    playbook::resolve_paths(&mut clinic, &run::folder_of(path));
    arm(&clinic, output)?;
    Ok(clinic)
}

/// Sets the faults that are asked for: for a rehearsal, with a word about it, or not at all.
fn arm(clinic: &Clinic, output: &Output) -> Result<(), Problem> {
    if let Some(faults) = fault::arm(&clock(clinic))? {
        output.talk(&t!(output.lang, "fault-armed", faults = faults));
    }
    Ok(())
}

fn refused(findings: &Findings, output: &Output) -> Problem {
    output.findings(findings);
    Problem::new("cli-findings", Kind::Input).with(Fact::open("count", findings.0.len()))
}

pub(super) fn clock(clinic: &Clinic) -> Clock {
    match &clinic.rehearsal_clock {
        Some(path) => Clock::Rehearsal(path.clone()),
        None => Clock::System,
    }
}

/// Writes a file for people: temporary name, then renamed; readable by its owner only, since a
/// report names patients' files and the clinic's people.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    disk::write_private(path, bytes).map_err(|error| {
        Problem::new("cli-unwritable", Kind::Environment)
            .with(Fact::local("path", path.display()))
            .with(Fact::local("reason", error))
    })
}
