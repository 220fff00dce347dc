//! From a checked playbook and facts to the plan that people read and approve. Pure.

mod build;
mod checks;
mod digest;
mod estimate;
mod facts;
mod level;
mod model;
mod versions;

pub use build::build;
pub use digest::{Inputs, digest};
pub use facts::{DatabaseBeside, Facts, PortalFacts, SourceFacts};
pub use level::{MIN_MEASURED_BYTES, USUAL_LEVEL, UploadRateFacts, level_for};
pub use model::{
    Check, EstimateBasis, Plan, PlannedMaintenance, PlannedPhase, PlannedStep, Verdict,
};
