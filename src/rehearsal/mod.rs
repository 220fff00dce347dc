//! rehearsal
pub mod clinic;
pub mod cluster;
