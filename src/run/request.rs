//! What a run is asked to do, who watches it, and how it ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::{Notify, mpsc};

use super::clinic_state::{clinic_state, source_is_closed};
use crate::action::{Hands, WorkDir};
use crate::clock::Clock;
use crate::diag::Problem;
use crate::ids::{PlanDigest, RunId, StepId};
use crate::journal::{ClinicState, Journal, Outcome, Record, Role, RunStatus, State};
use crate::plan::{Approved, SavedPlan};
use crate::playbook::CheckedPlaybook;
use crate::progress::Progress;

/// What to run.
pub struct RunRequest {
    /// The playbook with the clinic's values.
    pub playbook: Arc<CheckedPlaybook>,
    /// Digest of the approved plan.
    pub plan: PlanDigest,
    /// The clock.
    pub clock: Clock,
    /// The working folder.
    pub work: WorkDir,
    /// What the run may rely on.
    pub approved: Approved,
    /// Who runs it.
    pub operator: String,
    /// True where a person asked for it now; false for scheduled work.
    pub by_person: bool,
    /// Notified when the run is to stop: nothing new is started, what runs is waited for.
    pub stop: Arc<Notify>,
    /// True where the run is left at a wait, to be taken up again when its time has come; false
    /// where this process waits.
    pub leave_at_waits: bool,
    /// What later commands need, written once the run may go on.
    pub saved: Option<SavedFile>,
    /// What the run touches the world with.
    pub hands: Arc<dyn Hands>,
}

/// A file for later commands.
pub struct SavedFile {
    /// Its path.
    pub path: std::path::PathBuf,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl SavedFile {
    /// The plan of the folder's latest run.
    pub fn of_run(work: &WorkDir, saved: &SavedPlan) -> Self {
        let bytes = serde_json::to_vec_pretty(saved).unwrap_or_default();
        Self { path: work.report(RUN_FILE), bytes }
    }
}

/// Where the plan of the latest run lies among the reports.
pub(super) const RUN_FILE: &str = "run.json";

/// Who watches a run: records as they become durable, and the counters of running steps.
#[derive(Clone, Default)]
pub struct Observer {
    /// Gets every record.
    pub records: Option<mpsc::UnboundedSender<Record>>,
    /// Counters of the steps that run.
    pub running: Arc<Mutex<BTreeMap<StepId, Progress>>>,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct RunEnd {
    /// The run.
    pub run: RunId,
    /// How.
    pub outcome: Outcome,
    /// The clinic's state.
    pub clinic: ClinicState,
    /// The problem that ended it.
    pub problem: Option<Problem>,
    /// True where a mail has not arrived.
    pub mail_unsent: bool,
    /// Why the mail about the end could not even be put into the outbox, or not be tried.
    pub mail_problem: Option<Problem>,
    /// Why files with patient data still lie in clear that should be encrypted.
    pub unsealed: Option<Problem>,
    /// True where a step that changes something was begun.
    pub changed: bool,
    /// True where the clinic's own server is closed.
    pub source_closed: bool,
}

impl RunEnd {
    pub(super) fn of(journal: &Journal, state: &State, problem: Option<Problem>) -> Self {
        let (outcome, clinic) = match state.status {
            RunStatus::Ended { outcome, clinic } => (outcome, clinic),
            RunStatus::Running => (Outcome::Failed, clinic_state(state, false)),
        };
        Self {
            run: journal.run().clone(),
            outcome,
            clinic,
            problem,
            mail_unsent: state.mails.values().any(|mail| !mail.sent),
            mail_problem: None,
            unsealed: None,
            source_closed: source_is_closed(state),
            changed: state.roles.values().any(|role| *role != Role::Plain),
        }
    }
}
