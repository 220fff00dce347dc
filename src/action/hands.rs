//! What a run touches the world with.
//!
//! One trait with the real thing as its default: a simulation gives another, and the run cannot
//! tell the difference.

use async_trait::async_trait;

use super::{Action, FileHashes, Notice, WorkDir};
use crate::clock::Clock;
use crate::diag::Problem;
use crate::journal::Journal;
use crate::playbook::{CheckedPlaybook, Clinic, StepAction};

/// What a run touches the world with.
#[async_trait]
pub trait Hands: Send + Sync {
    /// The action that carries out `step`.
    fn action(&self, step: &StepAction) -> Box<dyn Action> {
        super::action(step)
    }

    /// Hashes of mapping file and portal profile as they are now.
    ///
    /// # Errors
    /// Where a file cannot be read.
    fn file_hashes(&self, clinic: &Clinic) -> Result<FileHashes, Problem> {
        super::file_hashes(clinic)
    }

    /// Puts a mail into the outbox and tries to send it; gives its Message-ID.
    ///
    /// # Errors
    /// Where it could not even be put into the outbox.
    async fn notify(
        &self,
        playbook: &CheckedPlaybook,
        clock: &Clock,
        work: &WorkDir,
        journal: &Journal,
        notice: Notice,
    ) -> Result<String, Problem> {
        super::notify(playbook, clock, work, journal, notice).await
    }

    /// Tries to send what is due in the outbox and writes each mail's fate into the journal.
    ///
    /// # Errors
    /// Where the outbox or the journal cannot be read or written.
    async fn deliver(
        &self,
        clinic: &Clinic,
        clock: &Clock,
        work: &WorkDir,
        journal: &Journal,
    ) -> Result<(), Problem> {
        super::deliver(clinic, clock, work, journal).await
    }
}

/// The real world.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealHands;

impl Hands for RealHands {}
