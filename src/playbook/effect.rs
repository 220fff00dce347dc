//! What each kind of step does to the world, known without running it.

use super::model::{FenceMode, StepAction};
use crate::effect::Effect;

impl StepAction {
    /// The kind's name, as written after `kind:`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SourceProbe { .. } => "source_probe",
            Self::PortalProbe { .. } => "portal_probe",
            Self::MailProbe {} => "mail_probe",
            Self::WindowCheck { .. } => "window_check",
            Self::Dump { .. } => "dump",
            Self::VerifyArchive { .. } => "verify_archive",
            Self::PortalExport { .. } => "portal_export",
            Self::PortalRelease {} => "portal_release",
            Self::PortalImport { .. } => "portal_import",
            Self::CompareArchives { .. } => "compare_archives",
            Self::Wait { .. } => "wait",
            Self::ServiceStop {} => "service_stop",
            Self::Fence { .. } => "fence",
            Self::StaleCheck { .. } => "stale_check",
            Self::SwapDatabase { .. } => "swap_database",
        }
    }

    /// What it does to the world.
    pub fn effect(&self) -> Effect {
        match self {
            Self::SourceProbe { .. }
            | Self::PortalProbe { .. }
            | Self::MailProbe {}
            | Self::WindowCheck { .. }
            | Self::VerifyArchive { .. }
            | Self::CompareArchives { .. }
            | Self::Wait { .. } => Effect::ReadOnly,
            // A second dump replaces the first, and the database it made; stopping and fencing
            // twice is stopping and fencing, and so is ending the sessions that keep counters
            // back, before they are read; a swap that took place is seen and not repeated; a
            // second export costs a slot of the tenant but changes no data.
            Self::Dump { .. }
            | Self::PortalExport { .. }
            | Self::PortalRelease {}
            | Self::ServiceStop {}
            | Self::Fence { .. }
            | Self::StaleCheck { .. }
            | Self::SwapDatabase { .. } => Effect::Repeatable,
            Self::PortalImport { .. } => Effect::AtMostOnce,
        }
    }

    /// True where a roll-back takes the step's effect back.
    pub fn is_undone_on_rollback(&self) -> bool {
        matches!(
            self,
            Self::ServiceStop {}
                | Self::Fence { mode: FenceMode::ReadOnly | FenceMode::Closed }
                | Self::SwapDatabase { .. }
        )
    }

    /// The archives that the step writes or reads.
    pub fn archives(&self) -> Vec<&str> {
        match self {
            Self::Dump { archive, .. }
            | Self::VerifyArchive { archive }
            | Self::PortalExport { archive, .. }
            | Self::PortalImport { archive, .. } => vec![archive],
            Self::CompareArchives { expected, actual } => vec![expected, actual],
            _ => Vec::new(),
        }
    }

    /// The archive that the step writes.
    pub fn writes(&self) -> Option<&str> {
        match self {
            Self::Dump { archive, .. } | Self::PortalExport { archive, .. } => Some(archive),
            _ => None,
        }
    }
}
