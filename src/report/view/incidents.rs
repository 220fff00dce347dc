//! What went wrong in a run, read from its records. An incident stays one after it was mended.

use super::model::{Incident, IncidentKind, Settlement};
use crate::diag::{Problem, Redacted};
use crate::ids::StepId;
use crate::journal::{Event, Record, State, StepState};
use crate::plan::Plan;

/// All incidents, oldest first.
pub(super) fn all(plan: &Plan, records: &[Record]) -> Vec<Incident> {
    let mut incidents: Vec<Incident> = Vec::new();
    for record in records {
        match &record.event {
            Event::StepFailed { step, attempt, problem, import_log, .. } => {
                let mut incident = incident(plan, record, IncidentKind::StepFailed, problem);
                incident.about(plan, step, Some(*attempt));
                incident.import_log.clone_from(import_log);
                incidents.push(incident);
            }
            Event::StepInDoubt { step, attempt, problem } => {
                let mut incident = incident(plan, record, IncidentKind::StepInDoubt, problem);
                incident.about(plan, step, Some(*attempt));
                incidents.push(incident);
            }
            Event::UndoFailed { problem, .. } => {
                incidents.push(incident(plan, record, IncidentKind::UndoFailed, problem));
            }
            Event::MailDelayed { problem, .. } => {
                incidents.push(incident(plan, record, IncidentKind::MailDelayed, problem));
            }
            Event::StepSettled { step, done, by, .. } => {
                let open = incidents.iter_mut().rev().find(|incident| {
                    incident.kind == IncidentKind::StepInDoubt
                        && incident.step.as_ref() == Some(step)
                });
                if let Some(incident) = open {
                    incident.settled =
                        Some(Settlement { at: record.at, done: *done, by: by.clone() });
                }
            }
            _ => {}
        }
    }
    incidents
}

fn incident(plan: &Plan, record: &Record, kind: IncidentKind, problem: &Problem) -> Incident {
    let mut incident = Incident {
        seq: record.seq,
        at: record.at,
        kind,
        step: None,
        title: None,
        attempt: None,
        problem: problem.clone(),
        import_log: None,
        settled: None,
    };
    if let Some(step) = record.event.step() {
        incident.about(plan, step, None);
    }
    incident
}

impl Incident {
    fn about(&mut self, plan: &Plan, step: &StepId, attempt: Option<u32>) {
        self.step = Some(step.clone());
        self.title = plan.steps().find(|planned| planned.id == *step).map(|s| s.title.clone());
        self.attempt = attempt;
    }
}

/// The log of the last import that failed and still is not mended.
pub(super) fn last_import_log(incidents: &[Incident], state: &State) -> Option<Redacted> {
    incidents
        .iter()
        .rev()
        .filter(|incident| {
            let step = incident.step.as_ref().and_then(|step| state.steps.get(step));
            matches!(step, Some(StepState::Failed { .. }))
        })
        .find_map(|incident| incident.import_log.clone())
}
