//! Why the world of a rehearsal could not be built.

use std::path::PathBuf;

use super::clinic::ClinicError;
use super::cluster::ClusterError;
use super::site::SiteError;
use crate::diag::{Explain, Fact, Kind, Redacted};

/// Why the world could not be built.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// A PostgreSQL cluster.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The synthetic clinic.
    #[error(transparent)]
    Clinic(#[from] ClinicError),
    /// The management site.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A file or folder.
    #[error("{path}: {reason}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The small disk of the fault `disk-full`.
    #[error("cannot mount a small file system: {reason}")]
    SmallDisk {
        /// What the system said.
        reason: String,
    },
    /// The folder holds something already.
    #[error("{path} is not empty")]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A shipped file is not what it should be.
    #[error("shipped file {name} does not read")]
    Shipped {
        /// Which.
        name: &'static str,
    },
}

impl Explain for WorldError {
    fn code(&self) -> &'static str {
        match self {
            Self::Cluster(error) => error.code(),
            Self::Clinic(error) => error.code(),
            Self::Site(error) => error.code(),
            Self::File { .. } => "rehearsal-world-file",
            Self::SmallDisk { .. } => "rehearsal-world-small-disk",
            Self::NotEmpty { .. } => "rehearsal-world-not-empty",
            Self::Shipped { .. } => "rehearsal-world-shipped",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Cluster(error) => error.kind(),
            Self::Clinic(error) => error.kind(),
            Self::Site(error) => error.kind(),
            Self::File { .. } | Self::SmallDisk { .. } => Kind::Environment,
            Self::NotEmpty { .. } => Kind::Input,
            Self::Shipped { .. } => Kind::Internal,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::Cluster(error) => error.facts(),
            Self::Clinic(error) => error.facts(),
            Self::Site(error) => error.facts(),
            Self::File { path, reason } => {
                vec![Fact::local("path", path.display()), Fact::local("reason", reason)]
            }
            Self::SmallDisk { reason } => vec![Fact::local("reason", reason)],
            Self::NotEmpty { path } => vec![Fact::local("path", path.display())],
            Self::Shipped { name } => vec![Fact::open("name", name)],
        }
    }

    fn detail(&self) -> Option<Redacted> {
        match self {
            Self::Cluster(error) => error.detail(),
            Self::Clinic(error) => error.detail(),
            Self::Site(error) => error.detail(),
            _ => None,
        }
    }
}
