//! The outbox: a letter is spooled durably, then tried until it is taken over or too old. It must
//! not lose a letter and must not give one a second Message-ID.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use rustix::fs::FlockOperation;

use super::letter::mailbox;
use super::spool::{Entry, Place, RecipientState, Spool};
use super::transport::{PerRecipient, Session, SmtpConfig};
use super::{Letter, MailError, MessageId};
use crate::clock::Jst;
use crate::diag::Problem;
use crate::fault::{self, Point};

/// Wait after the first failure; it doubles with each further one.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
/// Longest wait between two attempts.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
/// Age at which a letter is given up, as mail servers do (RFC 5321, 4.5.4.1).
const LONGEST_LIFE: TimeDelta = TimeDelta::days(5);
/// How long to wait for another process that delivers from the same spool.
const LOCK_WAIT: Duration = Duration::from_secs(30);
/// How often to look whether it has finished.
const LOCK_NAP: Duration = Duration::from_millis(200);

/// A spool of letters.
#[derive(Clone, Debug)]
pub struct Outbox {
    spool: Spool,
}

/// What one attempt brought.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The letter's envelope after the attempt.
    pub entry: Entry,
    /// Where the letter lies now.
    pub place: Place,
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
        let entry = Entry::new(id.clone(), from, &letter.subject, &bare(&letter.to)?, at);
        self.spool.add(&entry, &mail)?;
        Ok(id)
    }

    /// Every letter with its place, oldest first.
    ///
    /// # Errors
    /// Where the spool cannot be read.
    pub fn list(&self) -> Result<Vec<(Place, Entry)>, MailError> {
        let mut all = Vec::new();
        for place in [Place::Queued, Place::GivenUp, Place::Sent] {
            all.extend(self.spool.list(place)?.into_iter().map(|entry| (place, entry)));
        }
        all.sort_by(|(_, left), (_, right)| left.message_id.cmp(&right.message_id));
        Ok(all)
    }

    /// When the newest letter was written that a server took over; `None` where there is none.
    ///
    /// # Errors
    /// Where the spool cannot be read.
    pub fn last_taken(&self) -> Result<Option<Jst>, MailError> {
        let sent = self.spool.list(Place::Sent)?;
        Ok(sent.iter().map(|entry| entry.queued_at).max())
    }

    /// Puts a letter that was given up back into the queue, for those who have not got it.
    ///
    /// # Errors
    /// Where it is not there, or the spool cannot be written.
    pub async fn requeue(&self, id: &MessageId, now: &Jst) -> Result<(), MailError> {
        let _lock = self.lock().await?;
        let given_up = self.spool.list(Place::GivenUp)?;
        let Some(mut entry) = given_up.into_iter().find(|entry| entry.message_id == *id) else {
            let path = self.spool.folder(Place::GivenUp);
            return Err(MailError::Spool { path, reason: std::io::ErrorKind::NotFound });
        };
        self.spool.shift(&entry, Place::GivenUp, Place::Queued)?;
        entry.queued_at = *now;
        entry.next_try = *now;
        entry.attempts = 0;
        for recipient in &mut entry.recipients {
            if recipient.state == RecipientState::Refused {
                recipient.state = RecipientState::Waiting;
            }
        }
        self.spool.write_entry(&entry)
    }

    /// Tries every letter that is due. What a server says about a letter is in the answer; an
    /// error is one of the spool.
    ///
    /// # Errors
    /// Where the spool cannot be read or written, or another process holds it.
    pub async fn deliver(&self, smtp: &SmtpConfig, now: &Jst) -> Result<Vec<Delivery>, MailError> {
        let _lock = self.lock().await?;
        self.spool.tidy()?;
        let mut deliveries = Vec::new();
        // Once the server cannot be talked to, the other letters need not wait for it one by one.
        let mut server_is_away: Option<Problem> = None;
        for mut entry in self.spool.list(Place::Queued)? {
            if entry.next_try > *now {
                continue;
            }
            entry.attempts = entry.attempts.saturating_add(1);
            let problem = match server_is_away.clone() {
                Some(problem) => Some(problem),
                None => match self.attempt(&mut entry, smtp).await {
                    Ok(problem) => problem,
                    Err(error) => {
                        let is_final = error.is_final();
                        let is_of_spool = matches!(error, MailError::Spool { .. });
                        let problem = Problem::from(error);
                        if is_final {
                            refuse_all(&mut entry);
                        } else if !is_of_spool {
                            server_is_away = Some(problem.clone());
                        }
                        Some(problem)
                    }
                },
            };
            entry.problem = problem;
            deliveries.push(self.settle(entry, now)?);
        }
        Ok(deliveries)
    }

    /// One attempt; the answer holds what went wrong with single recipients.
    async fn attempt(
        &self,
        entry: &mut Entry,
        smtp: &SmtpConfig,
    ) -> Result<Option<Problem>, MailError> {
        let mail = self.spool.read_mail(entry)?;
        let waiting = entry.in_state(RecipientState::Waiting);
        if waiting.is_empty() {
            return Ok(entry.problem.clone());
        }
        let mut session = Session::open(smtp).await?;
        let outcomes = session.send(&entry.from, &waiting, &mail).await;
        session.close().await;
        fault::reach(Point::MailTaken).await?;
        Ok(note_outcomes(entry, outcomes?))
    }

    /// Writes down what was found out, then moves the letter: in that order, so that a crash
    /// between them costs nothing but the move.
    fn settle(&self, mut entry: Entry, now: &Jst) -> Result<Delivery, MailError> {
        let is_waiting = !entry.in_state(RecipientState::Waiting).is_empty();
        let is_too_old = *now - entry.queued_at >= LONGEST_LIFE;
        entry.next_try = *now + wait_after(entry.attempts);
        self.spool.write_entry(&entry)?;
        fault::hit(Point::MailSettled)?;
        let place = if is_waiting && !is_too_old {
            Place::Queued
        } else if is_waiting || !entry.in_state(RecipientState::Refused).is_empty() {
            Place::GivenUp
        } else {
            Place::Sent
        };
        if place != Place::Queued {
            self.spool.shift(&entry, Place::Queued, place)?;
        }
        Ok(Delivery { entry, place })
    }

    /// Only one process delivers at a time, or a letter would be sent twice. The lock ends with
    /// the file, also when the process is killed.
    async fn lock(&self) -> Result<File, MailError> {
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
                Ok(()) => return Ok(file),
                Err(rustix::io::Errno::WOULDBLOCK) if started.elapsed() < LOCK_WAIT => {
                    tokio::time::sleep(LOCK_NAP).await;
                }
                Err(rustix::io::Errno::WOULDBLOCK) => return Err(MailError::SpoolBusy { path }),
                Err(error) => return Err(MailError::spool(path, &error.into())),
            }
        }
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

fn note_outcomes(entry: &mut Entry, outcomes: PerRecipient) -> Option<Problem> {
    let mut problem = None;
    for (address, outcome) in outcomes {
        let state = match &outcome {
            Ok(()) => RecipientState::Sent,
            Err(error) if error.is_final() => RecipientState::Refused,
            Err(_) => RecipientState::Waiting,
        };
        for recipient in entry.recipients.iter_mut().filter(|r| r.address == address) {
            recipient.state = state;
        }
        if let Err(error) = outcome {
            problem = Some(Problem::from(error));
        }
    }
    problem
}

fn refuse_all(entry: &mut Entry) {
    for recipient in &mut entry.recipients {
        if recipient.state == RecipientState::Waiting {
            recipient.state = RecipientState::Refused;
        }
    }
}

fn wait_after(attempts: u32) -> TimeDelta {
    // 2^6 minutes are past the longest wait already.
    let doublings = attempts.saturating_sub(1).min(6);
    FIRST_WAIT.checked_mul(1 << doublings).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_an_hour() {
        let minutes: Vec<i64> = (1..=9).map(|n| wait_after(n).num_minutes()).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(wait_after(u32::MAX), LONGEST_WAIT);
    }
}
