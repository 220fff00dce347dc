//! The last look before an import: what was closed is still closed, and the only copy of what the
//! import overwrites still lies here.

use crate::action::{self, Hands, StepCx};
use crate::diag::{Fact, Kind, Problem};
use crate::journal::StepState;
use crate::playbook::{Step, StepAction};

/// Looks at every step since the wait that an import rests on. The closed door is looked at last:
/// reading an export through takes time.
///
/// # Errors
/// The first step whose effect no longer stands, or that cannot be looked at.
pub(super) async fn before_import(cx: &StepCx, hands: &dyn Hands) -> Result<(), Problem> {
    let state = cx.journal.state().await;
    let before: Vec<&Step> = cx.playbook.steps().take_while(|step| step.id != cx.step.id).collect();
    let begins = before.iter().rposition(|step| matches!(step.action, StepAction::Wait { .. }));
    let span = before.get(begins.unwrap_or(0)..).unwrap_or_default();
    let exports = span.iter().filter(|step| matches!(step.action, StepAction::PortalExport { .. }));
    let closing = span.iter().filter(|step| step.action.is_undone_on_rollback());
    for step in exports.chain(closing) {
        if !matches!(state.steps.get(&step.id), Some(StepState::Done { .. })) {
            continue;
        }
        let look = StepCx { step: (*step).clone(), ..cx.clone() };
        if !hands.action(&step.action).holds(&look).await? {
            return Err(Problem::new("run-no-longer-holds", Kind::Blocked)
                .with(Fact::open("step", &step.id)));
        }
    }
    match cx.step.action {
        StepAction::PortalImport { purpose, .. } => action::refuse_too_early(cx, purpose),
        _ => Ok(()),
    }
}
