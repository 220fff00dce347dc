//! Mails about scheduled work: into the outbox first, then to the SMTP server.

use super::WorkDir;
use super::context::blocking;
use crate::clock::Clock;
use crate::diag::Problem;
use crate::mail::{self, Outbox, Place, SmtpConfig, WorkNotice};
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
    let (folder, from) = (work.outbox(), clinic.mail.from.clone());
    blocking(move || -> Result<_, Problem> {
        Ok(Outbox::open(&folder)?.enqueue(&letter, &from, &now)?)
    })
    .await?;
    // A mail server that is down is no reason to stop what is told of.
    let _ = deliver_spooled(clinic, clock, work).await;
    Ok(())
}

/// Tries to send what is due in the outbox, whatever it is about; gives how many mails still wait
/// and how many were given up.
///
/// # Errors
/// Where the outbox cannot be read or written.
pub async fn deliver_spooled(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
) -> Result<(usize, usize), Problem> {
    let folder = work.outbox();
    let outbox = blocking(move || Outbox::open(&folder)).await?;
    let smtp = SmtpConfig::of_clinic(&clinic.mail, None);
    outbox.deliver(&smtp, &clock.now()).await?;
    spooled(work).await
}

/// How many mails wait in the outbox, and how many were given up.
///
/// # Errors
/// Where the outbox cannot be read.
pub async fn spooled(work: &WorkDir) -> Result<(usize, usize), Problem> {
    let folder = work.outbox();
    if !folder.exists() {
        return Ok((0, 0));
    }
    blocking(move || -> Result<_, Problem> {
        let outbox = Outbox::open(&folder)?;
        let all = outbox.list()?;
        let count = |wanted: Place| all.iter().filter(|(place, _)| *place == wanted).count();
        Ok((count(Place::Queued), count(Place::GivenUp)))
    })
    .await
}
