//! A small file, written whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{PART, sync_folder_of};
use crate::fault::{self, Point};

/// Tells the parts of one process apart.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// Writes a file that only its owner can read: temporary name, fsync, rename, fsync the folder.
///
/// # Errors
/// Where the disk refuses; what had the name before then still has it, or the new file does.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_private_with(path, |out| out.write_all(bytes))
}

/// The same for what comes piece by piece.
///
/// # Errors
/// Those of `write`, and where the disk refuses.
pub fn write_private_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    write_whole(path, write, |point| fault::hit(point).map_err(io::Error::from))
}

/// The same where a rehearsal does not fail: its clock is not part of a run.
///
/// # Errors
/// Where the disk refuses.
pub fn write_private_apart(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_whole(path, |out| out.write_all(bytes), |_| Ok(()))
}

fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    reach: impl Fn(Point) -> io::Result<()>,
) -> io::Result<()> {
    let part = own_part(path);
    let written = fill(&part, write)
        .and_then(|()| reach(Point::FileComplete))
        .and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        // Of no use to anyone, and what it holds may be patients' data.
        let _ = std::fs::remove_file(&part);
    }
    written?;
    reach(Point::FileRenamed)?;
    sync_folder_of(path)
}

fn fill(part: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)?;
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()
}

/// `<path>.<process>-<number>.part`: two processes that write one file never share a part, or one
/// would give the other's half-written one its name.
fn own_part(path: &Path) -> PathBuf {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}-{number}.{PART}", std::process::id()));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn many_writers_of_one_name_leave_one_whole_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::thread::scope(|scope| {
            for letter in [b'a', b'b', b'c', b'd'] {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..20 {
                        write_private(path, &vec![letter; 20_000]).unwrap();
                        let read = std::fs::read(path).unwrap();
                        assert_eq!(read.len(), 20_000);
                        assert!(read.iter().all(|byte| Some(byte) == read.first()));
                    }
                });
            }
        });
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_breaks_off_leaves_the_old_file_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        write_private(&path, b"old").unwrap();
        let broken = write_private_with(&path, |out| {
            out.write_all(&[b'x'; 100_000])?;
            Err(io::ErrorKind::Other.into())
        });
        assert!(broken.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
