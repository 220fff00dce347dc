//! Risks with their state. The state is the worst verdict of the rows that are about a risk.

use super::Content;
use crate::plan::Verdict;

/// A risk.
pub(in crate::report) struct RiskRow {
    pub(in crate::report) title: String,
    /// What is done about it.
    pub(in crate::report) response: String,
    /// `None` where no row of the list is about it: the steps themselves see to it.
    pub(in crate::report) verdict: Option<Verdict>,
    pub(in crate::report) state: String,
}

/// Risks by name, with the codes of the rows that are about them. A code may be a family's stem.
const RISKS: [(&str, &[&str]); 10] = [
    ("characters", &["plan-characters-scanned", "plan-source-encoding"]),
    ("wrong-tenant", &["plan-clinic-id", "plan-certificate-imports"]),
    ("overrun", &["plan-fits-window", "plan-level", "calendar-window-order"]),
    ("maintenance", &["calendar-maintenance-overlap", "calendar-stale"]),
    (
        "versions",
        &[
            "plan-archive-version",
            "plan-target-version",
            "plan-target-not-older",
            "plan-import-version",
            "plan-pg-dump-version",
        ],
    ),
    ("room", &["plan-disk-space", "plan-database-room", "plan-free-slots"]),
    (
        "site",
        &["plan-portal-known", "plan-pages-understood", "plan-certificate-ends", "plan-clock-skew"],
    ),
    ("late-entries", &[]),
    ("doubt", &[]),
    ("people", &["plan-people-named", "plan-mail-proved"]),
];

impl Content<'_> {
    pub(in crate::report) fn risks(&self) -> Vec<RiskRow> {
        RISKS.into_iter().map(|(name, codes)| self.risk(name, codes)).collect()
    }

    fn risk(&self, name: &str, codes: &[&str]) -> RiskRow {
        let about = self.plan.checks.iter().filter(|check| codes.contains(&check.code.as_str()));
        let verdict = about.map(|check| check.verdict).max();
        let state = match verdict {
            Some(verdict) => self.w.verdict(verdict),
            None if codes.is_empty() => self.w.say("report-risk-by-steps"),
            None => self.w.say("report-not-measured"),
        };
        RiskRow {
            title: self.w.say(&format!("report-risk-{name}")),
            response: self.w.say(&format!("report-risk-{name}-response")),
            verdict,
            state,
        }
    }
}
