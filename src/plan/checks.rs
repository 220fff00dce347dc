//! The go/no-go list: each criterion with its measured value. Nothing is ok without a value.

use std::borrow::Cow;

use chrono::TimeDelta;

use super::facts::{Facts, PortalFacts, SourceFacts};
use super::model::{Check, Verdict};
use super::{estimate, level as levels, versions};
use crate::calendar::{self, ImportKind, Maintenance, RuleResult, WindowQuestion, check_window};
use crate::clock::{Jst, show};
use crate::diag::Fact;
use crate::ids::show_bytes;
use crate::playbook::{CheckedPlaybook, Level, Step, StepAction};

/// The certificate must outlast the cutover by this much, so that a way back stays open.
const ROLLBACK_WINDOW: TimeDelta = TimeDelta::days(30);

/// From this distance to the certificate's end on, people are warned.
const CERTIFICATE_WARNING: TimeDelta = TimeDelta::days(60);

/// The calendar's rule that the test import comes first.
const TEST_BEFORE: &str = "calendar-test-import-too-late";

/// Clocks that differ by more than this warn.
const SKEW_WARN_SECS: i64 = 5;

/// Clocks that differ by more than this block.
const SKEW_BLOCK_SECS: i64 = 60;

pub(super) struct CheckInputs<'a> {
    pub(super) playbook: &'a CheckedPlaybook,
    pub(super) facts: &'a Facts,
    pub(super) maintenance: &'a Maintenance,
    pub(super) database_bytes: u64,
    pub(super) ends_at: Jst,
    pub(super) latest_rollback_at: Jst,
}

pub(super) fn all(inputs: &CheckInputs<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    times(inputs, &mut checks);
    match &inputs.facts.source {
        Some(source) => server(inputs.playbook, source, &mut checks),
        None => checks.push(check("plan-source-known", Verdict::Unknown, "")),
    }
    versions::rows(inputs.playbook, inputs.facts, &mut checks);
    level(inputs, &mut checks);
    match &inputs.facts.portal {
        Some(portal) => site(inputs, portal, &mut checks),
        None => checks.push(check("plan-portal-known", Verdict::Unknown, "")),
    }
    people(inputs.playbook, &mut checks);
    checks
}

pub(super) fn check(code: &str, verdict: Verdict, measured: impl Into<String>) -> Check {
    Check { code: code.to_owned(), verdict, measured: measured.into(), facts: Vec::new() }
}

impl Check {
    /// Adds an argument of the texts.
    pub(super) fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.facts.push(Fact::open(name, value));
        self
    }
}

pub(super) fn ok_if(holds: bool, otherwise: Verdict) -> Verdict {
    if holds { Verdict::Ok } else { otherwise }
}

/// A calendar rule's result as a row of the list.
pub(crate) fn from_rule(rule: &RuleResult) -> Check {
    let verdict = match rule.verdict {
        calendar::Verdict::Ok => Verdict::Ok,
        calendar::Verdict::Warn => Verdict::Warn,
        calendar::Verdict::Block => Verdict::Block,
    };
    let facts = rule
        .args
        .iter()
        .map(|(name, value)| Fact {
            name: Cow::Borrowed(*name),
            value: value.clone(),
            may_leave: true,
        })
        .collect();
    let measured: Vec<String> =
        rule.args.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let measured = measured.join(", ");
    Check { code: rule.code.to_owned(), verdict, measured, facts }
}

fn times(inputs: &CheckInputs<'_>, checks: &mut Vec<Check>) {
    let cutover = &inputs.playbook.clinic.cutover;
    let rules = check_window(&WindowQuestion {
        purpose: ImportKind::Production,
        start: cutover.production_at,
        end: cutover.window_end,
        now: inputs.facts.at,
        maintenance: inputs.maintenance,
        // The plan reckons with the planned test import; the run asks for the proved one.
        max_age: calendar::MAX_AGE,
        proved_test_import_at: Some(cutover.test_import_at),
    });
    checks.extend(rules.iter().map(|rule| {
        let check = from_rule(rule);
        // A plan knows when the test import is planned, not that it was proved.
        if rule.code == TEST_BEFORE { check.with("planned", "yes") } else { check }
    }));
    let test = check_window(&WindowQuestion {
        purpose: ImportKind::Test,
        start: cutover.test_import_at,
        end: cutover.test_import_at + TimeDelta::hours(2),
        now: inputs.facts.at,
        maintenance: inputs.maintenance,
        max_age: calendar::MAX_AGE,
        proved_test_import_at: None,
    })
    .into_iter()
    .filter(|rule| rule.verdict != calendar::Verdict::Ok)
    // The notices are the same for both imports.
    .filter(|rule| rule.code != "calendar-stale");
    checks.extend(test.map(|rule| {
        let mut check = from_rule(&rule);
        check.facts.push(Fact::open("purpose", "test"));
        check
    }));
    checks.push(
        check(
            "plan-fits-window",
            ok_if(inputs.ends_at <= inputs.latest_rollback_at, Verdict::Block),
            format!("{} ≤ {}", show(&inputs.ends_at), show(&inputs.latest_rollback_at)),
        )
        .with("ends", show(&inputs.ends_at))
        .with("latest", show(&inputs.latest_rollback_at)),
    );
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
    let wanted = slots_wanted(inputs.playbook);
    checks.push(
        check(
            "plan-free-slots",
            ok_if(portal.free_slots >= wanted, Verdict::Block),
            format!("{} ≥ {wanted}", portal.free_slots),
        )
        .with("wanted", wanted)
        .with("free", portal.free_slots),
    );
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
        ..=SKEW_BLOCK_SECS => Verdict::Warn,
        _ => Verdict::Block,
    };
    checks.push(check("plan-clock-skew", verdict, format!("{skew} s")).with("skew", skew));
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

/// The level of dumps with `level: auto`, with what it rests on. Told, not judged: each level
/// makes a good archive.
fn level(inputs: &CheckInputs<'_>, checks: &mut Vec<Check>) {
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
    checks.push(row);
}

fn people(playbook: &CheckedPlaybook, checks: &mut Vec<Check>) {
    let decides: Vec<&str> = playbook
        .clinic
        .people
        .iter()
        .filter(|person| person.role == "decides")
        .map(|person| person.name.as_str())
        .collect();
    checks.push(check(
        "plan-person-decides",
        ok_if(!decides.is_empty(), Verdict::Warn),
        decides.join(", "),
    ));
}
