//! From a checked playbook and facts to the plan that people read and approve. Pure.

mod build;
mod checks;
mod critical;
mod diff;
mod estimate;
mod facts;
mod history;
mod level;
mod model;
mod places;
mod rules;
mod saved;
mod slots;
mod snapshot;
mod versions;
mod work;

pub use build::build;
pub use checks::{calendar_checks, is_overridden};
pub use diff::{Change, diff};
pub use estimate::{ROLLBACK_KIND, sample_kind, undo_kind};
pub use facts::{DatabaseBeside, Facts, MailFacts, PortalFacts, ScanFacts, SourceFacts};
pub use history::{DurationSource, Estimate, Sample};
pub use level::{MIN_MEASURED_BYTES, USUAL_LEVEL, UploadRateFacts, level_for};
pub use model::{
    Check, DataPlace, EstimateBasis, Evidence, EvidenceKind, Overridden, PlaceContents, PlaceKind,
    Plan, PlannedMaintenance, PlannedPhase, PlannedStep, PlannedUndo, PlannedWork, RfcTime,
    Verdict,
};
pub use rules::{calendar_snapshot, identity};
pub use saved::{Approved, NoPlan, SavedPlan};
pub use slots::{Reason, Slot, SlotQuestion, slots, weekday};
pub use snapshot::{Inputs, Snapshot, digest, hash};
pub use work::times_between;

#[cfg(test)]
mod checks_tests;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod saved_tests;
#[cfg(test)]
mod slots_tests;
#[cfg(test)]
mod times_tests;
