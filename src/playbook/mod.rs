//! From YAML to a checked playbook. Pure: text in, values or findings out.

mod kind;
mod model;

pub use model::*;
