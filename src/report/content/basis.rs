//! What the plan rests on: earlier runs that were measured, and what is only assumed.

use super::Content;
use crate::ids::show_bytes;
use crate::plan::{DurationSource, Sample, Verdict};
use crate::t;

impl Content<'_> {
    /// What, where measured, how long, how much; newest knowledge is not told apart from old.
    pub(in crate::report) fn measured_runs(&self) -> Vec<[String; 4]> {
        self.plan.facts.history.iter().map(|sample| self.sample(sample)).collect()
    }

    fn sample(&self, sample: &Sample) -> [String; 4] {
        let kind = match sample.kind.as_str() {
            crate::plan::ROLLBACK_KIND => self.w.say("report-rollback"),
            // The kind of a dump has its strategy behind it.
            "dump-database" => self.w.kind("dump"),
            kind => self.w.kind(kind),
        };
        let bytes =
            if sample.bytes == 0 { super::NOTHING.to_owned() } else { show_bytes(sample.bytes) };
        let from = match sample.source {
            DurationSource::Default => "report-measured-elsewhere",
            DurationSource::Rehearsal => "report-measured-rehearsal",
            DurationSource::TestImport => "report-measured-here",
        };
        [kind, self.w.say(from), self.secs(sample.secs), bytes]
    }

    /// Whether and when a test import was proved.
    pub(in crate::report) fn test_import_result(&self) -> String {
        let w = self.w;
        match &self.plan.facts.proved_test_import_at {
            Some(at) => t!(w.lang, "report-gate-proved", at = w.minute(at)),
            None => w.say("report-test-import-none"),
        }
    }

    /// What is not known for sure.
    pub(in crate::report) fn assumptions(&self) -> Vec<String> {
        let (w, plan) = (self.w, self.plan);
        let unknown = plan.checks.iter().filter(|check| check.verdict == Verdict::Unknown);
        let mut open: Vec<String> = unknown
            .map(|check| t!(w.lang, "report-assumed-unknown", criterion = check.criterion(w.lang)))
            .collect();
        open.extend(w.basis(plan));
        let reckoned: Vec<String> = self
            .phases()
            .into_iter()
            .flat_map(|phase| phase.steps)
            .filter(|row| {
                let is_timed = row.step.applies && row.step.kind != "wait";
                is_timed && row.step.estimate_source == DurationSource::Default
            })
            .map(|row| row.number)
            .collect();
        if !reckoned.is_empty() {
            let steps = reckoned.join(", ");
            open.push(t!(w.lang, "report-assumed-durations", steps = steps));
        }
        if plan.rollback.is_none_or(|estimate| estimate.samples == 0) {
            open.push(w.say("report-assumed-rollback"));
        }
        open
    }
}
