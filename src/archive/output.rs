//! A file that appears under its name only when it is complete and on the disk.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use sha2::{Digest, Sha256};

use super::ArchiveError;
use super::limits::READ_BUFFER;
use crate::fault::{self, Point};

/// How often the part is opened anew because its last writer took it away meanwhile.
const ATTEMPTS: usize = 8;

/// `<output>.part`; removed on drop unless it was kept.
pub(super) struct PartFile {
    part: PathBuf,
    target: PathBuf,
    /// Holds the lock, and is what is read back, whatever becomes of the name.
    file: File,
    kept: bool,
}

impl PartFile {
    /// Makes an empty one that only its owner can read: it holds patients' data. A part that a
    /// killed run left behind is of no use to anyone and is taken over; one that is being
    /// written is not.
    pub(super) fn create(target: &Path) -> Result<(Self, File), ArchiveError> {
        let target = regular(target)?;
        let mut part = target.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let failed = |error| ArchiveError::writing(&part)(error);
        for _ in 0..ATTEMPTS {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false).mode(0o600);
            options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
            let file = options.open(&part).map_err(failed)?;
            if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
                return Err(ArchiveError::OutputBusy { path: target });
            }
            let mine = file.metadata().map_err(failed)?;
            let named = std::fs::symlink_metadata(&part);
            if !named.is_ok_and(|named| (named.dev(), named.ino()) == (mine.dev(), mine.ino())) {
                continue;
            }
            file.set_permissions(Permissions::from_mode(0o600)).map_err(failed)?;
            file.set_len(0).map_err(failed)?;
            let writer = file.try_clone().map_err(failed)?;
            return Ok((Self { part: part.clone(), target, file, kept: false }, writer));
        }
        Err(ArchiveError::OutputBusy { path: target })
    }

    pub(super) fn path(&self) -> &Path {
        &self.part
    }

    /// Reads the file back and gives its SHA-256 and its size.
    pub(super) fn read_back(&self) -> Result<(String, u64), ArchiveError> {
        let failed = |error| ArchiveError::reading(&self.part)(error);
        let mut sha = Sha256::new();
        let mut buffer = vec![0; READ_BUFFER];
        let mut size = 0_u64;
        loop {
            let read = match self.file.read_at(&mut buffer, size) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.map_err(failed)?,
            };
            if read == 0 {
                return Ok((hex::encode(sha.finalize()), size));
            }
            sha.update(buffer.get(..read).unwrap_or_default());
            size = size.saturating_add(read as u64);
        }
    }

    /// Gives it its name. The folder is synced too, or the name could be lost with the power.
    pub(super) fn keep(mut self) -> Result<(), ArchiveError> {
        let named = fault::hit(Point::FileComplete)
            .map_err(std::io::Error::from)
            .and_then(|()| std::fs::rename(&self.part, &self.target));
        named.map_err(ArchiveError::writing(&self.target))?;
        self.kept = true;
        let renamed = fault::hit(Point::FileRenamed).map_err(std::io::Error::from);
        renamed.map_err(ArchiveError::writing(&self.target))?;
        let folder = match self.target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(ArchiveError::writing(folder))
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// The file that `target` names, behind links; refuses what is there and is no file, which a
/// renaming would replace: a device, a pipe, a folder.
fn regular(target: &Path) -> Result<PathBuf, ArchiveError> {
    let refused = || ArchiveError::OutputNotAFile { path: target.to_owned() };
    if target == Path::new("-") {
        return Err(refused());
    }
    match std::fs::symlink_metadata(target) {
        Ok(meta) if meta.is_file() => Ok(target.to_owned()),
        Ok(meta) if meta.is_symlink() => {
            let behind = std::fs::canonicalize(target).map_err(|_| refused())?;
            if behind.is_file() { Ok(behind) } else { Err(refused()) }
        }
        Ok(_) => Err(refused()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(target.to_owned()),
        Err(error) => Err(ArchiveError::writing(target)(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::diag::Explain;

    #[test]
    fn two_writers_never_share_a_part() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out");
        let (first, mut file) = PartFile::create(&target).unwrap();
        file.write_all(b"first").unwrap();
        let busy = PartFile::create(&target).err().unwrap();
        assert_eq!(busy.code(), "archive-output-busy");
        assert_eq!(first.read_back().unwrap().1, 5);
        drop(file);
        first.keep().unwrap();
        // What the first one wrote stays until the second one is complete.
        let (second, mut file) = PartFile::create(&target).unwrap();
        file.write_all(b"longer").unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"first");
        drop(file);
        second.keep().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"longer");
        // A killed run's part is taken over, whatever was in it.
        std::fs::write(dir.path().join("out.part"), "left behind").unwrap();
        let (third, _) = PartFile::create(&target).unwrap();
        assert_eq!(third.read_back().unwrap().1, 0);
        drop(third);
        assert!(!dir.path().join("out.part").exists());
    }

    #[test]
    fn what_is_no_file_is_not_replaced() {
        use std::os::unix::fs::{FileTypeExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        duct::cmd!("mkfifo", &fifo).run().unwrap();
        for target in [fifo.as_path(), dir.path(), Path::new("/dev/null"), Path::new("-")] {
            let refused = PartFile::create(target).err().unwrap();
            assert_eq!(refused.code(), "archive-output-not-a-file", "{target:?}");
        }
        assert!(std::fs::metadata(&fifo).unwrap().file_type().is_fifo());
        // A link stays a link; what it names is written.
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        symlink(&file, &link).unwrap();
        let (part, mut writer) = PartFile::create(&link).unwrap();
        writer.write_all(b"new").unwrap();
        part.keep().unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
    }
}
