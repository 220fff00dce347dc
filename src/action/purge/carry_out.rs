//! Carries a purge out: intent, removal, proof, record, paper.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::found::{DatabaseFate, Fate, Purge, PurgeOrder, anything, files, runs};
use super::{databases, paper, unregistered};
use crate::action::ledger::actor;
use crate::action::{WorkDir, open_ledger};
use crate::clock::Clock;
use crate::diag::{Fact, Kind, Problem};
use crate::disk;
use crate::fault::{self, Point};
use crate::ids::RunId;
use crate::journal::lease::Lease;
use crate::journal::ledger::LedgerEvent;
use crate::journal::store::Store;
use crate::journal::{Event, Journal, JournalError};
use crate::playbook::Clinic;

/// Under which name a purge holds the clinic's lease.
const PURGE: &str = "purge";

/// Looks at everything, removes what may go, and says what became of each.
///
/// # Errors
/// Where records or folders cannot be read, or the records not written. A file that cannot be
/// removed is told in the answer, and the others are removed all the same.
pub async fn purge(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
    order: &PurgeOrder,
) -> Result<Purge, Problem> {
    let mut purge = Purge {
        at: clock.now(),
        by: order.by.clone(),
        reason: order.all.clone(),
        dry_run: order.dry_run,
        files: Vec::new(),
        unregistered: Vec::new(),
        databases: Vec::new(),
        report: None,
    };
    if !anything(work) {
        return Ok(purge);
    }
    let store = match work.journal().may_exist() {
        true => Some(work.store(false).await?),
        false => None,
    };
    let lease = match (&store, order.dry_run) {
        (Some(store), false) => take_lease(clinic, store).await?,
        _ => None,
    };
    // Read only now: whoever held the lease before may have taken a run up and left it at a wait.
    let held = lease.is_some();
    let store = lease.as_ref().map(Lease::store).or(store);
    let carried = look(clinic, clock, work, order, (store.as_ref(), held), &mut purge).await;
    if let Some(lease) = lease {
        lease.release().await;
    }
    if let Some(store) = store {
        store.close().await;
    }
    carried.map(|()| purge)
}

/// Looks, and removes what may go unless it is only to be told.
async fn look(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
    order: &PurgeOrder,
    (store, held): (Option<&Arc<dyn Store>>, bool),
    purge: &mut Purge,
) -> Result<(), Problem> {
    let mut seen = match store {
        Some(store) => runs(store.as_ref()).await?,
        None => Vec::new(),
    };
    let mut order = order.clone();
    if store.is_some() && !order.dry_run && !held {
        // Whoever holds the lease may take the latest run up again at any moment; the others are
        // nobody's any more.
        order.alone = false;
        if let Some(latest) = seen.last_mut() {
            latest.over = None;
        }
    }
    let (found, known) = files(&seen, &clinic.retention, &order, purge.at);
    purge.files = found;
    purge.unregistered = unregistered::look(work, &known, &order)?;
    purge.databases = databases::look(clinic, &seen).await;
    if order.dry_run {
        return Ok(());
    }
    write_down(clinic, clock, work, &order, purge).await?;
    for file in purge.unregistered.iter_mut().filter(|file| file.fate == Fate::Due) {
        file.fate = removed(&file.path);
    }
    let mut took = purge.unregistered.iter().any(|file| file.fate == Fate::Removed);
    if let Some(store) = store {
        took |= registered(clinic, clock, &order, store, purge).await?;
    }
    if took || !purge.problems().is_empty() {
        purge.report = Some(paper::write(clinic, clock, work, purge)?);
    }
    Ok(())
}

/// `None` where another process holds it.
async fn take_lease(clinic: &Clinic, store: &Arc<dyn Store>) -> Result<Option<Lease>, Problem> {
    let length = clinic.journal.as_ref().and_then(|journal| journal.lease_secs);
    match Lease::take(store.clone(), PURGE, length.map(Duration::from_secs)).await {
        Ok(lease) => Ok(Some(lease)),
        Err(JournalError::LeaseHeld { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Removes what runs have registered; true where anything went.
async fn registered(
    clinic: &Clinic,
    clock: &Clock,
    order: &PurgeOrder,
    store: &Arc<dyn Store>,
    purge: &mut Purge,
) -> Result<bool, Problem> {
    let mut took = false;
    for file in purge.files.iter_mut().filter(|file| file.fate == Fate::Due) {
        file.fate = removed(&file.path);
        if file.fate == Fate::Removed {
            took = true;
            fault::reach(Point::FilePurged).await?;
            let path = file.path.display().to_string();
            record(store, clock, &file.run, Event::FilePurged { path }).await?;
        }
    }
    for found in &mut purge.databases {
        if !databases::may_drop(clinic, found, order) {
            continue;
        }
        found.fate = match databases::dropped(clinic, found).await {
            Ok(()) => DatabaseFate::Dropped,
            Err(problem) => DatabaseFate::Failed { problem },
        };
        if found.fate == DatabaseFate::Dropped {
            took = true;
            record(store, clock, &found.run, Event::DatabaseDropped { oid: found.oid }).await?;
        }
    }
    Ok(took)
}

/// Who has what removed, and why, stands in the ledger before anything goes.
async fn write_down(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
    order: &PurgeOrder,
    purge: &Purge,
) -> Result<(), Problem> {
    let strays = purge.unregistered.iter().filter(|file| file.fate == Fate::Due);
    let unregistered: Vec<String> = strays.map(|file| file.path.display().to_string()).collect();
    let files = purge.files.iter().filter(|file| file.fate == Fate::Due);
    let files = files.map(|file| file.path.display().to_string());
    let databases =
        purge.databases.iter().filter(|found| databases::may_drop(clinic, found, order));
    let databases = databases.map(|found| format!("{} ({})", found.database, found.oid));
    let registered: Vec<String> = files.chain(databases).collect();
    if unregistered.is_empty() && registered.is_empty() && order.all.is_none() {
        return Ok(());
    }
    let (by, reason) = (actor(&order.by), order.all.clone());
    let ordered = LedgerEvent::PurgeOrdered { by, reason, unregistered, registered };
    open_ledger(work, clock).await?.append(ordered).await?;
    Ok(())
}

async fn record(
    store: &Arc<dyn Store>,
    clock: &Clock,
    run: &RunId,
    event: Event,
) -> Result<(), Problem> {
    Journal::take_up(store.clone(), clock.clone(), run.clone(), None).await?.append(event).await?;
    Ok(())
}

fn removed(path: &Path) -> Fate {
    match disk::remove(path) {
        Ok(_) => Fate::Removed,
        Err(error) => Fate::Failed {
            problem: Problem::new("run-purge-failed", Kind::Environment)
                .with(Fact::local("path", path.display()))
                .with(Fact::local("reason", error)),
        },
    }
}
