//! Where a clinic's records lie.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::secs;
use crate::secret::SecretRef;

/// `journal:` of the clinic file; one SQLite file in the working folder where it is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalPlace {
    /// A PostgreSQL that several machines share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postgres: Option<PostgresPlace>,
    /// How long a process may carry the clinic's run without being heard of, in seconds. Only a
    /// rehearsal sets it.
    #[serde(
        rename = "lease",
        default,
        skip_serializing_if = "Option::is_none",
        with = "secs::optional"
    )]
    pub lease_secs: Option<u64>,
}

/// A database for records, and the way to it: by TLS to a host, or by a socket of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostgresPlace {
    /// The server's name, as in its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Folder of the server's unix socket, instead of a host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket_dir: Option<PathBuf>,
    /// The server's port.
    #[serde(default = "usual_port")]
    pub port: u16,
    /// The database.
    pub database: String,
    /// The schema of the records' tables.
    #[serde(default = "usual_schema")]
    pub schema: String,
    /// The role.
    pub user: String,
    /// Its password; none where the server knows the role otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretRef>,
    /// A private root certificate, PEM; the system's roots where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

/// PostgreSQL's own port.
pub(super) const USUAL_PORT: u16 = 5432;

/// The schema's name where the clinic file does not say.
pub(super) const USUAL_SCHEMA: &str = "orca_cutover";

fn usual_port() -> u16 {
    USUAL_PORT
}

fn usual_schema() -> String {
    USUAL_SCHEMA.to_owned()
}
