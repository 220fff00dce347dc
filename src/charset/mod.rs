//! Characters by ORCA's rules: EUC-JP (or UTF-8, or unlabelled) values become UTF-8 that stays
//! inside JIS X 0213:2004 in the JIS mapping.
//!
//! Pure: no file, no clock. What cannot be converted is a [`Hit`], never a silent substitute.

mod baked;
mod changes;
mod error;
mod evidence;
mod fast;
mod hit;
mod judge;
mod kana;
mod mapping;
mod policy;
mod reading;
mod rules;
mod special;
mod table;
mod text;
mod transcode;
mod view;
mod written;

pub use changes::Change;
pub use error::CharsetError;
pub use evidence::{Evidence, Verdict};
pub use hit::{Hit, Reason, read_code};
pub use judge::{Candidate, candidates, sure_text};
pub use mapping::{AbsentPlace, KnownTable, Mapping};
pub use policy::{Form, Policy, SourceEncoding};
pub use reading::{Reading, Standard, readings};
pub use rules::{Holds, RuleCount, RuleInfo, Tally, built_in_rules};
pub use transcode::Transcoder;
pub use written::{dotted, quoted};

#[cfg(test)]
mod document_tests;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod proof_tests;
