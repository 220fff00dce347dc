//! Text for a terminal: the plan, one line per event, the status, the report.
//!
//! Colour is the caller's choice and never says anything that a word does not say.

mod calendar;
mod line;
mod paint;
mod plan;
mod plan_tables;
mod run;
pub(in crate::report) mod scan;
mod standing;

pub use calendar::{announced, calendar, checks_of, notice, slots};
pub use line::line;
pub use plan::plan;
pub use run::{report, status};
pub use scan::scan;
pub use standing::standing;
