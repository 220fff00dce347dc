//! The three gates before the cutover: a week before, a day before, and the evening itself.

use chrono::TimeDelta;

use super::Content;
use crate::clock::Jst;
use crate::plan::Verdict;
use crate::t;

/// A moment at which people say GO or NO-GO.
pub(in crate::report) struct Gate {
    /// `T-7`
    pub(in crate::report) name: &'static str,
    /// Until when.
    pub(in crate::report) at: Jst,
    /// What must hold.
    pub(in crate::report) decides: String,
    /// Where that stands, as far as the plan knows.
    pub(in crate::report) verdict: Verdict,
    /// The same in words.
    pub(in crate::report) state: String,
}

impl Content<'_> {
    pub(in crate::report) fn gates(&self) -> [Gate; 3] {
        let production = self.plan.clinic.cutover.production_at;
        let before =
            |days| production.checked_sub_signed(TimeDelta::days(days)).unwrap_or(production);
        let (test, proved) = self.test_import();
        let list = self.plan.verdict();
        let gate = |name, at, decides: &str, (verdict, state)| Gate {
            name,
            at,
            decides: self.w.say(decides),
            verdict,
            state,
        };
        [
            gate("T-7", before(7), "report-gate-7", (test, proved)),
            gate("T-1", before(1), "report-gate-1", (list, self.list_state(list))),
            gate(
                "T-0",
                self.plan.service_stops_at,
                "report-gate-0",
                (Verdict::Later, self.w.verdict(Verdict::Later)),
            ),
        ]
    }

    fn test_import(&self) -> (Verdict, String) {
        let w = self.w;
        match &self.plan.facts.proved_test_import_at {
            Some(at) => (Verdict::Ok, t!(w.lang, "report-gate-proved", at = w.minute(at))),
            None => {
                let at = w.minute(&self.plan.clinic.cutover.test_import_at);
                (Verdict::Later, t!(w.lang, "report-gate-test", at = at))
            }
        }
    }

    fn list_state(&self, verdict: Verdict) -> String {
        let count = |wanted| self.plan.checks.iter().filter(|c| c.verdict == wanted).count();
        let counts = t!(
            self.w.lang,
            "report-gate-counts",
            blocks = count(Verdict::Block),
            warnings = count(Verdict::Warn),
            gaps = count(Verdict::Unknown)
        );
        t!(self.w.lang, "report-gate-list", verdict = self.w.verdict(verdict), counts = counts)
    }
}
