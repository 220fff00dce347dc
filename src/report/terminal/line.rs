//! One event as one line for the night operator, with what belongs to it indented below.

use std::fmt::Write as _;

use crate::diag::{Problem, Redacted};
use crate::i18n::Lang;
use crate::ids::{StepId, show_bytes};
use crate::journal::{Event, Record};
use crate::plan::Plan;
use crate::playbook::Outputs;
use crate::report::outputs;
use crate::report::words::{Words, is_rolled_back, short_hash};
use crate::t;

/// Lines of an import log that are shown: enough to see the first error and its place.
const LOG_LINES: usize = 20;

/// Indentation of what belongs to a line: the width of `19:00:00 `.
const INDENT: &str = "         ";

/// The record as the operator sees it; `None` for events that say nothing to a person.
pub fn line(record: &Record, plan: &Plan, lang: Lang) -> Option<String> {
    let line = Line { w: Words::new(lang, plan.rehearsal), plan, record };
    let text = line.text()?;
    Some(format!("{} {text}", line.w.clock(&record.at)))
}

struct Line<'a> {
    w: Words,
    plan: &'a Plan,
    record: &'a Record,
}

impl Line<'_> {
    fn text(&self) -> Option<String> {
        let w = self.w;
        Some(match &self.record.event {
            Event::RunStarted { .. } | Event::RunResumed { .. } | Event::RunEnded { .. } => {
                self.run()
            }
            // For a later attempt, not for a person.
            Event::StepNoted { .. } => return None,
            Event::StepReopened { step, .. } => self.step("↻", "report-line-reopened", step, ""),
            Event::StepStarted { step, attempt, .. } => self.started(step, *attempt),
            Event::StepDone { step, outputs, .. } => {
                let facts = outputs::line(w, outputs);
                self.step("✔", "report-line-done", step, &facts) + &warned(w, outputs)
            }
            Event::StepFailed { step, problem, import_log, again_at, .. } => {
                let again = again_at
                    .as_ref()
                    .map(|at| t!(w.lang, "report-line-again", at = w.full(at)))
                    .unwrap_or_default();
                let head = self.step("✘", "report-line-failed", step, &again);
                head + &trouble(w, problem, import_log.as_ref())
            }
            Event::StepInDoubt { step, problem, .. } => {
                self.step("?", "report-line-in-doubt", step, "") + &trouble(w, problem, None)
            }
            Event::StepSettled { step, done, by, .. } => {
                self.step("!", "report-line-settled", step, &w.settled(*done, by))
            }
            Event::StepSkipped { step } => self.step("-", "report-line-skipped", step, ""),
            // Nothing is taken back of a step that closed nothing: it is only done again.
            Event::UndoStarted { step } | Event::UndoDone { step } if !self.closes(step) => {
                return None;
            }
            Event::UndoStarted { step } => self.step("↩", "report-line-undo-started", step, ""),
            Event::UndoDone { step } => self.step("✔", "report-line-undo-done", step, ""),
            Event::UndoFailed { step, problem } => {
                self.step("✘", "report-line-undo-failed", step, "") + &trouble(w, problem, None)
            }
            // Its completion is told; that it was announced matters to the journal alone.
            Event::FileRegistered { .. } => return None,
            Event::FileCompleted { path, bytes, sha256 } => format!(
                "+ {}  {}  {}  SHA-256: {}",
                w.say("report-line-file"),
                printable(path),
                show_bytes(*bytes),
                short_hash(sha256.as_str())
            ),
            Event::FilePurged { path } => {
                format!("- {}  {}", w.say("report-line-purged"), printable(path))
            }
            Event::FileSealed { sealed, .. } => {
                format!("- {}  {}", w.say("report-line-sealed"), printable(sealed))
            }
            Event::DatabaseRegistered { database, .. } => {
                format!("+ {}  {}", w.say("report-line-database"), printable(database))
            }
            Event::DatabaseDropped { .. } => format!("- {}", w.say("report-line-database-dropped")),
            Event::MailQueued { about, recipients, .. } => {
                let what = t!(
                    w.lang,
                    "report-line-mail-recipients",
                    about = w.about(about),
                    n = recipients
                );
                format!("+ {}  {what}", w.say("report-line-mail-queued"))
            }
            Event::MailSent { .. } => format!("✔ {}", w.say("report-line-mail-sent")),
            Event::MailDelayed { problem, .. } => {
                format!("✘ {}{}", w.say("report-line-mail-delayed"), trouble(w, problem, None))
            }
        })
    }

    /// True where the step closed something that a roll-back opens again.
    fn closes(&self, step: &StepId) -> bool {
        let planned = self.plan.steps().find(|planned| planned.id == *step);
        planned.is_none_or(|planned| is_rolled_back(&planned.kind))
    }

    fn run(&self) -> String {
        let w = self.w;
        match &self.record.event {
            Event::RunStarted { run, clinic, plan, operator, host, .. } => {
                let text = t!(
                    w.lang,
                    "report-line-run-started",
                    clinic = clinic,
                    run = run,
                    plan = short_hash(plan.as_str()),
                    operator = operator,
                    host = host
                );
                format!("▶ {}  {}", self.record.at.format("%Y-%m-%d"), printable(&text))
            }
            Event::RunResumed { operator, host, .. } => {
                let text = t!(w.lang, "report-line-run-resumed", operator = operator, host = host);
                format!("▶ {}  {}", self.record.at.format("%Y-%m-%d"), printable(&text))
            }
            Event::RunEnded { outcome, clinic } => format!(
                "■ {}  {}  {}",
                w.say("report-line-ended"),
                w.outcome(Some(*outcome)),
                w.clinic_state(Some(*clinic))
            ),
            _ => String::new(),
        }
    }

    fn started(&self, step: &StepId, attempt: u32) -> String {
        let w = self.w;
        let planned = self.plan.steps().find(|planned| planned.id == *step);
        let mut facts = match planned {
            Some(planned) if planned.kind == "wait" => {
                t!(w.lang, "report-line-until", at = w.full(&planned.ends_at()))
            }
            _ => String::new(),
        };
        if attempt > 1 {
            facts.push_str(&t!(w.lang, "report-line-attempt", n = attempt));
        }
        self.step("▶", "report-line-started", step, &facts)
    }

    /// Symbol, word, title, facts.
    fn step(&self, symbol: &str, word: &str, step: &StepId, facts: &str) -> String {
        let planned = self.plan.steps().find(|planned| planned.id == *step);
        let title = planned.map_or(step.as_str(), |planned| self.w.title(&planned.title));
        let gap = if facts.is_empty() { "" } else { "  " };
        format!("{symbol} {}  {}{gap}{}", self.w.say(word), printable(title), printable(facts))
    }
}

/// Message, hint and output, each on lines of its own. An import log that is the problem's own
/// output is shown once.
pub(super) fn trouble(w: Words, problem: &Problem, log: Option<&Redacted>) -> String {
    let mut out = format!("\n{INDENT}{}", printable(&w.message(problem)));
    if let Some(hint) = problem.hint(w.lang) {
        out.push_str(&hinted(w, &hint));
    }
    let is_said = |text: &&Redacted| !text.as_str().is_empty();
    let log = log.filter(is_said);
    let detail = problem.detail.as_ref().filter(is_said);
    if let Some(detail) = detail.filter(|detail| Some(*detail) != log) {
        out.push_str(&quoted(w, detail));
    }
    if let Some(log) = log {
        // Writing into a String does not fail.
        let _ = write!(out, "\n{INDENT}{}:{}", w.say("report-import-log"), quoted(w, log));
    }
    out
}

/// Rules of the calendar that did not hold, each with what to do.
fn warned(w: Words, outputs: &Outputs) -> String {
    let mut out = String::new();
    for (text, hint) in outputs::warnings(w, outputs) {
        // Writing into a String does not fail.
        let _ = write!(out, "\n{INDENT}{}", printable(&text));
        out.push_str(&hint.map(|hint| hinted(w, &hint)).unwrap_or_default());
    }
    out
}

fn hinted(w: Words, hint: &str) -> String {
    format!("\n{INDENT}{}: {}", w.say("report-line-hint"), printable(hint))
}

fn quoted(w: Words, text: &Redacted) -> String {
    let mut out = String::new();
    for line in text.as_str().lines().take(LOG_LINES) {
        // Writing into a String does not fail.
        let _ = write!(out, "\n{INDENT}| {}", printable(line));
    }
    let left = text.as_str().lines().count().saturating_sub(LOG_LINES);
    if left > 0 {
        let more = t!(w.lang, "report-import-log-more", lines = left);
        let _ = write!(out, "\n{INDENT}| {more}");
    }
    out
}

/// Text from files and sites must not steer the terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn all(records: &[Record], plan: &Plan, lang: Lang) -> String {
        let lines: Vec<String> =
            records.iter().filter_map(|record| line(record, plan, lang)).collect();
        lines.join("\n")
    }

    #[test]
    fn the_operator_sees_each_event_on_a_line() {
        let (plan, rehearsal) = (sample::plan(), sample::rehearsal());
        let finished = sample::finished(&rehearsal);
        insta::assert_snapshot!("lines_finished_ja", all(&finished.records, &rehearsal, Lang::Ja));
        let failed = sample::failed(&plan);
        insta::assert_snapshot!("lines_failed_en", all(&failed.records, &plan, Lang::En));
        let settled = sample::settled(&plan);
        insta::assert_snapshot!("lines_settled_en", all(&settled.records, &plan, Lang::En));
    }

    #[test]
    fn a_rule_that_only_warns_is_told_below_the_step() {
        let plan = sample::plan();
        let mut record = sample::finished(&plan)
            .records
            .into_iter()
            .find(|record| matches!(record.event, Event::StepDone { .. }))
            .unwrap();
        if let Event::StepDone { outputs, .. } = &mut record.event {
            *outputs = serde_json::from_str(r#"{"warnings": ["calendar-stale"]}"#).unwrap();
        }
        let text = line(&record, &plan, Lang::Ja).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[1].contains("メンテナンス") && !text.contains("calendar-stale"), "{text}");
    }

    #[test]
    fn an_import_log_that_is_the_problems_output_is_shown_once() {
        let (w, log) = (Words::new(Lang::En, false), sample::redacted("COPY failed: line 17"));
        let problem = Problem::new("journal-store", crate::diag::Kind::StepFailed);
        let same = trouble(w, &problem.clone().with_detail(log.clone()), Some(&log));
        assert_eq!(same.matches("line 17").count(), 1, "{same}");
        let other = problem.with_detail(sample::redacted("HTTP 502"));
        let both = trouble(w, &other, Some(&log));
        assert!(both.contains("HTTP 502") && both.contains("line 17"), "{both}");
    }

    #[test]
    fn only_what_closes_the_server_is_told_as_rolled_back() {
        let plan = sample::plan();
        let record = sample::finished(&plan).records.into_iter().next().unwrap();
        let undone = |step: &str| {
            let event = Event::UndoDone { step: step.into() };
            line(&Record { event, ..record.clone() }, &plan, Lang::En)
        };
        assert!(undone("fence").is_some());
        assert_eq!(undone("final-compare"), None);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\rc"), "a\u{fffd}[2Jb\u{fffd}c");
    }
}
