//! R4 for files that hold patients' data: an export is downloaded, files are encrypted at rest,
//! a purge removes them. Each process begins where the one before ended.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use orca_cutover::action::{self, Fate, PurgeOrder, WorkDir};
use orca_cutover::clock::Clock;
use orca_cutover::diag::{Fact, Kind, Problem, SourceText};
use orca_cutover::ids::{Sha256, StepId};
use orca_cutover::journal::store::{SqliteStore, Store};
use orca_cutover::journal::{
    ClinicState, Contents, Event, FileEntry, Journal, JournalError, Outcome, RunStatus, State, fold,
};
use orca_cutover::playbook::{AtRest, load_clinic, resolve_paths};
use orca_cutover::portal::Session;
use orca_cutover::progress::Progress;

use super::child;
use super::every_write::{Workload, acknowledged, blocking, parts};
use super::shim::Ended;
use crate::support::{World, scratch};

const FILES: [&str; 2] = ["test.dump", "final.dump"];

/// Longer than a chunk that age encrypts at a time (64 KiB).
fn content(name: &str) -> Vec<u8> {
    name.repeat(15_000).into_bytes()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(bytes))
}

/// Opens the run, and brings its files into being as far as they are not there.
async fn files(work: &WorkDir) -> Result<(Arc<dyn Store>, Journal), Problem> {
    let store = work.store(true).await?;
    let journal = child::taken_up(store.clone()).await?;
    for name in FILES {
        let path = work.archive(name);
        let key = path.display().to_string();
        if journal.state().await.files.get(&key).is_some_and(|file| file.complete.is_some()) {
            continue;
        }
        let (contents, step) = (Contents::SourceDump, StepId("dump".to_owned()));
        journal.append(Event::FileRegistered { path: key.clone(), contents, step }).await?;
        let bytes = content(name);
        orca_cutover::disk::write_private(&path, &bytes).map_err(|error| {
            Problem::new("archive-write", Kind::Environment).with(Fact::local("reason", error))
        })?;
        let (length, sum) = (bytes.len() as u64, Sha256(sha256(&bytes)));
        journal.append(Event::FileCompleted { path: key, bytes: length, sha256: sum }).await?;
        child::acknowledge(name);
    }
    Ok((store, journal))
}

/// Encrypts a run's files for `DISK_RECIPIENT`.
pub(super) async fn seal(dir: &Path) -> Result<(), Problem> {
    let mut clinic = child::clinic(dir);
    let recipients = vec![std::env::var("DISK_RECIPIENT").unwrap()];
    clinic.at_rest = Some(AtRest { recipients });
    let work = WorkDir::open(&clinic)?;
    let (store, journal) = files(&work).await?;
    let sealed = action::seal(&clinic, &journal, &Default::default()).await;
    store.close().await;
    sealed
}

/// Removes the files of a run that has ended.
pub(super) async fn purge(dir: &Path) -> Result<(), Problem> {
    let clinic = child::clinic(dir);
    let work = WorkDir::open(&clinic)?;
    let store = work.store(true).await?;
    let ended = match store.runs().await?.contains(&child::run_id()) {
        true => fold(&store.load(&child::run_id()).await?)?.is_some_and(|state| is_over(&state)),
        false => false,
    };
    store.close().await;
    if !ended {
        let (store, journal) = files(&work).await?;
        let (outcome, clinic) = (Outcome::Failed, ClinicState::Unchanged);
        journal.append(Event::RunEnded { outcome, clinic }).await?;
        store.close().await;
    }
    let order = PurgeOrder {
        by: "見本 花子".to_owned(),
        all: Some("a test".to_owned()),
        dry_run: false,
        alone: true,
    };
    let purge = action::purge(&clinic, &Clock::System, &work, &order).await?;
    if let Some(problem) = purge.problems().first() {
        return Err((*problem).clone());
    }
    // A process before may have removed everything, and written its paper.
    let removed = purge.files.iter().any(|file| file.fate == Fate::Removed);
    let paper = purge.report.is_some_and(|paper| paper.exists());
    assert!(paper || !removed, "no paper says what was removed");
    child::acknowledge("purged");
    Ok(())
}

fn is_over(state: &State) -> bool {
    matches!(state.status, RunStatus::Ended { .. })
}

/// Downloads the first dump of the site of the world whose clinic file is `DISK_CLINIC`.
pub(super) async fn download(dir: &Path) -> Result<(), Problem> {
    let path = PathBuf::from(std::env::var_os("DISK_CLINIC").unwrap());
    let text = std::fs::read_to_string(&path).unwrap();
    let source = SourceText { name: "clinic.yaml".to_owned(), text: text.into() };
    let mut clinic = load_clinic(&source).unwrap();
    resolve_paths(&mut clinic, path.parent().unwrap());
    let clock = Clock::Rehearsal(clinic.rehearsal_clock.clone().unwrap());
    let mut session = Session::open(action::portal_config(&clinic, &clock)?).await?;
    let rows = session.dumps().await?;
    let (dest, progress) = (dir.join("before.dump"), Progress::default());
    let got = session.download(&rows[0], &dest, &progress, None).await?;
    child::acknowledge(got.sha256.as_str());
    Ok(())
}

/// The files that a copy's journal knows of; none where there is no run yet.
fn recorded(dir: &Path) -> Result<BTreeMap<String, FileEntry>, String> {
    let file = dir.join("work/journal.sqlite");
    if !file.exists() {
        return Ok(BTreeMap::new());
    }
    let read = blocking(async {
        let store = SqliteStore::open(&file, false).await?;
        let known = store.runs().await?.contains(&child::run_id());
        let records = match known {
            true => store.load(&child::run_id()).await?,
            false => Vec::new(),
        };
        store.close().await;
        Ok::<_, JournalError>(records)
    });
    let records = read.map_err(|error| format!("unreadable: {error}"))?;
    let state = fold(&records).map_err(|error| error.to_string())?;
    Ok(state.map(|state| state.files).unwrap_or_default())
}

#[test]
fn every_write_of_an_encryption_may_fail() {
    child::ran();
    let test = "disk::patients::every_write_of_an_encryption_may_fail";
    let (template, keys) = (scratch(), scratch());
    child::prepare(template.path());
    let key = keys.path().join("key");
    let made = Command::new("age-keygen").arg("-o").arg(&key).output().unwrap();
    let said = String::from_utf8(made.stderr).unwrap();
    let recipient = said.trim().rsplit(' ').next().unwrap();
    let command = |dir: &Path| {
        let mut command = child::command(test, "seal", dir);
        command.env("DISK_RECIPIENT", recipient);
        command
    };
    let opened = |sealed: &str| {
        let output = Command::new("age").arg("-d").arg("-i").arg(&key).arg(sealed).output();
        output.unwrap().stdout
    };
    let wrong = |dir: &Path, ended: &[&Ended], good: bool| {
        let files = match recorded(dir) {
            Ok(files) => files,
            Err(what) => return Some(what),
        };
        for name in FILES {
            let path = dir.join("work/archives").join(name);
            let file = files.get(&path.display().to_string());
            let Some(file) = file.filter(|file| file.complete.is_some()) else {
                // What nobody acknowledged may be lost.
                match good || acknowledged(ended).iter().any(|ack| ack == name) {
                    true => return Some(format!("{name} is not in the journal")),
                    false => continue,
                }
            };
            let there = std::fs::read(&path).ok();
            if there.as_ref().is_some_and(|bytes| *bytes != content(name)) {
                return Some(format!("{name} is not what it was"));
            }
            if there.is_some() && good {
                return Some(format!("{name} lies there in clear"));
            }
            // Removed, and not written down yet: its encrypted stand-in is registered, and whole.
            let age = |entry: &&String| entry.contains(name) && entry.ends_with(".age");
            let sealed = file.sealed_as.clone().or_else(|| {
                let whole = files.iter().filter(|(_, file)| file.complete.is_some());
                whole.map(|(path, _)| path).find(age).cloned()
            });
            match sealed {
                Some(sealed) if opened(&sealed) == content(name) => {}
                None if there.is_some() => {}
                other => return Some(format!("{name} is lost: {other:?}")),
            }
        }
        let left = parts(dir);
        (good && left.len() >= ended.len()).then(|| format!("left: {left:?}"))
    };
    Workload::of("files are encrypted at rest", test, template.path(), &command, &wrong).exercise();
}

#[test]
fn every_write_of_a_purge_may_fail() {
    child::ran();
    let test = "disk::patients::every_write_of_a_purge_may_fail";
    let template = scratch();
    child::prepare(template.path());
    let command = |dir: &Path| child::command(test, "purge", dir);
    let wrong = |dir: &Path, ended: &[&Ended], good: bool| {
        let files = match recorded(dir) {
            Ok(files) => files,
            Err(what) => return Some(what),
        };
        let purged: BTreeMap<&str, bool> =
            files.iter().map(|(path, file)| (path.as_str(), file.purged)).collect();
        let left = |path: &str| Path::new(path).exists();
        if let Some((path, _)) = purged.iter().find(|(path, purged)| **purged && left(path)) {
            return Some(format!("{path} is said to be gone, and is there"));
        }
        let done = acknowledged(ended).iter().any(|ack| ack == "purged");
        if done != good && good {
            return Some("nothing was acknowledged".to_owned());
        }
        let all = std::fs::read_dir(dir.join("work/archives"));
        let archives = all.map_or(0, Iterator::count);
        if done && (archives > 0 || purged.len() != FILES.len() || !purged.values().all(|is| *is)) {
            return Some(format!("{archives} files are left, {purged:?}"));
        }
        None
    };
    Workload::of("a purge", test, template.path(), &command, &wrong).exercise();
}

#[test]
fn every_write_of_a_download_may_fail() {
    child::ran();
    let test = "disk::patients::every_write_of_a_download_may_fail";
    let world = World::up(&["--dumps", "1"]);
    let template = scratch();
    let command = |dir: &Path| {
        let mut command = child::command(test, "download", dir);
        command.env("DISK_CLINIC", world.dir.join("clinic.yaml"));
        command
    };
    // The site's own files.
    let site = Command::new("find").arg(world.dir.join("site")).args(["-name", "*.dump"]).output();
    let site = String::from_utf8(site.unwrap().stdout).unwrap();
    let sums: Vec<String> =
        site.lines().map(|path| sha256(&std::fs::read(path).unwrap())).collect();
    assert!(!sums.is_empty(), "{}", world.dir.display());
    let wrong = |dir: &Path, ended: &[&Ended], good: bool| {
        let acks = acknowledged(ended);
        let there = std::fs::read(dir.join("before.dump")).map(|bytes| sha256(&bytes)).ok();
        if there.as_ref().is_some_and(|sum| !sums.contains(sum)) {
            return Some("what lies there is not the site's dump".to_owned());
        }
        if acks.iter().any(|ack| there.as_ref() != Some(ack)) || good && there.is_none() {
            return Some(format!("{acks:?}, and there is {there:?}"));
        }
        let left = parts(dir);
        (good && left.len() >= ended.len()).then(|| format!("left: {left:?}"))
    };
    Workload::of("an export is downloaded", test, template.path(), &command, &wrong).exercise();
}
