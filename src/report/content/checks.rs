//! The go/no-go list, and what of it is open.

use super::{Content, NOTHING};
use crate::plan::{Check, EvidenceKind, Verdict};
use crate::t;

/// A criterion.
pub(in crate::report) struct CheckRow {
    pub(in crate::report) verdict: Verdict,
    /// The verdict's word; of an overridden row it says so.
    pub(in crate::report) word: String,
    pub(in crate::report) criterion: String,
    pub(in crate::report) measured: String,
    /// Where the value comes from, and of when it is.
    pub(in crate::report) evidence: String,
    /// Who does without the rule, and why.
    pub(in crate::report) overridden: Option<String>,
}

/// Something that is not OK.
pub(in crate::report) struct Finding {
    /// `Unknown` for what a probe could not find out.
    pub(in crate::report) verdict: Verdict,
    pub(in crate::report) word: String,
    pub(in crate::report) text: String,
    /// What to do.
    pub(in crate::report) hint: Option<String>,
}

impl Content<'_> {
    pub(in crate::report) fn checks(&self) -> Vec<CheckRow> {
        self.plan.checks.iter().map(|check| self.check(check)).collect()
    }

    fn check(&self, check: &Check) -> CheckRow {
        let overridden = check.overridden.as_ref().map(|overridden| {
            t!(
                self.w.lang,
                "plan-overridden",
                by = overridden.by.join(", "),
                reason = overridden.reason
            )
        });
        CheckRow {
            verdict: check.verdict,
            word: self.w.verdict(check.verdict),
            criterion: check.criterion(self.w.lang),
            measured: self.w.measured(check),
            evidence: self.evidence(check),
            overridden,
        }
    }

    fn evidence(&self, check: &Check) -> String {
        let Some(evidence) = &check.evidence else { return NOTHING.to_owned() };
        let what = self.w.say(evidence_id(evidence.kind));
        match &evidence.at {
            Some(at) => {
                t!(self.w.lang, "report-evidence-at", what = what, at = self.w.minute(at))
            }
            None => what,
        }
    }

    /// Everything that is not OK, what stops the run first; then what could not be found out.
    pub(in crate::report) fn findings(&self) -> Vec<Finding> {
        let mut open: Vec<&Check> =
            self.plan.checks.iter().filter(|check| check.verdict != Verdict::Ok).collect();
        // The sort is stable: within a verdict, the list's own order stays.
        open.sort_by_key(|check| std::cmp::Reverse(check.verdict));
        let checks = open.into_iter().map(|check| {
            let row = self.check(check);
            let text = match (check.measured.is_empty(), row.overridden) {
                (_, Some(overridden)) => format!("{} — {overridden}", row.criterion),
                (true, None) => row.criterion,
                (false, None) => format!("{} — {}", row.criterion, row.measured),
            };
            let hint = check.hint(self.w.lang);
            Finding { verdict: check.verdict, word: row.word, text, hint }
        });
        let problems = self.plan.facts.problems.iter().map(|problem| Finding {
            verdict: Verdict::Unknown,
            word: self.w.verdict(Verdict::Unknown),
            text: self.w.message(problem),
            hint: problem.hint(self.w.lang),
        });
        checks.chain(problems).collect()
    }
}

fn evidence_id(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Server => "plan-evidence-server",
        EvidenceKind::Site => "plan-evidence-site",
        EvidenceKind::MailServer => "plan-evidence-mail-server",
        EvidenceKind::Calendar => "plan-evidence-calendar",
        EvidenceKind::ClinicFile => "plan-evidence-clinic-file",
        EvidenceKind::Journal => "plan-evidence-journal",
        EvidenceKind::Scan => "plan-evidence-scan",
        EvidenceKind::Reckoned => "plan-evidence-reckoned",
    }
}
