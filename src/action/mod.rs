//! The kinds of steps: what each does to the world, through the rooms that know how.
//!
//! An action knows one step. It does not know the order of steps, retries, or the journal's
//! rules; the run does.

mod at_rest;
mod cloud_dump;
mod commands;
mod compare_archives;
mod connect;
mod context;
mod dump;
mod dump_database;
mod facts;
mod failure;
mod fence;
#[cfg(test)]
pub(crate) mod fixture;
mod hands;
mod ledger;
mod mail_probe;
mod maintenance;
mod notify;
mod outbox;
mod past;
mod portal_export;
mod portal_import;
mod portal_probe;
mod portal_release;
mod purge;
mod room_beside;
mod scan_live;
mod seal;
#[cfg(test)]
mod seal_tests;
mod service_stop;
mod source_probe;
mod stale_check;
mod stream_file;
mod swap_database;
mod tell;
mod tenant;
mod unspooled;
mod upload_rate;
mod verify_archive;
mod wait;
mod window_check;

use async_trait::async_trait;

pub use cloud_dump::FRESH as EXPORT_FRESH;
pub use connect::{portal as portal_config, read_text};
pub use context::{StepCx, WorkDir};
pub use facts::{FileHashes, file_hashes, gather, probe_portal, snapshot};
pub use failure::{Certainty, Failure, Verdict};
pub use hands::{Hands, RealHands};
pub use ledger::{actor, host_name, machine, open_ledger, read_ledger};
pub use maintenance::{ics_windows, known_maintenance, load_maintenance, read_feeds};
pub use notify::{Notice, deliver, notify};
pub use outbox::{
    OutboxList, OutboxMail, Place, RecipientState, ShownMail, UNSPOOLED, Undelivered, cancel_mail,
    cancel_unspooled, deliver_spooled, outbox, retry_mails, settled_mails, show_mail,
};
pub use purge::{
    DatabaseFate, Fate, FoundDatabase, FoundFile, Purge, PurgeOrder, Unregistered, purge,
};
pub use scan_live::{characters, scan_live};
pub use seal::seal;
pub use tell::{Told, send_test_mail, tell};
pub use window_check::{may_cut_over, refuse_too_early, stale};

use crate::diag::Problem;
use crate::playbook::{DumpStrategy, Outputs, StepAction};

/// One kind of step.
#[async_trait]
pub trait Action: Send + Sync {
    /// Carries the step out.
    ///
    /// # Errors
    /// [`Failure`] says whether an effect may stand.
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure>;

    /// Finds out, by looking only, whether an attempt whose end is not known took effect.
    ///
    /// # Errors
    /// Where even looking failed; the step then stays in doubt.
    async fn verify(&self, cx: &StepCx) -> Result<Verdict, Failure> {
        let _ = cx;
        Ok(Verdict::Unknown)
    }

    /// True where what the step did still stands, as far as looking can tell.
    ///
    /// # Errors
    /// Where looking failed.
    async fn holds(&self, cx: &StepCx) -> Result<bool, Problem> {
        let _ = cx;
        Ok(true)
    }

    /// Takes the step's effect back; taking back twice is taking back.
    ///
    /// # Errors
    /// Where the effect still stands.
    async fn undo(&self, cx: &StepCx) -> Result<(), Problem> {
        let _ = cx;
        Ok(())
    }
}

/// The action that carries out `step`.
pub fn action(step: &StepAction) -> Box<dyn Action> {
    match step.clone() {
        StepAction::SourceProbe { space_factor } => {
            Box::new(source_probe::SourceProbe { space_factor: space_factor.0 })
        }
        StepAction::PortalProbe { free_slots } => {
            Box::new(portal_probe::PortalProbe { free_slots })
        }
        StepAction::MailProbe {} => Box::new(mail_probe::MailProbe),
        StepAction::WindowCheck { purpose } => Box::new(window_check::WindowCheck { purpose }),
        StepAction::Dump { archive, level, strategy: DumpStrategy::Stream } => {
            Box::new(dump::Dump { archive, level })
        }
        StepAction::Dump { archive, level, strategy } => {
            Box::new(dump_database::DumpDatabase { archive, level: level.of_pg_dump(), strategy })
        }
        StepAction::VerifyArchive { archive } => {
            Box::new(verify_archive::VerifyArchive { archive })
        }
        StepAction::PortalExport { archive, release_slot } => {
            Box::new(portal_export::PortalExport { archive, release_slot })
        }
        StepAction::PortalRelease {} => Box::new(portal_release::PortalRelease),
        StepAction::PortalImport { archive, purpose } => {
            Box::new(portal_import::PortalImport { archive, purpose })
        }
        StepAction::CompareArchives { expected, actual } => {
            Box::new(compare_archives::CompareArchives { expected, actual })
        }
        StepAction::Wait { until } => Box::new(wait::Wait { until }),
        StepAction::ServiceStop {} => Box::new(service_stop::ServiceStop),
        StepAction::Fence { mode } => Box::new(fence::Fence { mode }),
        StepAction::StaleCheck { dump } => Box::new(stale_check::StaleCheck { dump }),
        StepAction::SwapDatabase { dump } => Box::new(swap_database::SwapDatabase { dump }),
    }
}
