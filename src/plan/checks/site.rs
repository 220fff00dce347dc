//! Rows about the management site.

use chrono::TimeDelta;

use super::{CheckInputs, check, ok_if};
use crate::clock::{MAX_SKEW_SECS, show};
use crate::plan::facts::PortalFacts;
use crate::plan::model::{Check, EvidenceKind, Verdict};
use crate::playbook::{CheckedPlaybook, StepAction};

/// The certificate must outlast the cutover by this much, so that a way back stays open.
const ROLLBACK_WINDOW: TimeDelta = TimeDelta::days(30);

/// From this distance to the certificate's end on, people are warned.
const CERTIFICATE_WARNING: TimeDelta = TimeDelta::days(60);

/// Clocks that differ by more than this warn.
const SKEW_WARN_SECS: i64 = 5;

/// The rows; all of them rest on one walk over the site's pages.
pub(super) fn rows(inputs: &CheckInputs<'_>, portal: &PortalFacts) -> Vec<Check> {
    let mut checks = Vec::new();
    site(inputs, portal, &mut checks);
    checks.into_iter().map(|check| check.by(EvidenceKind::Site, None)).collect()
}

fn site(inputs: &CheckInputs<'_>, portal: &PortalFacts, checks: &mut Vec<Check>) {
    let clinic = &inputs.playbook.clinic;
    let understood = portal.pages_not_understood.is_empty();
    checks.push(check(
        "plan-pages-understood",
        ok_if(understood, Verdict::Block),
        if understood { "P1-P5".to_owned() } else { portal.pages_not_understood.join(", ") },
    ));
    checks.push(
        check(
            "plan-certificate-imports",
            // Where a page was not understood, nobody knows what the certificate may do.
            match (portal.can_import, understood) {
                (true, _) => Verdict::Ok,
                (false, true) => Verdict::Block,
                (false, false) => Verdict::Unknown,
            },
            portal.certificate.clone(),
        )
        .with("certificate", &portal.certificate),
    );
    let window_end = clinic.cutover.window_end;
    let verdict = if portal.certificate_ends < window_end + ROLLBACK_WINDOW {
        Verdict::Block
    } else if portal.certificate_ends < inputs.facts.at + CERTIFICATE_WARNING {
        Verdict::Warn
    } else {
        Verdict::Ok
    };
    let ends = show(&portal.certificate_ends);
    checks.push(check("plan-certificate-ends", verdict, ends.clone()).with("ends", ends));
    checks.extend(slots(inputs.playbook, portal));
    checks.push(
        check(
            "plan-import-version",
            ok_if(portal.import_versions.contains(&clinic.portal.import_version), Verdict::Block),
            format!("{} ∈ {}", clinic.portal.import_version, portal.import_versions.join(", ")),
        )
        .with("wanted", &clinic.portal.import_version)
        .with("offered", portal.import_versions.join(", ")),
    );
    let skew = portal.clock_skew_secs.abs();
    let verdict = match skew {
        0..=SKEW_WARN_SECS => Verdict::Ok,
        ..=MAX_SKEW_SECS => Verdict::Warn,
        _ => Verdict::Block,
    };
    checks.push(check("plan-clock-skew", verdict, format!("{skew} s")).with("skew", skew));
}

/// Places for dumps: those that are free and those that planned deletions free, against what the
/// exports need at once. A deletion of a dump that is not there once is none.
fn slots(playbook: &CheckedPlaybook, portal: &PortalFacts) -> Vec<Check> {
    let wanted = slots_wanted(playbook);
    let named = &playbook.clinic.portal.release_dumps;
    let there = |name: &&String| portal.dumps.iter().filter(|dump| dump == name).count() == 1;
    let deletes = playbook
        .steps()
        .any(|step| step.applies && matches!(step.action, StepAction::PortalRelease {}));
    let (found, missing): (Vec<&String>, Vec<&String>) = named.iter().partition(there);
    let freed = if deletes { u32::try_from(found.len()).unwrap_or(u32::MAX) } else { 0 };
    let mut rows = vec![
        check(
            "plan-free-slots",
            ok_if(portal.free_slots.saturating_add(freed) >= wanted, Verdict::Block),
            format!("{} + {freed} ≥ {wanted}", portal.free_slots),
        )
        .with("wanted", wanted)
        .with("freed", freed)
        .with("free", portal.free_slots),
    ];
    if !named.is_empty() {
        let all = |names: &[&String]| {
            names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let held = missing.is_empty() && deletes;
        rows.push(
            check("plan-deletions", ok_if(held, Verdict::Block), all(&found))
                .with("found", all(&found))
                .with("missing", if missing.is_empty() { "none".into() } else { all(&missing) })
                .with("step", if deletes { "yes" } else { "no" }),
        );
    }
    rows
}

/// Dump slots that are taken at the worst moment: an export whose slot is released counts only
/// while it lasts.
fn slots_wanted(playbook: &CheckedPlaybook) -> u32 {
    let (mut held, mut most) = (0_u32, 0_u32);
    for step in playbook.phases.iter().flat_map(|phase| &phase.steps).filter(|step| step.applies) {
        if let StepAction::PortalExport { release_slot, .. } = &step.action {
            most = most.max(held + 1);
            held += u32::from(!release_slot);
        }
    }
    most
}
