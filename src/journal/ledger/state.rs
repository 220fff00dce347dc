//! What the ledger says now: a pure fold over its events.

use std::collections::BTreeMap;

use serde::Serialize;

use super::event::{Actor, Announced, LedgerEvent, Reading, ReadingKind, WorkOutcome};
use crate::clock::Jst;
use crate::diag::{Kind, Problem};
use crate::ids::PlanDigest;
use crate::journal::chain::{ChainHash, Record};
use crate::journal::error::JournalError;

/// A saved plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanEntry {
    /// Its file.
    pub file: String,
    /// When it was saved first.
    #[serde(with = "crate::clock::serde_jst")]
    pub saved_at: Jst,
    /// Who saved it first.
    pub saved_by: Actor,
    /// 1 for the clinic's first plan, and so on.
    pub number: u32,
    /// The approval that counts.
    pub approval: Option<Approval>,
    /// Why the last approval counts no more, if there was one.
    pub revoked: Option<Revocation>,
}

/// A person's yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// The person.
    pub by: Actor,
    /// The person's role.
    pub role: String,
    /// When.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// Rules that the person does without.
    pub overrides: Vec<String>,
}

/// Why a yes counts no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revocation {
    /// Who: a person or the program.
    pub by: Actor,
    /// When.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// Why.
    pub problem: Problem,
}

/// A reading that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadingEntry {
    /// The number of its record: its name for people.
    pub number: u64,
    /// What was read.
    pub reading: Reading,
}

/// The newest scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScanEntry {
    /// When.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// SHA-256 of the mapping file's text.
    pub mapping: String,
    /// The policy.
    pub policy: String,
    /// Values that were looked at.
    pub values: u64,
    /// Values that need a decision.
    pub undecided: u64,
    /// Rules that change a character for good, with how often.
    pub lossy: Vec<(String, u64)>,
}

/// Where one kind of scheduled work is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum WorkState {
    /// Nothing is under way; everything that was due until `upto` is dealt with.
    Idle,
    /// It runs, or its process died.
    Running {
        /// When it was due.
        #[serde(with = "crate::clock::serde_jst")]
        due: Jst,
        /// Since when.
        #[serde(with = "crate::clock::serde_jst")]
        since: Jst,
        /// Who.
        by: Actor,
    },
    /// It waits for a person.
    Waiting {
        /// When it was due.
        #[serde(with = "crate::clock::serde_jst")]
        due: Jst,
        /// Since when.
        #[serde(with = "crate::clock::serde_jst")]
        since: Jst,
        /// What it waits for.
        problem: Problem,
        /// A person let it begin.
        released: bool,
    },
}

/// One kind of scheduled work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkEntry {
    /// What was due until this moment is dealt with.
    #[serde(with = "crate::clock::serde_jst")]
    pub upto: Jst,
    /// Where it is.
    pub state: WorkState,
    /// How it ended last: when it was due, when it ended, how, why.
    pub last: Option<LastWork>,
    /// The last start that was missed.
    pub missed: Option<MissedWork>,
}

/// How work ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastWork {
    /// When it was due.
    #[serde(with = "crate::clock::serde_jst")]
    pub due: Jst,
    /// When it ended.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// How.
    pub outcome: WorkOutcome,
    /// Why, where it failed.
    pub problem: Option<Problem>,
}

/// A missed start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissedWork {
    /// When it was due.
    #[serde(with = "crate::clock::serde_jst")]
    pub due: Jst,
    /// When that was noticed.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// Why.
    pub problem: Problem,
}

/// A mail that no server takes any more, unless a person wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum MailFate {
    /// It was given up.
    GivenUp {
        /// When that was noted.
        #[serde(with = "crate::clock::serde_jst")]
        at: Jst,
        /// How often it was tried.
        attempts: u32,
        /// Why, as far as it is known.
        problem: Option<Problem>,
    },
    /// A person took it out of the queue.
    Cancelled {
        /// When.
        #[serde(with = "crate::clock::serde_jst")]
        at: Jst,
        /// The person.
        by: Actor,
        /// Why.
        reason: String,
    },
}

/// What the ledger says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// Saved plans.
    pub plans: BTreeMap<PlanDigest, PlanEntry>,
    /// The plan that was saved last.
    pub newest: Option<PlanDigest>,
    /// Readings that count, oldest first; of each feed only the newest.
    pub readings: Vec<ReadingEntry>,
    /// The newest scan of the database's characters.
    pub scan: Option<ScanEntry>,
    /// Scheduled work.
    pub work: BTreeMap<String, WorkEntry>,
    /// Mails that were given up or taken out of the queue, by Message-ID.
    pub mails: BTreeMap<String, MailFate>,
    /// Number of the last record.
    pub seq: u64,
    /// Time of the last record.
    #[serde(with = "crate::clock::serde_option")]
    pub at: Option<Jst>,
    /// Hash of the last record.
    #[serde(skip)]
    pub head: Option<ChainHash>,
}

impl Ledger {
    /// The approval that counts for a plan.
    pub fn approval(&self, digest: &PlanDigest) -> Option<&Approval> {
        self.plans.get(digest)?.approval.as_ref()
    }

    /// The plan that is approved; the one that was saved last where several are.
    pub fn approved(&self) -> Option<(&PlanDigest, &PlanEntry)> {
        self.plans
            .iter()
            .filter(|(_, plan)| plan.approval.is_some())
            .max_by_key(|(_, plan)| plan.number)
    }

    /// The ledger after `record`.
    ///
    /// # Errors
    /// Where the event cannot follow; the caller must then not act.
    pub fn next(mut self, record: &Record<LedgerEvent>) -> Result<Self, JournalError> {
        self.apply(record)?;
        self.seq = record.seq;
        self.at = Some(record.at);
        self.head = Some(record.hash.clone());
        Ok(self)
    }

    fn apply(&mut self, record: &Record<LedgerEvent>) -> Result<(), JournalError> {
        let at = record.at;
        match record.event.clone() {
            LedgerEvent::PlanSaved { digest, file, by } => self.saved(&digest, file, by, at),
            LedgerEvent::PlanApproved { digest, by, role, overrides } => {
                self.plan(&digest)?;
                self.supersede(&digest, &by, at);
                let plan = self.plan(&digest)?;
                plan.approval = Some(Approval { by, role, at, overrides });
                plan.revoked = None;
            }
            LedgerEvent::ApprovalRevoked { digest, by, problem } => {
                let plan = self.plan(&digest)?;
                plan.approval = None;
                plan.revoked = Some(Revocation { by, at, problem });
            }
            LedgerEvent::CalendarRead { reading } => {
                if reading.kind == ReadingKind::Feed {
                    self.readings.retain(|entry| {
                        entry.reading.kind != ReadingKind::Feed
                            || entry.reading.source != reading.source
                    });
                }
                // The same announcement once more is a newer reading of it, not a second one.
                if matches!(reading.kind, ReadingKind::Notice | ReadingKind::Ics) {
                    self.readings.retain(|entry| entry.reading.sha256 != reading.sha256);
                }
                self.call_off(&reading);
                self.readings.push(ReadingEntry { number: record.seq, reading });
            }
            LedgerEvent::ReadingWithdrawn { reading, .. } => {
                self.readings.retain(|entry| entry.number != reading);
            }
            LedgerEvent::CharactersScanned { mapping, policy, values, undecided, lossy } => {
                self.scan = Some(ScanEntry { at, mapping, policy, values, undecided, lossy });
            }
            LedgerEvent::MailGivenUp { message_id, attempts, problem } => {
                self.mails.insert(message_id, MailFate::GivenUp { at, attempts, problem });
            }
            LedgerEvent::MailRequeued { message_id, .. } => {
                self.mails.remove(&message_id);
            }
            LedgerEvent::MailCancelled { message_id, by, reason } => {
                self.mails.insert(message_id, MailFate::Cancelled { at, by, reason });
            }
            event => self.work(event, at)?,
        }
        Ok(())
    }

    fn saved(&mut self, digest: &PlanDigest, file: String, saved_by: Actor, saved_at: Jst) {
        let number = u32::try_from(self.plans.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.newest = Some(digest.clone());
        // An identical plan keeps its approval, and its number.
        self.plans.entry(digest.clone()).or_insert(PlanEntry {
            file,
            saved_at,
            saved_by,
            number,
            approval: None,
            revoked: None,
        });
    }

    /// A yes to one plan is a no to the one that was approved before: it does not come back by
    /// itself where the newer yes is taken back.
    fn supersede(&mut self, digest: &PlanDigest, by: &Actor, at: Jst) {
        for (other, plan) in &mut self.plans {
            if other != digest && plan.approval.take().is_some() {
                let problem = Problem::new("run-approval-superseded", Kind::ConfirmationNeeded);
                plan.revoked = Some(Revocation { by: by.clone(), at, problem });
            }
        }
    }

    fn plan(&mut self, digest: &PlanDigest) -> Result<&mut PlanEntry, JournalError> {
        self.plans
            .get_mut(digest)
            .ok_or_else(|| JournalError::NoPlan { digest: digest.to_string() })
    }

    /// A window that is called off counts no more, whichever announcement it came from; feeds
    /// speak for themselves.
    fn call_off(&mut self, reading: &Reading) {
        for window in &reading.windows {
            if window.status != Announced::Cancelled {
                continue;
            }
            for entry in &mut self.readings {
                if entry.reading.kind != ReadingKind::Feed {
                    entry.reading.windows.retain(|other| {
                        other.status == Announced::Cancelled
                            || other.from != window.from
                            || other.to != window.to
                    });
                }
            }
        }
    }

    fn work(&mut self, event: LedgerEvent, at: Jst) -> Result<(), JournalError> {
        match event {
            LedgerEvent::WorkWatched { job, upto } => {
                let idle = WorkState::Idle;
                let entry = WorkEntry { upto, state: idle, last: None, missed: None };
                self.work.entry(job).or_insert(entry);
            }
            LedgerEvent::WorkStarted { job, due, by } => {
                let entry = self.entry(&job, at);
                // Never twice at once, and never twice for the same time.
                let free = match &entry.state {
                    WorkState::Running { .. } => false,
                    WorkState::Waiting { due: waits, .. } => *waits == due,
                    WorkState::Idle => due > entry.upto,
                };
                if !free {
                    return Err(JournalError::Work { job, wanted: "running" });
                }
                entry.upto = entry.upto.max(due);
                entry.state = WorkState::Running { due, since: at, by };
            }
            LedgerEvent::WorkEnded { job, due, outcome, problem } => {
                let entry = self.entry(&job, at);
                if !matches!(&entry.state, WorkState::Running { due: runs, .. } if *runs == due) {
                    return Err(JournalError::Work { job, wanted: "ended" });
                }
                entry.state = WorkState::Idle;
                entry.last = Some(LastWork { due, at, outcome, problem });
            }
            LedgerEvent::WorkWaits { job, due, problem } => {
                let entry = self.entry(&job, at);
                if matches!(entry.state, WorkState::Running { .. }) {
                    return Err(JournalError::Work { job, wanted: "waiting" });
                }
                entry.upto = entry.upto.max(due);
                entry.state = WorkState::Waiting { due, since: at, problem, released: false };
            }
            LedgerEvent::WorkMissed { job, due, problem } => {
                let entry = self.entry(&job, at);
                if matches!(entry.state, WorkState::Running { .. }) {
                    return Err(JournalError::Work { job, wanted: "missed" });
                }
                entry.upto = entry.upto.max(due);
                entry.state = WorkState::Idle;
                entry.missed = Some(MissedWork { due, at, problem });
            }
            LedgerEvent::WorkReleased { job, due, begin, .. } => {
                let entry = self.entry(&job, at);
                match &mut entry.state {
                    WorkState::Waiting { due: waits, released, .. } if *waits == due => {
                        if begin {
                            *released = true;
                        } else {
                            entry.state = WorkState::Idle;
                        }
                    }
                    _ => return Err(JournalError::Work { job, wanted: "released" }),
                }
            }
            // The others are not about work.
            _ => {}
        }
        Ok(())
    }

    fn entry(&mut self, job: &str, at: Jst) -> &mut WorkEntry {
        // Before it was watched, everything until a moment ago counts as dealt with.
        let upto = at.checked_sub_signed(chrono::TimeDelta::days(36_500)).unwrap_or(at);
        self.work.entry(job.to_owned()).or_insert(WorkEntry {
            upto,
            state: WorkState::Idle,
            last: None,
            missed: None,
        })
    }
}
