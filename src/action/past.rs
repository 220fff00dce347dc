//! What earlier runs tell a plan: how long steps took, and when a test import was proved.

use super::WorkDir;
use crate::clock::Jst;
use crate::diag::Problem;
use crate::journal::store::Place;
use crate::journal::{Event, Record, State, StepState, fold};
use crate::plan::{DurationSource, ROLLBACK_KIND, Sample, sample_kind, undo_kind};
use crate::playbook::{CheckedPlaybook, Purpose, StepAction};

/// Runs that are looked into, the newest first.
const MAX_RUNS: usize = 20;

/// What was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// Durations.
    pub(super) history: Vec<Sample>,
    /// When the newest test import ended that was proved by comparison.
    pub(super) proved_test_import_at: Option<Jst>,
}

/// Looks into the clinic's journal and those of its rehearsals.
///
/// # Errors
/// Where the clinic's own journal is there and cannot be read. A rehearsal's that cannot be read
/// tells nothing.
pub(super) async fn past(playbook: &CheckedPlaybook) -> Result<Past, Problem> {
    let mut past = Past::default();
    let work = WorkDir::of(&playbook.clinic);
    if work.journal().may_exist() {
        for records in runs(work.journal()).await? {
            let Some(state) = fold(&records)? else { continue };
            past.history.extend(samples(playbook, &records, DurationSource::TestImport));
            if past.proved_test_import_at.is_none() {
                past.proved_test_import_at = proved_test_import(playbook, &state);
            }
        }
    }
    for path in &playbook.clinic.rehearsals {
        for records in runs(&Place::File(path.clone())).await.unwrap_or_default() {
            past.history.extend(samples(playbook, &records, DurationSource::Rehearsal));
        }
    }
    Ok(past)
}

/// The newest runs' records, the newest run first.
pub(super) async fn runs(place: &Place) -> Result<Vec<Vec<Record>>, Problem> {
    let store = place.open(false).await?;
    let mut all = Vec::new();
    for run in store.runs().await?.iter().rev().take(MAX_RUNS) {
        all.push(store.load(run).await?);
    }
    store.close().await;
    Ok(all)
}

/// When the run's test import ended, where a comparison after it proved it.
pub(super) fn proved_test_import(playbook: &CheckedPlaybook, state: &State) -> Option<Jst> {
    let steps: Vec<_> = playbook.steps().collect();
    let import = steps.iter().position(|step| {
        matches!(step.action, StepAction::PortalImport { purpose: Purpose::Test, .. })
    })?;
    let proof = steps
        .iter()
        .skip(import)
        .find(|step| matches!(step.action, StepAction::CompareArchives { .. }))?;
    let ended = |id| match state.steps.get(id) {
        Some(StepState::Done { until, .. }) => Some(*until),
        _ => None,
    };
    ended(&proof.id)?;
    ended(&steps.get(import)?.id)
}

/// How long each step took that was done, and how long a roll-back took in all.
fn samples(playbook: &CheckedPlaybook, records: &[Record], source: DurationSource) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut started = std::collections::BTreeMap::new();
    let mut undoing: Option<Jst> = None;
    let mut undone = 0;
    let bytes = records.iter().filter_map(dump_bytes).max().unwrap_or(0);
    for record in records {
        match &record.event {
            Event::StepStarted { step, .. } => {
                started.insert(step.clone(), record.at);
            }
            Event::StepDone { step, .. } => {
                let known = playbook.steps().find(|other| other.id == *step);
                let kind = known.map(|step| sample_kind(&step.action));
                if let (Some(since), Some(kind)) = (started.remove(step), kind)
                    // How long a wait was says nothing.
                    && kind != "wait"
                {
                    let secs = whole_seconds(since, record.at);
                    samples.push(Sample { kind: kind.to_owned(), source, secs, bytes });
                }
            }
            Event::UndoStarted { step } => {
                undoing.get_or_insert(record.at);
                started.insert(step.clone(), record.at);
            }
            Event::UndoDone { step } => {
                undone += 1;
                let known = playbook.steps().find(|other| other.id == *step);
                if let (Some(since), Some(known)) = (started.remove(step), known) {
                    let kind = undo_kind(known.action.kind());
                    let secs = whole_seconds(since, record.at);
                    samples.push(Sample { kind, source, secs, bytes });
                }
            }
            Event::RunEnded { .. } => {
                if let Some(since) = undoing.take().filter(|_| undone > 0) {
                    let secs = whole_seconds(since, record.at);
                    let kind = ROLLBACK_KIND.to_owned();
                    samples.push(Sample { kind, source, secs, bytes });
                }
                undone = 0;
            }
            _ => {}
        }
    }
    samples
}

/// The size of an archive that a dump made.
fn dump_bytes(record: &Record) -> Option<u64> {
    match &record.event {
        Event::StepDone { outputs, .. } if outputs.contains_key("tables") => {
            outputs.get("bytes")?.as_u64()
        }
        _ => None,
    }
}

fn whole_seconds(since: Jst, until: Jst) -> u64 {
    let millis = u64::try_from((until - since).num_milliseconds()).unwrap_or(0);
    millis.div_ceil(1_000)
}
