//! Which store a clinic's records lie in, and how it is opened.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{PostgresConfig, PostgresStore, SqliteStore, Store};
use crate::journal::JournalError;

/// Where a clinic's records lie.
#[derive(Clone)]
pub enum Place {
    /// One SQLite file.
    File(PathBuf),
    /// A PostgreSQL that several machines share.
    Postgres(Box<PostgresConfig>),
    /// A store that is open already, such as one in memory.
    Open(Arc<dyn Store>),
}

impl Place {
    /// Opens the store; with `create` it is made where it is missing.
    ///
    /// # Errors
    /// Where it cannot be opened, or is not there and is not to be made.
    pub async fn open(&self, create: bool) -> Result<Arc<dyn Store>, JournalError> {
        Ok(match self {
            Self::File(path) => Arc::new(SqliteStore::open(path, create).await?),
            Self::Postgres(config) => {
                Arc::new(PostgresStore::open(config.as_ref().clone(), create).await?)
            }
            Self::Open(store) => store.clone(),
        })
    }

    /// True where there may be records; nothing is made by asking.
    pub fn may_exist(&self) -> bool {
        match self {
            Self::File(path) => path.exists(),
            Self::Postgres(_) | Self::Open(_) => true,
        }
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Postgres(_) | Self::Open(_) => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres(config) => f.write_str(&config.shown()),
            Self::Open(_) => f.write_str("an open store"),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}
