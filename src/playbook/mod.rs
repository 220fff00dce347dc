//! From YAML to a checked playbook. Pure: text in, values or findings out.

mod model;
pub mod time;

pub use model::*;
