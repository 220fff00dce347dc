//! Where plans, approvals and scheduled work stand, on a terminal.

use std::fmt::Write as _;

use super::line::printable;
use super::paint::Paint;
use crate::diag::Problem;
use crate::i18n::{self, Lang};
use crate::journal::ledger::{WorkEntry, WorkOutcome, WorkState};
use crate::report::standing::{MailStanding, PlanStanding, Standing, WorkStanding};
use crate::report::words::{Words, short_hash};
use crate::t;

/// The standing, for a terminal of `width` columns.
pub fn standing(
    standing: &Standing,
    lang: Lang,
    rehearsal: bool,
    colour: bool,
    width: usize,
) -> String {
    let (w, paint) = (Words::new(lang, rehearsal), Paint::new(colour, width));
    let mut out = paint.heading(&w.say("report-standing-approval"));
    // Writing into a String does not fail.
    let _ = writeln!(out, "  {}", plan(w, standing.plan.as_ref()));
    out.push_str(&paint.heading(&w.say("report-standing-work")));
    let looked = match &standing.last_look {
        None => w.say("report-standing-never-looked"),
        Some(at) if standing.nobody_looks => {
            t!(lang, "report-standing-asleep", at = w.full(at))
        }
        Some(at) => t!(lang, "report-standing-looked", at = w.full(at)),
    };
    let _ = writeln!(out, "  {looked}");
    for work in &standing.work {
        out.push_str(&one(w, work));
    }
    out.push_str(&mails(w, &standing.mails));
    out
}

/// What has not arrived, and where to look.
fn mails(w: Words, mails: &MailStanding) -> String {
    if !mails.any() {
        return String::new();
    }
    let counts =
        t!(w.lang, "report-standing-mails", waiting = mails.waiting, given_up = mails.given_up);
    let mut out = format!("\n{counts}\n");
    for problem in &mails.problems {
        // Writing into a String does not fail.
        let _ = writeln!(out, "{}", told(w, problem));
    }
    out
}

fn plan(w: Words, plan: Option<&PlanStanding>) -> String {
    let Some(plan) = plan else { return w.say("report-standing-no-plan") };
    let digest = short_hash(plan.digest.as_str());
    if let Some(approval) = &plan.entry.approval {
        return t!(
            w.lang,
            "report-standing-approved",
            digest = digest,
            person = approval.by.name,
            at = w.full(&approval.at)
        );
    }
    match &plan.entry.revoked {
        Some(revoked) => t!(
            w.lang,
            "report-standing-revoked",
            digest = digest,
            at = w.full(&revoked.at),
            why = revoked.problem.message(w.lang)
        ),
        None => {
            t!(w.lang, "report-standing-saved", digest = digest, at = w.full(&plan.entry.saved_at))
        }
    }
}

/// A line for the work and its next time, and below it what is known. Commands and codes stay
/// whole, as they would not in a table.
fn one(w: Words, work: &WorkStanding) -> String {
    let next = match (&work.next, &work.until) {
        (Some(next), Some(until)) if next.0.date_naive() == until.0.date_naive() => {
            format!("{}–{}", w.minute(&next.0), until.0.format("%H:%M"))
        }
        (Some(next), Some(until)) => format!("{} – {}", w.minute(&next.0), w.minute(&until.0)),
        _ => "—".to_owned(),
    };
    let title = i18n::text(w.lang, &format!("mail-job-{}", work.job), &[]);
    let next = t!(w.lang, "report-standing-next-at", next = next);
    let mut out = format!("  {title} [{}]  {next}\n", work.job);
    for line in work.entry.iter().flat_map(|entry| state(w, work, entry)) {
        // Writing into a String does not fail.
        let _ = writeln!(out, "      {line}");
    }
    out
}

fn state(w: Words, work: &WorkStanding, entry: &WorkEntry) -> Vec<String> {
    let mut lines = Vec::new();
    match &entry.state {
        WorkState::Running { since, by, .. } => lines.push(t!(
            w.lang,
            "report-standing-runs",
            at = w.full(since),
            by = format!("{}@{}", by.name, by.host)
        )),
        WorkState::Waiting { due, problem, released, .. } => {
            let until = w.full(&work.schedule.last_start(*due));
            lines.push(t!(w.lang, "report-standing-waits", due = w.full(due), until = until));
            lines.push(told(w, problem));
            if *released {
                lines.push(w.say("report-standing-released"));
            } else if problem.code == "run-work-late" {
                lines.push(t!(w.lang, "report-standing-release", job = work.job));
            } else {
                lines.extend(problem.hint(w.lang).map(|hint| format!("→ {hint}")));
            }
        }
        WorkState::Idle => {}
    }
    if let Some(last) = &entry.last {
        let id = match last.outcome {
            WorkOutcome::Done => "report-standing-done",
            WorkOutcome::Failed => "report-standing-failed",
            WorkOutcome::Interrupted => "report-standing-interrupted",
        };
        lines.push(t!(w.lang, id, at = w.full(&last.at)));
        lines.extend(last.problem.as_ref().map(|problem| told(w, problem)));
    }
    if let Some(missed) = &entry.missed {
        lines.push(t!(w.lang, "report-standing-missed", due = w.full(&missed.due)));
        lines.push(told(w, &missed.problem));
    }
    lines
}

fn told(w: Words, problem: &Problem) -> String {
    printable(&format!("  {} [{}]", problem.message(w.lang), problem.code))
}
