//! What a run looks like from outside: plain values, without a language.
//!
//! These types are what `status --json` and `report --json` print; fields are only ever added.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::clock::Jst;
use crate::diag::{Problem, Redacted};
use crate::effect::Effect;
use crate::ids::{PhaseId, Sha256, StepId};
use crate::journal::{ChainHash, ClinicState, Contents, Outcome, RunInfo, SettledBy};
use crate::playbook::{Outputs, Title};

/// A run, beside the plan that it follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunView {
    /// Version of this form; 1.
    pub format: u32,
    /// What the first event says.
    pub info: RunInfo,
    /// True where the plan at hand is the one that was approved for this run.
    pub plan_matches: bool,
    /// How the run ended; `None` while it goes on.
    pub outcome: Option<Outcome>,
    /// True where the run has no end and no process carries it on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// The clinic's state as the run's end says it, or where the run was interrupted, as its records
    /// do; `None` while it goes on.
    pub clinic_state: Option<ClinicState>,
    /// True where a step in doubt was settled after the run's end: outcome and clinic's state
    /// then are those of the end, not of now.
    pub settled_after_end: bool,
    /// Time of the last record.
    #[serde(with = "crate::clock::serde_jst")]
    pub last_at: Jst,
    /// When the run ended; `None` while it goes on.
    #[serde(with = "crate::clock::serde_option")]
    pub ended_at: Option<Jst>,
    /// How often a new process took the run up.
    pub resumed: usize,
    /// Phases with their steps.
    pub phases: Vec<PhaseView>,
    /// Files that hold patient data.
    pub files: Vec<FileView>,
    /// Databases that the run made on the clinic's server and that are still there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<DatabaseView>,
    /// Mails.
    pub mails: Vec<MailView>,
    /// Comparisons of archives that were made.
    pub proofs: Vec<ProofView>,
    /// What went wrong, oldest first.
    pub incidents: Vec<Incident>,
    /// The management site's import log, redacted, of the last import that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_log: Option<Redacted>,
    /// The journal's hash chain.
    pub chain: ChainView,
    /// Until when a roll-back can still be decided; `None` once the run is done.
    pub decision: Option<DecisionView>,
    /// What is asked of a person now.
    pub next_action: NextAction,
}

/// A phase of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseView {
    /// Its id.
    pub id: PhaseId,
    /// Its title.
    pub title: Title,
    /// Its steps.
    pub steps: Vec<StepView>,
}

/// Where a step is, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attempted {
    /// Nothing has happened yet.
    Pending,
    /// It is being done.
    Running,
    /// It ended well.
    Done,
    /// It failed without an effect that stands.
    Failed,
    /// It is not known whether it took effect.
    InDoubt,
    /// It does not apply to this clinic.
    Skipped,
    /// Its effect was taken back.
    Undone,
}

/// A step: planned beside actual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepView {
    /// Its id.
    pub id: StepId,
    /// Its title.
    pub title: Title,
    /// Its kind.
    pub kind: String,
    /// What it does to the world.
    pub effect: Effect,
    /// True for the import that overwrites the tenant for good.
    pub is_production_import: bool,
    /// False where it does not apply to this clinic.
    pub applies: bool,
    /// Planned start.
    #[serde(with = "crate::clock::serde_jst")]
    pub planned_start: Jst,
    /// Planned end.
    #[serde(with = "crate::clock::serde_jst")]
    pub planned_end: Jst,
    /// Begin of the first attempt.
    #[serde(with = "crate::clock::serde_option")]
    pub actual_start: Option<Jst>,
    /// End of the last attempt.
    #[serde(with = "crate::clock::serde_option")]
    pub actual_end: Option<Jst>,
    /// Attempts so far.
    pub attempts: u32,
    /// Where it is.
    pub state: Attempted,
    /// Why it failed or is in doubt.
    pub problem: Option<Problem>,
    /// When it is tried again by itself.
    #[serde(with = "crate::clock::serde_option")]
    pub again_at: Option<Jst>,
    /// True where a roll-back of it was tried and failed: its effect stands.
    pub undo_failed: bool,
    /// Begin of its last roll-back.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::clock::serde_option")]
    pub undo_start: Option<Jst>,
    /// End of its last roll-back, where it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::clock::serde_option")]
    pub undo_end: Option<Jst>,
    /// What it found or made.
    pub outputs: Outputs,
}

/// A file that holds patient data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileView {
    /// Its path.
    pub path: String,
    /// What it holds.
    pub contents: Contents,
    /// The step that made it.
    pub step: StepId,
    /// Its size in bytes, once it is complete.
    pub bytes: Option<u64>,
    /// Its hash, once it is complete.
    pub sha256: Option<Sha256>,
    /// The encrypted file that took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed_as: Option<String>,
}

/// A database that the run made: it holds patient data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DatabaseView {
    /// The name it was made under.
    pub database: String,
    /// The step that made it.
    pub step: StepId,
}

/// A mail of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailView {
    /// Its Message-ID.
    pub message_id: String,
    /// What it is about.
    pub about: String,
    /// How many recipients.
    pub recipients: usize,
    /// When it was put in the outbox.
    #[serde(with = "crate::clock::serde_option")]
    pub queued_at: Option<Jst>,
    /// When the SMTP server took it.
    #[serde(with = "crate::clock::serde_option")]
    pub sent_at: Option<Jst>,
    /// True where a person took it out of the queue.
    pub cancelled: bool,
    /// Why it was not taken at the last try.
    pub problem: Option<Problem>,
}

/// A comparison of two archives, table by table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProofView {
    /// The step that compared.
    pub step: StepId,
    /// Its title.
    pub title: Title,
    /// When it ended.
    #[serde(with = "crate::clock::serde_option")]
    pub at: Option<Jst>,
    /// Tables compared.
    pub tables: Option<u64>,
    /// Rows compared.
    pub rows: Option<u64>,
    /// Differences found; 0 is the proof.
    pub differences: Option<u64>,
    /// Digests among the outputs, by their names.
    pub digests: BTreeMap<String, String>,
}

/// What sort of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentKind {
    /// A step failed.
    StepFailed,
    /// A step's outcome was not known.
    StepInDoubt,
    /// A roll-back failed.
    UndoFailed,
    /// A mail was not taken.
    MailDelayed,
}

/// How a step that was in doubt was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settlement {
    /// When.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// True: it took effect.
    pub done: bool,
    /// By whom or what.
    pub by: SettledBy,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Incident {
    /// The record's number.
    pub seq: u64,
    /// When.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// What sort of thing.
    pub kind: IncidentKind,
    /// The step; `None` for a mail.
    pub step: Option<StepId>,
    /// The step's title.
    pub title: Option<Title>,
    /// Which attempt of the step.
    pub attempt: Option<u32>,
    /// Why.
    pub problem: Problem,
    /// The redacted import log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_log: Option<Redacted>,
    /// How it was settled, where it was in doubt.
    pub settled: Option<Settlement>,
}

/// The journal's hash chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainView {
    /// Number of records.
    pub records: u64,
    /// Hash of the last one.
    pub head: ChainHash,
}

/// Until when a roll-back can be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionView {
    /// Latest start of a roll-back.
    #[serde(with = "crate::clock::serde_jst")]
    pub latest_rollback_at: Jst,
    /// Seconds left; negative where it is past; `None` where the present time was not given.
    pub seconds_left: Option<i64>,
}

/// What is asked of a person now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum NextAction {
    /// Nothing: everything is done.
    Nothing,
    /// Find out whether the step took effect, and say so.
    Resolve {
        /// The step.
        step: StepId,
    },
    /// Look at the source by hand: a roll-back failed and its step's effect stands.
    UndoByHand {
        /// The step.
        step: StepId,
    },
    /// Mend what failed and resume.
    MendAndResume {
        /// The step.
        step: StepId,
    },
    /// Resume: the run ended, or its process did, between steps.
    Resume,
    /// Wait: the step is tried again by itself.
    AwaitRetry {
        /// The step.
        step: StepId,
        /// When.
        #[serde(with = "crate::clock::serde_jst")]
        at: Jst,
    },
    /// Wait until the planned time.
    AwaitTime {
        /// The waiting step.
        step: StepId,
        /// Until when.
        #[serde(with = "crate::clock::serde_jst")]
        at: Jst,
    },
    /// Wait: the step is being done.
    AwaitStep {
        /// The step.
        step: StepId,
        /// When it was expected to end.
        #[serde(with = "crate::clock::serde_jst")]
        expected: Jst,
        /// True where it has taken far longer than expected.
        late: bool,
    },
    /// The work is done; mails are still in the outbox.
    AwaitMails {
        /// How many.
        mails: usize,
    },
}

impl RunView {
    /// All steps in the plan's order.
    pub fn steps(&self) -> impl Iterator<Item = &StepView> {
        self.phases.iter().flat_map(|phase| &phase.steps)
    }

    /// The step `id`.
    pub fn step(&self, id: &StepId) -> Option<&StepView> {
        self.steps().find(|step| step.id == *id)
    }
}
