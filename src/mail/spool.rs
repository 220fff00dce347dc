//! The spool's files. A letter is two files: `<id>.eml`, and `<id>.json`, which makes it exist.
//! It must not talk to servers, and must not delete a letter.
//!
//! Each file is written under a temporary name and is on disk before it gets its own. A crash
//! between any two of these steps leaves something that [`Spool::tidy`] brings to its end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::entry::{Entry, FORMAT, Place};
use super::{MailError, MessageId};
use crate::disk::{make_private, part_of};

/// Largest mail: some attachments of 5 MB in base64.
const MAX_EML_BYTES: u64 = 64 * 1024 * 1024;
/// Largest envelope: a hundred addresses and a problem with its detail.
const MAX_ENVELOPE_BYTES: u64 = 1024 * 1024;
/// A mail that has had no envelope for so long is not being spooled just now.
const ORPHAN_AFTER: Duration = Duration::from_secs(60);

/// The letters in one place, and what cannot be read.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) entries: Vec<Entry>,
    pub(super) unreadable: Vec<MailError>,
}

/// The spool's folders.
#[derive(Clone, Debug)]
pub(super) struct Spool {
    dir: PathBuf,
}

impl Spool {
    /// Makes the folders, for their owner only.
    pub(super) fn open(dir: &Path) -> Result<Self, MailError> {
        let spool = Self { dir: dir.to_owned() };
        for folder in [dir.to_owned()].into_iter().chain(Place::ALL.map(|p| spool.folder(p))) {
            // A letter is not on disk before the folders that it lies in are.
            make_private(&folder)
                .and_then(|()| fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)))
                .map_err(|error| MailError::spool(&folder, &error))?;
        }
        Ok(spool)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn folder(&self, place: Place) -> PathBuf {
        self.dir.join(place.name())
    }

    fn file(&self, place: Place, id: &MessageId, extension: &str) -> PathBuf {
        self.folder(place).join(format!("{}.{extension}", id.stem()))
    }

    /// Spools a letter; it exists once this returns. Both files are whole on disk before one of
    /// them has its name: after a crash in between, [`Spool::tidy`] finishes what was begun.
    pub(super) fn add(&self, entry: &Entry, mail: &[u8]) -> Result<(), MailError> {
        if u64::try_from(mail.len()).unwrap_or(u64::MAX) > MAX_EML_BYTES {
            return Err(MailError::Letter { reason: "too large" });
        }
        let eml = self.file(Place::Queued, &entry.message_id, "eml");
        let json = self.file(Place::Queued, &entry.message_id, "json");
        let added = write_part(&eml, mail)
            .and_then(|()| write_part(&json, &envelope(entry)?))
            .and_then(|()| publish(&eml))
            .and_then(|()| publish(&json))
            .and_then(|()| sync_folder(&self.folder(Place::Queued)));
        if added.is_err() {
            // Its caller is told that there is no such letter.
            for path in [json.clone(), part_of(&json), eml.clone(), part_of(&eml)] {
                let _ = fs::remove_file(path);
            }
        }
        added
    }

    /// Writes a letter's envelope anew where it lies.
    pub(super) fn write_entry(&self, place: Place, entry: &Entry) -> Result<(), MailError> {
        let path = self.file(place, &entry.message_id, "json");
        write_part(&path, &envelope(entry)?)?;
        publish(&path)?;
        sync_folder(&self.folder(place))
    }

    /// The mail's bytes.
    pub(super) fn read_mail(&self, place: Place, id: &MessageId) -> Result<Vec<u8>, MailError> {
        read_limited(&self.file(place, id, "eml"), MAX_EML_BYTES)
    }

    /// Moves a letter. The envelope goes first: as long as it lies in `queued`, the mail does.
    /// A crash between the two leaves a mail without envelope, which [`Spool::tidy`] moves.
    pub(super) fn shift(&self, entry: &Entry, from: Place, to: Place) -> Result<(), MailError> {
        for extension in ["json", "eml"] {
            let old = self.file(from, &entry.message_id, extension);
            let new = self.file(to, &entry.message_id, extension);
            match fs::rename(&old, &new) {
                // A mail that somebody deleted: its envelope must still be able to tell.
                Err(error) if extension == "eml" && error.kind() == io::ErrorKind::NotFound => {}
                other => other.map_err(|error| MailError::spool(&old, &error))?,
            }
        }
        sync_folder(&self.folder(to))?;
        sync_folder(&self.folder(from))
    }

    /// Finishes what a crash has cut in two: letters that were about to exist, and moves.
    pub(super) fn tidy(&self) -> Result<(), MailError> {
        for stem in self.stems(Place::Queued, "json.part")? {
            self.finish_adding(&stem)?;
        }
        for from in Place::ALL {
            for stem in self.stems(from, "eml")? {
                let Some(to) = self.place_of(&stem).filter(|to| *to != from) else { continue };
                let old = self.folder(from).join(format!("{stem}.eml"));
                fs::rename(&old, self.folder(to).join(format!("{stem}.eml")))
                    .map_err(|error| MailError::spool(&old, &error))?;
            }
        }
        for from in [Place::Queued, Place::GivenUp] {
            for entry in self.list(from)?.entries.iter().filter(|entry| entry.cancelled.is_some()) {
                self.shift(entry, from, Place::Cancelled)?;
            }
        }
        Ok(())
    }

    /// A whole envelope under its temporary name, and no other: the mail was on disk before it.
    fn finish_adding(&self, stem: &str) -> Result<(), MailError> {
        let folder = self.folder(Place::Queued);
        let (json, eml) = (folder.join(format!("{stem}.json")), folder.join(format!("{stem}.eml")));
        let is_whole = read_entry(&part_of(&json), stem).is_ok();
        if self.place_of(stem).is_some() || !is_whole {
            return Ok(());
        }
        if !eml.exists() {
            publish(&eml)?;
        }
        publish(&json)?;
        sync_folder(&folder)
    }

    /// Where a letter's envelope lies.
    fn place_of(&self, stem: &str) -> Option<Place> {
        Place::ALL
            .into_iter()
            .find(|place| self.folder(*place).join(format!("{stem}.json")).exists())
    }

    /// The letters in one place, oldest first. What cannot be read is told: a letter must not
    /// vanish from a list, and must not hold the others up.
    pub(super) fn list(&self, place: Place) -> Result<Found, MailError> {
        let mut found = Found::default();
        for stem in self.stems(place, "json")? {
            let path = self.folder(place).join(format!("{stem}.json"));
            match read_entry(&path, &stem) {
                Ok(entry) => found.entries.push(entry),
                // Another process has moved it since the folder was read.
                Err(MailError::Spool { reason: io::ErrorKind::NotFound, .. }) => {}
                Err(error) => found.unreadable.push(error),
            }
        }
        for stem in self.stems(place, "eml")? {
            let path = self.folder(place).join(format!("{stem}.eml"));
            if self.place_of(&stem).is_none() && is_old(&path) {
                found.unreadable.push(MailError::NoEnvelope { path });
            }
        }
        Ok(found)
    }

    /// File names without extension, sorted; ids sort by time.
    fn stems(&self, place: Place, extension: &str) -> Result<Vec<String>, MailError> {
        let folder = self.folder(place);
        let failed = |error: io::Error| MailError::spool(&folder, &error);
        let mut stems = Vec::new();
        for file in fs::read_dir(&folder).map_err(failed)? {
            let name = file.map_err(failed)?.file_name();
            let stem =
                name.to_str().and_then(|name| name.strip_suffix(extension)?.strip_suffix('.'));
            stems.extend(stem.map(str::to_owned));
        }
        stems.sort();
        Ok(stems)
    }
}

fn envelope(entry: &Entry) -> Result<Vec<u8>, MailError> {
    serde_json::to_vec_pretty(entry).map_err(|_| MailError::Letter { reason: "envelope" })
}

fn read_entry(path: &Path, stem: &str) -> Result<Entry, MailError> {
    let json = read_limited(path, MAX_ENVELOPE_BYTES)?;
    let unreadable = || MailError::Unreadable { path: path.to_owned() };
    let entry: Entry = serde_json::from_slice(&json).map_err(|_| unreadable())?;
    if entry.format != FORMAT || entry.message_id.stem() != stem {
        return Err(unreadable());
    }
    Ok(entry)
}

fn is_old(path: &Path) -> bool {
    let age = fs::metadata(path).and_then(|file| file.modified()).map(|at| at.elapsed());
    // A file from the future has been there for as long as anybody can tell.
    age.is_ok_and(|age| age.map_or(true, |age| age >= ORPHAN_AFTER))
}

/// Writes a file under its temporary name; it is on disk once this returns.
fn write_part(path: &Path, bytes: &[u8]) -> Result<(), MailError> {
    let failed = |error: io::Error| MailError::spool(path, &error);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(part_of(path))
        .map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}

/// Gives a file that was written under its temporary name its own.
fn publish(path: &Path) -> Result<(), MailError> {
    match fs::rename(part_of(path), path) {
        // Whoever delivers just now took it for what a crash had left, and has finished it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(|error| MailError::spool(path, &error)),
    }
}

fn sync_folder(folder: &Path) -> Result<(), MailError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| MailError::spool(folder, &error))
}

fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, MailError> {
    let failed = |error: io::Error| MailError::spool(path, &error);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(failed(io::Error::from(io::ErrorKind::FileTooLarge)));
    }
    Ok(bytes)
}
