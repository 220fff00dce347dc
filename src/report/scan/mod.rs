//! What people read of a scan: which characters need a decision, where they stand, and what can
//! be done about them.
//!
//! One [`ScanView`] feeds terminal, HTML and the summary in JSON; the findings themselves go into
//! CSV and JSON one by one, since there may be millions.

mod advice;
mod csv;
mod json;
mod lines;
mod printable;
mod rules;
mod variants;
mod view;

pub use advice::{Advice, Adviser, ReadingView};
pub use csv::write_csv;
pub use json::write_json;
pub use printable::{printable, printable_lines};
pub use rules::mapping_skeleton;
pub use view::{
    CodeView, ColumnView, EvidenceView, FindingView, ReasonView, ScanView, ScannedView,
};

#[cfg(test)]
mod tests;
