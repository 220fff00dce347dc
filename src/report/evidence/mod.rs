//! The evidence of a clinic's cutover as one archive that anybody can verify without this
//! program. Pure: the same journal and plans give the same bytes.
//!
//! By allow-list: records, plans, approvals, reports. Nothing that holds a row goes in.

mod bundle;
mod files;

pub use bundle::{Bundle, NoBundle, bundle};
pub use files::{PlanFile, StreamRows, Streams};

#[cfg(test)]
mod tests;
