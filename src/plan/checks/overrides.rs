//! Rules that people do without: only those that the clinic file names, with who and why.

use super::check;
use super::readiness::NOT_LIVE;
use super::times::TEST_BEFORE;
use crate::plan::model::{Check, EvidenceKind, Overridden, Verdict};
use crate::playbook::Override;

/// Rules that one person alone cannot do without (the manual's own rule about the test import).
const BY_TWO: [&str; 1] = [TEST_BEFORE];

/// Rules that nobody can do without: over a tenant that is in use nothing is imported.
const BY_NOBODY: [&str; 1] = [NOT_LIVE];

/// Marks the rows that the overrides are about, and adds a row for each override that is about
/// nothing or lacks a name.
pub(super) fn apply(checks: &mut Vec<Check>, overrides: &[Override]) {
    for entry in overrides {
        let wanted = if BY_TWO.contains(&entry.rule.as_str()) { 2 } else { 1 };
        let about: Vec<&mut Check> = checks
            .iter_mut()
            .filter(|check| check.code == entry.rule && may(&entry.rule))
            .collect();
        let case = if about.is_empty() {
            "unused"
        } else if names(entry) < wanted {
            "one-name"
        } else {
            for check in about {
                if matches!(check.verdict, Verdict::Block | Verdict::Unknown | Verdict::Warn) {
                    check.verdict = Verdict::Warn;
                    let (by, reason) = (entry.by.clone(), entry.reason.clone());
                    check.overridden = Some(Overridden { by, reason });
                }
            }
            continue;
        };
        let verdict = if case == "unused" { Verdict::Warn } else { Verdict::Block };
        checks.push(
            check("plan-override", verdict, entry.rule.clone())
                .with("rule", &entry.rule)
                .with("case", case)
                .by(EvidenceKind::ClinicFile, None),
        );
    }
}

/// True where the clinic file lets named people do without the rule.
pub fn is_overridden(rule: &str, overrides: &[Override]) -> bool {
    let wanted = if BY_TWO.contains(&rule) { 2 } else { 1 };
    may(rule) && overrides.iter().any(|entry| entry.rule == rule && names(entry) >= wanted)
}

fn may(rule: &str) -> bool {
    !BY_NOBODY.contains(&rule)
}

/// How many people are named; the same one twice is one.
fn names(entry: &Override) -> usize {
    entry.by.iter().collect::<std::collections::BTreeSet<_>>().len()
}
