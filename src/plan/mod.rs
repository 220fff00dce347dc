//! From a checked playbook and facts to the plan that people read and approve. Pure.

mod build;
mod checks;
mod digest;
mod estimate;
mod facts;
mod model;

pub use build::build;
pub use digest::{Inputs, digest};
pub use facts::{Facts, PortalFacts, SourceFacts};
pub use model::{
    Check, EstimateBasis, Plan, PlannedMaintenance, PlannedPhase, PlannedStep, Verdict,
};
