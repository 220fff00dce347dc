//! Fetching: where from, then what came.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::http::{self, Limits};
use super::{FeedError, FeedSource, file, text};
use crate::clock::{Clock, Jst};

/// A text and when it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The text, without a byte order mark.
    pub text: String,
    /// SHA-256 of the bytes as they came, in hexadecimal.
    pub sha256: String,
    /// When the last byte was read, by the run's clock.
    pub at: Jst,
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the text: it may be long, and somebody's.
        let bytes = self.text.len();
        write!(f, "Fetched {{ sha256: {}, bytes: {bytes}, at: {} }}", self.sha256, self.at)
    }
}

/// Fetches a text. `ca` is the only root that is believed, where it is given; else those of the
/// system are. `resolve` is the address at which the source's host is found, where name resolution
/// is not to be asked. Certificates are judged by `clock`.
///
/// # Errors
/// [`FeedError`]; nothing is tried again.
pub async fn fetch(
    source: &FeedSource,
    ca: Option<&Path>,
    resolve: Option<IpAddr>,
    clock: &Clock,
) -> Result<Fetched, FeedError> {
    fetch_within(source, ca, resolve, clock, Limits::USUAL).await
}

pub(super) async fn fetch_within(
    source: &FeedSource,
    ca: Option<&Path>,
    resolve: Option<IpAddr>,
    clock: &Clock,
    limits: Limits,
) -> Result<Fetched, FeedError> {
    let (place, answer) = match source {
        FeedSource::Address(address) => {
            let client = http::client(address, ca, resolve, clock, limits)?;
            (address.host().to_owned(), http::get(&client, address, limits).await?)
        }
        FeedSource::File(path) => (path.display().to_string(), file::read(path).await?),
    };
    let at = clock.now();
    let sha256 = hex::encode(Sha256::digest(&answer.bytes));
    Ok(Fetched { text: text::check(answer, &place)?, sha256, at })
}
