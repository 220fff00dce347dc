//! Characters by ORCA's rules: EUC-JP (or UTF-8) values become UTF-8 that stays inside
//! JIS X 0213:2004 in the JIS mapping.
//!
//! Pure: no file, no clock. What cannot be converted is a [`Hit`], never a silent substitute.

mod error;
mod kana;
mod mapping;
mod policy;
mod rules;
mod table;
mod transcode;

pub use error::CharsetError;
pub use mapping::{Mapping, MappingRule};
pub use policy::{Policy, SourceEncoding};
pub use rules::{RuleCount, Tally};
pub use transcode::{Hit, Reason, Transcoder};
