//! What probes found out about the world before the plan was made. Values only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::history::Sample;
use super::level::UploadRateFacts;
use crate::clock::Jst;
use crate::diag::Problem;
use crate::ids::StepId;

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
    /// The line to the management site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<UploadRateFacts>,
    /// Cores of this machine, on which the dump is compressed; 0 where nobody counted.
    #[serde(default)]
    pub cores: usize,
    /// This machine's name.
    #[serde(default)]
    pub host: String,
    /// A hash of this machine's id.
    #[serde(default)]
    pub machine: String,
    /// The mail server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailFacts>,
    /// The newest scan of the database's characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<ScanFacts>,
    /// When a test import of this clinic was proved by comparison.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::clock::serde_option")]
    pub proved_test_import_at: Option<Jst>,
    /// How long steps took before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Sample>,
    /// Why something is not known.
    pub problems: Vec<Problem>,
}

/// The mail server, asked without sending anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailFacts {
    /// Its name.
    pub host: String,
    /// True where the connection was protected and the log-in, if any, was taken.
    pub reached: bool,
    /// When it last took a mail of this clinic.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::clock::serde_option")]
    pub taken_at: Option<Jst>,
}

/// A scan of the database's characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanFacts {
    /// When.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// Values that were looked at.
    pub values: u64,
    /// Values that need a decision.
    pub undecided: u64,
    /// True where it was made with the policy and the mapping file that count now.
    pub same_rules: bool,
    /// Rules that change a character for good, with how often.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lossy: Vec<(String, u64)>,
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
    /// A hash of the server's own id, the database's number and its name.
    #[serde(default)]
    pub identity: String,
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
    /// Commands of the steps that run several, a word each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub commands: BTreeMap<StepId, Vec<Vec<String>>>,
    /// Databases that steps will make beside the clinic's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<DatabaseBeside>,
}

/// A database that will be made beside the clinic's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseBeside {
    /// Its name.
    pub database: String,
    /// True where there is one of that name already.
    pub exists: bool,
    /// Free and needed bytes where the server keeps its data; `None` where that is not known.
    pub room: Option<(u64, u64)>,
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
    /// Dumps that are there, by the time the site shows for them.
    #[serde(default)]
    pub dumps: Vec<String>,
    /// Entries of the version select.
    pub import_versions: Vec<String>,
    /// Largest difference between a host's clock and ours, seconds.
    pub clock_skew_secs: i64,
}
