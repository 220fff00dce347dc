//! The outbox: letters are spooled durably, listed, and moved by a person's word. It must not lose
//! a letter and must not give one a second Message-ID.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rustix::fs::FlockOperation;

use super::entry::{Cancellation, Entry, Place};
use super::letter::mailbox;
use super::spool::Spool;
use super::{Letter, MailError, MessageId};
use crate::clock::Jst;

/// How long to wait for another process that delivers from the same spool.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(30);
/// The same where a person waits for an answer.
const PERSON_WAIT: Duration = Duration::from_secs(5);
/// How often to look whether it has finished.
const LOCK_NAP: Duration = Duration::from_millis(200);

/// A spool of letters.
#[derive(Clone, Debug)]
pub struct Outbox {
    pub(super) spool: Spool,
}

/// Every letter with its place, and what cannot be read.
#[derive(Debug, Default)]
pub struct Listing {
    /// The letters, oldest first.
    pub mails: Vec<(Place, Entry)>,
    /// Files that should be letters: one for each, with its path.
    pub unreadable: Vec<MailError>,
}

/// The right to move letters: no other process has it at the same time. The lock ends with this,
/// also when the process is killed.
#[derive(Debug)]
pub struct Held {
    _lock: File,
}

impl Outbox {
    /// Opens a spool; its folders are made with mode 0700.
    ///
    /// # Errors
    /// Where they cannot be.
    pub fn open(dir: &Path) -> Result<Self, MailError> {
        Ok(Self { spool: Spool::open(dir)? })
    }

    /// Spools a letter. Once this returns, the letter survives a crash.
    ///
    /// # Errors
    /// Where an address is none, or the spool cannot be written.
    pub fn enqueue(&self, letter: &Letter, from: &str, at: &Jst) -> Result<MessageId, MailError> {
        let id = MessageId::fresh(from)?;
        let mail = letter.render(from, &id, at)?;
        let enclosed = letter.enclosed()?;
        let entry = Entry::new(id.clone(), from, &letter.subject, &bare(&letter.to)?, enclosed, at);
        self.spool.add(&entry, &mail)?;
        Ok(id)
    }

    /// Every letter with its place, oldest first.
    ///
    /// # Errors
    /// Where the spool cannot be read at all.
    pub fn list(&self) -> Result<Listing, MailError> {
        let mut all = Listing::default();
        for place in Place::ALL {
            let found = self.spool.list(place)?;
            all.mails.extend(found.entries.into_iter().map(|entry| (place, entry)));
            all.unreadable.extend(found.unreadable);
        }
        all.mails.sort_by(|(_, left), (_, right)| left.message_id.cmp(&right.message_id));
        Ok(all)
    }

    /// When the newest letter was written that a server took over; `None` where there is none.
    ///
    /// # Errors
    /// Where the spool cannot be read.
    pub fn last_taken(&self) -> Result<Option<Jst>, MailError> {
        let sent = self.spool.list(Place::Sent)?;
        Ok(sent.entries.iter().map(|entry| entry.queued_at).max())
    }

    /// The letter whose id begins with `id`, with or without its angle bracket.
    ///
    /// # Errors
    /// Where there is none, or more than one.
    pub fn find(&self, id: &str) -> Result<(Place, Entry), MailError> {
        let wanted = id.trim().trim_start_matches('<').to_ascii_lowercase();
        let is_it = |entry: &Entry| {
            let known = entry.message_id.as_str().trim_start_matches('<').to_ascii_lowercase();
            !wanted.is_empty() && known.starts_with(&wanted)
        };
        let mut found: Vec<_> =
            self.list()?.mails.into_iter().filter(|(_, entry)| is_it(entry)).collect();
        match (found.pop(), found.len()) {
            (Some(only), 0) => Ok(only),
            (Some(_), others) => {
                Err(MailError::Ambiguous { id: id.to_owned(), count: others.saturating_add(1) })
            }
            (None, _) => Err(MailError::NoSuchMail { id: id.to_owned() }),
        }
    }

    /// A letter as it is sent.
    ///
    /// # Errors
    /// Where its file cannot be read.
    pub fn mail(&self, place: Place, entry: &Entry) -> Result<Vec<u8>, MailError> {
        self.spool.read_mail(place, &entry.message_id)
    }

    /// Keeps every other process from moving letters, for what a person asks for.
    ///
    /// # Errors
    /// Where another process delivers and does not end soon.
    pub async fn hold(&self) -> Result<Held, MailError> {
        self.lock(PERSON_WAIT).await
    }

    /// Puts a letter that was given up back into the queue, for those who have not got it: for
    /// another five days, with the same id.
    ///
    /// # Errors
    /// Where the spool cannot be written.
    pub fn requeue(&self, _held: &Held, mut entry: Entry, now: &Jst) -> Result<(), MailError> {
        entry.begin_again(now);
        self.spool.write_entry(Place::GivenUp, &entry)?;
        self.spool.shift(&entry, Place::GivenUp, Place::Queued)
    }

    /// Takes a letter out of the queue; it is kept, with who wanted that and why. Gives it as it
    /// lies then.
    ///
    /// # Errors
    /// Where the spool cannot be written.
    pub fn cancel(
        &self,
        _held: &Held,
        (place, mut entry): (Place, Entry),
        cancelled: Cancellation,
    ) -> Result<Entry, MailError> {
        entry.cancelled = Some(cancelled);
        self.spool.write_entry(place, &entry)?;
        self.spool.shift(&entry, place, Place::Cancelled)?;
        Ok(entry)
    }

    /// Only one process delivers at a time, or a letter would be sent twice. Whoever begins to
    /// deliver first brings to its end what a crash has cut in two.
    pub(super) async fn lock(&self, patience: Duration) -> Result<Held, MailError> {
        let path = self.spool.dir().join("lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|error| MailError::spool(&path, &error))?;
        let started = tokio::time::Instant::now();
        loop {
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(rustix::io::Errno::WOULDBLOCK) if started.elapsed() < patience => {
                    tokio::time::sleep(LOCK_NAP).await;
                }
                Err(rustix::io::Errno::WOULDBLOCK) => return Err(MailError::SpoolBusy { path }),
                Err(error) => return Err(MailError::spool(path, &error.into())),
            }
        }
        self.spool.tidy()?;
        Ok(Held { _lock: file })
    }
}

/// The addresses without names, each once: the envelope's recipients.
fn bare(to: &[String]) -> Result<Vec<String>, MailError> {
    let mut addresses = Vec::new();
    for text in to {
        let address = mailbox(text)?.email.to_string();
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}
