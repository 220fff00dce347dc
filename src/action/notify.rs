//! Mails about a run: into the outbox first, then to the SMTP server.

use super::context::{StepCx, WorkDir, blocking};
use super::connect;
use crate::clock::Clock;
use crate::diag::{Problem, Redacted};
use crate::ids::StepId;
use crate::journal::{ClinicState, Event, Journal};
use crate::mail::{self, FailureNotice, FinishedNotice, Letter, Outbox, StateOfClinic, TestNotice};
use crate::playbook::{CheckedPlaybook, Clinic};

/// What a mail is about.
pub enum Notice {
    /// A step failed or is in doubt: goes to support and to the clinic's and vendor's addresses.
    Failure {
        /// The step.
        step: StepId,
        /// Why.
        problem: Problem,
        /// The redacted import log.
        import_log: Option<Redacted>,
        /// The clinic's state.
        clinic: ClinicState,
        /// The run's events, redacted, one line each.
        error_log: String,
    },
    /// The run ended well: goes to the clinic's and vendor's addresses.
    Finished {
        /// The clinic's state.
        clinic: ClinicState,
    },
}

pub(super) async fn send_test(cx: &StepCx) -> Result<String, Problem> {
    let clinic = cx.clinic();
    let letter = mail::test_letter(&TestNotice {
        clinic_name: clinic.name.clone(),
        clinic_id: clinic.clinic_id.clone(),
        at: cx.clock.show(&cx.clock.now()),
        rehearsal: cx.clock.is_rehearsal(),
        to: clinic.mail.notify.clone(),
    });
    send(clinic, &cx.clock, &cx.work, &cx.journal, &letter, "test").await
}

/// Puts a mail into the outbox and tries to send it; gives its Message-ID.
///
/// # Errors
/// Where it could not even be put into the outbox. A mail that the server did not take stays
/// there and is seen in the state.
pub async fn notify(
    playbook: &CheckedPlaybook,
    clock: &Clock,
    work: &WorkDir,
    journal: &Journal,
    notice: Notice,
) -> Result<String, Problem> {
    let clinic = &playbook.clinic;
    let at = clock.show(&clock.now());
    let run = journal.run().to_string();
    match notice {
        Notice::Failure { step, problem, import_log, clinic: state, error_log } => {
            let title = playbook
                .phases
                .iter()
                .flat_map(|phase| &phase.steps)
                .find(|planned| planned.id == step)
                .map(|planned| (planned.title.ja.clone(), planned.title.en.clone()))
                .unwrap_or_default();
            let mut to = vec![clinic.mail.support.clone()];
            to.extend(clinic.mail.notify.iter().cloned());
            let letter = mail::failure(&FailureNotice {
                clinic_name: clinic.name.clone(),
                clinic_id: clinic.clinic_id.clone(),
                tenant_orcamo_id: clinic.portal.tenant.orcamo_id.clone(),
                tenant_name: clinic.portal.tenant.name.clone(),
                run,
                step: step.to_string(),
                step_title: title,
                problem: problem.for_outside(),
                state: state_for_mail(state),
                at,
                rehearsal: clock.is_rehearsal(),
                error_log,
                import_log,
                to,
            });
            send(clinic, clock, work, journal, &letter, "failure").await
        }
        Notice::Finished { clinic: state } => {
            let letter = mail::finished(&FinishedNotice {
                clinic_name: clinic.name.clone(),
                clinic_id: clinic.clinic_id.clone(),
                run,
                state: state_for_mail(state),
                head: journal.state().await.head.0,
                at,
                rehearsal: clock.is_rehearsal(),
                to: clinic.mail.notify.clone(),
            });
            send(clinic, clock, work, journal, &letter, "finished").await
        }
    }
}

fn state_for_mail(state: ClinicState) -> StateOfClinic {
    match state {
        ClinicState::Unchanged => StateOfClinic::NothingChanged,
        ClinicState::TestDataInCloud => StateOfClinic::TestDataInCloud,
        ClinicState::SourceClosed => StateOfClinic::SourceClosed,
        ClinicState::CloudInDoubt => StateOfClinic::CloudInDoubt,
        ClinicState::CloudOverwritten => StateOfClinic::CloudOverwritten,
        ClinicState::InCloud => StateOfClinic::InCloud,
    }
}

async fn send(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
    journal: &Journal,
    letter: &Letter,
    about: &str,
) -> Result<String, Problem> {
    let (folder, from, now) = (work.outbox(), clinic.mail.from.clone(), clock.now());
    let queued = letter.clone();
    let id = blocking(move || -> Result<_, Problem> {
        Ok(Outbox::open(&folder)?.enqueue(&queued, &from, now)?)
    })
    .await?;
    journal
        .append(Event::MailQueued {
            message_id: id.clone(),
            about: about.to_owned(),
            recipients: letter.to.len(),
        })
        .await?;
    deliver(clinic, clock, work, journal).await?;
    Ok(id)
}

/// Tries to send what is due in the outbox and writes each mail's fate into the journal.
///
/// # Errors
/// Where the outbox or the journal cannot be read or written.
pub async fn deliver(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
    journal: &Journal,
) -> Result<(), Problem> {
    let folder = work.outbox();
    let outbox = blocking(move || Outbox::open(&folder)).await?;
    for delivery in outbox.deliver(&connect::smtp(clinic), clock.now()).await? {
        // The outbox may hold mails of earlier runs: they are sent, but are not this journal's.
        if !journal.state().await.mails.contains_key(&delivery.message_id) {
            continue;
        }
        let message_id = delivery.message_id;
        let event = match delivery.problem {
            None => Event::MailSent { message_id },
            Some(problem) => Event::MailDelayed { message_id, problem },
        };
        journal.append(event).await?;
    }
    Ok(())
}
