//! What a site is started with: where it lies, whose tenant it shows, what goes wrong.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::rehearsal::pki::Pki;
use crate::secret::SecretString;

/// Everything a [`super::Site`] needs.
pub struct SiteConfig {
    /// The site's own folder: uploads, dumps, state. Made where it is missing.
    pub dir: PathBuf,
    /// The certificates.
    pub pki: Arc<Pki>,
    /// The rehearsal's clock: every page, log line and `Date` header follows it.
    pub clock: Clock,
    /// The cluster that plays the cloud's database server.
    pub cloud: CloudDb,
    /// The clinic as the site knows it.
    pub tenant: TenantSeed,
    /// The log-in id and its password.
    pub login: (String, SecretString),
    /// What goes wrong.
    pub faults: SiteFaults,
    /// Shortest time, in seconds, that an import or a dump stays in each of its states, so that
    /// the states between can be seen even with a small database.
    pub import_seconds_min: f32,
}

/// A PostgreSQL cluster reached through its socket, with a role that may create databases.
#[derive(Clone, Debug)]
pub struct CloudDb {
    /// Folder of the socket.
    pub socket_dir: PathBuf,
    /// The port, which is part of the socket's name.
    pub port: u16,
    /// The role; no password is asked for.
    pub user: String,
    /// Folder of `psql`, `pg_dump`, `pg_restore`.
    pub program_dir: PathBuf,
}

/// The tenant's first state.
#[derive(Clone, Debug)]
pub struct TenantSeed {
    /// `000000452`; without its zeros it is the number in the addresses.
    pub orcamo_id: String,
    /// `OSC用テナント`.
    pub name: String,
    /// The 医療機関ID.
    pub hospital_id: String,
    /// Finished dumps that are there before anyone logs in; the manual's tenant has two.
    pub dumps_at_start: u32,
}

impl TenantSeed {
    /// The number in the addresses: the ORCAMO ID without its zeros (inferred from the manual).
    pub fn number(&self) -> &str {
        match self.orcamo_id.trim_start_matches('0') {
            "" => "0",
            number => number,
        }
    }

    /// The name of the tenant's database in the cloud cluster.
    pub fn database(&self) -> String {
        let digits: String = self.number().chars().filter(char::is_ascii_digit).collect();
        format!("tenant_{digits}")
    }
}

/// What goes wrong at the site, or is otherwise than the manual shows. Nothing is by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SiteFaults {
    /// Limits the faults of imports (`import_log`, `rows_lost`, `connection_cut`, `answer_lost`,
    /// `import_502`, `completion_and_log`, `session_ends_after_upload`) to the upload with this number, counted from 1. A cut upload counts.
    pub only_import_number: Option<u32>,
    /// The import restores the data and then ends with a log that quotes a row.
    pub import_log: bool,
    /// The import reports success although one row of `tbl_ptinf` is missing.
    pub rows_lost: bool,
    /// Every log-in is refused.
    pub login_refused: bool,
    /// Every new dump ends in 失敗.
    pub dump_fails: bool,
    /// Every new dump stays in ダンプ中.
    pub dump_stuck: bool,
    /// The connection of an upload is cut after this many bytes of the file; nothing is imported.
    pub connection_cut: Option<u64>,
    /// The import is done, but the connection is cut before the answer.
    pub answer_lost: bool,
    /// The menu item DBインポート is called データ取込.
    pub label_renamed: bool,
    /// Every page is a maintenance notice with status 503.
    pub maintenance_page: bool,
    /// The pages show another clinic's name.
    pub other_tenant_name: bool,
    /// The version select lacks this entry, such as `9.6`.
    pub no_version: Option<String>,
    /// All five places for dumps are taken at the start.
    pub slots_full: bool,
    /// A gateway answers an upload with 502.
    pub import_502: GatewayFault,
    /// The page of a good import shows the completion message and a log.
    pub completion_and_log: bool,
    /// The session has ended when the answer to an upload is read; the import goes on.
    pub session_ends_after_upload: bool,
    /// The answer to an upload is the end of the import, without a page in between.
    pub import_waits: bool,
    /// A new dump ends in a state whose word nobody knows.
    pub dump_state_unknown: bool,
    /// Somebody else starts a dump in the same moment.
    pub two_new_dumps: bool,
    /// A download ends in the middle.
    pub download_cut: bool,
    /// The menu holds the item DBインポート twice.
    pub label_doubled: bool,
    /// The link 日レセ管理画面 leads to a host that is not one of the three.
    pub foreign_redirect: bool,
    /// The session ends once the import form was shown, as one that was idle for too long.
    pub session_ends_at_form: bool,
    /// Somebody else deletes the oldest dump in the moment of a deletion.
    pub other_deletes: bool,
    /// Where a vendor's certificate meets its refusal.
    pub vendor_refused: VendorRefusal,
    /// Seconds by which the `Date` header is ahead of the rehearsal's clock.
    pub clock_off_secs: i64,
    /// How the servers speak TLS; read once, at the start.
    pub tls: TlsFault,
    /// How links and buttons that change something are made.
    pub skin: Skin,
}

/// Where a vendor's certificate meets its refusal. The manual only says that it cannot import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VendorRefusal {
    /// The menu lacks the item, and the form's address answers with 403.
    #[default]
    InMenu,
    /// The form's page shows a notice instead of the form.
    InPlaceOfForm,
    /// The form shows, and the upload is answered with 403.
    AfterUpload,
}

/// How the servers speak TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsFault {
    /// TLS 1.2 and 1.3 with a good certificate.
    #[default]
    Off,
    /// The certificates ended yesterday.
    Expired,
    /// The certificates are for another name.
    WrongName,
    /// Only TLS 1.2, which the service's name promises.
    Only12,
    /// Only TLS 1.3.
    Only13,
}

/// How the pages make what changes something. Which one the real site uses is inferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skin {
    /// Links with `data-method`, as Rails made them in 2019.
    #[default]
    Links,
    /// Small forms, as `button_to` makes them.
    Buttons,
    /// Links with `data-turbo-method`, as Rails makes them today.
    Turbo,
    /// Pages that only a script fills: a client without a browser must refuse them.
    ScriptOnly,
}

/// When the gateway gives up on an upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GatewayFault {
    /// It does not.
    #[default]
    Off,
    /// Before the import has begun: nothing is changed.
    BeforeJob,
    /// After the import has begun: it goes on unseen.
    AfterJob,
}

impl SiteFaults {
    /// The faults that hold for the upload with this number.
    pub(super) fn for_import(&self, number: u32) -> Self {
        match self.only_import_number {
            Some(only) if only != number => Self {
                import_log: false,
                rows_lost: false,
                connection_cut: None,
                answer_lost: false,
                import_502: GatewayFault::Off,
                completion_and_log: false,
                session_ends_after_upload: false,
                ..self.clone()
            },
            _ => self.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_second_import_spares_the_others() {
        let faults = SiteFaults {
            only_import_number: Some(2),
            answer_lost: true,
            login_refused: true,
            ..SiteFaults::default()
        };
        assert!(!faults.for_import(1).answer_lost);
        assert!(faults.for_import(2).answer_lost);
        assert!(!faults.for_import(3).answer_lost);
        assert!(faults.for_import(1).login_refused);
    }
}
