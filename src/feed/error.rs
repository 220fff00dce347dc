//! What can go wrong on the way to a text. Nothing of the text, and of an address only its host.

use std::path::PathBuf;

use crate::diag::{Explain, Fact, Kind};

/// A text that could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// The address cannot be used.
    #[error("address at `{host}`: {reason}")]
    Address {
        /// Its host, where it has one.
        host: String,
        /// `empty`, `unreadable`, `scheme`, `user`, `fragment`.
        reason: &'static str,
    },
    /// A file of this machine cannot be read.
    #[error("file `{path}`: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The root certificate cannot be used.
    #[error("root certificate `{path}`: {reason}")]
    Ca {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The system has no root certificates.
    #[error("no root certificates: {reason}")]
    SystemRoots {
        /// Why.
        reason: String,
    },
    /// A host cannot be reached.
    #[error("`{host}` cannot be reached: {reason}")]
    Unreachable {
        /// The host.
        host: String,
        /// Why, in the transport's words.
        reason: String,
    },
    /// A host did not answer in time.
    #[error("`{host}` did not answer within {secs} s")]
    Timeout {
        /// The host.
        host: String,
        /// The limit.
        secs: u64,
    },
    /// The server's certificate or protocol is not acceptable.
    #[error("TLS with `{host}`: {reason}")]
    Tls {
        /// The host.
        host: String,
        /// `expired`, `not-yet-valid`, `other-name`, `unknown-issuer`, `old-protocol`, `other`.
        reason: &'static str,
    },
    /// A redirect that is not followed.
    #[error("redirect of `{host}`: {reason}")]
    Redirect {
        /// The host that redirects.
        host: String,
        /// `too-many`, `insecure`, `user`, `unreadable`.
        reason: &'static str,
    },
    /// An answer that is no text: an HTTP status other than 200.
    #[error("`{host}` answered {status}")]
    Status {
        /// The host.
        host: String,
        /// The status.
        status: u16,
    },
    /// A page for browsers.
    #[error("`{place}` is a web page")]
    Html {
        /// The host or file.
        place: String,
    },
    /// Not UTF-8.
    #[error("`{place}` is not UTF-8 but {encoding}")]
    Encoding {
        /// The host or file.
        place: String,
        /// `Shift_JIS`, `ISO-2022-JP`, `EUC-JP`, `UTF-16`, `binary`.
        encoding: &'static str,
    },
    /// Larger than a text can be.
    #[error("`{place}` is larger than {limit} bytes")]
    TooLarge {
        /// The host or file.
        place: String,
        /// The limit, in bytes.
        limit: usize,
    },
}

impl Explain for FeedError {
    fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "feed-address",
            Self::File { .. } => "feed-file",
            Self::Ca { .. } => "feed-ca",
            Self::SystemRoots { .. } => "feed-system-roots",
            Self::Unreachable { .. } => "feed-unreachable",
            Self::Timeout { .. } => "feed-timeout",
            Self::Tls { .. } => "feed-tls",
            Self::Redirect { .. } => "feed-redirect",
            Self::Status { .. } => "feed-status",
            Self::Html { .. } => "feed-html",
            Self::Encoding { .. } => "feed-encoding",
            Self::TooLarge { .. } => "feed-too-large",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Address { .. } | Self::Encoding { .. } | Self::TooLarge { .. } => Kind::Input,
            Self::File { .. }
            | Self::Ca { .. }
            | Self::SystemRoots { .. }
            | Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Tls { .. }
            | Self::Redirect { .. }
            | Self::Status { .. }
            | Self::Html { .. } => Kind::Environment,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::Address { host, reason }
            | Self::Tls { host, reason }
            | Self::Redirect { host, reason } => {
                vec![Fact::local("host", host), Fact::open("reason", reason)]
            }
            Self::File { path, reason } | Self::Ca { path, reason } => {
                vec![Fact::local("path", path.display()), Fact::open("reason", reason)]
            }
            Self::SystemRoots { reason } => vec![Fact::local("reason", reason)],
            Self::Unreachable { host, reason } => {
                vec![Fact::local("host", host), Fact::local("reason", reason)]
            }
            Self::Timeout { host, secs } => {
                vec![Fact::local("host", host), Fact::open("secs", secs)]
            }
            Self::Status { host, status } => {
                vec![Fact::local("host", host), Fact::open("status", status)]
            }
            Self::Html { place } => vec![Fact::local("place", place)],
            Self::Encoding { place, encoding } => {
                vec![Fact::local("place", place), Fact::open("encoding", encoding)]
            }
            Self::TooLarge { place, limit } => {
                vec![Fact::local("place", place), Fact::open("limit", limit)]
            }
        }
    }
}
