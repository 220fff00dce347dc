//! Journals that this process must not write any more.
//!
//! After a failed `fsync` the kernel may have thrown the pages away and marked them clean: a
//! later `fsync` then succeeds, although what was written before it is on no disk. Nothing that
//! this process could try again would be worth anything; a new process reads what is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::journal::error::JournalError;

/// SQLite's primary result code for a disk that does not do what it is told; its extended codes
/// (`SQLITE_IOERR_FSYNC`, `SQLITE_IOERR_WRITE`, ...) have it in their low byte.
const SQLITE_IOERR: u32 = 10;

/// By file: what the disk said.
static BROKEN: Mutex<BTreeMap<PathBuf, String>> = Mutex::new(BTreeMap::new());

fn broken() -> MutexGuard<'static, BTreeMap<PathBuf, String>> {
    BROKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Refuses to write where an earlier write of this process failed on the disk.
pub(super) fn refuse(path: &Path) -> Result<(), JournalError> {
    match broken().get(path) {
        None => Ok(()),
        Some(reason) => Err(JournalError::Distrusted {
            path: path.display().to_string(),
            reason: reason.clone(),
        }),
    }
}

/// Remembers a failure of the disk; a full disk is none, since nothing of that write is there.
pub(super) fn note(path: &Path, error: &sqlx::Error) {
    let code = error.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<u32>().ok());
    if code.is_some_and(|code| code & 0xff == SQLITE_IOERR) {
        broken().entry(path.to_owned()).or_insert_with(|| error.to_string());
    }
}
