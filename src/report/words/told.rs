//! Sentences for people: what is asked of them, until when, and how a doubt was settled.

use super::Words;
use crate::ids::show_bytes;
use crate::journal::SettledBy;
use crate::plan::{Plan, PlannedMaintenance};
use crate::playbook::Title;
use crate::report::view::{DecisionView, NextAction, RunView};

impl Words {
    /// What the plan's durations were reckoned from.
    pub(in crate::report) fn basis(self, plan: &Plan) -> Option<String> {
        let basis = plan.basis.as_ref()?;
        let id = if basis.size_known { "report-basis" } else { "report-basis-unknown" };
        let told = crate::t!(
            self.lang,
            id,
            size = show_bytes(basis.database_bytes),
            dump = show_bytes(basis.dump_rate),
            line = show_bytes(basis.line_rate),
            restore = show_bytes(basis.restore_rate)
        );
        let Some(upload) = basis.upload else { return Some(told) };
        let rate = show_bytes(upload.bytes_per_sec);
        let from = if upload.measured { "measured" } else { "stated" };
        let second = crate::t!(self.lang, "report-basis-upload", rate = rate, from = from);
        Some(crate::t!(self.lang, "report-sentences", first = told, second = second))
    }

    /// Announced maintenance: from, to, what.
    pub(in crate::report) fn maintenance(self, window: &PlannedMaintenance) -> String {
        let (from, to) = (self.minute(&window.from), self.minute(&window.to));
        format!("{from} – {to}  {}", window.title)
    }

    /// How a step in doubt was settled: whether it took effect, and who says so.
    pub(in crate::report) fn settled(self, done: bool, by: &SettledBy) -> String {
        let what = self.say(if done { "report-settled-done" } else { "report-settled-not-done" });
        let who = match by {
            SettledBy::Proof(proof) => crate::t!(self.lang, "report-settled-proof", proof = proof),
            SettledBy::Person { name, reason, .. } => {
                crate::t!(self.lang, "report-settled-person", name = name, reason = reason)
            }
        };
        format!("{what} — {who}")
    }

    /// How the run ended; where a doubt was settled since then, that is said.
    pub(in crate::report) fn outcome_of(self, view: &RunView) -> String {
        if view.interrupted {
            return self.say("report-outcome-interrupted");
        }
        let outcome = self.outcome(view.outcome);
        if !view.settled_after_end {
            return outcome;
        }
        crate::t!(self.lang, "report-outcome-settled", outcome = outcome)
    }

    /// The clinic's state; where a doubt was settled since the end, it is the end's.
    pub(in crate::report) fn clinic_of(self, view: &RunView) -> String {
        let mut state = self.clinic_state(view.clinic_state);
        // An import that failed at the management site with a log may have changed its data.
        if view.import_log.is_some() {
            state = crate::t!(self.lang, "report-clinic-import-failed", state = state);
        }
        if view.interrupted {
            return crate::t!(self.lang, "report-clinic-by-records", state = state);
        }
        if !view.settled_after_end {
            return state;
        }
        crate::t!(self.lang, "report-clinic-at-end", state = state)
    }

    /// The latest start of a roll-back, with the time that is left.
    pub(in crate::report) fn decision(self, decision: &DecisionView) -> String {
        let at = self.full(&decision.latest_rollback_at);
        match decision.seconds_left {
            None => at,
            Some(left) if left > 0 => {
                crate::t!(self.lang, "report-decision-left", at = at, left = self.duration(left))
            }
            Some(_) => crate::t!(self.lang, "report-decision-past", at = at),
        }
    }

    /// What is asked of a person now.
    pub(in crate::report) fn next(self, view: &RunView) -> String {
        let title = |id| view.step(id).map_or_else(|| format!("`{id}`"), |s| self.quoted(&s.title));
        match &view.next_action {
            NextAction::Nothing => self.say("report-next-nothing"),
            NextAction::Resume => self.say("report-next-resume"),
            NextAction::Resolve { step } => {
                crate::t!(self.lang, "report-next-resolve", title = title(step), step = step)
            }
            NextAction::UndoByHand { step } => {
                crate::t!(self.lang, "report-next-undo-by-hand", title = title(step))
            }
            NextAction::MendAndResume { step } => {
                crate::t!(self.lang, "report-next-mend", title = title(step))
            }
            NextAction::AwaitRetry { step, at } => {
                let at = self.full(at);
                crate::t!(self.lang, "report-next-retry", title = title(step), at = at)
            }
            NextAction::AwaitTime { at, .. } => {
                crate::t!(self.lang, "report-next-time", at = self.full(at))
            }
            NextAction::AwaitStep { step, expected, late } => {
                let id = if *late { "report-next-late" } else { "report-next-step" };
                crate::t!(self.lang, id, title = title(step), at = self.clock(expected))
            }
            NextAction::AwaitMails { mails } => {
                crate::t!(self.lang, "report-next-mails", mails = mails)
            }
        }
    }

    fn quoted(self, title: &Title) -> String {
        crate::t!(self.lang, "report-quoted", text = self.title(title))
    }
}
