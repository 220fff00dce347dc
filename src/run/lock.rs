//! Keeps a second process out of a clinic's working folder.

use std::fs::File;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use crate::journal::JournalError;

/// Held as long as this value lives; the kernel frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock.
    ///
    /// # Errors
    /// [`JournalError::Locked`] where another process holds it.
    pub fn take(path: &Path) -> Result<Self, JournalError> {
        let shown = || path.display().to_string();
        let file =
            File::options().create(true).truncate(false).write(true).open(path).map_err(
                |error| JournalError::Store { path: shown(), reason: error.to_string() },
            )?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { _file: file }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(JournalError::Locked { path: shown() }),
            Err(error) => Err(JournalError::Store { path: shown(), reason: error.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Explain;

    #[test]
    fn one_holds_the_lock_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.lock");
        let first = Lock::take(&path).unwrap();
        for _ in 0..2 {
            assert_eq!(Lock::take(&path).unwrap_err().code(), "journal-locked");
        }
        drop(first);
        Lock::take(&path).unwrap();
        let nowhere = folder.path().join("no-folder").join("run.lock");
        assert!(matches!(Lock::take(&nowhere), Err(JournalError::Store { .. })));
    }
}
