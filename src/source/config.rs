//! Where the database is and as whom it is reached. Values only.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The on-premises server as this room needs to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceConfig {
    /// OS user and role that own the database: `orca`.
    pub os_user: String,
    /// The database: `orca`.
    pub database: String,
    /// Folder of the server's unix socket; PostgreSQL's default where it is `None`.
    pub socket_dir: Option<PathBuf>,
    /// The server's port; PostgreSQL's default where it is `None`.
    pub port: Option<u16>,
    /// Folder of `pg_dump` and `psql`; found by PATH where it is `None`.
    pub program_dir: Option<PathBuf>,
    /// Folder of the server's data; asked of the server's own process where it is `None`.
    pub data_dir: Option<PathBuf>,
    /// Commands of the 日レセ service.
    pub service: ServiceCommands,
}

/// Commands of the 日レセ service, each a program with its arguments; no shell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCommands {
    /// Stops it.
    pub stop: Vec<String>,
    /// Starts it.
    pub start: Vec<String>,
    /// Exits with 0 where it runs, with 1 to 3 where it does not.
    pub status: Vec<String>,
}

impl SourceConfig {
    /// The same server seen from another database.
    #[must_use]
    pub fn in_database(&self, database: &str) -> Self {
        Self { database: database.to_owned(), ..self.clone() }
    }

    /// `pg_dump` or `psql` with the folder that was set.
    pub(crate) fn program(&self, name: &str) -> String {
        match &self.program_dir {
            Some(dir) => dir.join(name).display().to_string(),
            None => name.to_owned(),
        }
    }

    /// The options that lead to the server: `-h`, `-p`, and `-w`, since nobody is there to type
    /// a password.
    pub(crate) fn connection_args(&self) -> Vec<String> {
        let mut args = vec!["-w".to_owned()];
        if let Some(dir) = &self.socket_dir {
            args.extend(["-h".to_owned(), dir.display().to_string()]);
        }
        if let Some(port) = self.port {
            args.extend(["-p".to_owned(), port.to_string()]);
        }
        args
    }

    /// The server in words, for messages.
    pub(crate) fn place(&self) -> String {
        let dir = self.socket_dir.as_ref().map(|dir| dir.display().to_string());
        match (dir, self.port) {
            (Some(dir), Some(port)) => format!("{dir}/.s.PGSQL.{port}"),
            (Some(dir), None) => dir,
            (None, Some(port)) => format!("port {port}"),
            (None, None) => "default socket".to_owned(),
        }
    }
}
