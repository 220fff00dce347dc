//! Delivery: a letter is tried until it is taken over, refused for good, or too old. It must not
//! call a letter delivered that a server has not answered for.

use chrono::TimeDelta;

use super::MailError;
use super::entry::{Entry, Place, RecipientState};
use super::error::Stage;
use super::outbox::{Held, LOCK_WAIT, Outbox};
use super::transport::{PerRecipient, Session, SmtpConfig};
use crate::clock::Jst;
use crate::diag::Problem;
use crate::fault::{self, Point};

/// Wait after the first failure; it doubles with each further one.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
/// Longest wait between two attempts.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
/// Age at which a letter is given up, as mail servers do (RFC 5321, 4.5.4.1).
const LONGEST_LIFE: TimeDelta = TimeDelta::days(5);
/// What one attempt brought.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The letter's envelope after the attempt.
    pub entry: Entry,
    /// Where the letter lies now.
    pub place: Place,
}

impl Outbox {
    /// Tries every letter that is due. What a server says about a letter is in the answer; an
    /// error is one of the spool.
    ///
    /// # Errors
    /// Where the spool cannot be read or written, or another process holds it.
    pub async fn deliver(&self, smtp: &SmtpConfig, now: &Jst) -> Result<Vec<Delivery>, MailError> {
        let held = self.lock(LOCK_WAIT).await?;
        self.deliver_those(&held, smtp, now, |entry| is_due(entry, now)).await
    }

    /// Tries the letters of the queue that `wanted` names, whatever their time.
    ///
    /// # Errors
    /// As [`Outbox::deliver`].
    pub async fn deliver_those(
        &self,
        _held: &Held,
        smtp: &SmtpConfig,
        now: &Jst,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Result<Vec<Delivery>, MailError> {
        let mut deliveries = Vec::new();
        // Once the server cannot be talked to, the other letters need not wait for it one by one.
        let mut server_is_away: Option<Problem> = None;
        for mut entry in self.spool.list(Place::Queued)?.entries {
            if !wanted(&entry) {
                continue;
            }
            entry.attempts = entry.attempts.saturating_add(1);
            entry.tried_at = Some(*now);
            entry.next_try = *now + wait_after(entry.attempts);
            // An attempt that cannot be written down would be made again at every look.
            self.spool.write_entry(Place::Queued, &entry)?;
            let problem = match server_is_away.clone() {
                Some(problem) => Some(problem),
                None => match self.attempt(&mut entry, smtp).await {
                    Ok(problem) => problem,
                    Err(error) => {
                        let is_final = error.is_final();
                        let is_of_spool = matches!(error, MailError::Spool { .. });
                        let is_of_letter = is_of_letter(&error);
                        let problem = Problem::from(error);
                        if is_final {
                            refuse_all(&mut entry);
                        } else if !is_of_spool && !is_of_letter {
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
        let mail = self.spool.read_mail(Place::Queued, &entry.message_id)?;
        let waiting = entry.in_state(RecipientState::Waiting);
        if waiting.is_empty() {
            return Ok(entry.problem.clone());
        }
        let mut session = Session::open(smtp).await?;
        let outcomes = session.send(&entry.from, &waiting, &mail).await;
        // A server that has fallen silent, or is gone, answers no good-bye either.
        if !matches!(outcomes, Err(MailError::TimedOut { .. } | MailError::Lost { .. })) {
            session.close().await;
        }
        fault::reach(Point::MailTaken).await?;
        Ok(note_outcomes(entry, outcomes?))
    }

    /// Writes down what was found out, then moves the letter: in that order, so that a crash
    /// between them costs nothing but the move.
    fn settle(&self, mut entry: Entry, now: &Jst) -> Result<Delivery, MailError> {
        let is_waiting = !entry.in_state(RecipientState::Waiting).is_empty();
        // Spooled by a clock that was ahead: its five days begin now.
        entry.queued_at = entry.queued_at.min(*now);
        let is_too_old = *now - entry.queued_at >= LONGEST_LIFE;
        self.spool.write_entry(Place::Queued, &entry)?;
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
}

/// True where the server talks, and stumbles over this letter: others may pass.
fn is_of_letter(error: &MailError) -> bool {
    matches!(
        error,
        MailError::Later { stage: Stage::Envelope | Stage::Content, .. }
            | MailError::TimedOut { stage: Stage::Content, .. }
            | MailError::Lost { stage: Stage::Content, .. }
    )
}

/// No letter waits for longer than the longest wait: a time that lies further ahead was written by
/// a clock that was wrong.
fn is_due(entry: &Entry, now: &Jst) -> bool {
    entry.next_try <= *now || entry.next_try - *now > LONGEST_WAIT
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
