//! Where patient data will lie, who puts it there, and when it is removed. Pure.

use super::facts::Facts;
use super::model::{DataPlace, PlaceContents, PlaceKind, PlannedPhase, PlannedStep};
use crate::clock::Jst;
use crate::ids::StepId;
use crate::playbook::{CheckedPlaybook, StepAction, time_delta};

/// Every place, in the order of the steps. `ends_at` is the expected end of the run.
pub(super) fn all(
    playbook: &CheckedPlaybook,
    facts: &Facts,
    phases: &[PlannedPhase],
    ends_at: Jst,
) -> Vec<DataPlace> {
    let clinic = &playbook.clinic;
    let released = |id: &StepId| {
        playbook.steps().any(|step| {
            step.id == *id
                && matches!(step.action, StepAction::PortalExport { release_slot: true, .. })
        })
    };
    let after = |secs: u64| ends_at.checked_add_signed(time_delta(secs));
    let (dumps, logs) = (after(clinic.retention.dumps_secs), after(clinic.retention.logs_secs));
    let tenant = &clinic.portal.tenant;
    let tenant = format!("{} {}", tenant.orcamo_id, tenant.name);
    let folder =
        |part: &str, name: &str| clinic.work_dir.join(part).join(name).display().to_string();
    let beside = facts.source.iter().flat_map(|source| &source.beside);
    let beside = beside.map(|made| made.database.clone()).collect::<Vec<_>>().join(", ");
    let mut places = Vec::new();
    for step in phases.iter().flat_map(|phase| &phase.steps).filter(|step| step.applies) {
        let mut add = |kind, place: String, contents, purge_at| {
            let encrypted = kind == PlaceKind::WorkFolder && clinic.at_rest.is_some();
            let step = step.id.clone();
            places.push(DataPlace { kind, place, contents, step, purge_at, encrypted });
        };
        let archive = || folder("archives", archive_of(step));
        match step.kind.as_str() {
            "dump" => {
                add(PlaceKind::WorkFolder, archive(), PlaceContents::SourceDump, dumps);
                // A step of several commands makes a database first, and drops it at its end.
                if !step.more_commands.is_empty() {
                    let name = beside.clone();
                    add(
                        PlaceKind::Server,
                        name,
                        PlaceContents::SecondDatabase,
                        Some(step.ends_at()),
                    );
                }
            }
            "portal_export" => {
                let removed = Some(step.ends_at()).filter(|_| released(&step.id));
                add(PlaceKind::Tenant, tenant.clone(), PlaceContents::CloudCopy, removed);
                add(PlaceKind::WorkFolder, archive(), PlaceContents::CloudDump, dumps);
            }
            "portal_release" => {
                for created in &clinic.portal.release_dumps {
                    let digits: String = created.chars().filter(char::is_ascii_digit).collect();
                    let place = folder("archives", &format!("released-{digits}.dump"));
                    add(PlaceKind::WorkFolder, place, PlaceContents::CloudDump, dumps);
                }
            }
            "portal_import" => {
                add(PlaceKind::Tenant, tenant.clone(), PlaceContents::TenantData, None);
                let log = folder("logs", &format!("{}-import.log", step.id));
                add(PlaceKind::WorkFolder, log, PlaceContents::ImportLog, logs);
            }
            _ => {}
        }
    }
    places
}

fn archive_of(step: &PlannedStep) -> &str {
    step.archives.first().map(String::as_str).unwrap_or_default()
}
