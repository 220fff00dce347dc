//! The run's events as lines that may leave the machine: codes, steps, counts, nothing else.

use std::fmt::Write;

use crate::clock::rfc3339;
use crate::diag::{Problem, Redacted};
use crate::i18n::Lang;
use crate::journal::{Event, Record};

/// One line for each event, with problems in both languages below them.
pub(super) fn error_log(records: &[Record]) -> Redacted {
    let mut log = String::new();
    for record in records {
        let _ = writeln!(log, "{} {:>4} {}", rfc3339(&record.at), record.seq, line(&record.event));
        if let Some(problem) = problem(&record.event) {
            let problem = problem.for_outside();
            for lang in [Lang::Ja, Lang::En] {
                let _ = writeln!(log, "    {}: {}", problem.code, problem.message(lang));
            }
            if let Some(detail) = &problem.detail {
                for part in detail.as_str().lines() {
                    let _ = writeln!(log, "    | {part}");
                }
            }
        }
    }
    Redacted::composed(log)
}

fn line(event: &Event) -> String {
    match event {
        Event::RunStarted { run, playbook, plan, tool, .. } => {
            format!("run {run} of {playbook}, plan {plan}, orca-cutover {tool}")
        }
        Event::RunResumed { tool, .. } => format!("resumed, orca-cutover {tool}"),
        Event::StepStarted { step, attempt, .. } => format!("{step}: attempt {attempt} starts"),
        Event::StepNoted { step, .. } => format!("{step}: noted how far it is"),
        Event::StepDone { step, attempt, .. } => format!("{step}: attempt {attempt} done"),
        Event::StepFailed { step, attempt, .. } => format!("{step}: attempt {attempt} FAILED"),
        Event::StepInDoubt { step, attempt, .. } => format!("{step}: attempt {attempt} IN DOUBT"),
        Event::StepSettled { step, done, .. } => format!("{step}: settled, took effect: {done}"),
        Event::StepSkipped { step } => format!("{step}: does not apply"),
        Event::StepReopened { step, reason } => format!("{step}: to be done again: {reason}"),
        Event::UndoStarted { step } => format!("{step}: is taken back"),
        Event::UndoDone { step } => format!("{step}: taken back"),
        Event::UndoFailed { step, .. } => format!("{step}: could NOT be taken back"),
        Event::FileRegistered { step, contents, .. } => format!("{step}: writes {contents:?}"),
        Event::FileCompleted { bytes, sha256, .. } => format!("file of {bytes} bytes, {sha256}"),
        Event::FilePurged { .. } => "file removed, its time was over".to_owned(),
        Event::FileSealed { .. } => "file encrypted, the one in clear removed".to_owned(),
        Event::DatabaseRegistered { step, .. } => format!("{step}: makes a database"),
        Event::DatabaseDropped { .. } => "its database is dropped".to_owned(),
        Event::MailQueued { about, .. } => format!("mail queued: {about}"),
        Event::MailSent { message_id } => format!("mail sent: {message_id}"),
        Event::MailDelayed { message_id, .. } => format!("mail delayed: {message_id}"),
        Event::RunEnded { outcome, clinic } => format!("ended: {outcome:?}, clinic: {clinic:?}"),
    }
}

fn problem(event: &Event) -> Option<&Problem> {
    match event {
        Event::StepFailed { problem, .. }
        | Event::StepInDoubt { problem, .. }
        | Event::UndoFailed { problem, .. }
        | Event::MailDelayed { problem, .. } => Some(problem),
        _ => None,
    }
}
