//! What can go wrong with mail. It must not carry a server's words: only its codes.

use std::path::PathBuf;

use super::Place;
use crate::diag::{Explain, Fact, Kind};
use crate::fault::Injected;
use crate::secret::SecretError;

/// Where in the talk with the mail server something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Connecting and the greeting.
    Connect,
    /// STARTTLS and the TLS handshake.
    Tls,
    /// Logging in.
    Login,
    /// Sender and recipients.
    Envelope,
    /// The letter itself; whether it was taken over may be open.
    Content,
}

impl Stage {
    /// The SMTP word of the stage.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "EHLO",
            Self::Tls => "STARTTLS",
            Self::Login => "AUTH",
            Self::Envelope => "MAIL/RCPT",
            Self::Content => "DATA",
        }
    }
}

/// An error of this room.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The server refuses for good.
    #[error("refused with {code} at {}", stage.name())]
    Refused {
        /// The reply's code, 5xx.
        code: u16,
        /// Where.
        stage: Stage,
    },
    /// The server asks to come back later.
    #[error("put off with {code} at {}", stage.name())]
    Later {
        /// The reply's code, 4xx.
        code: u16,
        /// Where.
        stage: Stage,
    },
    /// User name or password were refused.
    #[error("log-in refused with {code}")]
    LoginRefused {
        /// The reply's code.
        code: u16,
    },
    /// The TLS handshake failed: name, root certificate, version.
    #[error("TLS with `{host}` failed: {reason}")]
    Tls {
        /// The server.
        host: String,
        /// What the TLS library says.
        reason: String,
    },
    /// The server offers no STARTTLS; nothing is sent in the clear.
    #[error("`{host}` offers no STARTTLS")]
    NoStarttls {
        /// The server.
        host: String,
    },
    /// No connection.
    #[error("cannot reach `{host}` port {port}: {reason}")]
    NotReachable {
        /// The server.
        host: String,
        /// Its port.
        port: u16,
        /// What the operating system says.
        reason: String,
    },
    /// No answer in time.
    #[error("`{host}` did not answer in time at {}", stage.name())]
    TimedOut {
        /// The server.
        host: String,
        /// Where.
        stage: Stage,
    },
    /// The connection was cut, or the answer was no SMTP.
    #[error("lost `{host}` at {}", stage.name())]
    Lost {
        /// The server.
        host: String,
        /// Where.
        stage: Stage,
    },
    /// The spool cannot be read or written.
    #[error("spool `{path}`: {reason}")]
    Spool {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        reason: std::io::ErrorKind,
    },
    /// Another process has been delivering from the same spool for too long.
    #[error("spool `{path}` is in use")]
    SpoolBusy {
        /// The folder.
        path: PathBuf,
    },
    /// A letter's envelope cannot be read.
    #[error("`{path}` is no envelope of a letter")]
    Unreadable {
        /// The file.
        path: PathBuf,
    },
    /// A mail lies in the spool without its envelope.
    #[error("`{path}` has no envelope")]
    NoEnvelope {
        /// The file.
        path: PathBuf,
    },
    /// No letter has this id.
    #[error("no letter `{id}`")]
    NoSuchMail {
        /// What was given.
        id: String,
    },
    /// Several letters have an id that begins so.
    #[error("{count} letters begin with `{id}`")]
    Ambiguous {
        /// What was given.
        id: String,
        /// How many.
        count: usize,
    },
    /// The letter is not in the queue any more.
    #[error("letter `{id}` is {}", place.name())]
    Settled {
        /// Its id.
        id: String,
        /// Where it lies.
        place: Place,
    },
    /// An address is none.
    #[error("`{address}` is no mail address")]
    Address {
        /// What was given.
        address: String,
    },
    /// The letter cannot be written as a mail.
    #[error("letter cannot be written: {reason}")]
    Letter {
        /// Why.
        reason: &'static str,
    },
    /// The password cannot be read.
    #[error("mail password: {0}")]
    Password(#[source] SecretError),
    /// The root certificate cannot be read.
    #[error("root certificate `{path}`: {reason}")]
    Ca {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl From<Injected> for MailError {
    fn from(_: Injected) -> Self {
        Self::Lost { host: "-".to_owned(), stage: Stage::Content }
    }
}

impl MailError {
    pub(super) fn spool(path: impl Into<PathBuf>, error: &std::io::Error) -> Self {
        Self::Spool { path: path.into(), reason: error.kind() }
    }

    /// True where one letter or address is at fault and not the server, the network or the
    /// set-up: trying the same again cannot help.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Refused { stage, .. } => matches!(stage, Stage::Envelope | Stage::Content),
            Self::Address { .. } | Self::Letter { .. } => true,
            _ => false,
        }
    }
}

impl Explain for MailError {
    fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "mail-refused",
            Self::Later { .. } => "mail-put-off",
            Self::LoginRefused { .. } => "mail-login-refused",
            Self::Tls { .. } => "mail-tls-failed",
            Self::NoStarttls { .. } => "mail-no-starttls",
            Self::NotReachable { .. } => "mail-not-reachable",
            Self::TimedOut { .. } => "mail-timed-out",
            Self::Lost { .. } => "mail-connection-lost",
            Self::Spool { .. } => "mail-spool-unusable",
            Self::SpoolBusy { .. } => "mail-spool-busy",
            Self::Unreadable { .. } => "mail-entry-unreadable",
            Self::NoEnvelope { .. } => "mail-envelope-missing",
            Self::NoSuchMail { .. } => "mail-none-such",
            Self::Ambiguous { .. } => "mail-id-ambiguous",
            Self::Settled { place: Place::Cancelled, .. } => "mail-cancelled-already",
            Self::Settled { .. } => "mail-sent-already",
            Self::Address { .. } => "mail-address-invalid",
            Self::Letter { .. } => "mail-letter-invalid",
            Self::Password(_) => "mail-password-unreadable",
            Self::Ca { .. } => "mail-ca-unreadable",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Refused { .. }
            | Self::Later { .. }
            | Self::LoginRefused { .. }
            | Self::Tls { .. }
            | Self::NoStarttls { .. }
            | Self::NotReachable { .. }
            | Self::TimedOut { .. }
            | Self::Lost { .. } => Kind::MailUndelivered,
            Self::Spool { .. } | Self::SpoolBusy { .. } | Self::Password(_) | Self::Ca { .. } => {
                Kind::Environment
            }
            Self::Unreadable { .. } | Self::NoEnvelope { .. } => Kind::Data,
            Self::NoSuchMail { .. } | Self::Ambiguous { .. } | Self::Settled { .. } => Kind::Input,
            Self::Address { .. } => Kind::Input,
            Self::Letter { .. } => Kind::Internal,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::Refused { code, stage } | Self::Later { code, stage } => {
                vec![Fact::open("code", code), Fact::open("stage", stage.name())]
            }
            Self::LoginRefused { code } => vec![Fact::open("code", code)],
            Self::Tls { host, reason } => {
                vec![Fact::local("host", host), Fact::local("reason", reason)]
            }
            Self::NoStarttls { host } => vec![Fact::local("host", host)],
            Self::NotReachable { host, port, reason } => vec![
                Fact::local("host", host),
                Fact::open("port", port),
                Fact::local("reason", reason),
            ],
            Self::TimedOut { host, stage } | Self::Lost { host, stage } => {
                vec![Fact::local("host", host), Fact::open("stage", stage.name())]
            }
            Self::Spool { path, reason } => {
                vec![Fact::local("path", path.display()), Fact::open("reason", reason)]
            }
            Self::SpoolBusy { path } | Self::Unreadable { path } | Self::NoEnvelope { path } => {
                vec![Fact::local("path", path.display())]
            }
            Self::NoSuchMail { id } | Self::Settled { id, .. } => vec![Fact::open("id", id)],
            Self::Ambiguous { id, count } => {
                vec![Fact::open("id", id), Fact::open("count", count)]
            }
            Self::Address { address } => vec![Fact::local("address", address)],
            Self::Letter { reason } => vec![Fact::open("reason", reason)],
            Self::Password(error) => vec![Fact::local("reason", error)],
            Self::Ca { path, reason } => {
                vec![Fact::local("path", path.display()), Fact::local("reason", reason)]
            }
        }
    }
}
