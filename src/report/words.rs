//! Words for values, in the language asked: states, kinds, times, durations. No layout.

use crate::clock::Jst;
use crate::diag::Problem;
use crate::effect::Effect;
use crate::i18n::{self, Lang};
use crate::journal::{ClinicState, Contents, Outcome, SettledBy};
use crate::plan::Verdict;
use crate::playbook::Title;

use super::view::{Attempted, DecisionView, IncidentKind, NextAction, RunView};

/// The mark of a rehearsal's time in narrow places; every document explains it in its banner.
const REHEARSAL_MARK: &str = " [R]";

/// A language, and whether times are a rehearsal's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    pub(super) lang: Lang,
    pub(super) rehearsal: bool,
}

impl Words {
    pub(super) fn new(lang: Lang, rehearsal: bool) -> Self {
        Self { lang, rehearsal }
    }

    /// The text `id`, which has no arguments.
    pub(super) fn say(self, id: &str) -> String {
        i18n::text(self.lang, id, &[])
    }

    /// The title in this language, or in the other where it is empty.
    pub(super) fn title(self, title: &Title) -> &str {
        let (wanted, other) = match self.lang {
            Lang::Ja => (&title.ja, &title.en),
            Lang::En => (&title.en, &title.ja),
        };
        if wanted.is_empty() { other } else { wanted }
    }

    fn mark(self) -> &'static str {
        if self.rehearsal { REHEARSAL_MARK } else { "" }
    }

    /// `2027-01-21 19:00:00 JST`, marked in a rehearsal.
    pub(super) fn full(self, at: &Jst) -> String {
        format!("{}{}", crate::clock::show(at), self.mark())
    }

    /// `2027-01-21 (木) 19:00`, marked in a rehearsal.
    pub(super) fn minute(self, at: &Jst) -> String {
        let weekday = self.say(&format!("report-weekday-{}", at.format("%u")));
        format!("{} ({weekday}) {}{}", at.format("%Y-%m-%d"), at.format("%H:%M"), self.mark())
    }

    /// `01-21 19:00:00`, marked in a rehearsal.
    pub(super) fn short(self, at: &Jst) -> String {
        format!("{}{}", at.format("%m-%d %H:%M:%S"), self.mark())
    }

    /// `19:00:00`, marked in a rehearsal.
    pub(super) fn clock(self, at: &Jst) -> String {
        format!("{}{}", at.format("%H:%M:%S"), self.mark())
    }

    /// `1 時間 20 分`: two units at most.
    pub(super) fn duration(self, seconds: i64) -> String {
        let seconds = seconds.max(0);
        let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
        let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
        let unit = |value: i64, unit: &str| {
            let id = format!("report-duration-{unit}");
            i18n::text(self.lang, &id, &[("n", value.to_string().into())])
        };
        let pair = match (days, hours, minutes) {
            (0, 0, 0) => return unit(rest, "seconds"),
            (0, 0, _) => [(minutes, "minutes"), (rest, "seconds")],
            (0, _, _) => [(hours, "hours"), (minutes, "minutes")],
            _ => [(days, "days"), (hours, "hours")],
        };
        let parts: Vec<String> =
            pair.iter().filter(|(value, _)| *value > 0).map(|(v, u)| unit(*v, u)).collect();
        parts.join(" ")
    }

    /// The kind of a step; a kind without a text shows as its name.
    pub(super) fn kind(self, kind: &str) -> String {
        let id = format!("report-kind-{}", kind.replace('_', "-"));
        i18n::find(self.lang, &id, &[]).unwrap_or_else(|| kind.to_owned())
    }

    /// A person's role; a role without a text shows as it was written.
    pub(super) fn role(self, role: &str) -> String {
        i18n::find(self.lang, &format!("report-role-{role}"), &[])
            .unwrap_or_else(|| role.to_owned())
    }

    /// What a mail is about.
    pub(super) fn about(self, about: &str) -> String {
        i18n::find(self.lang, &format!("report-mail-{about}"), &[])
            .unwrap_or_else(|| about.to_owned())
    }

    pub(super) fn effect(self, effect: Effect) -> String {
        self.say(match effect {
            Effect::ReadOnly => "report-effect-read-only",
            Effect::Repeatable => "report-effect-repeatable",
            Effect::AtMostOnce => "report-effect-at-most-once",
        })
    }

    pub(super) fn verdict(self, verdict: Verdict) -> String {
        self.say(match verdict {
            Verdict::Ok => "report-verdict-ok",
            Verdict::Unknown => "report-verdict-unknown",
            Verdict::Warn => "report-verdict-warn",
            Verdict::Block => "report-verdict-block",
        })
    }

    pub(super) fn state(self, state: Attempted) -> String {
        self.say(match state {
            Attempted::Pending => "report-state-pending",
            Attempted::Running => "report-state-running",
            Attempted::Done => "report-state-done",
            Attempted::Failed => "report-state-failed",
            Attempted::InDoubt => "report-state-in-doubt",
            Attempted::Skipped => "report-state-skipped",
            Attempted::Undone => "report-state-undone",
        })
    }

    pub(super) fn outcome(self, outcome: Option<Outcome>) -> String {
        self.say(match outcome {
            None => "report-outcome-running",
            Some(Outcome::Done) => "report-outcome-done",
            Some(Outcome::Failed) => "report-outcome-failed",
            Some(Outcome::InDoubt) => "report-outcome-in-doubt",
        })
    }

    pub(super) fn clinic_state(self, state: Option<ClinicState>) -> String {
        self.say(match state {
            None => "report-clinic-running",
            Some(ClinicState::Unchanged) => "report-clinic-unchanged",
            Some(ClinicState::TestDataInCloud) => "report-clinic-test-data",
            Some(ClinicState::SourceClosed) => "report-clinic-source-closed",
            Some(ClinicState::CloudInDoubt) => "report-clinic-cloud-in-doubt",
            Some(ClinicState::CloudOverwritten) => "report-clinic-cloud-overwritten",
            Some(ClinicState::InCloud) => "report-clinic-in-cloud",
        })
    }

    pub(super) fn contents(self, contents: Contents) -> String {
        self.say(match contents {
            Contents::SourceDump => "report-contents-source-dump",
            Contents::CloudDump => "report-contents-cloud-dump",
            Contents::ImportLog => "report-contents-import-log",
        })
    }

    pub(super) fn incident(self, kind: IncidentKind) -> String {
        self.say(match kind {
            IncidentKind::StepFailed => "report-incident-step-failed",
            IncidentKind::StepInDoubt => "report-incident-step-in-doubt",
            IncidentKind::UndoFailed => "report-incident-undo-failed",
            IncidentKind::MailDelayed => "report-incident-mail-delayed",
        })
    }

    /// How a step in doubt was settled: whether it took effect, and who says so.
    pub(super) fn settled(self, done: bool, by: &SettledBy) -> String {
        let what = self.say(if done { "report-settled-done" } else { "report-settled-not-done" });
        let who = match by {
            SettledBy::Proof(proof) => crate::t!(self.lang, "report-settled-proof", proof = proof),
            SettledBy::Person { name, reason } => {
                crate::t!(self.lang, "report-settled-person", name = name, reason = reason)
            }
        };
        format!("{what} — {who}")
    }

    /// A problem's message; a code of another version, which has no text here, shows as itself.
    pub(super) fn message(self, problem: &Problem) -> String {
        let message = problem.message(self.lang);
        if message == problem.code {
            return crate::t!(self.lang, "report-unknown-problem", code = problem.code);
        }
        message
    }

    /// The latest start of a roll-back, with the time that is left.
    pub(super) fn decision(self, decision: &DecisionView) -> String {
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
    pub(super) fn next(self, view: &RunView) -> String {
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

/// `1,234,567`
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The first 12 digits of a hash: enough to compare by eye.
pub(super) fn short_hash(hash: &str) -> String {
    hash.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units_at_most() {
        let w = Words::new(Lang::En, false);
        let shown: Vec<String> = [0, 59, 60, 3_599, 3_660, 90_000, 172_800, -5]
            .into_iter()
            .map(|seconds| w.duration(seconds))
            .collect();
        assert_eq!(
            shown,
            ["0 s", "59 s", "1 min", "59 min 59 s", "1 h 1 min", "1 d 1 h", "2 d", "0 s"]
        );
        assert_eq!(Words::new(Lang::Ja, false).duration(3_660), "1時間 1分");
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }

    #[test]
    fn a_code_without_a_text_is_named_and_not_shown_bare() {
        let problem = Problem::new("somewhere-something", crate::diag::Kind::Internal);
        let shown = Words::new(Lang::En, false).message(&problem);
        assert_eq!(shown, "a problem this version has no text for (`somewhere-something`)");
    }
}
