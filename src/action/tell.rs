//! Mails about scheduled work: into the outbox first, then to the SMTP server.

use super::WorkDir;
use super::context::blocking;
use super::outbox::{OutboxMail, deliver_spooled, outbox};
use super::unspooled::note_unspooled;
use crate::clock::{Clock, Jst};
use crate::diag::{Kind, Problem};
use crate::mail::{self, Entry, Letter, MessageId, Outbox, Place, TestNotice, WorkNotice};
use crate::playbook::Clinic;

/// What a mail about scheduled work tells.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// The work.
    pub job: &'a str,
    /// `missed`, `waits`, `failed`, `revoked`, `interrupted`.
    pub what: &'a str,
    /// When it was due.
    pub due: crate::clock::Jst,
    /// Why.
    pub problem: &'a Problem,
    /// The command that lets it go on.
    pub command: Option<&'a str>,
}

/// Puts a mail to the clinic's and vendor's addresses into the outbox and tries to send it.
///
/// # Errors
/// Where it could not even be put into the outbox. One that no server took stays there.
pub async fn tell(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
    told: &Told<'_>,
) -> Result<(), Problem> {
    let now = clock.now();
    let notice = WorkNotice {
        clinic_name: &clinic.name,
        clinic_id: &clinic.clinic_id,
        job: told.job,
        what: told.what,
        due: &clock.show(&told.due),
        problem: told.problem,
        command: told.command,
        at: &clock.show(&now),
        rehearsal: clock.is_rehearsal(),
    };
    let letter = mail::work(&notice, clinic.mail.notify.clone());
    spool(clinic, work, letter, told.job, now).await?;
    // A mail server that is down is no reason to stop what is told of.
    let _ = deliver_spooled(clinic, clock, work).await;
    Ok(())
}

/// The letter that proves, before it matters, that mail arrives.
pub(super) fn test_letter(clinic: &Clinic, clock: &Clock) -> Letter {
    let notice = TestNotice {
        clinic_name: &clinic.name,
        clinic_id: &clinic.clinic_id,
        at: &clock.show(&clock.now()),
        rehearsal: clock.is_rehearsal(),
    };
    mail::test_letter(&notice, clinic.mail.notify.clone())
}

/// Sends a test mail to the clinic's and vendor's addresses.
///
/// # Errors
/// Where it could not be put into the outbox, or no server has taken it; it is tried again then.
pub async fn send_test_mail(clinic: &Clinic, clock: &Clock, work: &WorkDir) -> Result<(), Problem> {
    let id = spool(clinic, work, test_letter(clinic, clock), "test", clock.now()).await?;
    deliver_spooled(clinic, clock, work).await?;
    let mails = outbox(work).await.mails;
    match mails.into_iter().find(|mail| mail.entry.message_id == id) {
        Some(mail) if mail.place == Place::Sent => Ok(()),
        Some(OutboxMail { entry: Entry { problem: Some(problem), .. }, .. }) => Err(problem),
        _ => Err(Problem::new("run-mail-unsent", Kind::MailUndelivered)),
    }
}

/// Puts a letter into the outbox; where that fails, the status file tells.
pub(super) async fn spool(
    clinic: &Clinic,
    work: &WorkDir,
    letter: Letter,
    about: &str,
    now: Jst,
) -> Result<MessageId, Problem> {
    let (folder, from) = (work.outbox(), clinic.mail.from.clone());
    let spooled = blocking(move || -> Result<_, Problem> {
        Ok(Outbox::open(&folder)?.enqueue(&letter, &from, &now)?)
    })
    .await;
    if let Err(problem) = &spooled {
        note_unspooled(work, about, now, problem);
    }
    spooled
}
