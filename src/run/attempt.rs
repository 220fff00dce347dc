//! One attempt of one step: approved inputs, time limit, action.

use std::time::Duration;

use crate::action::{self, Failure, StepCx};
use crate::diag::{Fact, Kind, Problem};
use crate::effect::Effect;
use crate::journal::Role;
use crate::plan::Inputs;
use crate::playbook::{Outputs, Purpose, StepAction};

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
/// The action's failure; a time-out; inputs that were not approved.
pub(super) async fn attempt_once(cx: &StepCx, approved: &Inputs) -> Result<Outputs, Failure> {
    if cx.step.action.effect() != Effect::ReadOnly {
        refuse_moved(cx, approved)?;
    }
    let action = action::action(&cx.step.action);
    if matches!(cx.step.action, StepAction::Wait { .. }) {
        // Its length is the playbook's; a limit on it would be a limit on the calendar.
        return action.apply(cx).await;
    }
    match tokio::time::timeout(cx.timeout() + GRACE, action.apply(cx)).await {
        Ok(result) => result,
        Err(_) => {
            let in_doubt = cx.step.action.effect() == Effect::AtMostOnce;
            let kind = if in_doubt { Kind::InDoubt } else { Kind::StepFailed };
            let problem =
                Problem::new("run-timeout", kind).with(Fact::open("seconds", cx.step.timeout_secs));
            Err(if in_doubt { Failure::in_doubt(problem) } else { problem.into() })
        }
    }
}

/// Mapping rules and portal profile are read from disk by the step itself: what was edited while
/// the run waited was not approved.
fn refuse_moved(cx: &StepCx, approved: &Inputs) -> Result<(), Problem> {
    let found = action::file_hashes(&cx.playbook.clinic)?;
    if found.mapping == approved.mapping && found.profile == approved.profile {
        return Ok(());
    }
    let now = Inputs { mapping: found.mapping, profile: found.profile, ..approved.clone() };
    Err(Problem::new("run-plan-moved", Kind::ConfirmationNeeded)
        .with(Fact::open("approved", crate::plan::digest(approved)))
        .with(Fact::open("digest", crate::plan::digest(&now))))
}
