//! Checks a planned import time against the manual's rules and the maintenance calendar, which
//! is read again each time.

use async_trait::async_trait;
use chrono::TimeDelta;

use super::{Action, Failure, StepCx, known_maintenance, open_ledger, past, read_feeds};
use crate::calendar::{
    self, ImportKind, Maintenance, RuleResult, WindowQuestion, check_freshness, check_window,
};
use crate::clock::Jst;
use crate::diag::{Fact, Kind, Problem};
use crate::journal::State;
use crate::plan::is_overridden;
use crate::playbook::{CheckedPlaybook, Clinic, Outputs, Purpose, Step, StepAction};

/// How long a test import may take: the rule about maintenance is applied to this much.
const TEST_WINDOW: TimeDelta = TimeDelta::hours(2);

pub(super) struct WindowCheck {
    pub(super) purpose: Purpose,
}

#[async_trait]
impl Action for WindowCheck {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        refuse_too_early(cx, self.purpose)?;
        refuse_over(cx, self.purpose)?;
        // What was announced a minute ago counts, too. A calendar that cannot be read stays as
        // old as it was, and the rule about its age decides.
        let ledger = open_ledger(&cx.work, &cx.clock).await?;
        read_feeds(cx.clinic(), &cx.clock, &ledger).await;
        let maintenance = known_maintenance(cx.clinic(), &ledger.now().await?)?;
        let proved = self.proved_test_import(cx, &cx.journal.state().await);
        let rules = rules(cx.clinic(), self.purpose, &maintenance, cx.clock.now(), proved);
        if let Some(rule) = blocking(cx.clinic(), &rules) {
            return Err(refused(rule).into());
        }
        let warnings = rules.iter().filter(|rule| rule.verdict != calendar::Verdict::Ok);
        Ok(Outputs::from([(
            "warnings".to_owned(),
            warnings.map(|rule| rule.code).collect::<Vec<_>>().into(),
        )]))
    }
}

/// What the rules say of an import that starts now, or at its planned time where that is still
/// to come.
fn rules(
    clinic: &Clinic,
    purpose: Purpose,
    maintenance: &Maintenance,
    now: Jst,
    proved_test_import_at: Option<Jst>,
) -> Vec<RuleResult> {
    let cutover = &clinic.cutover;
    let (purpose, start, end) = match purpose {
        Purpose::Test => {
            let start = cutover.test_import_at.max(now);
            (ImportKind::Test, start, start + TEST_WINDOW)
        }
        Purpose::Production => {
            (ImportKind::Production, cutover.production_at.max(now), cutover.window_end)
        }
    };
    let max_age = clinic.calendar.max_age();
    check_window(&WindowQuestion {
        purpose,
        start,
        end,
        now,
        maintenance,
        max_age,
        proved_test_import_at,
    })
}

/// The first rule that forbids it and that nobody may do without.
fn blocking<'r>(clinic: &Clinic, rules: &'r [RuleResult]) -> Option<&'r RuleResult> {
    rules.iter().find(|rule| {
        rule.verdict == calendar::Verdict::Block && !is_overridden(rule.code, &clinic.overrides)
    })
}

/// Whether the rules of the production window hold now for the run whose state this is.
///
/// # Errors
/// The rule that does not, in its own words.
pub fn may_cut_over(
    playbook: &CheckedPlaybook,
    maintenance: &Maintenance,
    state: &State,
    now: Jst,
) -> Result<(), Problem> {
    let clinic = &playbook.clinic;
    let proved = past::proved_test_import(playbook, state);
    let rules = rules(clinic, Purpose::Production, maintenance, now, proved);
    blocking(clinic, &rules).map_or(Ok(()), |rule| Err(refused(rule)))
}

impl WindowCheck {
    /// When the test import was done and proved. Before the playbook comes to the test import,
    /// its planned time is reckoned with.
    fn proved_test_import(&self, cx: &StepCx, state: &State) -> Option<Jst> {
        let steps: Vec<&Step> = cx.playbook.phases.iter().flat_map(|phase| &phase.steps).collect();
        let place = |wanted: &dyn Fn(&Step) -> bool| steps.iter().position(|step| wanted(step));
        let import = place(&|step| {
            matches!(step.action, StepAction::PortalImport { purpose: Purpose::Test, .. })
        })?;
        let here = place(&|step| step.id == cx.step.id)?;
        if here < import {
            return Some(cx.clinic().cutover.test_import_at);
        }
        past::proved_test_import(&cx.playbook, state)
    }
}

/// Why the announcements must be read again; `None` where every source was read lately.
pub fn stale(clinic: &Clinic, maintenance: &Maintenance, now: Jst) -> Option<Problem> {
    let rule = check_freshness(maintenance, now, clinic.calendar.max_age());
    (rule.verdict == calendar::Verdict::Block).then(|| refused(&rule))
}

/// The rule's own words for why it blocks.
fn refused(rule: &RuleResult) -> Problem {
    let facts = rule.args.iter().map(|(name, value)| Fact::open(name, value)).collect();
    let code = format!("{}.{}", rule.code, rule.verdict.word());
    Problem { code: code.into(), kind: Kind::Blocked, facts, detail: None }
}

/// Behind the wait the time has come. Where it has not, the clock was set back since: one of both
/// times was wrong.
///
/// # Errors
/// That it is too early.
pub fn refuse_too_early(cx: &StepCx, purpose: Purpose) -> Result<(), Problem> {
    let cutover = &cx.clinic().cutover;
    let planned = match purpose {
        Purpose::Test => cutover.test_import_at,
        Purpose::Production => cutover.production_at,
    };
    let mut before = cx.playbook.steps().take_while(|step| step.id != cx.step.id);
    let waited =
        before.any(|step| matches!(step.action, StepAction::Wait { until } if until == purpose));
    let now = cx.clock.now();
    if !waited || now >= planned {
        return Ok(());
    }
    Err(Problem::new("run-too-early", Kind::Blocked)
        .with(Fact::open("planned", cx.clock.show(&planned)))
        .with(Fact::open("now", cx.clock.show(&now))))
}

/// A run that is taken up when its night is over has nothing to look forward to.
fn refuse_over(cx: &StepCx, purpose: Purpose) -> Result<(), Problem> {
    let (now, end) = (cx.clock.now(), cx.clinic().cutover.window_end);
    if purpose == Purpose::Test || now < end {
        return Ok(());
    }
    Err(Problem::new("run-window-over", Kind::Blocked)
        .with(Fact::open("end", cx.clock.show(&end)))
        .with(Fact::open("now", cx.clock.show(&now))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::fixture::step;
    use crate::clock::{Clock, VirtualTime};

    #[tokio::test]
    async fn a_production_window_is_over_at_its_end_and_a_test_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let check = |purpose| StepAction::WindowCheck { purpose };
        let mut cx = step(folder.path(), check(Purpose::Production), 60).await;
        let end = cx.clinic().cutover.window_end;
        for (at, is_over) in [(end - TimeDelta::milliseconds(1), false), (end, true)] {
            cx.clock = Clock::Virtual(VirtualTime::beginning_at(&at));
            let refused = refuse_over(&cx, Purpose::Production).err();
            assert_eq!(
                refused.is_some_and(|problem| problem.code == "run-window-over"),
                is_over,
                "{at}"
            );
            assert!(refuse_over(&cx, Purpose::Test).is_ok());
        }
    }
}
