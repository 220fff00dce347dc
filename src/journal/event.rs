//! What can happen in a run. One stream of these feeds terminal, mail and report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Jst;
use crate::diag::{Problem, Redacted};
use crate::effect::Effect;
use crate::ids::{PlanDigest, RunId, Sha256, StepId};

/// What a registered file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contents {
    /// The clinic's converted dump.
    SourceDump,
    /// A dump downloaded from the management site.
    CloudDump,
    /// The management site's import log as it came: patient data.
    ImportLog,
}

/// What part a step plays in a cutover. Whatever playbook is in hand later, the journal alone
/// tells what was closed and what was imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// None of those below.
    #[default]
    Plain,
    /// Stops the clinic's service, closes its database, or puts another in its place.
    ClosesSource,
    /// Overwrites the tenant for a test.
    TestImport,
    /// Overwrites the tenant for good.
    ProductionImport,
}

/// Who settled a step that was in doubt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettledBy {
    /// A proof by the tool: what it was.
    Proof(String),
    /// A person.
    Person {
        /// The name.
        name: String,
        /// Why the person knows.
        reason: String,
        /// On which machine; empty in a journal of an older version.
        #[serde(default)]
        host: String,
    },
}

/// How a run, or a part of it, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every step that applies is done.
    Done,
    /// A step failed; its state is known.
    Failed,
    /// A step's outcome is not known.
    InDoubt,
    /// Everything that was due is done; the rest waits for its time.
    Waiting,
}

/// In what state the clinic is, for a person who gets a mail in the night.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClinicState {
    /// The clinic works on its own server as before; the cloud is as it was.
    Unchanged,
    /// The clinic works on its own server; the cloud holds test data.
    TestDataInCloud,
    /// The clinic's service is stopped or its database is closed.
    SourceClosed,
    /// The clinic works on its own server; the production import failed on the management site,
    /// where the tenant's data may be damaged.
    ImportFailed,
    /// It is not known whether the cloud's data was overwritten.
    CloudInDoubt,
    /// The cloud's data was overwritten by the production import, which is not proved yet.
    CloudOverwritten,
    /// The clinic's data is in the cloud, and that is proved.
    InCloud,
}

/// One event. Only additions are made to this type: old journals stay readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// First event of every run.
    RunStarted {
        /// The run.
        run: RunId,
        /// The playbook's name.
        playbook: String,
        /// The clinic's name.
        clinic: String,
        /// `JPN` and 12 digits.
        clinic_id: String,
        /// The approved plan.
        plan: PlanDigest,
        /// Who runs it.
        operator: String,
        /// The machine's name.
        host: String,
        /// Version of this program.
        tool: String,
        /// True where times are a rehearsal's.
        rehearsal: bool,
    },
    /// The run goes on in a new process.
    RunResumed {
        /// The approved plan; it may have been approved anew.
        plan: PlanDigest,
        /// Who runs it.
        operator: String,
        /// The machine's name.
        host: String,
        /// Version of this program.
        tool: String,
    },
    /// The intent: durable before the step's first effect.
    StepStarted {
        /// The step.
        step: StepId,
        /// 1 and up, over all processes.
        attempt: u32,
        /// What it does to the world.
        effect: Effect,
        /// What part it plays.
        #[serde(default)]
        role: Role,
    },
    /// What a step has begun in the world and will need again if it is interrupted, such as the
    /// row of a dump that the management site is making.
    StepNoted {
        /// The step.
        step: StepId,
        /// The note; it replaces the one before. Never patient data.
        note: serde_json::Value,
    },
    /// The step ended well.
    StepDone {
        /// The step.
        step: StepId,
        /// Which attempt.
        attempt: u32,
        /// What later steps and the report use. Never patient data.
        outputs: BTreeMap<String, serde_json::Value>,
    },
    /// The attempt failed and surely has no effect that stands.
    StepFailed {
        /// The step.
        step: StepId,
        /// Which attempt.
        attempt: u32,
        /// Why.
        problem: Problem,
        /// The management site's import log, redacted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        import_log: Option<Redacted>,
        /// When it is tried again; `None`: not by itself.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            with = "crate::clock::serde_option"
        )]
        again_at: Option<Jst>,
    },
    /// It is not known whether the step took effect.
    StepInDoubt {
        /// The step.
        step: StepId,
        /// Which attempt.
        attempt: u32,
        /// What was seen.
        problem: Problem,
    },
    /// A step in doubt was settled.
    StepSettled {
        /// The step.
        step: StepId,
        /// True: it took effect.
        done: bool,
        /// By whom or what.
        by: SettledBy,
        /// Outputs where it took effect.
        outputs: BTreeMap<String, serde_json::Value>,
    },
    /// The step does not apply to this clinic.
    StepSkipped {
        /// The step.
        step: StepId,
    },
    /// A step that was done must be done again: what it found or did holds no more.
    StepReopened {
        /// The step.
        step: StepId,
        /// Why: `must-be-fresh`, `no-longer-holds`, `follows-reopened`, `applies-now`.
        reason: String,
    },
    /// The roll-back of a step begins.
    UndoStarted {
        /// The step.
        step: StepId,
    },
    /// The step's effect is taken back.
    UndoDone {
        /// The step.
        step: StepId,
    },
    /// The step's effect stands, although it was to be taken back.
    UndoFailed {
        /// The step.
        step: StepId,
        /// Why.
        problem: Problem,
    },
    /// A file that holds patient data is about to be created.
    FileRegistered {
        /// Its path.
        path: String,
        /// What it holds.
        contents: Contents,
        /// The step that makes it.
        step: StepId,
    },
    /// A registered file is complete.
    FileCompleted {
        /// Its path.
        path: String,
        /// Its size in bytes.
        bytes: u64,
        /// Its hash.
        sha256: Sha256,
    },
    /// A registered file was removed because its time was over.
    FilePurged {
        /// Its path.
        path: String,
    },
    /// A registered file in clear was removed: what it held lies encrypted in another one, which
    /// is registered and complete.
    FileSealed {
        /// The path of the file in clear.
        path: String,
        /// The path of the encrypted one.
        sealed: String,
    },
    /// A database was made beside the clinic's on its server; it will hold patient data.
    DatabaseRegistered {
        /// Its name.
        database: String,
        /// The server's number for it: a database of the same name with another number is
        /// somebody else's.
        oid: u32,
        /// The step that makes it.
        step: StepId,
    },
    /// A registered database was dropped.
    DatabaseDropped {
        /// The server's number for it.
        oid: u32,
    },
    /// A mail lies in the outbox.
    MailQueued {
        /// Its Message-ID.
        message_id: String,
        /// What it is about: `test`, `failure`, `finished`.
        about: String,
        /// How many recipients.
        recipients: usize,
    },
    /// The SMTP server took the mail.
    MailSent {
        /// Its Message-ID.
        message_id: String,
    },
    /// The SMTP server did not take the mail; it stays in the outbox.
    MailDelayed {
        /// Its Message-ID.
        message_id: String,
        /// Why.
        problem: Problem,
    },
    /// The run has ended; it may be resumed where it failed.
    RunEnded {
        /// How.
        outcome: Outcome,
        /// The clinic's state.
        clinic: ClinicState,
    },
}

impl Event {
    /// The step it is about.
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Self::StepStarted { step, .. }
            | Self::StepNoted { step, .. }
            | Self::StepDone { step, .. }
            | Self::StepFailed { step, .. }
            | Self::StepInDoubt { step, .. }
            | Self::StepSettled { step, .. }
            | Self::StepSkipped { step }
            | Self::StepReopened { step, .. }
            | Self::UndoStarted { step }
            | Self::UndoDone { step }
            | Self::UndoFailed { step, .. }
            | Self::FileRegistered { step, .. }
            | Self::DatabaseRegistered { step, .. } => Some(step),
            Self::RunStarted { .. }
            | Self::RunResumed { .. }
            | Self::FileCompleted { .. }
            | Self::FilePurged { .. }
            | Self::FileSealed { .. }
            | Self::DatabaseDropped { .. }
            | Self::MailQueued { .. }
            | Self::MailSent { .. }
            | Self::MailDelayed { .. }
            | Self::RunEnded { .. } => None,
        }
    }
}
