//! States, kinds and problems as words.

use super::Words;
use crate::diag::Problem;
use crate::effect::Effect;
use crate::i18n;
use crate::journal::{ClinicState, Contents, Outcome};
use crate::plan::Verdict;
use crate::report::view::{Attempted, IncidentKind, StepView};

/// True for the kinds of steps that close the clinic's server: their roll-back does something.
pub(in crate::report) fn is_rolled_back(kind: &str) -> bool {
    matches!(kind, "service_stop" | "fence" | "swap_database")
}

impl Words {
    /// The kind of a step; a kind without a text shows as its name.
    pub(in crate::report) fn kind(self, kind: &str) -> String {
        let id = format!("report-kind-{}", kind.replace('_', "-"));
        i18n::find(self.lang, &id, &[]).unwrap_or_else(|| kind.to_owned())
    }

    /// A person's role; a role without a text shows as it was written.
    pub(in crate::report) fn role(self, role: &str) -> String {
        i18n::find(self.lang, &format!("report-role-{role}"), &[])
            .unwrap_or_else(|| role.to_owned())
    }

    /// What a mail is about.
    pub(in crate::report) fn about(self, about: &str) -> String {
        i18n::find(self.lang, &format!("report-mail-{about}"), &[])
            .unwrap_or_else(|| about.to_owned())
    }

    pub(in crate::report) fn effect(self, effect: Effect) -> String {
        self.say(match effect {
            Effect::ReadOnly => "report-effect-read-only",
            Effect::Repeatable => "report-effect-repeatable",
            Effect::AtMostOnce => "report-effect-at-most-once",
        })
    }

    pub(in crate::report) fn verdict(self, verdict: Verdict) -> String {
        self.say(match verdict {
            Verdict::Ok => "report-verdict-ok",
            Verdict::Later => "report-verdict-later",
            Verdict::Unknown => "report-verdict-unknown",
            Verdict::Warn => "report-verdict-warn",
            Verdict::Block => "report-verdict-block",
        })
    }

    /// Where a step is. Only what closes the clinic's server is rolled back; the roll-back of
    /// anything else means that it has to be done again.
    pub(in crate::report) fn state(self, step: &StepView) -> String {
        if step.state == Attempted::Undone && !is_rolled_back(&step.kind) {
            return self.say("report-state-again");
        }
        self.say(match step.state {
            Attempted::Pending => "report-state-pending",
            Attempted::Running => "report-state-running",
            Attempted::Done => "report-state-done",
            Attempted::Failed => "report-state-failed",
            Attempted::InDoubt => "report-state-in-doubt",
            Attempted::Skipped => "report-state-skipped",
            Attempted::Undone => "report-state-undone",
        })
    }

    /// The same, with how long a roll-back took.
    pub(in crate::report) fn state_timed(self, step: &StepView) -> String {
        match (step.state, step.undo_start, step.undo_end) {
            (Attempted::Undone, Some(start), Some(end)) if is_rolled_back(&step.kind) => {
                let length = self.duration((end - start).num_seconds());
                crate::t!(self.lang, "report-state-undone-in", length = length)
            }
            _ => self.state(step),
        }
    }

    pub(in crate::report) fn outcome(self, outcome: Option<Outcome>) -> String {
        self.say(match outcome {
            None => "report-outcome-running",
            Some(Outcome::Done) => "report-outcome-done",
            Some(Outcome::Failed) => "report-outcome-failed",
            Some(Outcome::InDoubt) => "report-outcome-in-doubt",
            Some(Outcome::Waiting) => "report-outcome-waiting",
        })
    }

    pub(in crate::report) fn clinic_state(self, state: Option<ClinicState>) -> String {
        self.say(match state {
            None => "report-clinic-running",
            Some(ClinicState::Unchanged) => "report-clinic-unchanged",
            Some(ClinicState::TestDataInCloud) => "report-clinic-test-data",
            Some(ClinicState::ImportFailed) => "report-clinic-production-failed",
            Some(ClinicState::SourceClosed) => "report-clinic-source-closed",
            Some(ClinicState::CloudInDoubt) => "report-clinic-cloud-in-doubt",
            Some(ClinicState::CloudOverwritten) => "report-clinic-cloud-overwritten",
            Some(ClinicState::InCloud) => "report-clinic-in-cloud",
        })
    }

    pub(in crate::report) fn contents(self, contents: Contents) -> String {
        self.say(match contents {
            Contents::SourceDump => "report-contents-source-dump",
            Contents::CloudDump => "report-contents-cloud-dump",
            Contents::ImportLog => "report-contents-import-log",
        })
    }

    pub(in crate::report) fn incident(self, kind: IncidentKind) -> String {
        self.say(match kind {
            IncidentKind::StepFailed => "report-incident-step-failed",
            IncidentKind::StepInDoubt => "report-incident-step-in-doubt",
            IncidentKind::UndoFailed => "report-incident-undo-failed",
            IncidentKind::MailDelayed => "report-incident-mail-delayed",
        })
    }

    /// A problem's message; a code of another version, which has no text here, shows as itself.
    pub(in crate::report) fn message(self, problem: &Problem) -> String {
        let message = problem.message(self.lang);
        if message == problem.code {
            return crate::t!(self.lang, "report-unknown-problem", code = problem.code);
        }
        message
    }
}
