//! The row about the compression's level.

use super::{CheckInputs, check};
use crate::ids::show_bytes;
use crate::plan::model::{Check, EvidenceKind, Verdict};
use crate::plan::{estimate, level as levels};
use crate::playbook::{Level, Step, StepAction};

/// The level of dumps with `level: auto`, with what it rests on. Told, not judged: each level
/// makes a good archive.
pub(super) fn row(inputs: &CheckInputs<'_>, checks: &mut Vec<Check>) {
    let mut steps = inputs.playbook.phases.iter().flat_map(|phase| &phase.steps);
    let auto = |step: &Step| matches!(step.action, StepAction::Dump { level: Level::Auto, .. });
    if !steps.any(|step| step.applies && auto(step)) {
        return;
    }
    let upload = inputs.facts.upload;
    let cores = inputs.facts.cores;
    let chosen = levels::level_for(upload, cores);
    let mut row = check("plan-level", Verdict::Ok, chosen.to_string())
        .with("level", chosen)
        .with("usual", levels::USUAL_LEVEL)
        .with(
            "from",
            match upload {
                Some(rate) if rate.measured => "measured",
                Some(_) => "stated",
                None => "unknown",
            },
        );
    if let Some(rate) = upload {
        let table_bytes = estimate::table_bytes(inputs.database_bytes);
        let upload = rate.bytes_per_sec;
        let secs = |level| levels::seconds(level, table_bytes, upload, cores).unwrap_or(0);
        let (own, usual) = (secs(chosen), secs(levels::USUAL_LEVEL));
        // Both in the same unit, so that they can be compared at a glance.
        let in_minutes = usual >= 120;
        let length = |secs: u64| if in_minutes { secs.saturating_add(30) / 60 } else { secs };
        row = row
            .with("rate", show_bytes(rate.bytes_per_sec))
            .with("unit", if in_minutes { "min" } else { "s" })
            .with("length", length(own))
            .with("usual_length", length(usual));
    }
    let from_journal = upload.is_some_and(|rate| rate.measured);
    checks.push(
        row.by(if from_journal { EvidenceKind::Journal } else { EvidenceKind::ClinicFile }, None),
    );
}
