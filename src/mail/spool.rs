//! The spool's files. A letter is two files: `<id>.eml`, and `<id>.json`, which makes it exist.
//! It must not talk to servers.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{MailError, MessageId};
use crate::clock::Jst;
use crate::diag::Problem;

/// Version of the envelope's form.
const FORMAT: u32 = 1;
/// Largest mail: some attachments of 5 MB in base64.
const MAX_EML_BYTES: u64 = 64 * 1024 * 1024;
/// Largest envelope: a hundred addresses and a problem with its detail.
const MAX_ENVELOPE_BYTES: u64 = 1024 * 1024;

/// Where a letter lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// To be tried, again or for the first time.
    Queued,
    /// Taken over by the server for every recipient.
    Sent,
    /// Refused for at least one recipient, or too old. A person must look at it.
    GivenUp,
}

impl Place {
    const ALL: [Self; 3] = [Self::Queued, Self::Sent, Self::GivenUp];

    fn folder(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::GivenUp => "given-up",
        }
    }
}

/// What is known about one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecipientState {
    /// Not taken over yet.
    Waiting,
    /// Taken over by the server.
    Sent,
    /// Refused for good.
    Refused,
}

/// One recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// The address.
    pub address: String,
    /// What is known.
    pub state: RecipientState,
}

/// A letter's envelope in the spool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Version of this form.
    pub format: u32,
    /// The mail's id, the same in every attempt.
    pub message_id: MessageId,
    /// Sender.
    pub from: String,
    /// Subject, for lists.
    pub subject: String,
    /// Recipients.
    pub recipients: Vec<Recipient>,
    /// When it was spooled.
    #[serde(with = "crate::clock::serde_jst")]
    pub queued_at: Jst,
    /// Attempts so far.
    pub attempts: u32,
    /// Not before this time.
    #[serde(with = "crate::clock::serde_jst")]
    pub next_try: Jst,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

impl Entry {
    pub(super) fn new(id: MessageId, from: &str, subject: &str, to: &[String], at: &Jst) -> Self {
        let waiting = |address: &String| Recipient {
            address: address.clone(),
            state: RecipientState::Waiting,
        };
        Self {
            format: FORMAT,
            message_id: id,
            from: from.to_owned(),
            subject: subject.to_owned(),
            recipients: to.iter().map(waiting).collect(),
            queued_at: *at,
            attempts: 0,
            next_try: *at,
            problem: None,
        }
    }

    /// The addresses in one state.
    pub fn in_state(&self, state: RecipientState) -> Vec<String> {
        let matching = self.recipients.iter().filter(|recipient| recipient.state == state);
        matching.map(|recipient| recipient.address.clone()).collect()
    }
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
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)
                .and_then(|()| fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)))
                .map_err(|error| MailError::spool(&folder, &error))?;
        }
        Ok(spool)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn folder(&self, place: Place) -> PathBuf {
        self.dir.join(place.folder())
    }

    fn file(&self, place: Place, id: &MessageId, extension: &str) -> PathBuf {
        self.folder(place).join(format!("{}.{extension}", id.stem()))
    }

    /// Spools a letter; it exists once this returns, and not before.
    pub(super) fn add(&self, entry: &Entry, mail: &[u8]) -> Result<(), MailError> {
        if u64::try_from(mail.len()).unwrap_or(u64::MAX) > MAX_EML_BYTES {
            return Err(MailError::Letter { reason: "too large" });
        }
        write_durably(&self.file(Place::Queued, &entry.message_id, "eml"), mail)?;
        self.write_entry(entry)
    }

    /// Writes a queued letter's envelope anew.
    pub(super) fn write_entry(&self, entry: &Entry) -> Result<(), MailError> {
        let path = self.file(Place::Queued, &entry.message_id, "json");
        let json = serde_json::to_vec_pretty(entry)
            .map_err(|_| MailError::Letter { reason: "envelope" })?;
        write_durably(&path, &json)
    }

    /// The mail's bytes.
    pub(super) fn read_mail(&self, entry: &Entry) -> Result<Vec<u8>, MailError> {
        read_limited(&self.file(Place::Queued, &entry.message_id, "eml"), MAX_EML_BYTES)
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

    /// Finishes moves that a crash has cut in two.
    pub(super) fn tidy(&self) -> Result<(), MailError> {
        for from in Place::ALL {
            for stem in self.stems(from, "eml")? {
                let is_here = self.folder(from).join(format!("{stem}.json")).exists();
                let elsewhere = Place::ALL.into_iter().find(|place| {
                    *place != from && self.folder(*place).join(format!("{stem}.json")).exists()
                });
                let (false, Some(to)) = (is_here, elsewhere) else { continue };
                let old = self.folder(from).join(format!("{stem}.eml"));
                fs::rename(&old, self.folder(to).join(format!("{stem}.eml")))
                    .map_err(|error| MailError::spool(&old, &error))?;
            }
        }
        Ok(())
    }

    /// The letters in one place, oldest first. An envelope that cannot be read is an error: a
    /// letter must not vanish from a list.
    pub(super) fn list(&self, place: Place) -> Result<Vec<Entry>, MailError> {
        let mut entries = Vec::new();
        for stem in self.stems(place, "json")? {
            let path = self.folder(place).join(format!("{stem}.json"));
            let json = match read_limited(&path, MAX_ENVELOPE_BYTES) {
                // Another process has moved it since the folder was read.
                Err(MailError::Spool { reason: io::ErrorKind::NotFound, .. }) => continue,
                other => other?,
            };
            let entry: Entry = serde_json::from_slice(&json).map_err(|_| MailError::Spool {
                path: path.clone(),
                reason: io::ErrorKind::InvalidData,
            })?;
            if entry.format != FORMAT || entry.message_id.stem() != stem {
                return Err(MailError::Spool { path, reason: io::ErrorKind::InvalidData });
            }
            entries.push(entry);
        }
        Ok(entries)
    }

    /// File names without extension, sorted; ids sort by time.
    fn stems(&self, place: Place, extension: &str) -> Result<Vec<String>, MailError> {
        let folder = self.folder(place);
        let failed = |error: io::Error| MailError::spool(&folder, &error);
        let mut stems = Vec::new();
        for file in fs::read_dir(&folder).map_err(failed)? {
            let path = file.map_err(failed)?.path();
            if path.extension().is_some_and(|found| found == extension)
                && let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
            {
                stems.push(stem.to_owned());
            }
        }
        stems.sort();
        Ok(stems)
    }
}

/// Temporary name, fsync, rename, fsync of the folder.
fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), MailError> {
    let failed = |error: io::Error| MailError::spool(path, &error);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)
        .map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&part, path).map_err(failed)?;
    sync_folder(path.parent().unwrap_or(path))
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
