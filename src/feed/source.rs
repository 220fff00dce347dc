//! Where a text lies.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

use super::FeedError;

/// Where a text lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedSource {
    /// On a server.
    Address(Address),
    /// In a file of this machine.
    File(PathBuf),
}

/// An https address without user, password and fragment. Shown, it is only its host: calendars that
/// are not public have their token in the path or the query.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

impl FromStr for FeedSource {
    type Err = FeedError;

    /// What has a scheme is an address, anything else a path.
    fn from_str(text: &str) -> Result<Self, FeedError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FeedError::Address { host: String::new(), reason: "empty" });
        }
        if !text.contains("://") {
            return Ok(Self::File(PathBuf::from(text)));
        }
        let url = Url::parse(text)
            .map_err(|_| FeedError::Address { host: String::new(), reason: "unreadable" })?;
        Address::new(url).map(Self::Address)
    }
}

impl Address {
    /// # Errors
    /// Where the address is not https, or names a user, a password or a fragment.
    pub fn new(url: Url) -> Result<Self, FeedError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let wrong = |reason| Err(FeedError::Address { host: host.clone(), reason });
        if url.scheme() != "https" {
            return wrong("scheme");
        }
        if host.is_empty() {
            return wrong("unreadable");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("user");
        }
        if url.fragment().is_some() {
            return wrong("fragment");
        }
        Ok(Self(url))
    }

    /// The host, which is all that may be shown.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}/…", self.host())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

impl fmt::Display for FeedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
