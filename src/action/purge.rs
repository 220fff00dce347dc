//! Removes files with patient data whose time is over, and proves that they are gone.

use std::path::{Path, PathBuf};

use super::WorkDir;
use crate::clock::{Clock, Jst};
use crate::diag::{Fact, Kind, Problem};
use crate::journal::{Contents, Event, Journal, Outcome, RunStatus, State, fold};
use crate::playbook::{Clinic, Retention, time_delta};

/// Removes what is due and writes each removal into its run's journal; gives the paths.
///
/// # Errors
/// Where the journal cannot be read or written, or a file cannot be removed.
pub async fn purge(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
) -> Result<Vec<PathBuf>, Problem> {
    let mut removed = Vec::new();
    if !work.journal().may_exist() {
        return Ok(removed);
    }
    let store = work.store(false).await?;
    for run in store.runs().await? {
        let Some(state) = fold(&store.load(&run).await?)? else { continue };
        let due = due(&state, &clinic.retention, clock.now());
        if due.is_empty() {
            continue;
        }
        let journal = Journal::take_up(store.clone(), clock.clone(), run, None).await?;
        for path in due {
            remove(&path)?;
            journal.append(Event::FilePurged { path: path.display().to_string() }).await?;
            removed.push(path);
        }
    }
    store.close().await;
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
