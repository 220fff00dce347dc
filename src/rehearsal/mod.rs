//! The twin: the whole world of a cutover on one machine, on real parts.

pub mod clinic;
pub mod cluster;
mod error;
mod fault;
mod full_disk;
pub mod mail_sink;
pub mod pki;
pub mod site;
mod world;

pub use error::WorldError;
pub use fault::Fault;
pub use world::{World, WorldConfig};
