//! The state of a run as a pure fold over its events.
//!
//! What may never happen is refused here, whoever asks: a step that must not happen twice cannot
//! start again while its outcome is unknown.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::chain::{ChainHash, Record};
use super::event::{ClinicState, Contents, Event, Outcome, Role};
use crate::clock::Jst;
use crate::diag::{Problem, Redacted};
use crate::effect::Effect;
use crate::ids::{PlanDigest, RunId, Sha256, StepId};

/// An event that cannot follow from the state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IllegalEvent {
    /// The run has not started, or has started already.
    #[error("a run starts once, before everything else")]
    Run,
    /// The run has ended.
    #[error("the run has ended")]
    Ended,
    /// The step cannot go from where it is to where the event wants it.
    #[error("step `{step}` is {is}, so it cannot become {wanted}")]
    Step {
        /// The step.
        step: StepId,
        /// Where it is.
        is: &'static str,
        /// Where it was to go.
        wanted: &'static str,
    },
    /// Attempts count up by one.
    #[error("step `{step}`: attempt {found} where {expected} was to come")]
    Attempt {
        /// The step.
        step: StepId,
        /// What the event says.
        found: u32,
        /// What was to come.
        expected: u32,
    },
    /// A file, database or mail that nobody announced.
    #[error("`{what}` was not announced before")]
    Unannounced {
        /// The file, database or mail.
        what: String,
    },
}

/// Where a step is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum StepState {
    /// Its intent is written.
    Running {
        /// Which attempt.
        attempt: u32,
        /// What it does to the world.
        effect: Effect,
        /// Since when.
        #[serde(with = "crate::clock::serde_jst")]
        since: Jst,
    },
    /// It ended well.
    Done {
        /// Attempts in all.
        attempt: u32,
        /// Begin of the last attempt.
        #[serde(with = "crate::clock::serde_jst")]
        since: Jst,
        /// End.
        #[serde(with = "crate::clock::serde_jst")]
        until: Jst,
        /// Its outputs.
        outputs: BTreeMap<String, serde_json::Value>,
    },
    /// It failed without an effect that stands.
    Failed {
        /// Attempts so far.
        attempt: u32,
        /// Begin of the last attempt.
        #[serde(with = "crate::clock::serde_jst")]
        since: Jst,
        /// End of it.
        #[serde(with = "crate::clock::serde_jst")]
        until: Jst,
        /// Why.
        problem: Problem,
        /// The redacted import log.
        #[serde(skip_serializing_if = "Option::is_none")]
        import_log: Option<Redacted>,
        /// When it is tried again.
        #[serde(with = "crate::clock::serde_option")]
        again_at: Option<Jst>,
    },
    /// It is not known whether it took effect.
    InDoubt {
        /// Attempts so far.
        attempt: u32,
        /// Begin of the last attempt.
        #[serde(with = "crate::clock::serde_jst")]
        since: Jst,
        /// What was seen.
        problem: Problem,
    },
    /// It does not apply to this clinic.
    Skipped,
    /// Its effect is being taken back; until that is done, nobody knows how much of it stands.
    Undoing {
        /// Attempts so far.
        attempt: u32,
    },
    /// Its effect was taken back, or it must be done again for another reason.
    Undone {
        /// Attempts so far.
        attempt: u32,
    },
}

impl StepState {
    fn name(&self) -> &'static str {
        match self {
            Self::Running { .. } => "running",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
            Self::InDoubt { .. } => "in doubt",
            Self::Skipped => "skipped",
            Self::Undoing { .. } => "being undone",
            Self::Undone { .. } => "undone",
        }
    }

    fn attempt(&self) -> u32 {
        match self {
            Self::Running { attempt, .. }
            | Self::Done { attempt, .. }
            | Self::Failed { attempt, .. }
            | Self::InDoubt { attempt, .. }
            | Self::Undoing { attempt }
            | Self::Undone { attempt } => *attempt,
            Self::Skipped => 0,
        }
    }

    /// True where steps that need it may start.
    pub fn is_satisfied(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Skipped)
    }
}

/// What the first event says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunInfo {
    /// The run.
    pub run: RunId,
    /// The playbook's name.
    pub playbook: String,
    /// The clinic's name.
    pub clinic: String,
    /// `JPN` and 12 digits.
    pub clinic_id: String,
    /// The approved plan.
    pub plan: PlanDigest,
    /// Who started it.
    pub operator: String,
    /// The machine's name.
    pub host: String,
    /// Version of the program.
    pub tool: String,
    /// True where times are a rehearsal's.
    pub rehearsal: bool,
    /// When it started.
    #[serde(with = "crate::clock::serde_jst")]
    pub started: Jst,
}

/// Whether the run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStatus {
    /// It goes on, or its process died.
    Running,
    /// It has ended.
    Ended {
        /// How.
        outcome: Outcome,
        /// The clinic's state.
        clinic: ClinicState,
    },
}

/// A registered file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileEntry {
    /// What it holds.
    pub contents: Contents,
    /// The step that makes it.
    pub step: StepId,
    /// Size in bytes and hash once it is complete.
    pub complete: Option<(u64, Sha256)>,
    /// True once it was removed because its time was over.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub purged: bool,
    /// The encrypted file that took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed_as: Option<String>,
    /// The hash in clear of what it holds encrypted, once the file in clear is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seals: Option<Sha256>,
}

/// A database that the run made beside the clinic's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DatabaseEntry {
    /// The name it was made under.
    pub database: String,
    /// The step that made it.
    pub step: StepId,
    /// True once it was dropped.
    pub dropped: bool,
}

/// A mail of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailEntry {
    /// What it is about.
    pub about: String,
    /// True once the SMTP server took it.
    pub sent: bool,
    /// Why it was not taken at the last try.
    pub problem: Option<Problem>,
}

/// The state of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct State {
    /// What the first event says.
    pub info: RunInfo,
    /// Whether it goes on.
    pub status: RunStatus,
    /// Steps that have been touched.
    pub steps: BTreeMap<StepId, StepState>,
    /// What part each started step plays.
    pub roles: BTreeMap<StepId, Role>,
    /// Imports of which the site said, at some attempt, that they took place and failed.
    pub failed_imports: BTreeSet<StepId>,
    /// What interrupted steps will need again.
    pub notes: BTreeMap<StepId, serde_json::Value>,
    /// Registered files by path.
    pub files: BTreeMap<String, FileEntry>,
    /// Databases made beside the clinic's, by the server's number.
    pub databases: BTreeMap<u32, DatabaseEntry>,
    /// Mails by Message-ID.
    pub mails: BTreeMap<String, MailEntry>,
    /// Number of the last record.
    pub seq: u64,
    /// Time of the last record.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// Hash of the last record.
    pub head: ChainHash,
}

/// The state after `record`. `None` is the state before the first record.
///
/// # Errors
/// [`IllegalEvent`] where the event cannot follow; the caller must then not act.
pub fn next(state: Option<State>, record: &Record) -> Result<State, IllegalEvent> {
    let Some(mut state) = state else { return first(record) };
    apply(&mut state, record)?;
    state.seq = record.seq;
    state.at = record.at;
    state.head = record.hash.clone();
    Ok(state)
}

fn first(record: &Record) -> Result<State, IllegalEvent> {
    let Event::RunStarted {
        run,
        playbook,
        clinic,
        clinic_id,
        plan,
        operator,
        host,
        tool,
        rehearsal,
    } = record.event.clone()
    else {
        return Err(IllegalEvent::Run);
    };
    Ok(State {
        info: RunInfo {
            run,
            playbook,
            clinic,
            clinic_id,
            plan,
            operator,
            host,
            tool,
            rehearsal,
            started: record.at,
        },
        status: RunStatus::Running,
        steps: BTreeMap::new(),
        roles: BTreeMap::new(),
        failed_imports: BTreeSet::new(),
        notes: BTreeMap::new(),
        files: BTreeMap::new(),
        databases: BTreeMap::new(),
        mails: BTreeMap::new(),
        seq: record.seq,
        at: record.at,
        head: record.hash.clone(),
    })
}

fn apply(state: &mut State, record: &Record) -> Result<(), IllegalEvent> {
    if matches!(state.status, RunStatus::Ended { .. }) {
        // After the end only a resumption, a settlement by a person, or the mail's fate may come.
        let allowed = match &record.event {
            // A roll-back on the morning after takes up a run that was done, too; whether it may
            // is the run's to decide.
            Event::RunResumed { .. } => true,
            Event::StepSettled { .. } | Event::MailSent { .. } | Event::MailDelayed { .. } => true,
            Event::FilePurged { .. } | Event::DatabaseDropped { .. } => true,
            // What an earlier run left in clear is encrypted once nobody takes it up any more.
            Event::FileRegistered { .. }
            | Event::FileCompleted { .. }
            | Event::FileSealed { .. } => true,
            _ => false,
        };
        if !allowed {
            return Err(IllegalEvent::Ended);
        }
    }
    match &record.event {
        Event::RunStarted { .. } => return Err(IllegalEvent::Run),
        Event::RunResumed { plan, .. } => {
            state.status = RunStatus::Running;
            state.info.plan = plan.clone();
        }
        Event::RunEnded { outcome, clinic } => {
            state.status = RunStatus::Ended { outcome: *outcome, clinic: *clinic };
        }
        Event::FileRegistered { path, contents, step } => {
            let entry = FileEntry {
                contents: *contents,
                step: step.clone(),
                complete: None,
                purged: false,
                sealed_as: None,
                seals: None,
            };
            state.files.insert(path.clone(), entry);
        }
        Event::FileCompleted { path, bytes, sha256 } => {
            let file = state
                .files
                .get_mut(path)
                .ok_or_else(|| IllegalEvent::Unannounced { what: path.clone() })?;
            file.complete = Some((*bytes, sha256.clone()));
        }
        Event::FilePurged { path } => {
            let file = state
                .files
                .get_mut(path)
                .ok_or_else(|| IllegalEvent::Unannounced { what: path.clone() })?;
            file.purged = true;
        }
        Event::FileSealed { path, sealed } => {
            let unannounced = |what: &String| IllegalEvent::Unannounced { what: what.clone() };
            let clear = state.files.get_mut(path).ok_or_else(|| unannounced(path))?;
            clear.sealed_as = Some(sealed.clone());
            let held = clear.complete.as_ref().map(|(_, sha256)| sha256.clone());
            let file = state.files.get_mut(sealed).filter(|file| file.complete.is_some());
            file.ok_or_else(|| unannounced(sealed))?.seals = held;
        }
        Event::DatabaseRegistered { database, oid, step } => {
            let (database, step) = (database.clone(), step.clone());
            state.databases.insert(*oid, DatabaseEntry { database, step, dropped: false });
        }
        Event::DatabaseDropped { oid } => {
            let entry = state
                .databases
                .get_mut(oid)
                .ok_or_else(|| IllegalEvent::Unannounced { what: format!("database {oid}") })?;
            entry.dropped = true;
        }
        Event::MailQueued { message_id, about, .. } => {
            let entry = MailEntry { about: about.clone(), sent: false, problem: None };
            state.mails.insert(message_id.clone(), entry);
        }
        Event::MailSent { message_id } => {
            let mail = mail(state, message_id)?;
            mail.sent = true;
            mail.problem = None;
        }
        Event::MailDelayed { message_id, problem } => {
            mail(state, message_id)?.problem = Some(problem.clone());
        }
        _ => step_event(state, record)?,
    }
    Ok(())
}

fn mail<'a>(state: &'a mut State, id: &str) -> Result<&'a mut MailEntry, IllegalEvent> {
    state.mails.get_mut(id).ok_or_else(|| IllegalEvent::Unannounced { what: id.to_owned() })
}

fn step_event(state: &mut State, record: &Record) -> Result<(), IllegalEvent> {
    let Some(step) = record.event.step().cloned() else { return Ok(()) };
    let is = state.steps.get(&step).cloned();
    let illegal = |wanted: &'static str| IllegalEvent::Step {
        step: step.clone(),
        is: is.as_ref().map_or("untouched", StepState::name),
        wanted,
    };
    let becomes = match (&record.event, &is) {
        (
            Event::StepStarted { attempt, effect, role, .. },
            None | Some(StepState::Failed { .. } | StepState::Undone { .. }),
        ) => {
            state.roles.insert(step.clone(), *role);
            let expected = is.as_ref().map_or(0, StepState::attempt) + 1;
            if *attempt != expected {
                return Err(IllegalEvent::Attempt { step, found: *attempt, expected });
            }
            StepState::Running { attempt: *attempt, effect: *effect, since: record.at }
        }
        (Event::StepStarted { .. }, _) => return Err(illegal("running")),
        (Event::StepDone { outputs, .. }, Some(StepState::Running { attempt, since, .. })) => {
            StepState::Done {
                attempt: *attempt,
                since: *since,
                until: record.at,
                outputs: outputs.clone(),
            }
        }
        (Event::StepDone { .. }, _) => return Err(illegal("done")),
        (
            Event::StepFailed { problem, import_log, again_at, .. },
            Some(StepState::Running { attempt, since, .. }),
        ) => {
            if problem.is_failed_import() {
                state.failed_imports.insert(step.clone());
            }
            StepState::Failed {
                attempt: *attempt,
                since: *since,
                until: record.at,
                problem: problem.clone(),
                import_log: import_log.clone(),
                again_at: *again_at,
            }
        }
        (Event::StepFailed { .. }, _) => return Err(illegal("failed")),
        (
            Event::StepInDoubt { problem, .. },
            Some(StepState::Running { attempt, since, effect: Effect::AtMostOnce }),
        ) => StepState::InDoubt { attempt: *attempt, since: *since, problem: problem.clone() },
        (Event::StepInDoubt { .. }, _) => return Err(illegal("in doubt")),
        (
            Event::StepSettled { done, outputs, .. },
            Some(StepState::InDoubt { attempt, since, problem }),
        ) => {
            let (attempt, since, until) = (*attempt, *since, record.at);
            if *done {
                StepState::Done { attempt, since, until, outputs: outputs.clone() }
            } else {
                let problem = problem.clone();
                StepState::Failed {
                    attempt,
                    since,
                    until,
                    problem,
                    import_log: None,
                    again_at: None,
                }
            }
        }
        (Event::StepSettled { .. }, _) => return Err(illegal("settled")),
        (Event::StepSkipped { .. }, None) => StepState::Skipped,
        (Event::StepSkipped { .. }, _) => return Err(illegal("skipped")),
        (
            Event::UndoStarted { .. },
            Some(
                StepState::Done { attempt, .. }
                | StepState::Failed { attempt, .. }
                | StepState::Undoing { attempt },
            ),
        ) => StepState::Undoing { attempt: *attempt },
        (Event::UndoDone { .. }, Some(StepState::Undoing { attempt })) => {
            StepState::Undone { attempt: *attempt }
        }
        (Event::UndoFailed { .. }, Some(StepState::Undoing { .. })) => return Ok(()),
        (Event::StepReopened { .. }, Some(StepState::Done { attempt, .. })) => {
            StepState::Undone { attempt: *attempt }
        }
        (Event::StepReopened { .. }, Some(StepState::Skipped)) => StepState::Undone { attempt: 0 },
        (Event::StepReopened { .. }, _) => return Err(illegal("reopened")),
        (Event::UndoStarted { .. } | Event::UndoDone { .. } | Event::UndoFailed { .. }, _) => {
            return Err(illegal("undone"));
        }
        // The proof of what is in doubt makes dumps as well.
        (
            Event::StepNoted { note, .. },
            Some(StepState::Running { .. } | StepState::InDoubt { .. }),
        ) => {
            state.notes.insert(step, note.clone());
            return Ok(());
        }
        (Event::StepNoted { .. }, _) => return Err(illegal("noted")),
        // The other events are not about a step's state.
        _ => return Ok(()),
    };
    let settled = matches!(record.event, Event::StepSettled { .. });
    if settled || matches!(becomes, StepState::Done { .. } | StepState::Undone { .. }) {
        // A note of what is over would mislead a later attempt.
        state.notes.remove(&step);
    }
    state.steps.insert(step, becomes);
    Ok(())
}
