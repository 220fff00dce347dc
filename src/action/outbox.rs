//! The clinic's outbox: what has not arrived, what a person wants done with a mail, and the ledger's
//! word of both.

use std::collections::BTreeMap;

use serde::Serialize;

use super::WorkDir;
use super::context::blocking;
use super::ledger::{actor, open_ledger};
use super::unspooled::{forget_unspooled, unspooled};
use crate::clock::{Clock, Jst};
use crate::diag::{Fact, Kind, Problem};
use crate::journal::ledger::{LedgerEvent, MailFate};
use crate::mail::{Cancellation, Entry, MailError, Outbox, ReadMail, SmtpConfig, read_mail};
use crate::playbook::Clinic;

pub use crate::mail::{Place, RecipientState};

/// What has not arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undelivered {
    /// Mails that are tried again by themselves.
    pub waiting: usize,
    /// Mails that are not.
    pub given_up: usize,
    /// What cannot be read, and letters that could not even be put into the outbox.
    pub problems: Vec<Problem>,
}

impl Undelivered {
    /// True where something has not arrived.
    pub fn any(&self) -> bool {
        self.waiting + self.given_up > 0 || !self.problems.is_empty()
    }

    /// All of it in one problem; `None` where everything has arrived.
    pub fn problem(&self) -> Option<Problem> {
        self.any().then(|| {
            Problem::new("run-mails-waiting", Kind::MailUndelivered)
                .with(Fact::open("waiting", self.waiting))
                .with(Fact::open("given_up", self.given_up))
                .with(Fact::open("unreadable", self.problems.len()))
        })
    }
}

/// A mail in the outbox.
#[derive(Clone, Debug, Serialize)]
pub struct OutboxMail {
    /// Where it lies.
    pub place: Place,
    /// Its envelope.
    #[serde(flatten)]
    pub entry: Entry,
}

impl OutboxMail {
    /// What is enough to name it: the time of its making to the millisecond.
    pub fn short_id(&self) -> &str {
        const DIGITS_OF_TIME: usize = 13;
        let id = self.entry.message_id.as_str().trim_start_matches('<');
        id.get(..DIGITS_OF_TIME).unwrap_or(id)
    }
}

/// Everything in the outbox.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OutboxList {
    /// Mails, oldest first.
    pub mails: Vec<OutboxMail>,
    /// What cannot be read, and letters that could not even be put there.
    pub problems: Vec<Problem>,
}

impl OutboxList {
    /// How much of it has not arrived.
    pub fn undelivered(&self) -> Undelivered {
        let count = |wanted: Place| self.mails.iter().filter(|mail| mail.place == wanted).count();
        Undelivered {
            waiting: count(Place::Queued),
            given_up: count(Place::GivenUp),
            problems: self.problems.clone(),
        }
    }
}

/// Everything in the outbox; nothing is made where there is none. An outbox that cannot be read
/// is one of its problems: whoever asks has more to tell than that.
pub async fn outbox(work: &WorkDir) -> OutboxList {
    let folder = work.outbox();
    let mut list =
        OutboxList { problems: unspooled(work).into_iter().collect(), ..Default::default() };
    // Before the first letter there is no folder, or nothing in it.
    if !folder.exists() || folder.read_dir().is_ok_and(|mut all| all.next().is_none()) {
        return list;
    }
    match blocking(move || Outbox::open(&folder)?.list()).await {
        Ok(listing) => {
            let mails = listing.mails.into_iter();
            list.mails = mails.map(|(place, entry)| OutboxMail { place, entry }).collect();
            list.problems.extend(listing.unreadable.into_iter().map(Problem::from));
        }
        Err(problem) => list.problems.push(problem),
    }
    list
}

/// What a person settled, or a server took, since a run was written down: by Message-ID, the time of
/// the last attempt; `None` for mails that a person took out.
pub async fn settled_mails(work: &WorkDir) -> BTreeMap<String, Option<Jst>> {
    let mails = outbox(work).await.mails.into_iter();
    let settled = mails.filter(|mail| !mail.place.is_undelivered());
    settled
        .map(|OutboxMail { place, entry }| {
            let at = entry.tried_at.unwrap_or(entry.queued_at);
            (entry.message_id.as_str().to_owned(), (place == Place::Sent).then_some(at))
        })
        .collect()
}

/// Tries to send what is due in the outbox, whatever it is about; gives what has not arrived then.
///
/// # Errors
/// Where the outbox or the ledger cannot be read or written.
pub async fn deliver_spooled(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
) -> Result<Undelivered, Problem> {
    let outbox = opened(work).await?;
    let smtp = SmtpConfig::of_clinic(&clinic.mail, None);
    outbox.deliver(&smtp, &clock.now()).await?;
    note_given_up(clock, work).await
}

/// Writes into the ledger which mails were given up; gives what has not arrived.
pub(super) async fn note_given_up(clock: &Clock, work: &WorkDir) -> Result<Undelivered, Problem> {
    let list = outbox(work).await;
    let given_up: Vec<&Entry> = list
        .mails
        .iter()
        .filter(|mail| mail.place == Place::GivenUp)
        .map(|mail| &mail.entry)
        .collect();
    if !given_up.is_empty() {
        let ledger = open_ledger(work, clock).await?;
        let known = ledger.now().await?.mails;
        for entry in given_up {
            let message_id = entry.message_id.as_str().to_owned();
            if matches!(known.get(&message_id), Some(MailFate::GivenUp { .. })) {
                continue;
            }
            let (attempts, problem) = (entry.attempts, entry.problem.clone());
            ledger.append(LedgerEvent::MailGivenUp { message_id, attempts, problem }).await?;
        }
    }
    Ok(list.undelivered())
}

/// A mail as a person reads it.
#[derive(Clone, Debug, Serialize)]
pub struct ShownMail {
    /// Where it lies, and what is known of it.
    #[serde(flatten)]
    pub mail: OutboxMail,
    /// Its headers and text.
    #[serde(flatten)]
    pub read: ReadMail,
}

/// The mail whose id begins with `id`.
///
/// # Errors
/// Where there is none or more than one, or its file cannot be read.
pub async fn show_mail(work: &WorkDir, id: &str) -> Result<ShownMail, Problem> {
    let (folder, id) = (work.outbox(), id.to_owned());
    if !folder.exists() {
        return Err(MailError::NoSuchMail { id }.into());
    }
    blocking(move || -> Result<_, Problem> {
        let outbox = Outbox::open(&folder)?;
        let (place, entry) = outbox.find(&id)?;
        let read = read_mail(&outbox.mail(place, &entry)?)?;
        Ok(ShownMail { mail: OutboxMail { place, entry }, read })
    })
    .await
}

/// Tries mails now, whatever their time: the one whose id begins with `id`, or every one that has
/// not arrived. Those that were given up go back into the queue first. Gives them as they lie then.
///
/// # Errors
/// Where there is none, it has arrived or was taken out, another process delivers, or outbox or
/// ledger cannot be read or written.
pub async fn retry_mails(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
    id: Option<&str>,
    person: &str,
) -> Result<Vec<OutboxMail>, Problem> {
    let outbox = opened(work).await?;
    let held = outbox.hold().await?;
    let chosen = match id {
        Some(id) => vec![undelivered_mail(&outbox, id)?],
        None => {
            let all = outbox.list()?.mails.into_iter();
            all.filter(|(place, _)| place.is_undelivered()).collect()
        }
    };
    let ids: Vec<_> = chosen.iter().map(|(_, entry)| entry.message_id.clone()).collect();
    let ledger = open_ledger(work, clock).await?;
    for (place, entry) in chosen {
        if place == Place::GivenUp {
            let requeued = LedgerEvent::MailRequeued {
                message_id: entry.message_id.as_str().to_owned(),
                by: actor(person),
            };
            ledger.append(requeued).await?;
            outbox.requeue(&held, entry, &clock.now())?;
        }
    }
    let smtp = SmtpConfig::of_clinic(&clinic.mail, None);
    let wanted = |entry: &Entry| ids.contains(&entry.message_id);
    let tried = outbox.deliver_those(&held, &smtp, &clock.now(), wanted).await?;
    drop(held);
    note_given_up(clock, work).await?;
    Ok(tried.into_iter().map(|done| OutboxMail { place: done.place, entry: done.entry }).collect())
}

/// Takes a mail out of the queue on a person's word, which is in the ledger before it is moved.
///
/// # Errors
/// Where there is none, it has arrived or was taken out before, another process delivers, or outbox
/// or ledger cannot be read or written.
pub async fn cancel_mail(
    clock: &Clock,
    work: &WorkDir,
    id: &str,
    person: &str,
    reason: &str,
) -> Result<OutboxMail, Problem> {
    let outbox = opened(work).await?;
    let held = outbox.hold().await?;
    let (place, entry) = undelivered_mail(&outbox, id)?;
    let cancelled = LedgerEvent::MailCancelled {
        message_id: entry.message_id.as_str().to_owned(),
        by: actor(person),
        reason: reason.to_owned(),
    };
    open_ledger(work, clock).await?.append(cancelled).await?;
    let word = Cancellation { by: person.to_owned(), reason: reason.to_owned(), at: clock.now() };
    let entry = outbox.cancel(&held, (place, entry), word)?;
    Ok(OutboxMail { place: Place::Cancelled, entry })
}

/// A person knows of the letter that could not be put into the outbox; it is told no more.
///
/// # Errors
/// Where there is none, or ledger or folder cannot be written.
pub async fn cancel_unspooled(
    clock: &Clock,
    work: &WorkDir,
    person: &str,
    reason: &str,
) -> Result<(), Problem> {
    if unspooled(work).is_none() {
        return Err(MailError::NoSuchMail { id: UNSPOOLED.to_owned() }.into());
    }
    let cancelled = LedgerEvent::MailCancelled {
        message_id: UNSPOOLED.to_owned(),
        by: actor(person),
        reason: reason.to_owned(),
    };
    open_ledger(work, clock).await?.append(cancelled).await?;
    forget_unspooled(work)
}

/// By which word a person names the letter that could not be put into the outbox.
pub const UNSPOOLED: &str = "unspooled";

async fn opened(work: &WorkDir) -> Result<Outbox, Problem> {
    let folder = work.outbox();
    blocking(move || Outbox::open(&folder)).await
}

fn undelivered_mail(outbox: &Outbox, id: &str) -> Result<(Place, Entry), MailError> {
    let (place, entry) = outbox.find(id)?;
    if place.is_undelivered() {
        return Ok((place, entry));
    }
    Err(MailError::Settled { id: entry.message_id.as_str().to_owned(), place })
}
