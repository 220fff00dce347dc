//! The clinic file: reading, writing, and its paths.

mod journal;
mod paths;
mod people;
mod places;
mod read;
mod rest;
mod rules;
mod schedules;
mod write;

pub use paths::resolve_paths;
pub(super) use read::read;
