//! Free space, and what is kept free for the records.

use std::io;
use std::path::{Path, PathBuf};

/// What a dump leaves free on a disk that it shares with journal and outbox: a full disk must
/// still take the record and the mail that say so.
const KEPT_FREE: u64 = 32 * 1024 * 1024;

/// How many bytes are written between two looks.
const LOOK_EVERY: u64 = 8 * 1024 * 1024;

/// Bytes that this user may still write under `folder`.
///
/// # Errors
/// When the folder does not exist or its file system does not answer.
pub fn free_bytes(folder: &Path) -> io::Result<u64> {
    let stat = rustix::fs::statvfs(folder)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// True where both folders lie on one file system, so that what fills one fills the other.
///
/// # Errors
/// When either does not exist.
pub fn share_space(one: &Path, other: &Path) -> io::Result<bool> {
    Ok(rustix::fs::stat(one)?.st_dev == rustix::fs::stat(other)?.st_dev)
}

/// Looks at the free space while something large is written, and stops it before the disk is full.
#[derive(Clone, Debug)]
pub struct Reserve {
    folder: PathBuf,
    kept: u64,
    until_look: u64,
}

impl Reserve {
    /// For a file in `folder`; with records in `records` on the same file system, some space is
    /// kept for them. Elsewhere a full disk harms nobody but the file itself.
    ///
    /// # Errors
    /// When a folder does not exist.
    pub fn of(folder: &Path, records: &Path) -> io::Result<Self> {
        let kept = if share_space(folder, records)? { KEPT_FREE } else { 0 };
        Ok(Self { folder: folder.to_owned(), kept, until_look: 0 })
    }

    /// To be called before `bytes` more are written.
    ///
    /// # Errors
    /// [`io::ErrorKind::StorageFull`] where they would eat into what is kept.
    pub fn take(&mut self, bytes: u64) -> io::Result<()> {
        if self.kept == 0 {
            return Ok(());
        }
        self.until_look = self.until_look.saturating_sub(bytes);
        if self.until_look > 0 {
            return Ok(());
        }
        let free = free_bytes(&self.folder)?;
        if free < self.kept.saturating_add(bytes) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        // Near the end it is looked at each time.
        self.until_look = (free.saturating_sub(self.kept) / 2).min(LOOK_EVERY);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_df() {
        let df = duct::cmd!("df", "-B1", "--output=avail", "/").read().unwrap();
        let df: u64 = df.lines().nth(1).unwrap().trim().parse().unwrap();
        let ours = free_bytes(Path::new("/")).unwrap();
        // Others write at the same time.
        assert!(ours.abs_diff(df) < 2_000_000_000, "{ours} {df}");
    }

    #[test]
    fn space_is_kept_only_where_records_share_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut shared = Reserve::of(dir.path(), dir.path()).unwrap();
        let free = free_bytes(dir.path()).unwrap();
        shared.take(1).unwrap();
        assert_eq!(shared.take(free).unwrap_err().kind(), io::ErrorKind::StorageFull);
        let mut apart = Reserve::of(dir.path(), Path::new("/proc")).unwrap();
        apart.take(free.saturating_mul(2)).unwrap();
    }
}
