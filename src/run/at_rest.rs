//! When files with patient data are encrypted: while a run waits for days and when it ends, and
//! only those that no step of it will read in clear.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::rollback::Cx;
use crate::action::{self, WorkDir};
use crate::diag::Problem;
use crate::journal::{Journal, State, StepState};
use crate::playbook::{CheckedPlaybook, Step, StepAction};

/// Encrypts what this run needs no more in clear, and all that earlier runs of the folder left:
/// nobody takes them up again.
///
/// # Errors
/// The first failure. Files that could not be encrypted stay as they are.
pub(super) async fn seal(cx: &Cx) -> Result<(), Problem> {
    let clinic = &cx.playbook.clinic;
    if clinic.at_rest.is_none() {
        return Ok(());
    }
    let in_use = in_use(&cx.playbook, &cx.journal.state().await, &cx.work);
    let own = action::seal(clinic, &cx.journal, &in_use).await;
    let store = cx.work.store(false).await?;
    let mut outcome = own;
    // A name that this run has used as well is this run's now.
    let own_files = cx.journal.state().await.files.keys().map(PathBuf::from).collect();
    for run in store.runs().await? {
        if run < *cx.journal.run() {
            let earlier = Journal::take_up(store.clone(), cx.clock.clone(), run, None).await?;
            outcome = outcome.and(action::seal(clinic, &earlier, &own_files).await);
        }
    }
    store.close().await;
    outcome
}

/// Archives that a step names which is not done, and exports that are looked at once more right
/// before an import that is not done.
fn in_use(playbook: &CheckedPlaybook, state: &State, work: &WorkDir) -> BTreeSet<PathBuf> {
    let steps: Vec<&Step> = playbook.steps().collect();
    let is_open = |step: &Step| {
        step.applies && !state.steps.get(&step.id).is_some_and(StepState::is_satisfied)
    };
    let is_looked_at = |at: usize, step: &Step| {
        let behind = steps.iter().skip(at + 1);
        matches!(step.action, StepAction::PortalExport { .. })
            && behind
                .take_while(|step| !matches!(step.action, StepAction::Wait { .. }))
                .any(|step| matches!(step.action, StepAction::PortalImport { .. }) && is_open(step))
    };
    let needed =
        steps.iter().enumerate().filter(|(at, step)| is_open(step) || is_looked_at(*at, step));
    needed.flat_map(|(_, step)| step.action.archives()).map(|name| work.archive(name)).collect()
}
