//! The go/no-go list: each criterion with its measured value and where that comes from. Nothing
//! is ok without a value.

mod compression;
mod overrides;
mod readiness;
mod server;
mod site;
mod times;

pub use overrides::is_overridden;
pub use times::calendar_checks;

use super::facts::Facts;
use super::model::{Check, Evidence, EvidenceKind, Verdict};
use super::versions;
use crate::calendar::Maintenance;
use crate::clock::Jst;
use crate::diag::Fact;
use crate::playbook::CheckedPlaybook;

pub(super) struct CheckInputs<'a> {
    pub(super) playbook: &'a CheckedPlaybook,
    pub(super) facts: &'a Facts,
    pub(super) maintenance: &'a Maintenance,
    pub(super) database_bytes: u64,
    /// When the last step is expected to end.
    pub(super) ends_at: Jst,
    /// When the test import is expected to be proved.
    pub(super) test_ends_at: Jst,
    pub(super) margin_secs: u64,
    pub(super) latest_rollback_at: Jst,
    /// The end of everything: window, forecast, margin and roll-back.
    pub(super) window_end: Jst,
}

pub(super) fn all(inputs: &CheckInputs<'_>) -> Vec<Check> {
    let mut checks = times::rows(inputs);
    match &inputs.facts.source {
        Some(source) => checks.extend(server::rows(inputs.playbook, source)),
        None => checks.push(check("plan-source-known", Verdict::Unknown, "")),
    }
    let before = checks.len();
    versions::rows(inputs.playbook, inputs.facts, &mut checks);
    // Where nobody looked at the server, versions are what the clinic file says.
    let kind = match inputs.facts.source {
        Some(_) => EvidenceKind::Server,
        None => EvidenceKind::ClinicFile,
    };
    for check in checks.iter_mut().skip(before) {
        check.evidence.get_or_insert(Evidence { kind, at: None });
    }
    compression::row(inputs, &mut checks);
    match &inputs.facts.portal {
        Some(portal) => checks.extend(site::rows(inputs, portal)),
        None => checks.push(check("plan-portal-known", Verdict::Unknown, "")),
    }
    checks.extend(readiness::rows(inputs));
    overrides::apply(&mut checks, &inputs.playbook.clinic.overrides);
    // What was looked at just now is of now.
    for evidence in checks.iter_mut().filter_map(|check| check.evidence.as_mut()) {
        let looked = matches!(
            evidence.kind,
            EvidenceKind::Server | EvidenceKind::Site | EvidenceKind::MailServer
        );
        if looked {
            evidence.at.get_or_insert(inputs.facts.at);
        }
    }
    checks
}

pub(super) fn check(code: &str, verdict: Verdict, measured: impl Into<String>) -> Check {
    Check {
        code: code.to_owned(),
        verdict,
        measured: measured.into(),
        facts: Vec::new(),
        evidence: None,
        overridden: None,
    }
}

impl Check {
    /// Adds an argument of the texts.
    pub(super) fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.facts.push(Fact::open(name, value));
        self
    }

    /// Says where the value comes from.
    pub(super) fn by(mut self, kind: EvidenceKind, at: Option<Jst>) -> Self {
        self.evidence = Some(Evidence { kind, at });
        self
    }
}

pub(super) fn ok_if(holds: bool, otherwise: Verdict) -> Verdict {
    if holds { Verdict::Ok } else { otherwise }
}
