//! A letter's envelope as it lies in the spool. It must not know files.

use serde::{Deserialize, Serialize};

use super::MessageId;
use crate::clock::Jst;
use crate::diag::Problem;

/// Version of the envelope's form.
pub(super) const FORMAT: u32 = 1;

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
    /// A person took it out of the queue; it is kept.
    Cancelled,
}

impl Place {
    pub(super) const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::GivenUp, Self::Cancelled];

    /// The folder's name, which is also its name for people and programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::GivenUp => "given-up",
            Self::Cancelled => "cancelled",
        }
    }

    /// True where somebody may still be waiting for the letter.
    pub fn is_undelivered(self) -> bool {
        matches!(self, Self::Queued | Self::GivenUp)
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

impl RecipientState {
    /// As it stands in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Refused => "refused",
        }
    }
}

/// One recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// The address.
    pub address: String,
    /// What is known.
    pub state: RecipientState,
}

/// A file that goes along, as it is named in the mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosed {
    /// Its name, with `.gz` where it is compressed.
    pub name: String,
    /// Its bytes as sent.
    pub bytes: u64,
}

/// Who took a letter out of the queue, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// The person.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
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
    /// Files that go along.
    #[serde(default)]
    pub enclosed: Vec<Enclosed>,
    /// When it was spooled, or put back into the queue by a person: the five days begin here.
    #[serde(with = "crate::clock::serde_jst")]
    pub queued_at: Jst,
    /// Attempts so far.
    pub attempts: u32,
    /// Not before this time.
    #[serde(with = "crate::clock::serde_jst")]
    pub next_try: Jst,
    /// When it was tried last.
    #[serde(default, with = "crate::clock::serde_option")]
    pub tried_at: Option<Jst>,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// Who took it out of the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Cancellation>,
}

impl Entry {
    pub(super) fn new(
        id: MessageId,
        from: &str,
        subject: &str,
        to: &[String],
        enclosed: Vec<Enclosed>,
        at: &Jst,
    ) -> Self {
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
            enclosed,
            queued_at: *at,
            attempts: 0,
            next_try: *at,
            tried_at: None,
            problem: None,
            cancelled: None,
        }
    }

    /// The addresses in one state.
    pub fn in_state(&self, state: RecipientState) -> Vec<String> {
        let matching = self.recipients.iter().filter(|recipient| recipient.state == state);
        matching.map(|recipient| recipient.address.clone()).collect()
    }

    /// Gives those who have not got it another five days.
    pub(super) fn begin_again(&mut self, now: &Jst) {
        self.queued_at = *now;
        self.next_try = *now;
        self.attempts = 0;
        for recipient in &mut self.recipients {
            if recipient.state == RecipientState::Refused {
                recipient.state = RecipientState::Waiting;
            }
        }
    }
}
