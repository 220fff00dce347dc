//! What a playbook and a clinic file say, after they have been read and checked.
//!
//! Values only: no file, no clock, no environment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::journal_place::JournalPlace;
use super::{Hours, Schedule, UploadRate, secs};
use crate::clock::Jst;
use crate::ids::{PhaseId, StepId};
use crate::pg_version::PgVersion;
use crate::secret::SecretRef;

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// 日本語
    pub ja: String,
    /// English
    pub en: String,
}

/// A playbook whose every reference is resolved and whose every rule holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckedPlaybook {
    /// Its `name`.
    pub name: String,
    /// Its `title`.
    pub title: Title,
    /// Phases in the order in which they run; a phase begins when the one before it has ended.
    pub phases: Vec<Phase>,
    /// The clinic's values.
    pub clinic: Clinic,
    /// SHA-256 of the playbook file's bytes, hexadecimal.
    pub playbook_sha256: String,
    /// SHA-256 of the clinic file's bytes, hexadecimal.
    pub clinic_sha256: String,
}

impl CheckedPlaybook {
    /// Every step, in the file's order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.phases.iter().flat_map(|phase| &phase.steps)
    }

    /// True where a later step puts the database of `dump` in the place of the clinic's.
    pub fn swaps(&self, dump: &StepId) -> bool {
        self.steps().any(|step| {
            step.applies
                && matches!(&step.action, StepAction::SwapDatabase { dump: of } if of == dump)
        })
    }
}

/// A phase: its steps run in parallel where `needs` allows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Phase {
    /// Its `id`.
    pub id: PhaseId,
    /// Its `title`.
    pub title: Title,
    /// Its steps, in the file's order.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Its `id`, unique in the playbook.
    pub id: StepId,
    /// Its `title`.
    pub title: Title,
    /// What it does, with its parameters.
    pub action: StepAction,
    /// Steps that must have ended well before this one starts: earlier phases' or this phase's.
    pub needs: Vec<StepId>,
    /// Longest time one attempt may take.
    pub timeout_secs: u64,
    /// How often and how soon it is tried again after a failure that surely changed nothing.
    pub retry: Retry,
    /// `false`: `when` did not hold for this clinic; the step is shown and skipped.
    pub applies: bool,
}

/// Tries and waits between them: `first_wait`, doubled each time, at most `longest_wait`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Attempts in all, at least 1.
    pub attempts: u32,
    /// Wait before the second attempt.
    pub first_wait_secs: u64,
    /// Longest wait.
    pub longest_wait_secs: u64,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 1, first_wait_secs: 5, longest_wait_secs: 300 }
    }
}

impl Retry {
    /// The wait before attempt `attempt` (2 and up).
    pub fn wait_before(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(2).min(20);
        Duration::from_secs(
            (self.first_wait_secs.saturating_mul(1 << doublings)).min(self.longest_wait_secs),
        )
    }
}

/// Which of the two imports a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// The test import, at least 7 x 24 h before the production import.
    Test,
    /// The production import.
    Production,
}

/// How far the source database is closed to writers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FenceMode {
    /// New transactions are read-only and other sessions are ended; the dump can still connect.
    ReadOnly,
    /// `ALLOW_CONNECTIONS false`: nobody can connect any more.
    Closed,
}

/// Where the text becomes UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DumpStrategy {
    /// In the stream between `pg_dump` and the archive; nothing is made on the server.
    #[default]
    Stream,
    /// In a UTF-8 database beside the clinic's, which `pg_dump` then dumps as it stands.
    Database {
        /// Its name; the clinic's with `_utf8` where it is left out.
        database: Option<String>,
    },
}

impl DumpStrategy {
    /// The name of the database that is made, where one is made.
    pub fn database(&self, source: &Source) -> Option<String> {
        match self {
            Self::Stream => None,
            Self::Database { database: Some(name) } => Some(name.clone()),
            Self::Database { database: None } => Some(format!("{}_utf8", source.database)),
        }
    }
}

/// One kind of step with its parameters. Archives are named by files in the working folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "with", rename_all = "snake_case")]
pub enum StepAction {
    /// Looks at the server: PostgreSQL, encoding, size, clinic id, schema version, sudo, clock,
    /// free space (`space_factor` x database size).
    SourceProbe {
        /// Free space needed, as a multiple of the database's size.
        space_factor: Factor,
    },
    /// Logs in and walks the pages P1-P5 without changing anything.
    PortalProbe {
        /// Free dump slots that must be there.
        free_slots: u32,
    },
    /// Sends a test mail to the clinic file's `mail.notify` addresses.
    MailProbe {},
    /// Checks a planned import time against the manual's rules and the maintenance calendar.
    WindowCheck {
        /// Which import.
        purpose: Purpose,
    },
    /// `sudo -n -u orca pg_dump -Fc -Z0 orca`, made UTF-8 and compressed in the stream, or by way
    /// of a UTF-8 database.
    Dump {
        /// The archive to write.
        archive: String,
        /// How hard it is compressed.
        level: Level,
        /// Where the text becomes UTF-8.
        #[serde(default)]
        strategy: DumpStrategy,
    },
    /// Reads an archive through: structure, decompression, encoding, rows.
    VerifyArchive {
        /// The archive.
        archive: String,
    },
    /// Makes a dump of the tenant on the management site, waits, downloads and verifies it.
    PortalExport {
        /// The file to write.
        archive: String,
        /// Deletes the dump that this step made, and no other, once it is downloaded and verified.
        release_slot: bool,
    },
    /// Downloads and reads through each dump that the clinic file names, and deletes it then.
    PortalRelease {},
    /// Uploads an archive; the tenant's data is overwritten. At most once without a person.
    PortalImport {
        /// The archive to send.
        archive: String,
        /// Which import.
        purpose: Purpose,
    },
    /// Compares two archives table by table, whatever their order, encoding and compression.
    CompareArchives {
        /// What was sent.
        expected: String,
        /// What came back.
        actual: String,
    },
    /// Waits until the planned time of an import.
    Wait {
        /// Which import's time.
        until: Purpose,
    },
    /// Stops the clinic's 日レセ service; roll-back starts it again.
    ServiceStop {},
    /// Closes the source database to writers; roll-back opens it again.
    Fence {
        /// How far.
        mode: FenceMode,
    },
    /// Stops where anything was written to the source since the dump was taken.
    StaleCheck {
        /// The step whose dump is checked.
        dump: StepId,
    },
    /// Puts the UTF-8 database of a dump in the place of the clinic's, which stays under another
    /// name; roll-back puts it back.
    SwapDatabase {
        /// The step whose database it is.
        dump: StepId,
    },
}

/// zlib's level of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The one with which dump and upload together end soonest.
    Auto,
    /// 1 to 9.
    Fixed(u32),
}

impl Level {
    /// The level where `pg_dump` itself compresses: its own usual one unless a number is named.
    pub fn of_pg_dump(self) -> u32 {
        match self {
            Self::Auto => 6,
            Self::Fixed(level) => level,
        }
    }
}

/// A finite, non-negative factor that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Factor(pub f64);

impl Eq for Factor {}

/// The clinic file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clinic {
    /// Version of this file's form; 1.
    pub format: u32,
    /// The clinic's name.
    pub name: String,
    /// The clinic id: `JPN` and 12 digits.
    pub clinic_id: String,
    /// The people of the cutover.
    pub people: Vec<Person>,
    /// The on-premises server.
    pub source: Source,
    /// The management site.
    pub portal: Portal,
    /// Mail.
    pub mail: Mail,
    /// Characters.
    pub characters: Characters,
    /// Times.
    pub cutover: Cutover,
    /// The maintenance calendar.
    pub calendar: CalendarRef,
    /// When the clinic is open; not known where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Rules that named people may do without, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// What starts by itself; the usual times for what is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<Schedule>,
    /// How long files with patient data are kept.
    #[serde(default, skip_serializing_if = "Retention::is_usual")]
    pub retention: Retention,
    /// How files with patient data lie on the disk; in clear where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_rest: Option<AtRest>,
    /// Journals of rehearsals with this clinic's data: durations are taken from them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rehearsals: Vec<PathBuf>,
    /// Folder for dumps, journal and reports; created with mode 0700.
    pub work_dir: PathBuf,
    /// Where the records lie; one SQLite file in the working folder where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal: Option<JournalPlace>,
    /// The rehearsal clock's file; only a rehearsal sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal_clock: Option<PathBuf>,
}

/// A person with a part in the cutover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name.
    pub name: String,
    /// What the person does: `operator`, `decides`, `clinic`, `deputy`.
    pub role: String,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// The on-premises server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// OS user and role that own the database.
    pub os_user: String,
    /// The database.
    pub database: String,
    /// Folder of the server's unix socket; PostgreSQL's default where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket_dir: Option<PathBuf>,
    /// The server's port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Folder of `pg_dump` and `psql`; found by PATH where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program_dir: Option<PathBuf>,
    /// Folder in which the server keeps its data, to tell the space left there; asked of the
    /// server's own process where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// Commands of the 日レセ service.
    pub service: Service,
}

/// Commands of the 日レセ service, each a program with its arguments; no shell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Stops it.
    pub stop: Vec<String>,
    /// Starts it.
    pub start: Vec<String>,
    /// Exits with 0 where it runs.
    pub status: Vec<String>,
}

/// The management site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portal {
    /// `https://ctrl.cmo.orcamo.jp`, with a port where it is not 443.
    pub control: String,
    /// `https://auth.cmo.orcamo.jp`.
    pub auth: String,
    /// `https://sms.orca.orcamo.jp`.
    pub management: String,
    /// Address that the three names are looked up as; DNS where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolve: Option<std::net::IpAddr>,
    /// The pinned root certificate, PEM.
    pub ca: PathBuf,
    /// The clinic's client certificate, PKCS#12.
    pub client_p12: PathBuf,
    /// Its password.
    pub client_pass: SecretRef,
    /// Log-in id.
    pub login_id: SecretRef,
    /// Log-in password.
    pub login_password: SecretRef,
    /// The tenant.
    pub tenant: Tenant,
    /// The entry of the import form's version select, such as `15`.
    pub import_version: String,
    /// How fast the line to the management site sends, before it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_rate: Option<UploadRate>,
    /// Dumps of the tenant that are deleted to free places, by the time the site shows for them,
    /// once they are downloaded and read through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub release_dumps: Vec<String>,
    /// The portal profile: labels and page contracts; the built-in one where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<PathBuf>,
}

impl Portal {
    /// The PostgreSQL that an archive is written for: what the clinic file says of the tenant, or
    /// else the entry that is chosen in the import form, where it is a version.
    pub fn target_server(&self) -> Option<PgVersion> {
        self.tenant.server.or_else(|| self.import_version.parse().ok())
    }
}

/// The tenant, as three proofs before each change know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// ORCAMO ID, nine digits: `000000452`.
    pub orcamo_id: String,
    /// 名称.
    pub name: String,
    /// The PostgreSQL whose `pg_restore` imports; not known where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<PgVersion>,
    /// What people say of the data that an import overwrites; nobody said where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<TenantData>,
}

/// What a tenant holds before its first import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TenantData {
    /// No patients.
    Nothing,
    /// Patients of a trial or a training, which may be overwritten.
    TrialData,
    /// The clinic works with it: nothing may be imported over it.
    LiveData,
}

/// Mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// SMTP server's name, as in its certificate.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// A private root certificate, PEM; the system's roots where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// User name for SMTP AUTH.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Its password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretRef>,
    /// Sender.
    pub from: String,
    /// Support's address: gets the error log.
    pub support: String,
    /// The clinic's and vendor's own addresses: get everything, the test mail too.
    pub notify: Vec<String>,
}

/// How an SMTP connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// STARTTLS, required.
    Starttls,
    /// TLS from the first byte.
    Tls,
}

/// Characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Characters {
    /// `orca`, the strict rules; `orca-vendor`; `postgres`.
    pub policy: String,
    /// The clinic's mapping file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<PathBuf>,
}

/// Times, each with its offset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cutover {
    /// Start of the test import.
    #[serde(with = "crate::clock::serde_jst")]
    pub test_import_at: Jst,
    /// Start of the cutover: service stop, final dump, production import.
    #[serde(with = "crate::clock::serde_jst")]
    pub production_at: Jst,
    /// End of the window; the roll-back must have ended by then.
    #[serde(with = "crate::clock::serde_jst")]
    pub window_end: Jst,
}

/// The maintenance calendar's sources; at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarRef {
    /// A YAML file of maintenance windows that people keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<PathBuf>,
    /// Calendars that the program reads by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feeds: Vec<Feed>,
    /// How old a reading may be, in seconds.
    #[serde(rename = "max_age", with = "secs", default = "usual_calendar_age")]
    pub max_age_secs: u64,
}

impl CalendarRef {
    /// How old a reading may be.
    pub fn max_age(&self) -> TimeDelta {
        secs::time_delta(self.max_age_secs)
    }
}

/// How old a reading of the notices may be where the clinic file does not say: one night.
pub const USUAL_CALENDAR_AGE_SECS: u64 = 24 * 60 * 60;

fn usual_calendar_age() -> u64 {
    USUAL_CALENDAR_AGE_SECS
}

/// An iCalendar source that is read again by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// An https address, or a file's path.
    pub ics: String,
    /// The private root certificate of its server, PEM; the system's roots where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Address that its name is looked up as; DNS where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolve: Option<std::net::IpAddr>,
}

impl Feed {
    /// True where it is a file and not an address.
    pub fn is_file(&self) -> bool {
        !self.ics.contains("://")
    }
}

/// A rule that people do without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The rule's code: `calendar-billing-days`.
    pub rule: String,
    /// Who may; names of `people`.
    pub by: Vec<String>,
    /// Why.
    pub reason: String,
}

/// Whom files with patient data are encrypted for, once no step needs them in clear. The keys that
/// open them are never on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtRest {
    /// Public keys of age, `age1...`; each alone opens every file.
    pub recipients: Vec<String>,
}

/// How long files with patient data are kept after the run has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Dumps.
    #[serde(rename = "dumps", with = "secs")]
    pub dumps_secs: u64,
    /// Raw logs of the management site.
    #[serde(rename = "logs", with = "secs")]
    pub logs_secs: u64,
}

impl Default for Retention {
    /// Thirty days for both: the way back stays open as long as the certificate must last.
    fn default() -> Self {
        const MONTH: u64 = 30 * 24 * 60 * 60;
        Self { dumps_secs: MONTH, logs_secs: MONTH }
    }
}

impl Retention {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Outputs of a step: named values that later steps, the report and resume use.
pub type Outputs = BTreeMap<String, serde_json::Value>;
