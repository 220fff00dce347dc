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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::action::{RealHands, fixture};
    use crate::clock::{Clock, VirtualTime};
    use crate::playbook::Purpose;

    /// The window was checked a moment before; then the clock is set back.
    #[tokio::test]
    async fn an_import_whose_time_has_not_come_any_more_is_not_sent() {
        for id in ["test_import", "production_import"] {
            let folder = tempfile::tempdir().unwrap();
            let wait = StepAction::Wait { until: Purpose::Test };
            let mut cx = fixture::step(folder.path(), wait, 60).await;
            cx.step = cx.playbook.steps().find(|step| step.id.as_str() == id).unwrap().clone();
            let times = &cx.clinic().cutover;
            let planned =
                if id == "test_import" { times.test_import_at } else { times.production_at };
            for (late, refused) in [(-1, true), (0, false)] {
                let now = planned + TimeDelta::seconds(late);
                cx.clock = Clock::Virtual(VirtualTime::beginning_at(&now));
                let end = before_import(&cx, &RealHands).await.map_err(|problem| problem.code);
                let wanted = if refused { Err("run-too-early".into()) } else { Ok(()) };
                assert_eq!(end, wanted, "{id}");
            }
        }
    }
}
