//! The journal's errors.

use crate::diag::{Explain, Fact, Kind};

use super::state::IllegalEvent;
use crate::fault::Injected;

/// Why the journal could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database file cannot be opened, read or written.
    #[error("journal `{path}`: {reason}")]
    Store {
        /// The file.
        path: String,
        /// What SQLite said.
        reason: String,
    },
    /// The file is no database any more.
    #[error("journal `{path}` is damaged: {reason}")]
    Corrupt {
        /// The file.
        path: String,
        /// What SQLite said.
        reason: String,
    },
    /// A server's setting with which records would be lost or damaged.
    #[error("`{path}` has {setting} = {found}")]
    ServerSetting {
        /// The database.
        path: String,
        /// The setting.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// An earlier write of this process failed on the disk: what a further one would say of the
    /// file could not be trusted.
    #[error("journal `{path}` is not written any more: {reason}")]
    Distrusted {
        /// The file.
        path: String,
        /// What SQLite said then.
        reason: String,
    },
    /// A record does not follow from the one before it.
    #[error("journal record {seq} does not follow from the one before it")]
    Broken {
        /// The record's number.
        seq: u64,
    },
    /// A record of this number is there already: another process wrote it.
    #[error("journal record {seq} is there already")]
    Taken {
        /// The record's number.
        seq: u64,
    },
    /// The file was written by a newer version of this program.
    #[error("journal format {found} is newer than {known}")]
    Newer {
        /// The file's format.
        found: i64,
        /// The newest known one.
        known: i64,
    },
    /// An event that cannot follow from the state.
    #[error(transparent)]
    Illegal(#[from] IllegalEvent),
    /// An event that cannot be written.
    #[error("event cannot be written: {reason}")]
    Unwritable {
        /// Why.
        reason: String,
    },
    /// No run in the journal.
    #[error("no run in `{path}`")]
    NoRun {
        /// The file.
        path: String,
    },
    /// No saved plan of this digest.
    #[error("no saved plan `{digest}`")]
    NoPlan {
        /// The digest, or what was given for it.
        digest: String,
    },
    /// Scheduled work that cannot go from where it is to where the event wants it.
    #[error("work `{job}` cannot become {wanted}")]
    Work {
        /// The work.
        job: String,
        /// Where it was to go.
        wanted: &'static str,
    },
    /// Another process holds the clinic's lease.
    #[error("`{operator}` on `{host}` (process {pid}) runs this clinic")]
    LeaseHeld {
        /// Who runs it.
        operator: String,
        /// The machine's name.
        host: String,
        /// The process.
        pid: u32,
        /// In how many seconds the lease runs out, unless it is renewed.
        secs: u64,
    },
    /// Another process has taken the clinic's lease over.
    #[error("another process has taken this clinic over")]
    LeaseLost,
    /// Another process holds the journal.
    #[error("another process runs this clinic (lock `{path}`)")]
    Locked {
        /// The lock file.
        path: String,
    },
}

impl From<Injected> for JournalError {
    fn from(injected: Injected) -> Self {
        Self::Unwritable { reason: injected.to_string() }
    }
}

impl Explain for JournalError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store { .. } => "journal-store",
            Self::Corrupt { .. } => "journal-corrupt",
            Self::ServerSetting { .. } => "journal-server-setting",
            Self::Distrusted { .. } => "journal-distrusted",
            Self::Broken { .. } => "journal-broken",
            Self::Taken { .. } => "journal-taken",
            Self::Newer { .. } => "journal-newer",
            Self::Illegal(_) => "journal-illegal",
            Self::Unwritable { .. } => "journal-unwritable",
            Self::NoRun { .. } => "journal-no-run",
            Self::NoPlan { .. } => "journal-ledger-plan",
            Self::Work { .. } => "journal-ledger-work",
            Self::LeaseHeld { .. } => "journal-lease-held",
            Self::LeaseLost => "journal-lease-lost",
            Self::Locked { .. } => "journal-locked",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Store { .. } | Self::ServerSetting { .. } | Self::Distrusted { .. } => {
                Kind::Environment
            }
            Self::Broken { .. } | Self::Corrupt { .. } => Kind::Data,
            Self::Newer { .. } | Self::NoRun { .. } | Self::NoPlan { .. } => Kind::Input,
            Self::Illegal(_) | Self::Unwritable { .. } => Kind::Internal,
            // What this process did before stands in the journal; that nothing was changed may
            // not be said.
            Self::LeaseLost => Kind::StepFailed,
            Self::Taken { .. }
            | Self::Work { .. }
            | Self::LeaseHeld { .. }
            | Self::Locked { .. } => Kind::Blocked,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::Store { path, reason }
            | Self::Corrupt { path, reason }
            | Self::Distrusted { path, reason } => {
                vec![Fact::local("path", path), Fact::local("reason", reason)]
            }
            Self::ServerSetting { path, setting, found, wanted } => vec![
                Fact::local("path", path),
                Fact::open("setting", setting),
                Fact::open("found", found),
                Fact::open("wanted", wanted),
            ],
            Self::Broken { seq } | Self::Taken { seq } => vec![Fact::open("seq", seq)],
            Self::Newer { found, known } => {
                vec![Fact::open("found", found), Fact::open("known", known)]
            }
            Self::Illegal(illegal) => vec![Fact::open("reason", illegal)],
            Self::Unwritable { reason } => vec![Fact::local("reason", reason)],
            Self::NoPlan { digest } => vec![Fact::open("digest", digest)],
            Self::Work { job, wanted } => {
                vec![Fact::open("job", job), Fact::open("wanted", wanted)]
            }
            Self::LeaseHeld { operator, host, pid, secs } => vec![
                Fact::local("operator", operator),
                Fact::local("host", host),
                Fact::open("pid", pid),
                Fact::open("secs", secs),
            ],
            Self::LeaseLost => Vec::new(),
            Self::NoRun { path } | Self::Locked { path } => vec![Fact::local("path", path)],
        }
    }
}
