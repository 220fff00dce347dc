//! What probes found out about the world before the plan was made. Values only.

use serde::{Deserialize, Serialize};

use crate::clock::Jst;
use crate::diag::Problem;

/// Facts about server, portal and calendar; what is `None` is not known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// When they were gathered.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// The on-premises server.
    pub source: Option<SourceFacts>,
    /// The management site.
    pub portal: Option<PortalFacts>,
    /// Why something is not known.
    pub problems: Vec<Problem>,
}

/// The on-premises server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SourceFacts {
    /// As the server says it: `15.18 (Debian ...)`.
    pub server_version: String,
    /// `pg_dump --version`'s number.
    pub pg_dump_version: String,
    /// `EUC_JP`.
    pub encoding: String,
    /// Size of the database in bytes.
    pub database_bytes: u64,
    /// Free bytes where the working folder lies.
    pub free_bytes: u64,
    /// `JPN` and 12 digits; `None` where the database holds none.
    pub clinic_id: Option<String>,
    /// Of the 日レセ schema: `050200-1`.
    pub schema_version: Option<String>,
    /// Tables.
    pub tables: u64,
    /// Sessions of others.
    pub sessions: u64,
    /// True where the 日レセ service runs.
    pub service_running: bool,
    /// The dump command, a word each.
    pub dump_command: Vec<String>,
}

/// The management site.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PortalFacts {
    /// Common name of the client certificate.
    pub certificate: String,
    /// End of the client certificate.
    #[serde(with = "crate::clock::serde_jst")]
    pub certificate_ends: Jst,
    /// True where the page for imports can be reached with it.
    pub can_import: bool,
    /// Pages that are not what the portal profile says, with the code of what was wrong.
    #[serde(default)]
    pub pages_not_understood: Vec<String>,
    /// Free places for dumps.
    pub free_slots: u32,
    /// Entries of the version select.
    pub import_versions: Vec<String>,
    /// Largest difference between a host's clock and ours, seconds.
    pub clock_skew_secs: i64,
}
