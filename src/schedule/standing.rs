//! Gathers where plans, approvals and scheduled work stand. Nothing is changed.

use super::heartbeat::Heartbeat;
use crate::action::{self, WorkDir};
use crate::clock::Clock;
use crate::diag::Problem;
use crate::playbook::Clinic;
use crate::report::{MailStanding, Standing};

/// Where everything stands now.
///
/// # Errors
/// Where the journal cannot be read.
pub async fn standing(clinic: &Clinic, clock: &Clock, work: &WorkDir) -> Result<Standing, Problem> {
    let ledger = action::read_ledger(work, clock).await?;
    let last_look = Heartbeat::of(work).last();
    let left = action::outbox(work).await.undelivered();
    let mails =
        MailStanding { waiting: left.waiting, given_up: left.given_up, problems: left.problems };
    Ok(Standing::new(&ledger, clinic, clock.now(), last_look, mails))
}
