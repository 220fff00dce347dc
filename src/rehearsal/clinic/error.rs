//! What can go wrong while the synthetic clinic is made.

use thiserror::Error;

use crate::diag::{Explain, Fact, Kind, Redacted};
use crate::rehearsal::cluster::ClusterError;
use crate::source::SourceError;

/// A failure of the synthetic clinic.
#[derive(Debug, Error)]
pub enum ClinicError {
    /// The seed's clinic id is not `JPN` and 12 digits.
    #[error("clinic id is not JPN and 12 digits")]
    ClinicId,
    /// A clinic without patients cannot be rehearsed.
    #[error("a clinic needs at least one patient")]
    NoPatients,
    /// The server did not give the words' bytes back.
    #[error("the server did not convert the sample words")]
    WordsLost,
    /// The schema's own text is not understood; a defect of this program.
    #[error("schema not understood in line {line}")]
    Schema {
        /// The line.
        line: usize,
    },
    /// The stand-in service's script could not be written.
    #[error("{path}: {reason}")]
    Script {
        /// The script.
        path: std::path::PathBuf,
        /// The operating system's reason.
        reason: String,
    },
    /// The cluster refused something.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
}

impl From<SourceError> for ClinicError {
    fn from(error: SourceError) -> Self {
        Self::Cluster(error.into())
    }
}

impl Explain for ClinicError {
    fn code(&self) -> &'static str {
        match self {
            Self::ClinicId => "rehearsal-clinic-id",
            Self::NoPatients => "rehearsal-clinic-no-patients",
            Self::WordsLost => "rehearsal-clinic-words-lost",
            Self::Schema { .. } => "rehearsal-clinic-schema",
            Self::Script { .. } => "rehearsal-clinic-script",
            Self::Cluster(error) => error.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::ClinicId | Self::NoPatients => Kind::Input,
            Self::WordsLost | Self::Script { .. } => Kind::Environment,
            Self::Schema { .. } => Kind::Internal,
            Self::Cluster(error) => error.kind(),
        }
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::ClinicId | Self::NoPatients | Self::WordsLost => Vec::new(),
            Self::Schema { line } => vec![Fact::open("line", line)],
            Self::Script { path, reason } => {
                vec![Fact::local("path", path.display()), Fact::open("reason", reason)]
            }
            Self::Cluster(error) => error.facts(),
        }
    }

    fn detail(&self) -> Option<Redacted> {
        match self {
            Self::Cluster(error) => error.detail(),
            _ => None,
        }
    }
}
