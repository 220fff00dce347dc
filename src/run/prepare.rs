//! Looks at the world and makes the plan, with what it rests on.

use std::path::Path;

use super::clinic_state::{is_imported, past_no_return};
use super::gate;
use super::recover::latest_state;
use crate::action::{self, WorkDir};
use crate::clock::Clock;
use crate::diag::Problem;
use crate::plan::{self, SavedPlan};
use crate::playbook::CheckedPlaybook;

/// The plan as the world is now. Paths are those of the two files.
///
/// # Errors
/// Where a file or the journal cannot be read. What of the world cannot be reached is a gap in
/// the plan, not an error.
pub async fn prepare(
    playbook: &CheckedPlaybook,
    files: (&Path, &Path),
    clock: &Clock,
    offline: bool,
) -> Result<SavedPlan, Problem> {
    if !offline && !playbook.clinic.calendar.feeds.is_empty() {
        // One that cannot be read stays as old as it was, and the rule about its age says so.
        let work = WorkDir::open(&playbook.clinic)?;
        let ledger = action::open_ledger(&work, clock).await?;
        action::read_feeds(&playbook.clinic, clock, &ledger).await;
    }
    // Before the facts' own moment: what another process reads meanwhile would be of the future.
    let maintenance = action::load_maintenance(&playbook.clinic, clock).await?;
    let facts = action::gather(playbook, clock, offline).await;
    let snapshot = action::snapshot(playbook, &maintenance, plan::identity(&facts))?;
    let inputs = snapshot.inputs();
    let plan = plan::build(playbook, facts, &maintenance, &inputs, clock.is_rehearsal());
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(SavedPlan::new(absolute(files.0), absolute(files.1), plan, snapshot))
}

/// `taken` with what it rests on now: the values of today, the identity that was found when it
/// was made. A closed server cannot be asked who it is; on which machine this runs is known.
///
/// # Errors
/// Where a file or the journal cannot be read.
pub async fn of_today(
    playbook: &CheckedPlaybook,
    taken: &SavedPlan,
    clock: &Clock,
) -> Result<plan::Snapshot, Problem> {
    let maintenance = action::load_maintenance(&playbook.clinic, clock).await?;
    let mut identity = taken.snapshot.identity.clone();
    if let Some(machine) = identity.get_mut("machine") {
        *machine = action::machine().into();
    }
    action::snapshot(playbook, &maintenance, identity)
}

/// Parts of a plan on which nothing rests any more once the production import was sent.
const FOR_THE_IMPORT: [&str; 4] = ["calendar", "mapping", "profile", "tool"];

/// The plan with which a run is taken up again: the approved one, which may have been made since
/// `taken` was, with another certificate, say. Once the production import took place or may have,
/// the run's own plan is enough, whatever was announced or edited since for an import.
///
/// # Errors
/// Where none is approved, or what the approved one rests on has moved, with what moved.
pub async fn taken_up(
    playbook: &CheckedPlaybook,
    work: &WorkDir,
    clock: &Clock,
    taken: SavedPlan,
) -> Result<SavedPlan, Problem> {
    let ledger = action::read_ledger(work, clock).await?;
    if let Some(state) = latest_state(work).await?
        && past_no_return(&state)
        // An import that is found not to have taken place may be sent again.
        && (is_imported(&state) || ledger.approval(&taken.plan.digest).is_some())
    {
        let now = of_today(playbook, &taken, clock).await?;
        let moved = plan::diff(&taken.snapshot, &now);
        if moved.iter().all(|change| FOR_THE_IMPORT.contains(&change.part)) {
            return Ok(taken);
        }
    }
    let Some((digest, _)) = ledger.approved() else {
        gate::gate(work, &ledger, &taken)?;
        return Ok(taken);
    };
    let approved =
        if *digest == taken.plan.digest { taken } else { gate::load(&plan_file(work, digest))? };
    match gate::drift(playbook, &approved, clock).await? {
        Some(moved) => Err(moved),
        None => Ok(approved),
    }
}

/// A saved plan's file in the working folder.
pub fn plan_file(work: &WorkDir, digest: &crate::ids::PlanDigest) -> std::path::PathBuf {
    work.path().join("plans").join(format!("{digest}.json"))
}
