//! A large file that appears under its name only when it is complete and on the disk.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use sha2::{Digest, Sha256};

use super::sync_folder_of;
use crate::fault::{self, Point};

/// The ending of a file that is not complete.
pub const PART: &str = "part";

/// How often the part is opened anew because its last writer took it away meanwhile.
const ATTEMPTS: usize = 8;
/// What is read at once.
const READ_BUFFER: usize = 256 * 1024;

/// Why a part was not made, read or kept.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// Another process is writing it.
    #[error("`{path}` is being written by another process")]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// What has the file's name is no file.
    #[error("`{path}` is no file")]
    NotAFile {
        /// The name.
        path: PathBuf,
    },
    /// The disk refuses.
    #[error("`{path}`: {error}")]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl PartError {
    fn disk(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        move |error| Self::Disk { path: path.to_owned(), error }
    }
}

/// `<target>.part`
pub fn part_of(target: &Path) -> PathBuf {
    let mut part = target.as_os_str().to_owned();
    part.push(format!(".{PART}"));
    PathBuf::from(part)
}

/// `<target>.part`; removed on drop unless it was kept.
#[derive(Debug)]
pub struct PartFile {
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
    ///
    /// # Errors
    /// Where the name is no file's, another process writes it, or the disk refuses.
    pub fn create(target: &Path) -> Result<(Self, File), PartError> {
        let target = regular(target)?;
        let part = part_of(&target);
        let failed = |error| PartError::disk(&part)(error);
        for _ in 0..ATTEMPTS {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false).mode(0o600);
            options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
            let file = options.open(&part).map_err(failed)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(rustix::io::Errno::WOULDBLOCK) => {
                    return Err(PartError::Busy { path: target });
                }
                Err(error) => return Err(failed(error.into())),
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
        Err(PartError::Busy { path: target })
    }

    /// The part's own name.
    pub fn path(&self) -> &Path {
        &self.part
    }

    /// Reads the file back and gives its SHA-256, 64 hexadecimal digits, and its size in bytes.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn read_back(&self) -> Result<(String, u64), PartError> {
        let failed = |error| PartError::disk(&self.part)(error);
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
    /// The writer must have synced the file itself.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn keep(mut self) -> Result<(), PartError> {
        let named = fault::hit(Point::FileComplete)
            .map_err(io::Error::from)
            .and_then(|()| std::fs::rename(&self.part, &self.target));
        named.map_err(PartError::disk(&self.target))?;
        self.kept = true;
        let renamed = fault::hit(Point::FileRenamed).map_err(io::Error::from);
        renamed.map_err(PartError::disk(&self.target))?;
        sync_folder_of(&self.target).map_err(PartError::disk(&self.target))
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
fn regular(target: &Path) -> Result<PathBuf, PartError> {
    let refused = || PartError::NotAFile { path: target.to_owned() };
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
        Err(error) => Err(PartError::disk(target)(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn two_writers_never_share_a_part() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out");
        let (first, mut file) = PartFile::create(&target).unwrap();
        file.write_all(b"first").unwrap();
        let busy = PartFile::create(&target).err().unwrap();
        assert!(matches!(busy, PartError::Busy { .. }));
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
            assert!(matches!(refused, PartError::NotAFile { .. }), "{target:?}");
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
