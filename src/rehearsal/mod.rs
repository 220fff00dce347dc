//! rehearsal
pub mod pki;
pub mod site;
