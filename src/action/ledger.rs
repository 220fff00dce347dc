//! The clinic's ledger, opened beside its runs, and who writes into it.

use sha2::{Digest, Sha256};

use super::WorkDir;
use crate::clock::Clock;
use crate::diag::Problem;
use crate::journal::ledger::{Actor, Ledger, LedgerLog};

/// Opens the ledger for writing; the journal's file is made where it is missing.
///
/// # Errors
/// Where the journal cannot be opened or read.
pub async fn open_ledger(work: &WorkDir, clock: &Clock) -> Result<LedgerLog, Problem> {
    let store = work.store(true).await?;
    Ok(LedgerLog::open(store, clock.clone()).await?)
}

/// What the ledger says; an empty one where there is no journal yet. Nothing is made.
///
/// # Errors
/// Where there is a journal and it cannot be read.
pub async fn read_ledger(work: &WorkDir, clock: &Clock) -> Result<Ledger, Problem> {
    if !work.journal().may_exist() {
        return Ok(Ledger::default());
    }
    let store = work.store(false).await?;
    let ledger = LedgerLog::open(store.clone(), clock.clone()).await?.now().await?;
    store.close().await;
    Ok(ledger)
}

/// A person, or the program under its own name, on this machine.
pub fn actor(name: &str) -> Actor {
    Actor { name: name.to_owned(), host: host_name(), tool: env!("CARGO_PKG_VERSION").to_owned() }
}

/// Where a Linux machine keeps the id that it got when it was installed.
const MACHINE_ID: &str = "/etc/machine-id";

/// This machine as a plan knows it: a hash of its id, which is nobody's business elsewhere, or of
/// its name where it has none.
pub fn machine() -> String {
    let id = std::fs::read_to_string(MACHINE_ID).ok();
    let id = id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    let text = format!("orca-cutover\n{}\n", id.unwrap_or_else(host_name));
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// This machine's name.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
