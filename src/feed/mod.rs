//! Fetches one text, from an https address or a file of this machine: a calendar, a list.
//!
//! It checks who answers and that the answer is a text of bearable size; what the text means is for
//! others. Addresses may hold tokens in path and query, so no error shows more than the host.

mod error;
mod fetch;
mod file;
mod http;
mod source;
mod text;

#[cfg(test)]
mod test_server;
#[cfg(test)]
mod tests;

pub use error::FeedError;
pub use fetch::{Fetched, fetch};
pub use source::{Address, FeedSource};

/// Largest text, in bytes; a year of notices has a hundredth of it.
const MAX_BYTES: usize = 1024 * 1024;
