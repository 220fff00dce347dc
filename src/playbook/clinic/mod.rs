//! The clinic file: reading, writing, and its paths.

mod paths;
mod people;
mod places;
mod read;
mod rules;
mod write;

pub use paths::resolve_paths;
pub(super) use read::read;
