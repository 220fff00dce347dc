//! A stream that is kept as it comes, in a file that has its name only once it is complete.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::diag::{Fact, Kind, Problem};
use crate::fault::{self, Point};
use crate::progress::Progress;

/// What is read and written at once.
const CHUNK: usize = 256 * 1024;

/// `<target>.part`; removed on drop unless it was kept.
pub(super) struct StreamFile {
    part: PathBuf,
    target: PathBuf,
    kept: bool,
}

/// Why a stream was not kept.
pub(super) enum Broken {
    /// It could not be read; who writes it knows why.
    Read,
    /// It could not be written.
    Write(Problem),
}

impl StreamFile {
    pub(super) fn at(target: &Path) -> Self {
        let mut part = target.as_os_str().to_owned();
        part.push(".part");
        Self { part: PathBuf::from(part), target: target.to_owned(), kept: false }
    }

    /// Writes the stream to its end and to the disk; gives its size and its SHA-256.
    pub(super) fn write(
        &self,
        from: &mut impl Read,
        progress: &Progress,
    ) -> Result<(u64, String), Broken> {
        let mut file = self.create().map_err(|error| Broken::Write(self.refused(&error)))?;
        let mut sha = Sha256::new();
        let mut size = 0_u64;
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = match from.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return Err(Broken::Read),
            };
            let bytes = chunk.get(..read).unwrap_or_default();
            file.write_all(bytes).map_err(|error| Broken::Write(self.refused(&error)))?;
            sha.update(bytes);
            size = size.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            progress.add_bytes(u64::try_from(read).unwrap_or(u64::MAX));
        }
        file.sync_all().map_err(|error| Broken::Write(self.refused(&error)))?;
        Ok((size, hex::encode(sha.finalize())))
    }

    /// Gives it its name. The folder is synced too, or the name could be lost with the power.
    pub(super) fn keep(mut self) -> Result<(), Problem> {
        let attempt = || {
            fault::hit(Point::FileComplete)?;
            std::fs::rename(&self.part, &self.target)?;
            fault::hit(Point::FileRenamed)?;
            match self.target.parent() {
                Some(folder) => File::open(folder)?.sync_all(),
                None => Ok(()),
            }
        };
        attempt().map_err(|error| self.refused(&error))?;
        self.kept = true;
        Ok(())
    }

    /// Readable by its owner only: it holds patients' data. What a killed run left is of no use.
    fn create(&self) -> io::Result<File> {
        match std::fs::remove_file(&self.part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.part)
    }

    fn refused(&self, error: &io::Error) -> Problem {
        Problem::new("archive-cannot-write", Kind::Environment)
            .with(Fact::local("path", self.part.display()))
            .with(Fact::open("reason", error.kind()))
    }
}

impl Drop for StreamFile {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_stream_appears_whole_with_the_hash_that_others_find() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.dump");
        let bytes: Vec<u8> = (0..700_000_u32).flat_map(u32::to_le_bytes).collect();
        let file = StreamFile::at(&target);
        let Ok((size, sha256)) = file.write(&mut bytes.as_slice(), &Progress::default()) else {
            panic!("a slice can be read");
        };
        assert!(!target.exists());
        file.keep().unwrap();
        assert_eq!(size, 2_800_000);
        let theirs = duct::cmd!("sha256sum", &target).read().unwrap();
        assert!(theirs.starts_with(&sha256), "{theirs} {sha256}");
        assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_stream_that_breaks_off_leaves_nothing() {
        struct Cut;
        impl Read for Cut {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let file = StreamFile::at(&folder.path().join("a.dump"));
        let mut from = b"abc".as_slice().chain(Cut);
        assert!(matches!(file.write(&mut from, &Progress::default()), Err(Broken::Read)));
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
