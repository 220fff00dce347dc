//! The steps with their times, and the critical path.

use super::{Content, NOTHING};
use crate::clock::Jst;
use crate::plan::{DurationSource, PlannedPhase, PlannedStep};
use crate::t;

/// A phase and its steps.
pub(in crate::report) struct PhaseRows<'a> {
    /// `4. 切替`
    pub(in crate::report) title: String,
    /// The day of its first step.
    pub(in crate::report) day: Jst,
    pub(in crate::report) steps: Vec<StepRow<'a>>,
}

/// A step.
pub(in crate::report) struct StepRow<'a> {
    pub(in crate::report) step: &'a PlannedStep,
    /// `4-2`
    pub(in crate::report) number: String,
    pub(in crate::report) title: &'a str,
    pub(in crate::report) kind: String,
    pub(in crate::report) effect: String,
    /// Numbers of the steps before it.
    pub(in crate::report) needs: String,
    /// As whom and where: `sudo -n -u orca @ server`.
    pub(in crate::report) who: String,
    pub(in crate::report) expected: String,
    pub(in crate::report) longest: String,
    /// Where the durations come from.
    pub(in crate::report) source: String,
}

impl<'a> Content<'a> {
    pub(in crate::report) fn phases(&self) -> Vec<PhaseRows<'a>> {
        let phases = self.plan.phases.iter().enumerate();
        phases
            .filter_map(|(place, phase)| {
                let day = phase.steps.first()?.starts_at;
                let title = format!("{}. {}", place + 1, self.w.title(&phase.title));
                Some(PhaseRows { title, day, steps: self.steps_of(place, phase) })
            })
            .collect()
    }

    fn steps_of(&self, phase_place: usize, phase: &'a PlannedPhase) -> Vec<StepRow<'a>> {
        let steps = phase.steps.iter().enumerate();
        steps
            .map(|(place, step)| {
                let number = format!("{}-{}", phase_place + 1, place + 1);
                self.step(step, number)
            })
            .collect()
    }

    fn step(&self, step: &'a PlannedStep, number: String) -> StepRow<'a> {
        let or_nothing = |text: String| if text.is_empty() { NOTHING.to_owned() } else { text };
        let (expected, longest, source) = match (step.applies, step.kind.as_str()) {
            (false, _) => (NOTHING.to_owned(), NOTHING.to_owned(), NOTHING.to_owned()),
            _ if step.done => {
                (self.w.say("report-state-done"), NOTHING.to_owned(), NOTHING.to_owned())
            }
            // A wait takes as long as its time is away: nothing is estimated.
            (true, "wait") => {
                (self.secs(step.estimate_secs), NOTHING.to_owned(), NOTHING.to_owned())
            }
            _ => (
                self.secs(step.estimate_secs),
                self.secs(step.max_secs.max(step.estimate_secs)),
                self.source(step.estimate_source, step.samples),
            ),
        };
        StepRow {
            step,
            number,
            title: self.w.title(&step.title),
            kind: self.w.kind(&step.kind),
            effect: self.w.effect(step.effect),
            needs: or_nothing(self.numbers(|other| step.needs.contains(&other.id)).join(", ")),
            who: or_nothing(who(step)),
            expected,
            longest,
            source,
        }
    }

    /// Numbers of the steps that `wanted` picks, in the plan's order.
    fn numbers(&self, wanted: impl Fn(&PlannedStep) -> bool) -> Vec<String> {
        let mut numbers = Vec::new();
        for (phase_place, phase) in self.plan.phases.iter().enumerate() {
            for (place, step) in phase.steps.iter().enumerate() {
                if wanted(step) {
                    numbers.push(format!("{}-{}", phase_place + 1, place + 1));
                }
            }
        }
        numbers
    }

    /// Where a duration comes from, and how often it was measured.
    pub(in crate::report) fn source(&self, source: DurationSource, samples: usize) -> String {
        let id = match source {
            DurationSource::Default => return self.w.say("report-source-default"),
            DurationSource::Rehearsal => "report-source-rehearsal",
            DurationSource::TestImport => "report-source-test-import",
        };
        t!(self.w.lang, id, n = samples)
    }

    /// The critical path, a line each: number, title, from, until. Waits are left out.
    pub(in crate::report) fn critical_path(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for phase in self.phases() {
            for row in &phase.steps {
                if row.step.critical && row.step.applies && row.step.kind != "wait" {
                    let (start, end) = (row.step.starts_at, row.step.ends_at());
                    let until = self.w.on_day(&end, &start, "%H:%M:%S");
                    lines.push(format!(
                        "{} {}  {} – {until}  ({})",
                        row.number,
                        row.title,
                        self.w.short(&start),
                        row.expected
                    ));
                }
            }
        }
        lines
    }
}

fn who(step: &PlannedStep) -> String {
    match (step.runs_as.as_str(), step.host.as_str()) {
        ("", host) => host.to_owned(),
        (user, "") => user.to_owned(),
        (user, host) => format!("{user} @ {host}"),
    }
}
