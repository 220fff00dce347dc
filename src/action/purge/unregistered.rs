//! Files with patients' data in the working folder that no run registered: what a killed process
//! left in the middle, and archives that somebody laid there.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};

use super::found::{Fate, PurgeOrder, Unregistered};
use crate::action::WorkDir;
use crate::diag::{Fact, Kind, Problem};
use crate::disk::PART;

/// Folders of the working folder whose every file is patients' data.
const DATA_FOLDERS: [&str; 2] = ["archives", "logs"];

/// How deep folders are looked into: the outbox has two levels.
const MAX_DEPTH: usize = 4;

/// All of them, with what becomes of each.
pub(super) fn look(
    work: &WorkDir,
    known: &BTreeSet<PathBuf>,
    order: &PurgeOrder,
) -> Result<Vec<Unregistered>, Problem> {
    let data: Vec<PathBuf> = DATA_FOLDERS.iter().map(|name| work.path().join(name)).collect();
    let mut found = Vec::new();
    let mut folders = vec![(work.path().to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let failed = |error: std::io::Error| unreadable(&folder, &error);
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            // A link is not followed: what it names lies elsewhere.
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_dir() {
                if depth < MAX_DEPTH {
                    folders.push((path, depth + 1));
                }
                continue;
            }
            let part = path.extension().is_some_and(|end| end == PART);
            let is_data = part || data.iter().any(|folder| path.starts_with(folder));
            if !is_data || known.contains(&path) {
                continue;
            }
            let fate = fate(&path, part, order);
            found.push(Unregistered { path, bytes: meta.len(), part, fate });
        }
    }
    found.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(found)
}

fn fate(path: &Path, part: bool, order: &PurgeOrder) -> Fate {
    if !order.alone || (part && is_written(path)) {
        return Fate::Busy;
    }
    // Half a file is of no use to anyone; a whole one may be the only copy of something.
    if part || order.all.is_some() { Fate::Due } else { Fate::NeedsPerson }
}

/// True where a process holds the part, or has it in its name and lives.
fn is_written(path: &Path) -> bool {
    if let Some(process) = writer(path)
        && Path::new("/proc").join(process.to_string()).exists()
        && process != std::process::id()
    {
        return true;
    }
    let flags = OFlags::NOFOLLOW.bits().cast_signed();
    let mut options = File::options();
    let options = std::os::unix::fs::OpenOptionsExt::custom_flags(options.read(true), flags);
    // What cannot be opened cannot be told to be idle.
    let Ok(file) = options.open(path) else { return true };
    flock(&file, FlockOperation::NonBlockingLockExclusive).is_err()
}

/// The process in `report.html.1234-0.part`.
fn writer(path: &Path) -> Option<u32> {
    let stem = path.file_stem()?.to_str()?;
    let (_, own) = stem.rsplit_once('.')?;
    let (process, number) = own.split_once('-')?;
    number.parse::<u64>().ok()?;
    process.parse().ok()
}

fn unreadable(folder: &Path, error: &std::io::Error) -> Problem {
    Problem::new("run-file-unreadable", Kind::Environment)
        .with(Fact::local("path", folder.display()))
        .with(Fact::local("reason", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_stands_in_the_name_of_a_small_files_part() {
        for (name, process) in [
            ("plan.html.1234-0.part", Some(1234)),
            ("final.dump.part", None),
            ("a.12-x.part", None),
            (".part", None),
        ] {
            assert_eq!(writer(Path::new(name)), process, "{name}");
        }
    }

    #[test]
    fn what_is_being_written_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (part, _file) = crate::disk::PartFile::create(&dir.path().join("a.dump")).unwrap();
        assert!(is_written(part.path()));
        let left = dir.path().join("b.dump.part");
        std::fs::write(&left, "x").unwrap();
        assert!(!is_written(&left));
        let other = dir.path().join("c.html.1-0.part");
        std::fs::write(&other, "x").unwrap();
        assert!(is_written(&other), "process 1 lives");
    }
}
