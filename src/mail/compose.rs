//! What letters say. Pure. Texts are put together from facts that may leave the machine; it must
//! not take text from outside but [`Redacted`].

use super::{Attachment, Letter};
use crate::diag::{Problem, Redacted};
use crate::i18n::Lang;
use crate::playbook::Title;
use crate::t;

/// The state in which the clinic is after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateOfClinic {
    /// Nothing was changed, on the server or in the cloud.
    NothingChanged,
    /// The clinic works on its own server; the cloud holds the data of the test import.
    TestDataInCloud,
    /// The clinic works on its own server; the production import failed in the cloud.
    ImportFailed,
    /// The source database is closed to writers.
    SourceClosed,
    /// The clinic's 日レセ service is stopped.
    ServiceStopped,
    /// The service runs and the database is open again: the clinic works as before.
    RolledBack,
    /// The tenant's data in the cloud were overwritten.
    CloudOverwritten,
    /// It is not known whether the tenant's data in the cloud were overwritten.
    CloudInDoubt,
    /// The roll-back failed as well: the clinic cannot work.
    RollbackFailed,
}

impl StateOfClinic {
    fn text_id(self) -> &'static str {
        match self {
            Self::NothingChanged => "mail-state-nothing-changed",
            Self::TestDataInCloud => "mail-state-test-data-in-cloud",
            Self::ImportFailed => "mail-state-import-failed",
            Self::SourceClosed => "mail-state-source-closed",
            Self::ServiceStopped => "mail-state-service-stopped",
            Self::RolledBack => "mail-state-rolled-back",
            Self::CloudOverwritten => "mail-state-cloud-overwritten",
            Self::CloudInDoubt => "mail-state-cloud-in-doubt",
            Self::RollbackFailed => "mail-state-rollback-failed",
        }
    }
}

/// By when a person must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Urgency {
    /// The clinic cannot work.
    AtOnce,
    /// The clinic opens in the morning, and it must be known by then where it works.
    BeforeOpening,
    /// The clinic works as before.
    WorkingDay,
}

impl StateOfClinic {
    fn urgency(self) -> Urgency {
        match self {
            Self::SourceClosed | Self::ServiceStopped | Self::RollbackFailed => Urgency::AtOnce,
            Self::CloudOverwritten | Self::CloudInDoubt => Urgency::BeforeOpening,
            Self::NothingChanged
            | Self::TestDataInCloud
            | Self::ImportFailed
            | Self::RolledBack => Urgency::WorkingDay,
        }
    }

    /// What a reader is asked to do in this state, beside looking at the logs.
    fn asked_id(self) -> &'static str {
        match self {
            Self::SourceClosed | Self::ServiceStopped | Self::RollbackFailed => "mail-asked-reopen",
            Self::CloudInDoubt => "mail-asked-find-out",
            Self::CloudOverwritten => "mail-asked-keep-off",
            Self::ImportFailed => "mail-asked-mend-tenant",
            Self::NothingChanged | Self::TestDataInCloud | Self::RolledBack => {
                "mail-asked-no-night-work"
            }
        }
    }
}

impl Urgency {
    fn text_id(self) -> &'static str {
        match self {
            Self::AtOnce => "mail-urgency-at-once",
            Self::BeforeOpening => "mail-urgency-before-opening",
            Self::WorkingDay => "mail-urgency-working-day",
        }
    }
}

/// What a failure's letter tells.
#[derive(Clone, Debug)]
pub struct FailureNotice<'a> {
    /// The clinic's name.
    pub clinic_name: &'a str,
    /// Its id, `JPN` and 12 digits.
    pub clinic_id: &'a str,
    /// The tenant's ORCAMO ID.
    pub tenant_orcamo_id: &'a str,
    /// The tenant's name.
    pub tenant_name: &'a str,
    /// The run's id.
    pub run: &'a str,
    /// The hash of the run's last record: who keeps the letter can tell later whether the journal
    /// is still the one that it was.
    pub head: &'a str,
    /// The step's id.
    pub step: &'a str,
    /// Its title.
    pub step_title: &'a Title,
    /// What happened; only its open facts are told.
    pub problem: &'a Problem,
    /// The state of the clinic.
    pub state: StateOfClinic,
    /// What was done since.
    pub done: &'a [Title],
    /// Whom to call: name, role, number.
    pub contacts: &'a [Contact<'a>],
    /// The time, as shown to people; marked already where it is a rehearsal's.
    pub at: &'a str,
    /// True in a rehearsal.
    pub rehearsal: bool,
    /// The error log.
    pub error_log: &'a Redacted,
    /// The import log of the management site.
    pub import_log: Option<&'a Redacted>,
}

/// A person of the clinic file who can be called.
#[derive(Clone, Copy, Debug)]
pub struct Contact<'a> {
    /// The name.
    pub name: &'a str,
    /// The role: `operator`, `decides`, `deputy`; selects the text.
    pub role: &'a str,
    /// The telephone number.
    pub phone: &'a str,
}

/// What a finished cutover's letter tells.
#[derive(Clone, Debug)]
pub struct FinishedNotice<'a> {
    /// The clinic's name.
    pub clinic_name: &'a str,
    /// Its id.
    pub clinic_id: &'a str,
    /// The tenant's ORCAMO ID.
    pub tenant_orcamo_id: &'a str,
    /// The tenant's name.
    pub tenant_name: &'a str,
    /// The run's id.
    pub run: &'a str,
    /// The hash of the run's last record: who keeps the letter can tell later whether the journal
    /// is still the one that it was.
    pub head: &'a str,
    /// What was proved: tables, rows, checksums.
    pub proved: &'a [Title],
    /// What is left to do.
    pub asked: &'a [Title],
    /// The time, as shown to people.
    pub at: &'a str,
    /// True in a rehearsal.
    pub rehearsal: bool,
}

/// What a test letter tells.
#[derive(Clone, Debug)]
pub struct TestNotice<'a> {
    /// The clinic's name.
    pub clinic_name: &'a str,
    /// Its id.
    pub clinic_id: &'a str,
    /// The time, as shown to people.
    pub at: &'a str,
    /// True in a rehearsal.
    pub rehearsal: bool,
}

pub(super) const LANGS: [Lang; 2] = [Lang::Ja, Lang::En];

/// The letter about a failed step.
pub fn failure(notice: &FailureNotice<'_>, to: Vec<String>) -> Letter {
    let problem = notice.problem.for_outside();
    // The first lines say it all to either reader; the rest is for whoever goes on from there.
    let headlines = LANGS.map(|lang| headline(lang, notice)).join("\n");
    let mut blocks = vec![headlines];
    blocks.extend(LANGS.map(|lang| failure_block(lang, notice, &problem)));
    let mut attachments = vec![Attachment::text("error.log", notice.error_log.as_str())];
    if let Some(log) = notice.import_log {
        attachments.push(Attachment::text("import.log", log.as_str()));
    }
    let subject =
        subject("mail-failure-subject", notice.clinic_name, notice.step, notice.rehearsal);
    Letter { to, subject, body: join(&blocks), attachments }
}

/// The letter about a cutover that has ended well.
pub fn finished(notice: &FinishedNotice<'_>, to: Vec<String>) -> Letter {
    let blocks = LANGS.map(|lang| {
        let mut lines = opening(lang, notice.rehearsal);
        lines.push(line(lang, "mail-clinic", &clinic(notice.clinic_name, notice.clinic_id)));
        lines.push(line(lang, "mail-tenant", &tenant(notice.tenant_name, notice.tenant_orcamo_id)));
        lines.push(line(lang, "mail-what", &t!(lang, "mail-finished-what")));
        list(&mut lines, lang, "mail-proved", notice.proved);
        list(&mut lines, lang, "mail-asked", notice.asked);
        closing(&mut lines, lang, notice.run, notice.head, notice.at);
        lines.join("\n")
    });
    let subject = subject("mail-finished-subject", notice.clinic_name, "", notice.rehearsal);
    Letter { to, subject, body: join(&blocks), attachments: Vec::new() }
}

/// The letter that proves, before it matters, that mail arrives.
pub fn test_letter(notice: &TestNotice<'_>, to: Vec<String>) -> Letter {
    let blocks = LANGS.map(|lang| {
        let mut lines = opening(lang, notice.rehearsal);
        lines.push(line(lang, "mail-clinic", &clinic(notice.clinic_name, notice.clinic_id)));
        lines.push(t!(lang, "mail-test-what"));
        lines.push(line(lang, "mail-at", notice.at));
        lines.join("\n")
    });
    let subject = subject("mail-test-subject", notice.clinic_name, "", notice.rehearsal);
    Letter { to, subject, body: join(&blocks), attachments: Vec::new() }
}

/// Clinic, step, state and urgency in one line.
fn headline(lang: Lang, notice: &FailureNotice<'_>) -> String {
    let mark = if notice.rehearsal { t!(lang, "mail-rehearsal-short") } else { String::new() };
    let told = t!(
        lang,
        "mail-headline",
        urgency = t!(lang, notice.state.urgency().text_id()),
        clinic = notice.clinic_name,
        step = in_lang(notice.step_title, lang),
        state = t!(lang, notice.state.text_id())
    );
    format!("{mark}{told}")
}

/// What is asked, in the order in which it is to be done.
fn asked(lang: Lang, notice: &FailureNotice<'_>) -> Vec<String> {
    let mut asked = vec![t!(lang, notice.state.asked_id(), step = notice.step)];
    let logs = match notice.import_log {
        Some(_) => "mail-asked-look-at-both-logs",
        None => "mail-asked-look-at-log",
    };
    asked.push(t!(lang, logs));
    asked.extend(notice.contacts.iter().map(|contact| {
        let role = t!(lang, &format!("mail-role-{}", contact.role));
        t!(lang, "mail-asked-call", name = contact.name, role = role, phone = contact.phone)
    }));
    asked
}

fn failure_block(lang: Lang, notice: &FailureNotice<'_>, problem: &Problem) -> String {
    let mut lines = opening(lang, notice.rehearsal);
    let title = in_lang(notice.step_title, lang);
    lines.push(line(lang, "mail-clinic", &clinic(notice.clinic_name, notice.clinic_id)));
    lines.push(line(lang, "mail-tenant", &tenant(notice.tenant_name, notice.tenant_orcamo_id)));
    lines.push(line(lang, "mail-step", &t!(lang, "mail-named", name = title, id = notice.step)));
    let what = t!(lang, "mail-named", name = problem.message(lang), id = problem.code);
    lines.push(line(lang, "mail-what", &what));
    lines.push(line(lang, "mail-state", &t!(lang, notice.state.text_id())));
    list(&mut lines, lang, "mail-done", notice.done);
    lines.push(line(lang, "mail-asked", "").trim_end().to_owned());
    let asked = asked(lang, notice);
    lines.extend(asked.iter().enumerate().map(|(at, text)| format!("  {}. {text}", at + 1)));
    if let Some(hint) = problem.hint(lang) {
        lines.push(line(lang, "mail-hint", &hint));
    }
    closing(&mut lines, lang, notice.run, notice.head, notice.at);
    lines.push(t!(lang, "mail-attached"));
    lines.join("\n")
}

pub(super) fn subject(id: &str, clinic: &str, step: &str, rehearsal: bool) -> String {
    // One subject for both readers: Japanese first, and English so that filters can name it.
    let [ja, en] = LANGS.map(|lang| t!(lang, id, clinic = clinic, step = step));
    let mark = if rehearsal { t!(Lang::Ja, "mail-rehearsal-mark") } else { String::new() };
    format!("{mark}{ja} / {en}")
}

pub(super) fn opening(lang: Lang, rehearsal: bool) -> Vec<String> {
    if rehearsal { vec![t!(lang, "mail-rehearsal"), String::new()] } else { Vec::new() }
}

/// The time alone, for letters that are not about a run.
pub(super) fn closing_time(lines: &mut Vec<String>, lang: Lang, at: &str) {
    lines.push(line(lang, "mail-at", at));
}

fn closing(lines: &mut Vec<String>, lang: Lang, run: &str, head: &str, at: &str) {
    closing_time(lines, lang, at);
    lines.push(line(lang, "mail-run", run));
    lines.push(line(lang, "mail-head", head));
}

pub(super) fn line(lang: Lang, label: &str, text: &str) -> String {
    t!(lang, "mail-line", label = t!(lang, label), text = text)
}

/// A label and its items; nothing to list is said as well, so that nobody wonders.
fn list(lines: &mut Vec<String>, lang: Lang, label: &str, items: &[Title]) {
    if items.is_empty() {
        lines.push(line(lang, label, &t!(lang, "mail-none")));
        return;
    }
    lines.push(line(lang, label, "").trim_end().to_owned());
    lines.extend(items.iter().map(|item| format!("  - {}", in_lang(item, lang))));
}

fn in_lang(title: &Title, lang: Lang) -> &str {
    match lang {
        Lang::Ja => &title.ja,
        Lang::En => &title.en,
    }
}

pub(super) fn clinic(name: &str, id: &str) -> String {
    format!("{name} ({id})")
}

fn tenant(name: &str, orcamo_id: &str) -> String {
    format!("{name} (ORCAMO ID {orcamo_id})")
}

pub(super) fn join(blocks: &[String]) -> String {
    format!("{}\n", blocks.join("\n\n----------------------------------------\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Fact, Kind, redact};

    fn title(ja: &str, en: &str) -> Title {
        Title { ja: ja.into(), en: en.into() }
    }

    fn letter(rehearsal: bool) -> Letter {
        let problem = Problem::new("mail-not-reachable", Kind::MailUndelivered)
            .with(Fact::local("host", "secret-host"))
            .with(Fact::open("port", 587))
            .with(Fact::local("reason", "架空花子"));
        let log = redact::postgres_text("ERROR:  relation \"tbl_x\" does not exist\n架空花子");
        failure(
            &FailureNotice {
                clinic_name: "架空クリニック",
                clinic_id: "JPN000000000000",
                tenant_orcamo_id: "000000452",
                tenant_name: "架空テナント",
                run: "0198-run",
                head: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                step: "import-production",
                step_title: &title("本番インポート", "production import"),
                problem: &problem,
                state: StateOfClinic::CloudInDoubt,
                done: &[title("サービスを再開しました。", "The service was started again.")],
                contacts: &[Contact {
                    name: "見本 太郎",
                    role: "operator",
                    phone: "000-0000-0001",
                }],
                at: "2027-01-21 19:30:00 JST",
                rehearsal,
                error_log: &log,
                import_log: None,
            },
            vec!["support@vendor.example".into()],
        )
    }

    #[test]
    fn a_failure_tells_what_a_reader_needs_and_nothing_that_stays_here() {
        let letter = letter(false);
        insta::assert_snapshot!(format!("{}\n\n{}", letter.subject, letter.body));
        let log = String::from_utf8(letter.attachments[0].bytes.clone()).unwrap();
        assert_eq!(log, "ERROR: relation \"tbl_x\" does not exist\n[line masked: 4 characters]");
        for hidden in ["secret-host", "架空花子"] {
            assert!(!letter.body.contains(hidden) && !log.contains(hidden));
        }
    }

    #[test]
    fn a_rehearsal_says_so_in_subject_and_both_texts() {
        let letter = letter(true);
        assert!(letter.subject.starts_with("【リハーサル】"), "{}", letter.subject);
        assert!(letter.body.contains("This is a rehearsal"));
        assert!(letter.body.starts_with("【リハーサル】"), "{}", letter.body);
        assert_eq!(letter.body.matches("これはリハーサル").count(), 1);
    }

    #[test]
    fn every_state_has_a_text_in_both_languages() {
        use StateOfClinic::*;
        for state in [
            NothingChanged,
            TestDataInCloud,
            ImportFailed,
            SourceClosed,
            ServiceStopped,
            RolledBack,
            CloudOverwritten,
            CloudInDoubt,
            RollbackFailed,
        ] {
            for lang in LANGS {
                for id in [state.text_id(), state.asked_id(), state.urgency().text_id()] {
                    let arguments = [("step", "x".into())];
                    assert!(crate::i18n::find(lang, id, &arguments).is_some(), "{state:?} {id}");
                }
            }
        }
    }
}
