//! A stream that is kept as it comes, in a file that has its name only once it is complete.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::archive::ArchiveError;
use crate::diag::{Fact, Kind, Problem};
use crate::disk::{PartFile, Reserve};
use crate::progress::Progress;

/// What is read and written at once.
const CHUNK: usize = 256 * 1024;

/// What is written, under its `.part`.
pub(super) struct StreamFile {
    part: PartFile,
    file: File,
}

/// Counts and hashes what goes through it.
pub(super) struct Counted<W> {
    inner: W,
    sha: Sha256,
    size: u64,
}

impl<W> Counted<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, sha: Sha256::new(), size: 0 }
    }

    fn count(&mut self, bytes: &[u8]) {
        self.sha.update(bytes);
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    /// Size and SHA-256 of what went through.
    pub(super) fn sums(self) -> (u64, String) {
        (self.size, hex::encode(self.sha.finalize()))
    }
}

impl Counted<File> {
    /// Brings it to the disk; gives size and SHA-256.
    pub(super) fn complete(self) -> io::Result<(u64, String)> {
        self.inner.sync_all()?;
        Ok(self.sums())
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.count(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.count(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Which side of a stream broke.
pub(super) enum Pump {
    Read,
    Write(io::Error),
}

/// Copies to the end.
pub(super) fn pump(
    from: &mut impl Read,
    to: &mut impl Write,
    progress: &Progress,
    mut reserve: Option<Reserve>,
) -> Result<(), Pump> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return Err(Pump::Read),
        };
        let size = u64::try_from(read).unwrap_or(u64::MAX);
        if let Some(reserve) = &mut reserve {
            reserve.take(size).map_err(Pump::Write)?;
        }
        to.write_all(chunk.get(..read).unwrap_or_default()).map_err(Pump::Write)?;
        progress.add_bytes(size);
    }
}

/// Why a stream was not kept.
pub(super) enum Broken {
    /// It could not be read; who writes it knows why.
    Read,
    /// It could not be written.
    Write(Problem),
}

impl StreamFile {
    pub(super) fn at(target: &Path) -> Result<Self, Problem> {
        let (part, file) = PartFile::create(target).map_err(ArchiveError::from)?;
        Ok(Self { part, file })
    }

    /// Writes the stream to its end and to the disk; gives its size and its SHA-256.
    pub(super) fn write(
        &self,
        from: &mut impl Read,
        progress: &Progress,
        reserve: Option<Reserve>,
    ) -> Result<(u64, String), Broken> {
        let refused = |error: io::Error| Broken::Write(self.refused(&error));
        let mut file = self.begin().map_err(refused)?;
        pump(from, &mut file, progress, reserve).map_err(|broken| match broken {
            Pump::Read => Broken::Read,
            Pump::Write(error) => refused(error),
        })?;
        file.complete().map_err(refused)
    }

    /// The file to write into; it counts and hashes.
    pub(super) fn begin(&self) -> io::Result<Counted<File>> {
        self.file.try_clone().map(Counted::new)
    }

    /// Where it lies until it is kept.
    pub(super) fn part(&self) -> &Path {
        self.part.path()
    }

    /// Gives it its name.
    pub(super) fn keep(self) -> Result<(), Problem> {
        Ok(self.part.keep().map_err(ArchiveError::from)?)
    }

    fn refused(&self, error: &io::Error) -> Problem {
        Problem::new("archive-cannot-write", Kind::Environment)
            .with(Fact::local("path", self.part.path().display()))
            .with(Fact::open("reason", error.kind()))
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
        let file = StreamFile::at(&target).unwrap();
        let Ok((size, sha256)) = file.write(&mut bytes.as_slice(), &Progress::default(), None)
        else {
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
        let file = StreamFile::at(&folder.path().join("a.dump")).unwrap();
        let mut from = b"abc".as_slice().chain(Cut);
        assert!(matches!(file.write(&mut from, &Progress::default(), None), Err(Broken::Read)));
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
