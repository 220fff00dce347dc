//! Rows about times: the manual's rules, the calendar, the window.

use std::borrow::Cow;

use chrono::TimeDelta;

use super::{CheckInputs, check, ok_if};
use crate::calendar::{self, ImportKind, Maintenance, RuleResult, WindowQuestion, check_window};
use crate::clock::{Jst, show};
use crate::diag::Fact;
use crate::plan::model::{Check, EvidenceKind, Verdict};
use crate::playbook::{Clinic, Job, complete, time_delta};

/// The calendar's rule that the test import comes first.
pub(super) const TEST_BEFORE: &str = "calendar-test-import-too-late";

/// Rules that rest on the announcements.
const BY_CALENDAR: [&str; 2] = ["calendar-stale", "calendar-maintenance-overlap"];

pub(super) fn rows(inputs: &CheckInputs<'_>) -> Vec<Check> {
    let clinic = &inputs.playbook.clinic;
    let cutover = &clinic.cutover;
    let proved = inputs.facts.proved_test_import_at;
    let now = inputs.facts.at;
    let production_start = begins(clinic, Job::Cutover, cutover.production_at, now);
    let test_import = begins(clinic, Job::TestImport, cutover.test_import_at, now);
    let rules = check_window(&WindowQuestion {
        purpose: ImportKind::Production,
        start: production_start,
        end: inputs.window_end,
        now: inputs.facts.at,
        maintenance: inputs.maintenance,
        max_age: clinic.calendar.max_age(),
        // Before there is a proof, the plan reckons with the expected end of one.
        proved_test_import_at: Some(proved.unwrap_or(inputs.test_ends_at)),
    });
    let mut checks: Vec<Check> = rules.iter().map(|rule| production(inputs, rule)).collect();
    let test = check_window(&WindowQuestion {
        purpose: ImportKind::Test,
        start: test_import,
        end: inputs.test_ends_at.max(test_import + TimeDelta::seconds(1)),
        now: inputs.facts.at,
        maintenance: inputs.maintenance,
        max_age: clinic.calendar.max_age(),
        proved_test_import_at: None,
    });
    // A test import that is proved has no time any more that could be wrong, and the notices are
    // the same for both imports.
    let test = test
        .iter()
        .filter(|rule| proved.is_none() && rule.verdict != calendar::Verdict::Ok)
        .filter(|rule| rule.code != "calendar-stale");
    checks.extend(test.map(|rule| evidenced(from_rule(rule), inputs).with("purpose", "test")));
    let margin = time_delta(inputs.margin_secs);
    let latest_end = inputs.ends_at.checked_add_signed(margin).unwrap_or(inputs.ends_at);
    checks.push(
        check(
            "plan-fits-window",
            ok_if(latest_end <= inputs.latest_rollback_at, Verdict::Block),
            format!("{} ≤ {}", show(&latest_end), show(&inputs.latest_rollback_at)),
        )
        .with("ends", show(&inputs.ends_at))
        .with("minutes", inputs.margin_secs.div_ceil(60))
        .with("latest", show(&inputs.latest_rollback_at))
        .by(EvidenceKind::Reckoned, None),
    );
    checks
}

/// When an import begins: at its time, or now while its start window is open, so that a plan that
/// had to be made anew in the evening can still be approved.
fn begins(clinic: &Clinic, job: Job, at: Jst, now: Jst) -> Jst {
    let schedules = complete(&clinic.schedules);
    let schedule = schedules.iter().find(|schedule| schedule.job == job);
    let last = schedule.map_or(at, |schedule| schedule.last_start(at));
    if now <= last { at.max(now) } else { at }
}

/// The rules that the calendar and the clinic file alone decide, for both imports: for who has
/// just read an announcement. A test import is reckoned with two hours.
pub fn calendar_checks(clinic: &Clinic, maintenance: &Maintenance, now: Jst) -> Vec<Check> {
    const TEST_LENGTH: TimeDelta = TimeDelta::hours(2);
    let cutover = &clinic.cutover;
    let imports = [
        (ImportKind::Test, cutover.test_import_at, cutover.test_import_at + TEST_LENGTH),
        (ImportKind::Production, cutover.production_at, cutover.window_end),
    ];
    let mut checks = Vec::new();
    for (purpose, start, end) in imports {
        let rules = check_window(&WindowQuestion {
            purpose,
            start,
            end,
            now,
            maintenance,
            max_age: clinic.calendar.max_age(),
            proved_test_import_at: Some(cutover.test_import_at),
        });
        for rule in &rules {
            let test = purpose == ImportKind::Test;
            // What is about the notices is told once, and what a proof decides is not known here.
            if rule.code == TEST_BEFORE || (test && rule.code == "calendar-stale") {
                continue;
            }
            let check = from_rule(rule);
            checks.push(if test { check.with("purpose", "test") } else { check });
        }
    }
    checks
}

fn production(inputs: &CheckInputs<'_>, rule: &RuleResult) -> Check {
    let mut check = evidenced(from_rule(rule), inputs);
    if rule.code == TEST_BEFORE {
        check.evidence = None;
        if let Some(proved) = inputs.facts.proved_test_import_at {
            return check.by(EvidenceKind::Journal, Some(proved));
        }
        // The plan knows when the test import is planned, not that it was proved: the run itself
        // does not go on without the proof.
        check = check.with("planned", "yes").by(EvidenceKind::ClinicFile, None);
        if check.verdict == Verdict::Ok {
            check.verdict = Verdict::Later;
        }
    }
    check
}

fn evidenced(check: Check, inputs: &CheckInputs<'_>) -> Check {
    if BY_CALENDAR.contains(&check.code.as_str()) {
        let read_at = inputs.maintenance.oldest().and_then(|reading| reading.read_at);
        return check.by(EvidenceKind::Calendar, read_at);
    }
    check.by(EvidenceKind::ClinicFile, None)
}

/// A calendar rule's result as a row of the list.
fn from_rule(rule: &RuleResult) -> Check {
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
    Check { facts, ..check(rule.code, verdict, measured.join(", ")) }
}
