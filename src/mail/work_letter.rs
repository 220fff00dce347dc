//! The letter about work that starts by itself: missed, waiting, failed, or an approval that
//! counts no more. Pure; the same allow-list as every letter.

use super::Letter;
use super::compose::{LANGS, clinic, closing_time, join, line, opening, subject};
use crate::diag::Problem;
use crate::t;

/// What a letter about scheduled work tells.
#[derive(Clone, Debug)]
pub struct WorkNotice<'a> {
    /// The clinic's name.
    pub clinic_name: &'a str,
    /// Its id.
    pub clinic_id: &'a str,
    /// The work, as the clinic file names it.
    pub job: &'a str,
    /// What happened: `missed`, `waits`, `failed`, `revoked`, `interrupted`; selects the text.
    pub what: &'a str,
    /// When it was due, as shown to people.
    pub due: &'a str,
    /// Why; only its open facts are told.
    pub problem: &'a Problem,
    /// The command that lets it go on, if there is one.
    pub command: Option<&'a str>,
    /// The time, as shown to people.
    pub at: &'a str,
    /// True in a rehearsal.
    pub rehearsal: bool,
}

/// The letter.
pub fn work(notice: &WorkNotice<'_>, to: Vec<String>) -> Letter {
    let problem = notice.problem.for_outside();
    let blocks = LANGS.map(|lang| {
        let mut lines = opening(lang, notice.rehearsal);
        let job = t!(lang, &format!("mail-job-{}", notice.job));
        lines.push(line(lang, "mail-clinic", &clinic(notice.clinic_name, notice.clinic_id)));
        lines.push(line(lang, "mail-job", &t!(lang, "mail-named", name = job, id = notice.job)));
        lines.push(line(lang, "mail-due", notice.due));
        lines.push(line(lang, "mail-what", &t!(lang, &format!("mail-work-{}", notice.what))));
        let why = t!(lang, "mail-named", name = problem.message(lang), id = problem.code);
        lines.push(line(lang, "mail-why", &why));
        if let Some(hint) = problem.hint(lang) {
            lines.push(line(lang, "mail-hint", &hint));
        }
        if let Some(command) = notice.command {
            lines.push(line(lang, "mail-command", command));
        }
        closing_time(&mut lines, lang, notice.at);
        lines.join("\n")
    });
    let id = format!("mail-work-{}-subject", notice.what);
    let subject = subject(&id, notice.clinic_name, notice.job, notice.rehearsal);
    Letter { to, subject, body: join(&blocks), attachments: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Fact, Kind};

    #[test]
    fn the_letter_tells_both_readers_what_waits_and_the_command_and_no_local_fact() {
        let problem = Problem::new("run-approval-withdrawn", Kind::ConfirmationNeeded)
            .with(Fact::local("name", "秘密 氏名"))
            .with(Fact::local("reason", "private"));
        for what in ["missed", "waits", "failed", "revoked", "interrupted"] {
            let letter = work(
                &WorkNotice {
                    clinic_name: "見本クリニック",
                    clinic_id: "JPN000000000452",
                    job: "cutover",
                    what,
                    due: "2027-01-21 19:00:00 JST",
                    problem: &problem,
                    command: Some("orca-cutover approve 0123456789ab --as PERSON"),
                    at: "2027-01-21 19:01:00 JST",
                    rehearsal: true,
                },
                vec!["a@clinic.example".to_owned()],
            );
            assert!(!letter.body.contains("秘密") && !letter.body.contains("private"));
            assert!(letter.body.matches("orca-cutover approve").count() == 2, "{}", letter.body);
            assert!(!letter.subject.contains("mail-") && !letter.body.contains("mail-work"));
        }
    }
}
