//! The way back: two points of no return, and the roll-back.

use super::{Content, NOTHING};
use crate::t;

/// A point after which going back costs something.
pub(in crate::report) struct Point {
    pub(in crate::report) title: String,
    pub(in crate::report) when: String,
    pub(in crate::report) what: String,
    pub(in crate::report) back: String,
}

impl Content<'_> {
    pub(in crate::report) fn points(&self) -> [Point; 2] {
        let (w, plan) = (self.w, self.plan);
        let import = t!(w.lang, "report-point-import-when", at = w.full(&plan.import_starts_at));
        let write = t!(w.lang, "report-point-write-when", at = w.full(&plan.ends_at));
        [("import", import), ("write", write)].map(|(point, when)| {
            let say = |part: &str| w.say(&format!("report-point-{point}{part}"));
            Point { title: say(""), when, what: say("-what"), back: say("-back") }
        })
    }

    /// Trigger, who decides, until when, how long, and what proves it; labels' ids and values.
    pub(in crate::report) fn way_back(&self) -> Vec<(&'static str, String)> {
        let at = self.w.full(&self.plan.latest_rollback_at);
        vec![
            ("report-rollback-trigger", t!(self.w.lang, "report-rollback-trigger-value", at = at)),
            ("report-rollback-who", self.who("decides")),
            ("report-rollback-deputy", self.who("deputy")),
            ("report-decision", at),
            ("report-rollback-length", self.rollback_length()),
            ("report-rollback-latest", self.latest()),
            ("report-rollback-proof", self.w.say("report-rollback-proof-value")),
        ]
    }

    fn who(&self, role: &str) -> String {
        let people = self.plan.clinic.people.iter().filter(|person| person.role == role);
        let named: Vec<String> = people
            .map(|person| match &person.phone {
                Some(phone) => format!("{} ({phone})", person.name),
                None => person.name.clone(),
            })
            .collect();
        if named.is_empty() { NOTHING.to_owned() } else { named.join(", ") }
    }

    fn rollback_length(&self) -> String {
        let Some(estimate) = self.plan.rollback else { return self.w.say("report-unknown") };
        t!(
            self.w.lang,
            "report-rollback-length-value",
            length = self.secs(estimate.secs),
            longest = self.secs(estimate.max_secs),
            source = self.source(estimate.source, estimate.samples)
        )
    }

    /// How the latest start was worked out.
    fn latest(&self) -> String {
        let window_end = self.plan.clinic.cutover.window_end;
        let kept = (window_end - self.plan.latest_rollback_at).num_seconds();
        t!(
            self.w.lang,
            "report-rollback-latest-value",
            end = self.w.minute(&window_end),
            length = self.w.duration(kept)
        )
    }

    /// The steps of a roll-back: what was closed last is opened first.
    pub(in crate::report) fn rollback_steps(&self) -> Vec<String> {
        let w = self.w;
        let mut steps = Vec::new();
        if self.has("swap_database") {
            steps.push(self.timed("swap_database", w.say("report-rollback-swap")));
        }
        if self.has("fence") {
            steps.push(self.timed("fence", w.say("report-rollback-fence")));
        }
        if self.has("service_stop") {
            let command = self.plan.clinic.source.service.start.join(" ");
            let step = t!(w.lang, "report-rollback-service", command = command);
            steps.push(self.timed("service_stop", step));
        }
        if self.plan.steps().any(|step| step.is_production_import) {
            steps.push(w.say("report-rollback-cloud"));
        }
        steps.push(w.say("report-rollback-check"));
        steps
    }

    /// With what taking back the steps of one kind is expected to take, where that is known.
    fn timed(&self, kind: &str, step: String) -> String {
        let of_kind = self.plan.rollback_steps.iter().filter(|undo| undo.kind == kind);
        let secs: Vec<u64> = of_kind.map(|undo| undo.estimate.secs).collect();
        if secs.is_empty() {
            return step;
        }
        let length = self.secs(secs.iter().sum());
        t!(self.w.lang, "report-rollback-timed", step = step, length = length)
    }
}
