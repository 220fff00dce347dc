//! Documents for paper and browser: the plan to be approved, and the report to be filed.
//!
//! Each is one self-contained file, A4 when printed: a director or an auditor reads it without
//! this program and without a network.

mod axis;
mod cover;
mod evidence;
mod frame;
mod gantt;
mod gates;
mod incidents;
mod marks;
mod markup;
mod night;
mod outline;
mod page;
mod plan;
mod record;
mod report;
mod rollback;
mod safety;
mod scan;
mod step_rows;
mod steps;
mod svg;

pub use plan::plan;
pub use report::report;
pub use scan::scan;
