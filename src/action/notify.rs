//! Mails about a run: into the outbox first, then to the SMTP server.

use super::context::{StepCx, WorkDir, blocking};
use super::outbox::{deliver_spooled, note_given_up, settled_mails};
use super::tell::{spool, test_letter};
use crate::clock::Clock;
use crate::diag::{Problem, Redacted};
use crate::fault::{self, Point};
use crate::i18n::Lang;
use crate::ids::StepId;
use crate::journal::{ClinicState, Event, Journal, State, StepState};
use crate::mail::{
    self, Contact, FailureNotice, FinishedNotice, Letter, Outbox, Place, SmtpConfig, StateOfClinic,
};
use crate::playbook::{CheckedPlaybook, Clinic, StepAction, Title};
use crate::t;

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
        /// What was closed at the clinic was opened again, all of it.
        opened_again: bool,
        /// The run's events, one line each.
        error_log: Redacted,
    },
    /// The run ended well: goes to the clinic's and vendor's addresses.
    Finished,
}

pub(super) async fn send_test(cx: &StepCx) -> Result<String, Problem> {
    let clinic = cx.clinic();
    let letter = test_letter(clinic, &cx.clock);
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
    let state = journal.state().await;
    let (letter, about) = match &notice {
        Notice::Failure {
            step,
            problem,
            import_log,
            clinic: clinic_state,
            opened_again,
            error_log,
        } => {
            let title = playbook
                .phases
                .iter()
                .flat_map(|phase| &phase.steps)
                .find(|planned| planned.id == *step)
                .map(|planned| planned.title.clone())
                .unwrap_or_default();
            let mut to = vec![clinic.mail.support.clone()];
            to.extend(clinic.mail.notify.iter().cloned());
            let notice = FailureNotice {
                clinic_name: &clinic.name,
                clinic_id: &clinic.clinic_id,
                tenant_orcamo_id: &clinic.portal.tenant.orcamo_id,
                tenant_name: &clinic.portal.tenant.name,
                run: journal.run().as_str(),
                head: &state.head.0,
                step: step.as_str(),
                step_title: &title,
                problem,
                state: state_for_mail(*clinic_state, *opened_again),
                done: &done_since(*opened_again),
                contacts: &contacts(clinic),
                at: &at,
                rehearsal: clock.is_rehearsal(),
                error_log,
                import_log: import_log.as_ref(),
            };
            (mail::failure(&notice, to), "failure")
        }
        Notice::Finished => {
            let notice = FinishedNotice {
                clinic_name: &clinic.name,
                clinic_id: &clinic.clinic_id,
                tenant_orcamo_id: &clinic.portal.tenant.orcamo_id,
                tenant_name: &clinic.portal.tenant.name,
                run: journal.run().as_str(),
                head: &state.head.0,
                proved: &proved(playbook, &state),
                asked: &[],
                at: &at,
                rehearsal: clock.is_rehearsal(),
            };
            (mail::finished(&notice, clinic.mail.notify.clone()), "finished")
        }
    };
    send(clinic, clock, work, journal, &letter, about).await
}

/// Those who carry the cutover out and decide about it, where a number is known.
fn contacts(clinic: &Clinic) -> Vec<Contact<'_>> {
    let called = ["operator", "decides", "deputy"];
    let people = clinic.people.iter().filter(|person| called.contains(&person.role.as_str()));
    people
        .filter_map(|person| {
            let phone = person.phone.as_deref()?;
            Some(Contact { name: &person.name, role: &person.role, phone })
        })
        .collect()
}

fn both(id: &str) -> Title {
    Title { ja: t!(Lang::Ja, id), en: t!(Lang::En, id) }
}

fn state_for_mail(clinic: ClinicState, opened_again: bool) -> StateOfClinic {
    match clinic {
        ClinicState::Unchanged | ClinicState::TestDataInCloud if opened_again => {
            StateOfClinic::RolledBack
        }
        ClinicState::Unchanged => StateOfClinic::NothingChanged,
        ClinicState::TestDataInCloud => StateOfClinic::TestDataInCloud,
        ClinicState::ImportFailed => StateOfClinic::ImportFailed,
        // What closes the clinic is taken back when a run fails: that it is closed still means
        // that this failed as well.
        ClinicState::SourceClosed => StateOfClinic::RollbackFailed,
        ClinicState::CloudInDoubt => StateOfClinic::CloudInDoubt,
        ClinicState::CloudOverwritten | ClinicState::InCloud => StateOfClinic::CloudOverwritten,
    }
}

fn done_since(opened_again: bool) -> Vec<Title> {
    let mut done = vec![both("mail-done-stopped")];
    if opened_again {
        done.push(both("mail-done-rolled-back"));
    }
    done
}

/// What each comparison proved.
fn proved(playbook: &CheckedPlaybook, state: &State) -> Vec<Title> {
    let steps = playbook.phases.iter().flat_map(|phase| &phase.steps);
    steps
        .filter(|step| matches!(step.action, StepAction::CompareArchives { .. }))
        .filter_map(|step| match state.steps.get(&step.id) {
            Some(StepState::Done { outputs, .. }) => {
                let count =
                    |name: &str| outputs.get(name).map(ToString::to_string).unwrap_or_default();
                let (tables, rows) = (count("tables"), count("rows"));
                let say = |lang: Lang, title: &str| {
                    t!(lang, "mail-proved-rows", title = title, tables = tables, rows = rows)
                };
                Some(Title { ja: say(Lang::Ja, &step.title.ja), en: say(Lang::En, &step.title.en) })
            }
            _ => None,
        })
        .collect()
}

async fn send(
    clinic: &Clinic,
    clock: &Clock,
    work: &WorkDir,
    journal: &Journal,
    letter: &Letter,
    about: &str,
) -> Result<String, Problem> {
    let id = spool(clinic, work, letter.clone(), about, clock.now()).await?;
    fault::reach(Point::MailSpooled).await?;
    let queued = journal
        .append(Event::MailQueued {
            message_id: id.as_str().to_owned(),
            about: about.to_owned(),
            recipients: letter.to.len(),
        })
        .await;
    if let Err(error) = queued {
        // The letter may tell of this very failure: it goes out all the same.
        let _ = deliver_spooled(clinic, clock, work).await;
        return Err(error.into());
    }
    deliver(clinic, clock, work, journal).await?;
    Ok(id.as_str().to_owned())
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
    let smtp = SmtpConfig::of_clinic(&clinic.mail, None);
    for delivery in outbox.deliver(&smtp, &clock.now()).await? {
        let message_id = delivery.entry.message_id.as_str().to_owned();
        // The outbox may hold mails of earlier runs: they are sent, but are not this journal's.
        if !journal.state().await.mails.contains_key(&message_id) {
            continue;
        }
        if let (Place::Queued | Place::GivenUp, Some(problem)) =
            (delivery.place, delivery.entry.problem)
        {
            journal.append(Event::MailDelayed { message_id, problem }).await?;
        }
    }
    // Also what another process has sent since this journal was written last.
    let settled = settled_mails(work).await;
    for (message_id, mail) in journal.state().await.mails {
        if !mail.sent && settled.get(&message_id).is_some_and(Option::is_some) {
            journal.append(Event::MailSent { message_id }).await?;
        }
    }
    note_given_up(clock, work).await?;
    Ok(())
}
