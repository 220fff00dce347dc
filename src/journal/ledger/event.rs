//! What can happen to a clinic outside of its runs: plans, approvals, calendar, scheduled work.

use serde::{Deserialize, Serialize};

use super::super::chain::ChainHash;
use crate::clock::Jst;
use crate::diag::Problem;
use crate::ids::{PlanDigest, RunId};

/// How maintenance announcements came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadingKind {
    /// An announcement's text, confirmed by a person.
    Notice,
    /// An iCalendar file, confirmed by a person.
    Ics,
    /// A calendar that the program reads by itself.
    Feed,
    /// A person read the announcements and found nothing new.
    NothingNew,
}

/// Whether an announced window counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Announced {
    /// Planned.
    Planned,
    /// A reserve day: it counts as if it were planned.
    Reserve,
    /// Called off: a window of the same times that was announced before counts no more.
    Cancelled,
}

/// A window as it was announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnouncedWindow {
    /// Its first moment.
    #[serde(with = "crate::clock::serde_jst")]
    pub from: Jst,
    /// The first moment after it.
    #[serde(with = "crate::clock::serde_jst")]
    pub to: Jst,
    /// Whether it counts.
    pub status: Announced,
    /// What is announced.
    pub title: String,
    /// The words that it was read from; empty where it came as data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

/// What was read from one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// How it came in.
    pub kind: ReadingKind,
    /// The address, the file, or what a person wrote.
    pub source: String,
    /// When it was read.
    #[serde(with = "crate::clock::serde_jst")]
    pub read_at: Jst,
    /// Who read it: a person, or the program.
    pub read_by: String,
    /// SHA-256 of the text.
    pub sha256: String,
    /// The windows.
    pub windows: Vec<AnnouncedWindow>,
}

/// Who does something, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// A person's name, or the program's.
    pub name: String,
    /// The machine's name.
    pub host: String,
    /// Version of this program.
    pub tool: String,
}

/// How scheduled work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkOutcome {
    /// As it should.
    Done,
    /// It failed, and said why.
    Failed,
    /// Its process died.
    Interrupted,
}

/// One event of the ledger. Only additions are made to this type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum LedgerEvent {
    /// A plan was written down to be read and approved.
    PlanSaved {
        /// Its digest.
        digest: PlanDigest,
        /// Its file.
        file: String,
        /// Who.
        by: Actor,
    },
    /// A person approves a plan.
    PlanApproved {
        /// Its digest.
        digest: PlanDigest,
        /// The person.
        by: Actor,
        /// The person's role in the clinic file.
        role: String,
        /// Rules that the person does without.
        overrides: Vec<String>,
    },
    /// An approval counts no more.
    ApprovalRevoked {
        /// The plan.
        digest: PlanDigest,
        /// Who: a person or the program.
        by: Actor,
        /// Why.
        problem: Problem,
    },
    /// Announcements were read.
    CalendarRead {
        /// What was read.
        reading: Reading,
    },
    /// A reading counts no more.
    ReadingWithdrawn {
        /// The number of its record.
        reading: u64,
        /// Who.
        by: Actor,
        /// Why.
        reason: String,
    },
    /// The database's characters were scanned.
    CharactersScanned {
        /// SHA-256 of the mapping file's text.
        mapping: String,
        /// The policy.
        policy: String,
        /// Values that were looked at.
        values: u64,
        /// Values that need a decision.
        undecided: u64,
        /// Rules that change a character for good, with how often.
        lossy: Vec<(String, u64)>,
    },
    /// Patient data is to be removed. What runs registered stands in their own records as well, once
    /// it is gone.
    PurgeOrdered {
        /// Who.
        by: Actor,
        /// Why it goes before its time; `None` where only what is due goes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The files that no run registered.
        unregistered: Vec<String>,
        /// The files and databases that runs registered.
        #[serde(default)]
        registered: Vec<String>,
    },
    /// How far a run's records had come, when it began and at each end: that the run, or its end, is
    /// gone later is seen here.
    RunAnchored {
        /// The run.
        run: RunId,
        /// Number of its last record.
        seq: u64,
        /// Hash of that record.
        head: ChainHash,
    },
    /// A schedule is watched from now on: what was due before is nobody's miss.
    WorkWatched {
        /// The work.
        job: String,
        /// Until this moment.
        #[serde(with = "crate::clock::serde_jst")]
        upto: Jst,
    },
    /// Work begins; durable before its first effect.
    WorkStarted {
        /// The work.
        job: String,
        /// When it was due.
        #[serde(with = "crate::clock::serde_jst")]
        due: Jst,
        /// Who.
        by: Actor,
    },
    /// Work has ended.
    WorkEnded {
        /// The work.
        job: String,
        /// When it was due.
        #[serde(with = "crate::clock::serde_jst")]
        due: Jst,
        /// How.
        outcome: WorkOutcome,
        /// Why, where it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<Problem>,
    },
    /// Work is due and waits for a person.
    WorkWaits {
        /// The work.
        job: String,
        /// When it was due.
        #[serde(with = "crate::clock::serde_jst")]
        due: Jst,
        /// What it waits for.
        problem: Problem,
    },
    /// Work was not begun in its time.
    WorkMissed {
        /// The work.
        job: String,
        /// When it was due.
        #[serde(with = "crate::clock::serde_jst")]
        due: Jst,
        /// Why, and since when nobody looked.
        problem: Problem,
    },
    /// A person lets work begin that waits, or says that it is not wanted.
    WorkReleased {
        /// The work.
        job: String,
        /// When it was due.
        #[serde(with = "crate::clock::serde_jst")]
        due: Jst,
        /// The person.
        by: Actor,
        /// True: begin; false: leave it out.
        begin: bool,
        /// Why.
        reason: String,
    },
    /// A mail was given up: refused for good, or not taken for five days.
    MailGivenUp {
        /// Its Message-ID.
        message_id: String,
        /// How often it was tried.
        attempts: u32,
        /// Why, as far as it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<Problem>,
    },
    /// A person puts a mail that was given up back into the queue.
    MailRequeued {
        /// Its Message-ID.
        message_id: String,
        /// The person.
        by: Actor,
    },
    /// A person takes a mail out of the queue; it is kept.
    MailCancelled {
        /// Its Message-ID.
        message_id: String,
        /// The person.
        by: Actor,
        /// Why.
        reason: String,
    },
}
