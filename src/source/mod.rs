//! The clinic's server: everything this program does there goes through this room.
//!
//! Every program runs as the database's OS user by `sudo -n`, in a process group of its own, with
//! a time-out and bounded output. This room must not decide anything: it reports facts, takes
//! dumps, stops and starts the service, closes and opens the database, and makes, fills, swaps and
//! drops databases beside it when it is told to.
//! It is synchronous; callers in async code use `spawn_blocking`.

pub mod beside;
pub mod command;
mod config;
pub mod data_dir;
pub mod disk;
pub mod dump;
mod error;
pub(crate) mod feed;
pub mod fence;
pub mod probe;
pub(crate) mod process;
pub mod psql;
pub mod service;
pub mod stamp;
pub mod swap;

pub use config::{ServiceCommands, SourceConfig};
pub use dump::PgDump;
pub use error::SourceError;
pub use fence::FenceState;
pub use probe::{SourceFacts, probe};
pub use stamp::{WriteStamp, write_stamp};

#[cfg(test)]
mod beside_tests;
#[cfg(test)]
mod tests;
