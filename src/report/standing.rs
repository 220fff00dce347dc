//! Where plans, approvals and scheduled work stand. Pure: the ledger and the clock are given.

use chrono::TimeDelta;
use serde::Serialize;

use crate::clock::Jst;
use crate::diag::Problem;
use crate::ids::PlanDigest;
use crate::journal::ledger::{Ledger, PlanEntry, WorkEntry, WorkState};
use crate::plan::{RfcTime, times_between};
use crate::playbook::{Clinic, Job, Schedule, complete};

/// Nobody looking for so long means that nobody looks: a crontab line looks every few minutes.
const LOOKS_WITHIN: TimeDelta = TimeDelta::minutes(15);
/// How far ahead the next time of each kind of work is looked for.
const AHEAD: TimeDelta = TimeDelta::days(400);

/// Where everything stands.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// Of when.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// The plan that counts: the approved one, or else the one that was saved last.
    pub plan: Option<PlanStanding>,
    /// Each kind of work.
    pub work: Vec<WorkStanding>,
    /// When somebody last looked at the clock for it; `None` where nobody ever has.
    #[serde(with = "crate::clock::serde_option")]
    pub last_look: Option<Jst>,
    /// True where somebody has looked, but not lately: nothing will start by itself.
    pub nobody_looks: bool,
    /// Mails that have not arrived.
    #[serde(flatten)]
    pub mails: MailStanding,
}

/// Mails that have not arrived.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MailStanding {
    /// Those that are tried again by themselves.
    #[serde(rename = "mails_waiting")]
    pub waiting: usize,
    /// Those that are not.
    #[serde(rename = "mails_given_up")]
    pub given_up: usize,
    /// What cannot be read in the outbox, and letters that could not even be put there.
    #[serde(rename = "mail_problems")]
    pub problems: Vec<Problem>,
}

impl MailStanding {
    /// True where something has not arrived.
    pub fn any(&self) -> bool {
        self.waiting + self.given_up > 0 || !self.problems.is_empty()
    }
}

/// A saved plan and whether it is approved.
#[derive(Clone, Debug, Serialize)]
pub struct PlanStanding {
    /// Its digest.
    pub digest: PlanDigest,
    /// What the ledger says of it.
    #[serde(flatten)]
    pub entry: PlanEntry,
}

/// Where one kind of work stands.
#[derive(Clone, Debug, Serialize)]
pub struct WorkStanding {
    /// The work.
    pub job: Job,
    /// Its schedule.
    pub schedule: Schedule,
    /// When it is due next.
    pub next: Option<RfcTime>,
    /// The last moment at which that may start.
    pub until: Option<RfcTime>,
    /// What the ledger says; `None` where nobody has watched it yet.
    pub entry: Option<WorkEntry>,
}

impl Standing {
    /// Where everything stands at `now`.
    pub fn new(
        ledger: &Ledger,
        clinic: &Clinic,
        now: Jst,
        last_look: Option<Jst>,
        mails: MailStanding,
    ) -> Self {
        Self {
            at: now,
            plan: counting(ledger),
            work: complete(&clinic.schedules)
                .into_iter()
                .map(|schedule| of(schedule, clinic, ledger, now))
                .collect(),
            last_look,
            nobody_looks: last_look.is_some_and(|look| now - look > LOOKS_WITHIN),
            mails,
        }
    }

    /// True where work waits for a person.
    pub fn waits(&self) -> bool {
        let waits = |work: &WorkStanding| matches!(&work.entry, Some(entry) if matches!(entry.state, WorkState::Waiting { .. }));
        self.work.iter().any(waits)
    }
}

fn counting(ledger: &Ledger) -> Option<PlanStanding> {
    if let Some((digest, entry)) = ledger.approved() {
        return Some(PlanStanding { digest: digest.clone(), entry: entry.clone() });
    }
    let digest = ledger.newest.as_ref()?;
    Some(PlanStanding { digest: digest.clone(), entry: ledger.plans.get(digest)?.clone() })
}

fn of(schedule: Schedule, clinic: &Clinic, ledger: &Ledger, now: Jst) -> WorkStanding {
    let until = now.checked_add_signed(AHEAD).unwrap_or(now);
    let next = times_between(&schedule, clinic, now, until, 1).into_iter().next();
    WorkStanding {
        job: schedule.job,
        next: next.map(RfcTime),
        until: next.map(|due| RfcTime(schedule.last_start(due))),
        entry: ledger.work.get(schedule.job.name()).cloned(),
        schedule,
    }
}
