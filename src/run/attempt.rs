//! One attempt of one step: approved inputs, time limit, action, and whose answer it was.

use std::time::Duration;

use serde_json::Value;

use super::clinic_state::is_imported;
use super::guard;
use crate::action::{Action, Failure, Hands, StepCx};
use crate::clock::{Jst, show};
use crate::diag::{Fact, Kind, Problem};
use crate::effect::Effect;
use crate::fault::{self, Point};
use crate::journal::Role;
use crate::plan::{Approved, Inputs};
use crate::playbook::{Outputs, Purpose, Step, StepAction};

/// Given to an attempt beyond its step's limit, so that a process's own watchdog ends it first.
const GRACE: Duration = Duration::from_secs(15);

/// What part a step plays in a cutover.
pub(super) fn role(action: &StepAction) -> Role {
    match action {
        StepAction::PortalImport { purpose: Purpose::Test, .. } => Role::TestImport,
        StepAction::PortalImport { purpose: Purpose::Production, .. } => Role::ProductionImport,
        action if action.is_undone_on_rollback() => Role::ClosesSource,
        _ => Role::Plain,
    }
}

/// Carries a step out once.
///
/// # Errors
/// The action's failure; a time-out; inputs, a server or a certificate that were not approved; an
/// import that comes too late.
pub(super) async fn attempt_once(
    cx: &StepCx,
    approved: &Approved,
    hands: &dyn Hands,
) -> Result<Outputs, Failure> {
    // A page that changed since is no reason not to look at what was imported.
    let only_looks = is_imported(&cx.journal.state().await);
    if cx.step.action.effect() != Effect::ReadOnly && !only_looks {
        refuse_moved(cx, &approved.inputs, hands)?;
    }
    if cx.step.action.effect() == Effect::AtMostOnce {
        match cx.clock.within(cx.timeout(), guard::before_import(cx, hands)).await {
            Some(looked) => looked?,
            // Nothing was sent yet.
            None => return Err(timed_out(&cx.step, Kind::StepFailed).into()),
        }
    }
    refuse_late(&cx.step.action, approved, cx.clock.now())?;
    let outputs = limited(cx, GRACE, hands).await?;
    refuse_other(&cx.step.action, &outputs, &approved.identity)?;
    Ok(outputs)
}

/// Carries the step out within its time and `grace`.
pub(super) async fn limited(
    cx: &StepCx,
    grace: Duration,
    hands: &dyn Hands,
) -> Result<Outputs, Failure> {
    let action = hands.action(&cx.step.action);
    if matches!(cx.step.action, StepAction::Wait { .. }) {
        // Its length is the playbook's; a limit on it would be a limit on the calendar.
        return carry_out(action.as_ref(), cx).await;
    }
    match cx.clock.within(cx.timeout() + grace, carry_out(action.as_ref(), cx)).await {
        Some(result) => result,
        None => Err(out_of_time(&cx.step)),
    }
}

/// What becomes of a step that was broken off: of an import nobody knows.
pub(super) fn out_of_time(step: &Step) -> Failure {
    let in_doubt = step.action.effect() == Effect::AtMostOnce;
    let kind = if in_doubt { Kind::InDoubt } else { Kind::StepFailed };
    let problem = timed_out(step, kind);
    if in_doubt { Failure::in_doubt(problem) } else { problem.into() }
}

fn timed_out(step: &Step, kind: Kind) -> Problem {
    Problem::new("run-timeout", kind).with(Fact::open("seconds", step.timeout_secs))
}

/// A production import that begins now would leave no time for the way back: whatever held the
/// night up, the clinic opens in the morning on its own server.
pub(super) fn refuse_late(
    action: &StepAction,
    approved: &Approved,
    now: Jst,
) -> Result<(), Problem> {
    match approved.import_until {
        Some(until) if role(action) == Role::ProductionImport && now > until => {
            Err(Problem::new("run-too-late", Kind::Blocked)
                .with(Fact::open("now", show(&now)))
                .with(Fact::open("latest", show(&until))))
        }
        _ => Ok(()),
    }
}

/// What a look found is what was approved: the same database of the same server, the same
/// certificate. Another clinic's server may carry the same names.
pub(super) fn refuse_other(
    action: &StepAction,
    outputs: &Outputs,
    approved: &Value,
) -> Result<(), Problem> {
    let (key, output, code) = match action {
        StepAction::SourceProbe { .. } => ("database", "identity", "run-other-database"),
        StepAction::PortalProbe { .. } => ("certificate", "certificate", "run-other-certificate"),
        _ => return Ok(()),
    };
    // A plan for which nobody looked is none that may be approved.
    let Some(wanted) = approved.get(key) else { return Ok(()) };
    let found = outputs.get(output);
    if found == Some(wanted) {
        return Ok(());
    }
    let shown = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("-").to_owned();
    Err(Problem::new(code, Kind::Blocked)
        .with(Fact::local("expected", shown(Some(wanted))))
        .with(Fact::local("found", shown(found))))
}

/// The effect, once, unless a rehearsal asks for it twice.
async fn carry_out(action: &dyn Action, cx: &StepCx) -> Result<Outputs, Failure> {
    fault::reach(Point::AfterIntent).await.map_err(Problem::from)?;
    if cx.step.action.effect() != Effect::ReadOnly {
        // A process that was put to sleep after its intent must not wake up and act.
        cx.journal.confirm().await?;
    }
    let outputs = action.apply(cx).await?;
    match fault::here().after_effect().await {
        Ok(false) => Ok(outputs),
        Ok(true) => action.apply(cx).await,
        Err(injected) if cx.step.action.effect() == Effect::AtMostOnce => {
            Err(Failure::in_doubt(injected))
        }
        Err(injected) => Err(Problem::from(injected).into()),
    }
}

/// Mapping rules and portal profile are read from disk by the step itself: what was edited while
/// the run waited was not approved.
fn refuse_moved(cx: &StepCx, approved: &Inputs, hands: &dyn Hands) -> Result<(), Problem> {
    let found = hands.file_hashes(&cx.playbook.clinic)?;
    if found.mapping == approved.mapping && found.profile == approved.profile {
        return Ok(());
    }
    let now = Inputs { mapping: found.mapping, profile: found.profile, ..approved.clone() };
    Err(Problem::new("run-plan-moved", Kind::ConfirmationNeeded)
        .with(Fact::open("approved", crate::plan::digest(approved)))
        .with(Fact::open("digest", crate::plan::digest(&now))))
}
