//! Lays the steps out in time and puts the plan together.

use std::collections::BTreeMap;

use chrono::{SubsecRound, TimeDelta};

use super::checks::{self, CheckInputs};
use super::facts::Facts;
use super::history::Estimate;
use super::model::{
    EstimateBasis, Plan, PlannedMaintenance, PlannedPhase, PlannedStep, PlannedUndo,
};
use super::snapshot::{Inputs, digest};
use super::{critical, estimate, places, work};
use crate::calendar::Maintenance;
use crate::clock::Jst;
use crate::ids::StepId;
use crate::playbook::{
    CheckedPlaybook, DumpStrategy, Phase, Purpose, Step, StepAction, time_delta,
};

/// Time that is kept at least for steps that take longer than expected.
const LEAST_MARGIN_SECS: u64 = 15 * 60;

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
    let mut layout = Layout {
        clinic: playbook,
        ends: BTreeMap::new(),
        basis: &basis,
        facts: &facts,
        done_at: None,
    };
    let last_done = facts.proved_test_import_at.and_then(|_| test_phase(playbook));
    // Whole seconds: a wait then ends at its time and not a moment before it.
    let mut at = facts.at.trunc_subsecs(0);
    let mut phases = Vec::with_capacity(playbook.phases.len());
    for (index, phase) in playbook.phases.iter().enumerate() {
        let is_done = last_done.is_some_and(|last| index <= last);
        layout.done_at = facts.proved_test_import_at.filter(|_| is_done);
        let planned = layout.phase(phase, at);
        if !is_done {
            at = planned.steps.iter().map(PlannedStep::ends_at).max().unwrap_or(at).max(at);
        }
        phases.push(planned);
    }
    critical::mark(&mut phases);
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
    let rollback = estimate::rollback(&facts.history);
    // 1.5 times the roll-back's length before the window's end, as the reviewers' rule has it.
    let for_rollback = time_delta(rollback.max_secs.min(rollback.secs.saturating_mul(2)) * 3 / 2);
    let latest_rollback_at = cutover.window_end - for_rollback;
    let margin_secs = margin_secs(&phases, cutover.production_at);
    let latest_end = at + time_delta(margin_secs) + for_rollback;
    let checks = checks::all(&CheckInputs {
        playbook,
        facts: &facts,
        maintenance,
        database_bytes: basis.database_bytes,
        ends_at: at,
        test_ends_at: test_ends_at(playbook, &phases),
        margin_secs,
        latest_rollback_at,
        window_end: cutover.window_end.max(latest_end),
    });
    Plan {
        format: 1,
        made_at: facts.at,
        playbook: playbook.name.clone(),
        title: playbook.title.clone(),
        clinic: playbook.clinic.clone(),
        places: places::all(playbook, &facts, &phases, at),
        work: work::planned(&playbook.clinic, facts.at),
        phases,
        checks,
        service_stops_at,
        import_starts_at,
        ends_at: at,
        margin_secs,
        rollback: Some(rollback),
        rollback_steps: rollback_steps(playbook, &facts),
        latest_rollback_at,
        rehearsal,
        inputs: inputs.clone(),
        digest: digest(inputs),
        basis: Some(basis),
        maintenance: announced(maintenance, facts.at, at.max(cutover.window_end)),
        facts,
    }
}

/// The steps that a roll-back takes back, the last one first.
fn rollback_steps(playbook: &CheckedPlaybook, facts: &Facts) -> Vec<PlannedUndo> {
    let mut steps: Vec<PlannedUndo> = playbook
        .steps()
        .filter(|step| step.applies && step.action.is_undone_on_rollback())
        .map(|step| PlannedUndo {
            step: step.id.clone(),
            title: step.title.clone(),
            kind: step.action.kind().to_owned(),
            estimate: estimate::undo(&step.action, &facts.history),
        })
        .collect();
    steps.reverse();
    steps
}

/// What the steps of the night may take longer than expected: their longest durations along the
/// critical path, and never less than a quarter of an hour.
fn margin_secs(phases: &[PlannedPhase], production_at: Jst) -> u64 {
    let longer: u64 = phases
        .iter()
        .flat_map(|phase| &phase.steps)
        .filter(|step| step.critical && step.starts_at >= production_at)
        .map(|step| step.max_secs.saturating_sub(step.estimate_secs))
        .sum();
    longer.max(LEAST_MARGIN_SECS)
}

/// The place of the phase that holds the test import.
fn test_phase(playbook: &CheckedPlaybook) -> Option<usize> {
    let test = |action: &StepAction| {
        matches!(action, StepAction::PortalImport { purpose: Purpose::Test, .. })
    };
    playbook
        .phases
        .iter()
        .position(|phase| phase.steps.iter().any(|step| step.applies && test(&step.action)))
}

/// When the test import is expected to be proved: the end of the phase that holds it.
fn test_ends_at(playbook: &CheckedPlaybook, phases: &[PlannedPhase]) -> Jst {
    let planned = test_phase(playbook).and_then(|index| phases.get(index));
    let ends = planned.and_then(|phase| phase.steps.iter().map(PlannedStep::ends_at).max());
    ends.unwrap_or(playbook.clinic.cutover.test_import_at)
}

/// Maintenance that lies between `from` and a day after `until`: who reads the plan should see
/// what is near, not only what blocks.
fn announced(maintenance: &Maintenance, from: Jst, until: Jst) -> Vec<PlannedMaintenance> {
    let until = until.checked_add_signed(TimeDelta::days(1)).unwrap_or(until);
    let near = maintenance.windows().filter(|(_, window)| window.touches(&from, &until));
    let mut near: Vec<PlannedMaintenance> = near
        .map(|(reading, window)| PlannedMaintenance {
            from: window.from,
            to: window.to,
            title: window.title.clone(),
            source: reading.source.clone(),
        })
        .collect();
    near.sort_by_key(|window| (window.from, window.to));
    // The same window from two sources is one.
    near.dedup_by(|one, other| {
        (one.from, one.to, &one.title) == (other.from, other.to, &other.title)
    });
    near
}

struct Layout<'a> {
    clinic: &'a CheckedPlaybook,
    ends: BTreeMap<StepId, Jst>,
    basis: &'a EstimateBasis,
    facts: &'a Facts,
    /// When the phase was done that is laid out now.
    done_at: Option<Jst>,
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
        // What is proved is not done again: it keeps the time of its proof and takes none.
        let starts_at = self.done_at.unwrap_or(starts_at);
        let fixed = |secs: u64| Estimate { secs, max_secs: secs, ..estimate::nothing() };
        let estimate = if !step.applies || self.done_at.is_some() {
            fixed(0)
        } else if let StepAction::Wait { until } = &step.action {
            let target = match until {
                Purpose::Test => cutover.test_import_at,
                Purpose::Production => cutover.production_at,
            };
            fixed(u64::try_from((target - starts_at).num_seconds()).unwrap_or(0))
        } else {
            estimate::step(&step.action, self.basis, &self.facts.history)
        };
        let (runs_as, host) = self.whose(&step.action);
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
            estimate_secs: estimate.secs,
            max_secs: estimate.max_secs,
            estimate_source: estimate.source,
            samples: estimate.samples,
            runs_as,
            host,
            critical: false,
            done: self.done_at.is_some(),
            archives: step.action.archives().into_iter().map(str::to_owned).collect(),
            command,
            more_commands,
        }
    }
}

impl Layout<'_> {
    /// As whom, and on which machine, a step does what it does.
    fn whose(&self, action: &StepAction) -> (String, String) {
        let clinic = &self.clinic.clinic;
        let here = || self.facts.host.clone();
        let database = || (format!("sudo -n -u {}", clinic.source.os_user), here());
        let host_of = |address: &str| address.trim_start_matches("https://").to_owned();
        match action {
            StepAction::Dump { .. }
            | StepAction::Fence { .. }
            | StepAction::StaleCheck { .. }
            | StepAction::SwapDatabase { .. }
            | StepAction::SourceProbe { .. } => database(),
            StepAction::PortalProbe { .. }
            | StepAction::PortalExport { .. }
            | StepAction::PortalRelease {}
            | StepAction::PortalImport { .. } => {
                let certificate = self.facts.portal.as_ref().map(|site| site.certificate.clone());
                (certificate.unwrap_or_default(), host_of(&clinic.portal.management))
            }
            StepAction::MailProbe {} => (
                clinic.mail.user.clone().unwrap_or_default(),
                format!("{}:{}", clinic.mail.host, clinic.mail.port),
            ),
            StepAction::ServiceStop {}
            | StepAction::WindowCheck { .. }
            | StepAction::Wait { .. }
            | StepAction::VerifyArchive { .. }
            | StepAction::CompareArchives { .. } => (String::new(), here()),
        }
    }
}
