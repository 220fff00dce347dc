//! rehearsal

pub mod mail_sink;
