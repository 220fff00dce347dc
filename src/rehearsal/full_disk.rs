//! A disk that really fills up while a dump is being written: a small file system, and a second
//! writer on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::error::WorldError;
use crate::source::command::Command;

/// Left free when the disk "fills up": room for an empty tenant's export, not for a dump.
const LEFT_BYTES: u64 = 256 * 1024;

/// The second writer's file.
const BALLAST: &str = "ballast";

/// How often the folder is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Longest time to mount, or to copy what a rehearsal's folder holds.
const LIMIT: Duration = Duration::from_secs(5 * 60);

/// A small file system over a folder; taken away when dropped, its files kept.
pub(super) struct FullDisk {
    folder: PathBuf,
    stop: Arc<AtomicBool>,
}

impl FullDisk {
    /// Mounts a file system of `bytes` over `folder` and fills it as soon as a `.part` grows in
    /// it. It stays full: what a failed dump gives back, the second writer takes.
    pub(super) fn mount(folder: &Path, bytes: u64) -> Result<Self, WorldError> {
        let uid = rustix::process::getuid().as_raw();
        let gid = rustix::process::getgid().as_raw();
        let options = format!("size={bytes},mode=0700,uid={uid},gid={gid}");
        let folder_text = folder.display().to_string();
        privileged(&["mount", "-t", "tmpfs", "-o", &options, "orca-rehearsal", &folder_text])?;
        let stop = Arc::new(AtomicBool::new(false));
        let disk = Self { folder: folder.to_owned(), stop: stop.clone() };
        let watched = folder.to_owned();
        std::thread::spawn(move || {
            let mut full = false;
            while !stop.load(Ordering::Relaxed) {
                full |= a_dump_grows(&watched);
                if full {
                    fill(&watched);
                }
                std::thread::sleep(LOOK_EVERY);
            }
        });
        Ok(disk)
    }

    /// Copies the files to the folder below and takes the file system away.
    pub(super) fn unmount(self) -> Result<(), WorldError> {
        self.stop.store(true, Ordering::Relaxed);
        let _ = std::fs::remove_file(self.folder.join(BALLAST));
        let kept = self.folder.with_extension("kept");
        let (from, to) = (self.folder.display().to_string(), kept.display().to_string());
        run("cp", &["-a", &from, &to])?;
        privileged(&["umount", &from])?;
        std::fs::remove_dir(&self.folder)
            .and_then(|()| std::fs::rename(&kept, &self.folder))
            .map_err(|reason| WorldError::File { path: self.folder.clone(), reason })
    }
}

fn a_dump_grows(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.filter_map(Result::ok).any(|entry| {
        entry.path().extension().is_some_and(|end| end == "part")
            && entry.metadata().is_ok_and(|meta| meta.len() > 0)
    })
}

/// Takes all but a little of what is free.
fn fill(folder: &Path) {
    let Ok(disk) = rustix::fs::statvfs(folder) else { return };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let Some(surplus) = free.checked_sub(LEFT_BYTES).filter(|surplus| *surplus > 0) else { return };
    let ballast = std::fs::File::options().create(true).append(true).open(folder.join(BALLAST));
    if let Ok(file) = ballast {
        let taken = file.metadata().map_or(0, |meta| meta.len());
        // Real blocks, not a hole: the file system must be full.
        let _ = rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), taken, surplus);
    }
}

fn privileged(words: &[&str]) -> Result<(), WorldError> {
    if rustix::process::getuid().is_root() {
        let (program, args) = words.split_first().unwrap_or((&"true", &[]));
        run(program, args)
    } else {
        let mut args = vec!["-n"];
        args.extend(words);
        run("sudo", &args)
    }
}

fn run(program: &str, args: &[&str]) -> Result<(), WorldError> {
    let words = std::iter::once(program).chain(args.iter().copied()).map(str::to_owned).collect();
    let refused = |reason: String| WorldError::SmallDisk { reason };
    let output = Command::new(words, LIMIT).run().map_err(|error| refused(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(refused(format!("`{program}`: {}", output.status)))
}
