//! Puts an encrypted file in the place of each file in clear that no step needs any more.
//!
//! At every moment one of the two is registered in the journal and on the disk. Order: register
//! the encrypted file, write it, write down that it is complete, remove the one in clear, write
//! that down. It must not decide which files are still needed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::at_rest::{self, seal_stream, sealed_name};
use super::context::blocking;
use super::portal_import::sum_of;
use crate::diag::{Fact, Kind, Problem};
use crate::disk;
use crate::ids::Sha256;
use crate::journal::{Event, FileEntry, Journal, State};
use crate::playbook::{AtRest, Clinic};

/// Encrypts a run's complete files but those in `in_use`, where the clinic file names whom for.
/// One that fails does not keep the others from being encrypted.
///
/// # Errors
/// The first failure; its file stays as it was. The next call tries again.
pub async fn seal(
    clinic: &Clinic,
    journal: &Journal,
    in_use: &BTreeSet<PathBuf>,
) -> Result<(), Problem> {
    let Some(at_rest) = &clinic.at_rest else { return Ok(()) };
    let mut outcome = complete_whole_ones(journal, in_use).await;
    for (path, file) in &journal.state().await.files {
        if is_due(path, file) && !in_use.contains(Path::new(path)) {
            outcome = outcome.and(seal_file(journal, path, file, at_rest).await);
        }
    }
    outcome
}

/// A process that died between giving a file its name and writing down that it is complete left it
/// whole: only whole files have their name. It is written down now.
async fn complete_whole_ones(journal: &Journal, in_use: &BTreeSet<PathBuf>) -> Result<(), Problem> {
    let mut outcome = Ok(());
    for (path, file) in journal.state().await.files {
        let known = file.complete.is_some() || file.purged || file.sealed_as.is_some();
        let place = PathBuf::from(&path);
        if known || in_use.contains(&place) || !place.is_file() {
            continue;
        }
        match blocking(move || sum_of(&place)).await {
            Ok((bytes, sha256)) => {
                journal.append(Event::FileCompleted { path, bytes, sha256 }).await?;
            }
            Err(problem) => outcome = outcome.and(Err(problem)),
        }
    }
    outcome
}

fn is_due(path: &str, file: &FileEntry) -> bool {
    let in_clear = !path.ends_with(at_rest::ENDING) && file.sealed_as.is_none();
    in_clear && !file.purged && file.complete.is_some()
}

async fn seal_file(
    journal: &Journal,
    path: &str,
    file: &FileEntry,
    at_rest: &AtRest,
) -> Result<(), Problem> {
    let clear = PathBuf::from(path);
    let target = target(&journal.state().await, &clear);
    let name = target.display().to_string();
    let known = journal.state().await.files.get(&name).and_then(|entry| entry.complete.clone());
    let written = match known {
        // An earlier attempt came as far as this; what it wrote must still be there, whole.
        Some((bytes, sha256)) => is_there(&target, bytes, &sha256).await,
        None => false,
    };
    if !written {
        if !clear.exists() {
            // Somebody removed it; there is nothing to encrypt, and the journal says what was.
            return Ok(());
        }
        journal
            .append(Event::FileRegistered {
                path: name.clone(),
                contents: file.contents,
                step: file.step.clone(),
            })
            .await?;
        let (bytes, sha256) = encrypt(&clear, &target, file, at_rest).await?;
        journal.append(Event::FileCompleted { path: name.clone(), bytes, sha256 }).await?;
    }
    let removed = clear.clone();
    blocking(move || {
        disk::remove(&removed).map(drop).map_err(|error| at_rest::failed(&removed, &error))
    })
    .await?;
    journal.append(Event::FileSealed { path: path.to_owned(), sealed: name }).await?;
    Ok(())
}

/// The first name that holds nothing else: nothing of another run, and nothing that stands for an
/// earlier file of the same name.
fn target(state: &State, clear: &Path) -> PathBuf {
    let fits = |name: &PathBuf| match state.files.get(&name.display().to_string()) {
        // A whole one beside a file in clear may hold an earlier file of that name.
        Some(entry) => entry.seals.is_none() && (entry.complete.is_none() || !clear.exists()),
        None => !name.exists(),
    };
    let mut names = (0..u32::MAX).map(|number| sealed_name(clear, number));
    names.find(fits).unwrap_or_else(|| sealed_name(clear, u32::MAX))
}

async fn encrypt(
    clear: &Path,
    target: &Path,
    file: &FileEntry,
    at_rest: &AtRest,
) -> Result<(u64, Sha256), Problem> {
    let (from, to, at_rest) = (clear.to_owned(), target.to_owned(), at_rest.clone());
    let sealed = blocking(move || {
        let file = std::fs::File::open(&from).map_err(|error| at_rest::failed(&from, &error))?;
        seal_stream(file, &to, &at_rest)
    })
    .await?;
    let recorded = file.complete.as_ref().map(|(_, sha256)| sha256.as_str());
    if recorded != Some(sealed.clear_sha256.as_str()) {
        // The run's evidence speaks of another file. Nothing is removed; a person must look.
        let _ = disk::remove(target);
        let name = clear.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Err(Problem::new("run-archive-changed", Kind::Data)
            .with(Fact::open("archive", name))
            .with(Fact::open("expected", recorded.unwrap_or("-")))
            .with(Fact::open("found", sealed.clear_sha256)));
    }
    Ok((sealed.bytes, Sha256(sealed.sha256)))
}

/// True where the file holds exactly what was written down.
async fn is_there(path: &Path, bytes: u64, sha256: &Sha256) -> bool {
    let path = path.to_owned();
    let found = blocking(move || sum_of(&path)).await;
    found.is_ok_and(|found| found == (bytes, sha256.clone()))
}
