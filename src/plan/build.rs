//! Lays the steps out in time and puts the plan together.

use std::collections::BTreeMap;

use chrono::{SubsecRound, TimeDelta};

use super::checks::{self, CheckInputs};
use super::digest::{Inputs, digest};
use super::estimate;
use super::facts::Facts;
use super::model::{EstimateBasis, Plan, PlannedMaintenance, PlannedPhase, PlannedStep};
use crate::calendar::Maintenance;
use crate::clock::Jst;
use crate::ids::StepId;
use crate::playbook::{CheckedPlaybook, DumpStrategy, Phase, Purpose, Step, StepAction};

/// Time for a roll-back (open the database, start the service, check it), before it was rehearsed.
const ROLLBACK_SECS: i64 = 20 * 60;

/// The plan for `playbook` under `facts` and `maintenance`.
pub fn build(
    playbook: &CheckedPlaybook,
    facts: Facts,
    maintenance: &Maintenance,
    inputs: &Inputs,
    rehearsal: bool,
) -> Plan {
    let database_bytes = facts.source.as_ref().map(|source| source.database_bytes);
    let basis = estimate::basis(database_bytes, facts.upload);
    let mut layout =
        Layout { clinic: playbook, ends: BTreeMap::new(), basis: &basis, facts: &facts };
    // Whole seconds: a wait then ends at its time and not a moment before it.
    let mut at = facts.at.trunc_subsecs(0);
    let mut phases = Vec::with_capacity(playbook.phases.len());
    for phase in &playbook.phases {
        let planned = layout.phase(phase, at);
        at = planned.steps.iter().map(PlannedStep::ends_at).max().unwrap_or(at).max(at);
        phases.push(planned);
    }
    let cutover = &playbook.clinic.cutover;
    let start_of = |wanted: &dyn Fn(&PlannedStep) -> bool, otherwise: Jst| {
        phases
            .iter()
            .flat_map(|phase| &phase.steps)
            .find(|step| wanted(step))
            .map_or(otherwise, |step| step.starts_at)
    };
    let import_starts_at = start_of(&|step| step.is_production_import, cutover.production_at);
    let service_stops_at = start_of(&|step| step.kind == "service_stop", cutover.production_at);
    // 1.5 times the roll-back's length before the window's end, as the reviewers' rule has it.
    let latest_rollback_at = cutover.window_end - TimeDelta::seconds(ROLLBACK_SECS * 3 / 2);
    let checks = checks::all(&CheckInputs {
        playbook,
        facts: &facts,
        maintenance,
        database_bytes: basis.database_bytes,
        ends_at: at,
        latest_rollback_at,
    });
    Plan {
        format: 1,
        made_at: facts.at,
        playbook: playbook.name.clone(),
        title: playbook.title.clone(),
        clinic: playbook.clinic.clone(),
        phases,
        checks,
        service_stops_at,
        import_starts_at,
        ends_at: at,
        latest_rollback_at,
        rehearsal,
        digest: digest(inputs),
        basis: Some(basis),
        maintenance: announced(maintenance, facts.at, at.max(cutover.window_end)),
        facts,
    }
}

/// Maintenance that lies between `from` and a day after `until`: who reads the plan should see
/// what is near, not only what blocks.
fn announced(maintenance: &Maintenance, from: Jst, until: Jst) -> Vec<PlannedMaintenance> {
    let until = until.checked_add_signed(TimeDelta::days(1)).unwrap_or(until);
    let near = maintenance.windows.iter().filter(|window| window.touches(&from, &until));
    near.map(|window| PlannedMaintenance {
        from: window.from,
        to: window.to,
        title: window.title.clone(),
    })
    .collect()
}

struct Layout<'a> {
    clinic: &'a CheckedPlaybook,
    ends: BTreeMap<StepId, Jst>,
    basis: &'a EstimateBasis,
    facts: &'a Facts,
}

impl Layout<'_> {
    fn phase(&mut self, phase: &Phase, begin: Jst) -> PlannedPhase {
        let mut planned: BTreeMap<StepId, PlannedStep> = BTreeMap::new();
        // `needs` has no cycles in a checked playbook, so each round places at least one step.
        while planned.len() < phase.steps.len() {
            let before = planned.len();
            for step in &phase.steps {
                let ready = step.needs.iter().all(|need| self.ends.contains_key(need));
                if !planned.contains_key(&step.id) && ready {
                    let placed = self.step(step, begin);
                    self.ends.insert(step.id.clone(), placed.ends_at());
                    planned.insert(step.id.clone(), placed);
                }
            }
            if planned.len() == before {
                break;
            }
        }
        PlannedPhase {
            id: phase.id.clone(),
            title: phase.title.clone(),
            steps: phase.steps.iter().filter_map(|step| planned.remove(&step.id)).collect(),
        }
    }

    fn step(&self, step: &Step, begin: Jst) -> PlannedStep {
        let after_needs = step.needs.iter().filter_map(|need| self.ends.get(need)).max().copied();
        let starts_at = after_needs.unwrap_or(begin).max(begin);
        let cutover = &self.clinic.clinic.cutover;
        let estimate_secs = if !step.applies {
            0
        } else if let StepAction::Wait { until } = &step.action {
            let target = match until {
                Purpose::Test => cutover.test_import_at,
                Purpose::Production => cutover.production_at,
            };
            u64::try_from((target - starts_at).num_seconds()).unwrap_or(0)
        } else {
            estimate::seconds(&step.action, self.basis)
        };
        let is_production_import =
            matches!(step.action, StepAction::PortalImport { purpose: Purpose::Production, .. });
        let source = self.facts.source.as_ref();
        let (command, more_commands) = match &step.action {
            StepAction::Dump { strategy: DumpStrategy::Stream, .. } => {
                (source.map(|s| s.dump_command.clone()).unwrap_or_default(), Vec::new())
            }
            StepAction::ServiceStop {} => {
                (self.clinic.clinic.source.service.stop.clone(), Vec::new())
            }
            _ => {
                let mut all =
                    source.and_then(|s| s.commands.get(&step.id)).into_iter().flatten().cloned();
                (all.next().unwrap_or_default(), all.collect())
            }
        };
        PlannedStep {
            id: step.id.clone(),
            title: step.title.clone(),
            kind: step.action.kind().to_owned(),
            effect: step.action.effect(),
            is_production_import,
            needs: step.needs.clone(),
            applies: step.applies,
            starts_at,
            estimate_secs,
            archives: archives(&step.action),
            command,
            more_commands,
        }
    }
}

fn archives(action: &StepAction) -> Vec<String> {
    match action {
        StepAction::Dump { archive, .. }
        | StepAction::VerifyArchive { archive }
        | StepAction::PortalExport { archive, .. }
        | StepAction::PortalImport { archive, .. } => vec![archive.clone()],
        StepAction::CompareArchives { expected, actual } => vec![expected.clone(), actual.clone()],
        _ => Vec::new(),
    }
}
