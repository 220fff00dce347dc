//! How fast the line to the management site sends: measured by an import, or stated.

use crate::journal::fold;
use crate::journal::store::Store;
use crate::journal::{State, StepState};
use crate::plan::{MIN_MEASURED_BYTES, UploadRateFacts, level_for};
use crate::playbook::{Clinic, Level};

use super::WorkDir;

/// Runs that are looked into, the newest first: a line changes over the years.
const MAX_RUNS: usize = 20;

/// The level of a dump that begins now: a test import of this very run has measured by then.
pub(super) async fn zlib_level(level: Level, clinic: &Clinic) -> u32 {
    match level {
        Level::Auto => level_for(upload_rate(clinic).await, cores()),
        Level::Fixed(level) => level,
    }
}

/// Cores that share the work of a dump; the clinic's server is this machine.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The newest measured rate of the clinic's runs, or else what the clinic file states. A journal
/// that cannot be read has nothing to say here; whoever needs it for more will say so.
pub(super) async fn upload_rate(clinic: &Clinic) -> Option<UploadRateFacts> {
    if let Some(bytes_per_sec) = measured(&WorkDir::of(clinic)).await {
        return Some(UploadRateFacts { bytes_per_sec, measured: true });
    }
    let stated = clinic.portal.upload_rate?;
    Some(UploadRateFacts { bytes_per_sec: stated.bytes_per_sec(), measured: false })
}

async fn measured(work: &WorkDir) -> Option<u64> {
    let store = work.store(false).await.ok()?;
    let found = newest(store.as_ref()).await;
    store.close().await;
    found
}

async fn newest(store: &dyn Store) -> Option<u64> {
    for run in store.runs().await.ok()?.iter().rev().take(MAX_RUNS) {
        let state = store.load(run).await.ok().and_then(|records| fold(&records).ok().flatten());
        if let Some(rate) = state.as_ref().and_then(newest_of) {
            return Some(rate);
        }
    }
    None
}

/// Of the run's imports the one that ended last.
fn newest_of(state: &State) -> Option<u64> {
    let rates = state.steps.values().filter_map(|step| match step {
        StepState::Done { until, outputs, .. } => {
            let number = |key: &str| outputs.get(key)?.as_u64();
            Some((*until, rate(number("bytes")?, number("upload_ms")?)?))
        }
        _ => None,
    });
    rates.max_by_key(|(until, _)| *until).map(|(_, rate)| rate)
}

/// Bytes a second; `None` where too little was sent for the time to mean anything.
fn rate(bytes: u64, upload_ms: u64) -> Option<u64> {
    if bytes < MIN_MEASURED_BYTES {
        return None;
    }
    // A loopback of a rehearsal may take less than a millisecond for it.
    bytes.saturating_mul(1_000).checked_div(upload_ms.max(1)).filter(|rate| *rate > 0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::clock::Clock;
    use crate::diag::SourceText;
    use crate::effect::Effect;
    use crate::ids::{PlanDigest, RunId};
    use crate::journal::{Event, Journal, Role};

    fn clinic(work_dir: &std::path::Path) -> Clinic {
        let yaml = include_str!("../../examples/clinic.yaml");
        let source = SourceText { name: "clinic.yaml".to_owned(), text: yaml.into() };
        let mut clinic = crate::playbook::load_clinic(&source).unwrap();
        clinic.work_dir = work_dir.to_owned();
        clinic
    }

    /// A run whose imports took so many bytes and milliseconds.
    async fn run_with(store: &Arc<dyn Store>, imports: &[(u64, u64)]) {
        let run = RunId::fresh();
        let started = Event::RunStarted {
            run: run.clone(),
            playbook: "cutover".into(),
            clinic: "見本".into(),
            clinic_id: "JPN000000000452".into(),
            plan: PlanDigest("0".repeat(64)),
            operator: "test".into(),
            host: "test".into(),
            tool: "0".into(),
            rehearsal: true,
        };
        let journal =
            Journal::begin(store.clone(), Clock::System, run, started, None).await.unwrap();
        for (number, (bytes, upload_ms)) in imports.iter().enumerate() {
            let step = crate::ids::StepId(format!("import-{number}"));
            let (effect, role) = (Effect::AtMostOnce, Role::Plain);
            let begun = Event::StepStarted { step: step.clone(), attempt: 1, effect, role };
            journal.append(begun).await.unwrap();
            let outputs = [("bytes", json!(bytes)), ("upload_ms", json!(upload_ms))]
                .map(|(key, value)| (key.to_owned(), value))
                .into();
            journal.append(Event::StepDone { step, attempt: 1, outputs }).await.unwrap();
        }
    }

    #[tokio::test]
    async fn the_newest_measured_upload_counts_before_what_the_clinic_file_states() {
        let folder = tempfile::tempdir().unwrap();
        let mut clinic = clinic(folder.path());
        let work = WorkDir::open(&clinic).unwrap();
        assert_eq!(upload_rate(&clinic).await, None);
        assert_eq!(zlib_level(Level::Auto, &clinic).await, crate::plan::USUAL_LEVEL);
        clinic.portal.upload_rate = Some("16Mbit/s".parse().unwrap());
        let stated = UploadRateFacts { bytes_per_sec: 2_000_000, measured: false };
        assert_eq!(upload_rate(&clinic).await, Some(stated));
        let store = work.store(true).await.unwrap();
        let measured = |bytes_per_sec| Some(UploadRateFacts { bytes_per_sec, measured: true });
        run_with(&store, &[(1_000_000, 1)]).await;
        assert_eq!(upload_rate(&clinic).await, Some(stated));
        run_with(&store, &[(10_000_000, 10_000), (30_000_000, 10_000)]).await;
        assert_eq!(upload_rate(&clinic).await, measured(3_000_000));
        // A later run that sent nothing large takes nothing away.
        run_with(&store, &[(1_000_000, 1)]).await;
        assert_eq!(upload_rate(&clinic).await, measured(3_000_000));
        run_with(&store, &[(900_000_000, 3_000)]).await;
        assert_eq!(upload_rate(&clinic).await, measured(300_000_000));
        let chosen = level_for(measured(300_000_000), cores());
        assert_eq!(zlib_level(Level::Auto, &clinic).await, chosen);
        assert_eq!(zlib_level(Level::Fixed(9), &clinic).await, 9);
        store.close().await;
        std::fs::write(work.journal().file().unwrap(), "no journal").unwrap();
        assert_eq!(upload_rate(&clinic).await, Some(stated));
    }

    #[test]
    fn a_rate_is_bytes_by_time_and_a_small_upload_has_none() {
        assert_eq!(rate(25_000_000, 10_000), Some(2_500_000));
        assert_eq!(rate(MIN_MEASURED_BYTES, 0), Some(8_000_000_000));
        assert_eq!(rate(MIN_MEASURED_BYTES - 1, 1), None);
        assert_eq!(rate(MIN_MEASURED_BYTES, u64::MAX), None);
    }
}
