//! From YAML to a checked playbook. Pure: text in, values or findings out.
//!
//! ```text
//! text -> tree (yaml) -> outline -> graph -> vars, when, kinds -> check -> CheckedPlaybook
//! ```

mod check;
mod clinic;
mod codes;
mod effect;
mod graph;
mod hours;
mod journal_place;
mod kinds;
mod load;
mod model;
mod outline;
mod schedule;
mod secs;
mod upload_rate;
mod vars;
mod when;

pub use clinic::resolve_paths;
pub use hours::Hours;
pub use journal_place::{JournalPlace, PostgresPlace};
pub use load::{load, load_clinic};
pub use model::*;
pub use schedule::{Job, Missed, Schedule, USUAL_ZONE, complete};
pub use secs::time_delta;
pub use upload_rate::{NotARate, UploadRate};

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
