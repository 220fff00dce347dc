//! A file that appears under its name only when it is complete and on the disk.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::ArchiveError;
use super::limits::READ_BUFFER;

/// `<output>.part`; removed on drop unless it was kept.
pub(super) struct PartFile {
    part: PathBuf,
    target: PathBuf,
    kept: bool,
}

impl PartFile {
    /// Makes an empty one that only its owner can read: it holds patients' data.
    pub(super) fn create(target: &Path) -> Result<(Self, File), ArchiveError> {
        let mut part = target.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        // A part that a killed run left behind is of no use to anyone.
        match std::fs::remove_file(&part) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(ArchiveError::writing(&part)(error));
            }
            _ => {}
        }
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(&part);
        let file = file.map_err(ArchiveError::writing(&part))?;
        Ok((Self { part, target: target.to_owned(), kept: false }, file))
    }

    pub(super) fn path(&self) -> &Path {
        &self.part
    }

    /// Reads the file back and gives its SHA-256 and its size.
    pub(super) fn read_back(&self) -> Result<(String, u64), ArchiveError> {
        let failed = ArchiveError::reading(&self.part);
        let mut file = File::open(&self.part).map_err(&failed)?;
        let mut sha = Sha256::new();
        let mut buffer = vec![0; READ_BUFFER];
        let mut size = 0_u64;
        loop {
            let read = file.read(&mut buffer).map_err(&failed)?;
            if read == 0 {
                return Ok((hex::encode(sha.finalize()), size));
            }
            sha.update(buffer.get(..read).unwrap_or_default());
            size = size.saturating_add(read as u64);
        }
    }

    /// Gives it its name. The folder is synced too, or the name could be lost with the power.
    pub(super) fn keep(mut self) -> Result<(), ArchiveError> {
        std::fs::rename(&self.part, &self.target).map_err(ArchiveError::writing(&self.target))?;
        self.kept = true;
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
