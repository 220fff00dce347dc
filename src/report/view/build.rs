//! Puts a [`RunView`] together from the plan and the records. Decides nothing: states come from
//! the journal's own fold, and only times that the fold forgets are read from the records.

use std::collections::BTreeMap;

use super::incidents::{self, last_import_log};
use super::mails::mails;
use super::model::{
    Attempted, ChainView, DatabaseView, DecisionView, FileView, PhaseView, ProofView, RunView,
    StepView,
};
use super::next::next_action;
use crate::clock::Jst;
use crate::ids::StepId;
use crate::journal::{
    ChainHash, ClinicState, Event, JournalError, Outcome, Record, RunStatus, State, StepState, fold,
};
use crate::plan::{Plan, PlannedStep};

/// What the records say of a step beyond its state.
#[derive(Clone, Debug, Default)]
struct Trace {
    first_start: Option<Jst>,
    last_end: Option<Jst>,
    attempts: u32,
    undo_failed: bool,
    undo_start: Option<Jst>,
    undo_end: Option<Jst>,
}

impl RunView {
    /// The view of the run whose records these are; `now` is for what depends on the present.
    ///
    /// # Errors
    /// Where the records do not follow from one another, or there are none.
    pub fn new(plan: &Plan, records: &[Record], now: Option<Jst>) -> Result<Self, JournalError> {
        let state = fold(records)?
            .ok_or_else(|| JournalError::NoRun { path: plan.clinic.clinic_id.clone() })?;
        let traces = traces(records);
        let (outcome, clinic_state) = match state.status {
            RunStatus::Running => (None, None),
            RunStatus::Ended { outcome, clinic } => (Some(outcome), Some(clinic)),
        };
        let phases: Vec<PhaseView> = plan
            .phases
            .iter()
            .map(|phase| PhaseView {
                id: phase.id.clone(),
                title: phase.title.clone(),
                steps: phase.steps.iter().map(|step| step_view(step, &state, &traces)).collect(),
            })
            .collect();
        let incidents = incidents::all(plan, records);
        let mut view = Self {
            format: 1,
            plan_matches: state.info.plan == plan.digest,
            outcome,
            interrupted: false,
            clinic_state,
            settled_after_end: outcome.is_some() && settled_last(records),
            last_at: state.at,
            ended_at: outcome.and_then(|_| ended_at(records)),
            resumed: count(records, |event| matches!(event, Event::RunResumed { .. })),
            proofs: phases.iter().flat_map(|phase| &phase.steps).filter_map(proof).collect(),
            phases,
            files: files(&state),
            databases: databases(&state),
            mails: mails(&state, records),
            import_log: last_import_log(&incidents, &state),
            incidents,
            chain: ChainView { records: state.seq, head: ChainHash(state.head.0.clone()) },
            decision: None,
            next_action: super::NextAction::Nothing,
            info: state.info,
        };
        view.decision = (outcome != Some(Outcome::Done)).then(|| DecisionView {
            latest_rollback_at: plan.latest_rollback_at,
            seconds_left: now.map(|now| (plan.latest_rollback_at - now).num_seconds()),
        });
        view.next_action = next_action(&view, now);
        Ok(view)
    }

    /// Takes in that no process carries the run on, which its records cannot say: what they call
    /// running was broken off. `clinic` is the clinic's state after them.
    pub fn learn_interrupted(&mut self, clinic: ClinicState, now: Option<Jst>) {
        if self.outcome.is_none() {
            (self.interrupted, self.clinic_state) = (true, Some(clinic));
            self.next_action = next_action(self, now);
        }
    }
}

fn count(records: &[Record], wanted: impl Fn(&Event) -> bool) -> usize {
    records.iter().filter(|record| wanted(&record.event)).count()
}

/// True where a settlement came after the last end.
fn settled_last(records: &[Record]) -> bool {
    let after = records.iter().rev().take_while(|r| !matches!(r.event, Event::RunEnded { .. }));
    after.into_iter().any(|record| matches!(record.event, Event::StepSettled { .. }))
}

fn ended_at(records: &[Record]) -> Option<Jst> {
    let ended = |record: &&Record| matches!(record.event, Event::RunEnded { .. });
    records.iter().rev().find(ended).map(|record| record.at)
}

fn traces(records: &[Record]) -> BTreeMap<StepId, Trace> {
    let mut traces: BTreeMap<StepId, Trace> = BTreeMap::new();
    for record in records {
        let Some(step) = record.event.step() else { continue };
        let trace = traces.entry(step.clone()).or_default();
        match &record.event {
            Event::StepStarted { attempt, .. } => {
                trace.first_start.get_or_insert(record.at);
                trace.last_end = None;
                trace.attempts = *attempt;
            }
            Event::StepDone { .. } | Event::StepFailed { .. } | Event::StepInDoubt { .. } => {
                trace.last_end = Some(record.at);
            }
            Event::UndoStarted { .. } => {
                trace.undo_start = Some(record.at);
                trace.undo_end = None;
            }
            Event::UndoFailed { .. } => trace.undo_failed = true,
            Event::UndoDone { .. } => {
                trace.undo_failed = false;
                trace.undo_end = Some(record.at);
            }
            _ => {}
        }
    }
    traces
}

fn step_view(step: &PlannedStep, state: &State, traces: &BTreeMap<StepId, Trace>) -> StepView {
    let trace = traces.get(&step.id).cloned().unwrap_or_default();
    let mut view = StepView {
        actual_start: trace.first_start,
        actual_end: trace.last_end,
        attempts: trace.attempts,
        undo_failed: trace.undo_failed,
        undo_start: trace.undo_start,
        undo_end: trace.undo_end,
        ..StepView::planned(step)
    };
    match state.steps.get(&step.id) {
        None => {}
        Some(StepState::Running { .. }) => view.state = Attempted::Running,
        // What could not be taken back stands; what is being taken back is work going on.
        Some(StepState::Undoing { .. }) if trace.undo_failed => view.state = Attempted::Done,
        Some(StepState::Undoing { .. }) => view.state = Attempted::Running,
        Some(StepState::Done { outputs, .. }) => {
            view.state = Attempted::Done;
            view.outputs.clone_from(outputs);
        }
        Some(StepState::Failed { problem, again_at, .. }) => {
            view.state = Attempted::Failed;
            view.problem = Some(problem.clone());
            view.again_at = *again_at;
        }
        Some(StepState::InDoubt { problem, .. }) => {
            view.state = Attempted::InDoubt;
            view.problem = Some(problem.clone());
        }
        Some(StepState::Skipped) => view.state = Attempted::Skipped,
        Some(StepState::Undone { .. }) => view.state = Attempted::Undone,
    }
    view
}

impl StepView {
    /// A step of which nothing has happened yet.
    pub(in crate::report) fn planned(step: &PlannedStep) -> Self {
        Self {
            id: step.id.clone(),
            title: step.title.clone(),
            kind: step.kind.clone(),
            effect: step.effect,
            is_production_import: step.is_production_import,
            applies: step.applies,
            planned_start: step.starts_at,
            planned_end: step.ends_at(),
            actual_start: None,
            actual_end: None,
            attempts: 0,
            state: Attempted::Pending,
            problem: None,
            again_at: None,
            undo_failed: false,
            undo_start: None,
            undo_end: None,
            outputs: BTreeMap::new(),
        }
    }
}

/// A comparison that ended; one that did not is an incident, not a proof.
fn proof(step: &StepView) -> Option<ProofView> {
    if step.kind != "compare_archives" || step.state != Attempted::Done {
        return None;
    }
    let number = |name: &str| step.outputs.get(name).and_then(how_many);
    let is_digest = |text: &str| text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
    Some(ProofView {
        step: step.id.clone(),
        title: step.title.clone(),
        at: step.actual_end,
        tables: number("tables"),
        rows: number("rows"),
        differences: number("differences"),
        digests: step
            .outputs
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .filter(|(_, value)| is_digest(value))
            .collect(),
    })
}

/// A number, or the length of a list.
fn how_many(value: &serde_json::Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_array().and_then(|list| u64::try_from(list.len()).ok()))
        .or_else(|| value.as_object().and_then(|map| u64::try_from(map.len()).ok()))
}

fn files(state: &State) -> Vec<FileView> {
    state
        .files
        .iter()
        .map(|(path, entry)| FileView {
            path: path.clone(),
            contents: entry.contents,
            step: entry.step.clone(),
            bytes: entry.complete.as_ref().map(|(bytes, _)| *bytes),
            sha256: entry.complete.as_ref().map(|(_, sha256)| sha256.clone()),
            sealed_as: entry.sealed_as.clone(),
        })
        .collect()
}

fn databases(state: &State) -> Vec<DatabaseView> {
    let left = state.databases.values().filter(|made| !made.dropped);
    left.map(|made| DatabaseView { database: made.database.clone(), step: made.step.clone() })
        .collect()
}
