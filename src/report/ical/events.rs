//! Which of a plan's times people have in their calendars.

use crate::clock::Jst;
use crate::plan::Plan;

/// A calendar entry.
pub(super) struct Event {
    /// Its name within a clinic's calendar: a part of its id, which must never change.
    pub(super) name: &'static str,
    pub(super) from: Jst,
    /// `None` for a moment.
    pub(super) until: Option<Jst>,
    /// True where the people of the cutover are busy.
    pub(super) is_busy: bool,
    /// Reminders: durations before it.
    pub(super) alarms: &'static [&'static str],
}

const WEEK: &str = "-P7D";
const DAY: &str = "-P1D";
const HOUR: &str = "-PT1H";

/// The test import, the window, the point of no return, and the latest start of a roll-back.
pub(super) fn events(plan: &Plan) -> [Event; 4] {
    let cutover = &plan.clinic.cutover;
    let test = test_import(plan);
    let import = plan.steps().find(|step| step.is_production_import);
    [
        Event {
            name: "test-import",
            from: cutover.test_import_at,
            until: Some(test).filter(|until| *until > cutover.test_import_at),
            is_busy: false,
            alarms: &[DAY, HOUR],
        },
        Event {
            name: "window",
            from: cutover.production_at,
            until: Some(cutover.window_end),
            is_busy: true,
            alarms: &[WEEK, DAY, HOUR],
        },
        Event {
            name: "no-return",
            from: plan.import_starts_at,
            until: import.map(|step| step.ends_at()).filter(|until| *until > plan.import_starts_at),
            is_busy: false,
            alarms: &[HOUR],
        },
        Event {
            name: "decision",
            from: plan.latest_rollback_at,
            until: None,
            is_busy: false,
            alarms: &[HOUR],
        },
    ]
}

/// The end of the phase that holds the test import.
fn test_import(plan: &Plan) -> Jst {
    let holds = |kind: &str, is_final: bool| kind == "portal_import" && !is_final;
    let phase = plan.phases.iter().find(|phase| {
        phase.steps.iter().any(|step| step.applies && holds(&step.kind, step.is_production_import))
    });
    let ends = phase.and_then(|phase| phase.steps.iter().map(|step| step.ends_at()).max());
    ends.unwrap_or(plan.clinic.cutover.test_import_at)
}
