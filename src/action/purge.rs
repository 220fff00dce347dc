//! Removes files with patient data whose time is over, and proves that they are gone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::WorkDir;
use crate::clock::{Clock, Jst};
use crate::diag::{Fact, Kind, Problem};
use crate::fault::{self, Point};
use crate::ids::RunId;
use crate::journal::lease::Lease;
use crate::journal::store::Store;
use crate::journal::{Contents, Event, Journal, JournalError, Outcome, RunStatus, State, fold};
use crate::playbook::{Clinic, Retention, time_delta};

/// Under which name a purge holds the clinic's lease.
const PURGE: &str = "purge";

/// Removes what is due and writes each removal into its run's journal; gives the paths.
///
/// # Errors
/// Where the journal cannot be read or written, or a file cannot be removed.
pub async fn purge(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
) -> Result<Vec<PathBuf>, Problem> {
    if !work.journal().may_exist() {
        return Ok(Vec::new());
    }
    let opened = work.store(false).await?;
    let runs = opened.runs().await?;
    // Whoever holds the lease may take the latest run up again at any moment; the others are
    // nobody's any more.
    let length = clinic.journal.as_ref().and_then(|journal| journal.lease_secs);
    let length = length.map(std::time::Duration::from_secs);
    let lease = match Lease::take(opened.clone(), PURGE, length).await {
        Ok(lease) => Some(lease),
        Err(JournalError::LeaseHeld { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let store = lease.as_ref().map_or(opened, Lease::store);
    let removed = remove_due(clinic, clock, &store, &runs, lease.is_some()).await;
    if let Some(lease) = lease {
        lease.release().await;
    }
    store.close().await;
    removed
}

async fn remove_due(
    clinic: &Clinic,
    clock: &Clock,
    store: &Arc<dyn Store>,
    runs: &[RunId],
    with_latest: bool,
) -> Result<Vec<PathBuf>, Problem> {
    let mut removed = Vec::new();
    let settled = if with_latest { runs.len() } else { runs.len().saturating_sub(1) };
    for run in runs.iter().take(settled) {
        let Some(state) = fold(&store.load(run).await?)? else { continue };
        let due = due(&state, &clinic.retention, clock.now());
        if due.is_empty() {
            continue;
        }
        let journal = Journal::take_up(store.clone(), clock.clone(), run.clone(), None).await?;
        for path in due {
            remove(&path)?;
            fault::reach(Point::FilePurged).await?;
            journal.append(Event::FilePurged { path: path.display().to_string() }).await?;
            removed.push(path);
        }
    }
    Ok(removed)
}

/// Files of a run that has ended for good and whose time is over.
fn due(state: &State, retention: &Retention, now: Jst) -> Vec<PathBuf> {
    // A run that waits, or whose process died, may still need what it made.
    let over = match state.status {
        RunStatus::Ended { outcome: Outcome::Done | Outcome::Failed, .. } => state.at,
        RunStatus::Ended { .. } | RunStatus::Running => return Vec::new(),
    };
    let kept = |contents: Contents| {
        time_delta(match contents {
            Contents::SourceDump | Contents::CloudDump => retention.dumps_secs,
            Contents::ImportLog => retention.logs_secs,
        })
    };
    state
        .files
        .iter()
        .filter(|(_, file)| !file.purged)
        .filter(|(_, file)| file.sealed_as.is_none())
        .filter(|(_, file)| now - over >= kept(file.contents))
        .map(|(path, _)| PathBuf::from(path))
        .collect()
}

/// Removes a file, brings that to the disk, and looks whether it is gone.
fn remove(path: &Path) -> Result<(), Problem> {
    let failed = |reason: &dyn std::fmt::Display| {
        Problem::new("run-purge-failed", Kind::Environment)
            .with(Fact::local("path", path.display()))
            .with(Fact::local("reason", reason))
    };
    match std::fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(&error)),
    }
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(|error| failed(&error))?;
    }
    if path.try_exists().unwrap_or(true) {
        return Err(failed(&"it is still there"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Sha256;
    use crate::journal::ClinicState;
    use crate::journal::fixture::{at, state};
    use chrono::TimeDelta;

    fn registered(path: &str, contents: Contents) -> Event {
        Event::FileRegistered { path: path.into(), contents, step: "dump".into() }
    }

    fn ended(outcome: Outcome) -> Event {
        Event::RunEnded { outcome, clinic: ClinicState::Unchanged }
    }

    /// A dump that is whole, one whose process died before it was, a log, and one that is gone.
    fn run(outcome: Option<Outcome>) -> State {
        let mut events = vec![
            registered("whole.dump", Contents::SourceDump),
            Event::FileCompleted {
                path: "whole.dump".into(),
                bytes: 1,
                sha256: Sha256("0".repeat(64)),
            },
            registered("half.dump", Contents::CloudDump),
            registered("import.log", Contents::ImportLog),
            registered("gone.dump", Contents::SourceDump),
            Event::FilePurged { path: "gone.dump".into() },
        ];
        events.extend(outcome.map(ended));
        state(events)
    }

    #[test]
    fn what_was_registered_goes_when_its_time_is_over_complete_or_not() {
        let retention = Retention { dumps_secs: 100, logs_secs: 50 };
        let over = at(8);
        let due_at = |state: &State, secs: i64| {
            let due = due(state, &retention, over + TimeDelta::seconds(secs));
            due.iter().map(|path| path.display().to_string()).collect::<Vec<_>>()
        };
        for outcome in [Outcome::Done, Outcome::Failed] {
            let run = run(Some(outcome));
            assert_eq!(run.at, over);
            assert!(due_at(&run, 49).is_empty());
            assert_eq!(due_at(&run, 50), ["import.log"]);
            assert_eq!(due_at(&run, 99), ["import.log"]);
            assert_eq!(due_at(&run, 100), ["half.dump", "import.log", "whole.dump"]);
        }
        // What may still be needed stays, however long.
        for state in [run(Some(Outcome::Waiting)), run(Some(Outcome::InDoubt)), run(None)] {
            assert!(due_at(&state, 1_000_000).is_empty(), "{:?}", state.status);
        }
    }

    #[test]
    fn a_file_is_gone_when_that_is_said_and_one_that_cannot_be_removed_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.dump");
        std::fs::write(&file, b"x").unwrap();
        remove(&file).unwrap();
        assert!(!file.exists());
        remove(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        assert_eq!(remove(&file).unwrap_err().code, "run-purge-failed");
    }
}
