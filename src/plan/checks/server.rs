//! Rows about the clinic's server.

use super::{check, ok_if};
use crate::ids::show_bytes;
use crate::plan::facts::SourceFacts;
use crate::plan::model::{Check, EvidenceKind, Verdict};
use crate::playbook::{CheckedPlaybook, StepAction};

/// The rows; all of them rest on one look at the server.
pub(super) fn rows(playbook: &CheckedPlaybook, source: &SourceFacts) -> Vec<Check> {
    let mut checks = Vec::new();
    server(playbook, source, &mut checks);
    checks.into_iter().map(|check| check.by(EvidenceKind::Server, None)).collect()
}

fn server(playbook: &CheckedPlaybook, source: &SourceFacts, checks: &mut Vec<Check>) {
    let clinic = &playbook.clinic;
    checks.push(check(
        "plan-clinic-id",
        match &source.clinic_id {
            Some(id) => ok_if(*id == clinic.clinic_id, Verdict::Block),
            None => Verdict::Warn,
        },
        source.clinic_id.clone().unwrap_or_default(),
    ));
    let factor = playbook
        .phases
        .iter()
        .flat_map(|phase| &phase.steps)
        .find_map(|step| match &step.action {
            StepAction::SourceProbe { space_factor } => Some(space_factor.0),
            _ => None,
        })
        .unwrap_or(2.5);
    let wanted = (source.database_bytes as f64 * factor) as u64;
    checks.push(
        check(
            "plan-disk-space",
            ok_if(source.free_bytes >= wanted, Verdict::Block),
            format!(
                "{} ≥ {factor} × {}",
                show_bytes(source.free_bytes),
                show_bytes(source.database_bytes)
            ),
        )
        .with("free", show_bytes(source.free_bytes))
        .with("wanted", show_bytes(wanted))
        .with("database", show_bytes(source.database_bytes))
        .with("factor", factor),
    );
    checks.push(check(
        "plan-source-encoding",
        ok_if(matches!(source.encoding.as_str(), "EUC_JP" | "UTF8"), Verdict::Block),
        source.encoding.clone(),
    ));
    beside(source, checks);
}

/// Databases that will be made beside the clinic's: a free name, and room on the server's disk.
fn beside(source: &SourceFacts, checks: &mut Vec<Check>) {
    for made in &source.beside {
        checks.push(
            check("plan-database-name", ok_if(!made.exists, Verdict::Block), made.database.clone())
                .with("database", &made.database),
        );
        let Some((free, wanted)) = made.room else {
            checks.push(check("plan-database-room", Verdict::Block, ""));
            continue;
        };
        checks.push(
            check(
                "plan-database-room",
                ok_if(free >= wanted, Verdict::Block),
                format!("{} ≥ {}", show_bytes(free), show_bytes(wanted)),
            )
            .with("free", show_bytes(free))
            .with("wanted", show_bytes(wanted)),
        );
    }
}
