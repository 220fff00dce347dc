//! The client against the rehearsal's site: real TLS, real cookies, a real PostgreSQL.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use duct::cmd;
use sha2::{Digest, Sha256};
use url::Url;

use super::*;
use crate::clock::Clock;
use crate::diag::{Explain, Kind};
use crate::progress::Progress;
use crate::rehearsal::pki::Pki;
use crate::rehearsal::site::{
    CloudDb, GatewayFault, ImportStatus, Site, SiteConfig, SiteFaults, Skin, TenantSeed, TlsFault,
};
use crate::secret::{SecretRef, SecretString};

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";
const PORT: u16 = 5432;
pub(super) const PASSWORD: &str = "rehearsal&password=1";

/// A throw-away cluster; it ends with the last test that holds it.
struct Cluster(tempfile::TempDir);

impl Cluster {
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let cluster = Arc::new(Self::start());
            *shared = Arc::downgrade(&cluster);
            cluster
        })
    }

    fn start() -> Self {
        let dir = crate::archive::test_server::folder();
        std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o777)).unwrap();
        let data = dir.path().join("data").display().to_string();
        let options =
            format!("-k {} -p {PORT} -c listen_addresses= -c fsync=off", dir.path().display());
        let log = dir.path().join("log").display().to_string();
        as_postgres(
            "initdb",
            &["-D", &data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N"],
        );
        as_postgres("pg_ctl", &["start", "-w", "-D", &data, "-o", &options, "-l", &log]);
        Self(dir)
    }

    fn sql(&self, database: &str, sql: &str) -> String {
        let psql = Path::new(PROGRAMS).join("psql");
        cmd!(psql, "-XAtq", "-h", self.0.path(), "-U", "postgres", "-d", database, "-c", sql)
            .env("PGPORT", PORT.to_string())
            .read()
            .unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.0.path().join("data").display().to_string();
        as_postgres("pg_ctl", &["stop", "-m", "immediate", "-D", &data]);
        as_user("rm", &["-rf", &data]);
    }
}

fn as_postgres(program: &str, args: &[&str]) {
    as_user(&format!("{PROGRAMS}/{program}"), args);
}

/// PostgreSQL's server refuses to run as root.
fn as_user(program: &str, args: &[&str]) {
    let run = if rustix::process::geteuid().is_root() {
        cmd("sudo", [&["-n", "-u", "postgres", program], args].concat())
    } else {
        cmd(program, args)
    };
    let done = run.dir("/tmp").stdout_null().unchecked().run().unwrap();
    assert!(done.status.success() || program == "rm", "{program}");
}

/// A site, and what a client needs to come to it.
pub(super) struct Stage {
    pub(super) site: Site,
    cluster: Arc<Cluster>,
    pki: Arc<Pki>,
    pub(super) dir: tempfile::TempDir,
    tenant: u32,
}

/// A stage whose site is away.
pub(super) struct Away {
    cluster: Arc<Cluster>,
    pki: Arc<Pki>,
    dir: tempfile::TempDir,
    tenant: u32,
}

impl Away {
    /// The site comes back, at the same address and with the same dumps.
    pub(super) async fn back(self) -> Stage {
        let Self { cluster, pki, dir, tenant } = self;
        let config = site_config(dir.path(), &cluster, &pki, tenant);
        let site = Site::start(config).await.unwrap();
        Stage { site, cluster, pki, dir, tenant }
    }
}

fn site_config(dir: &Path, cluster: &Cluster, pki: &Arc<Pki>, tenant: u32) -> SiteConfig {
    SiteConfig {
        dir: dir.join("site"),
        pki: pki.clone(),
        clock: Clock::Rehearsal(dir.join("clock")),
        cloud: CloudDb {
            socket_dir: cluster.0.path().to_owned(),
            port: PORT,
            user: "postgres".into(),
            program_dir: PROGRAMS.into(),
        },
        tenant: TenantSeed {
            orcamo_id: format!("{tenant:09}"),
            name: "OSC用テナント".into(),
            hospital_id: "JPN000000000000".into(),
            dumps_at_start: 2,
        },
        login: ("tenant_admin452".into(), SecretString::from(PASSWORD)),
        faults: SiteFaults::default(),
        import_seconds_min: 0.1,
    }
}

impl Stage {
    pub(super) async fn new(tenant: u32, faults: SiteFaults) -> Self {
        Self::with_dumps(tenant, faults, 2).await
    }

    /// A site whose tenant has so many dumps.
    pub(super) async fn with_dumps(tenant: u32, faults: SiteFaults, dumps_at_start: u32) -> Self {
        let change = |config: &mut SiteConfig| {
            config.faults = faults;
            config.tenant.dumps_at_start = dumps_at_start;
        };
        Self::with(tenant, change).await
    }

    /// A site that is made otherwise.
    pub(super) async fn with(tenant: u32, change: impl FnOnce(&mut SiteConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let cluster = Cluster::shared();
        let pki = Arc::new(Pki::create(dir.path()).unwrap());
        let clock = Clock::Rehearsal(dir.path().join("clock"));
        clock.set(&(Clock::System.now() + chrono::TimeDelta::days(40))).unwrap();
        secret(dir.path(), "id", "tenant_admin452\n");
        secret(dir.path(), "password", &format!("{PASSWORD}\n"));
        let mut config = site_config(dir.path(), &cluster, &pki, tenant);
        change(&mut config);
        let site = Site::start(config).await.unwrap();
        Self { site, cluster, pki, dir, tenant }
    }

    /// The site goes away, as where the VPN drops.
    pub(super) async fn leave(self) -> Away {
        let Self { site, cluster, pki, dir, tenant } = self;
        site.shutdown().await;
        Away { cluster, pki, dir, tenant }
    }

    pub(super) fn config(&self) -> PortalConfig {
        let url = |text: String| Url::parse(&text).unwrap();
        let file = |name: &str| self.dir.path().join(name);
        PortalConfig {
            control: url(self.site.control_url()),
            auth: url(self.site.auth_url()),
            management: url(self.site.management_url()),
            resolve: Some([127, 0, 0, 1].into()),
            ca: file("ca.crt"),
            client_p12: file("client1423.p12"),
            client_pass: SecretRef::in_file(file("client1423.pass")),
            login_id: SecretRef::in_file(file("id")),
            login_password: SecretRef::in_file(file("password")),
            orcamo_id: format!("{:09}", self.tenant),
            tenant_name: "OSC用テナント".into(),
            import_version: "15".into(),
            profile: Profile::built_in().unwrap(),
            clock: Clock::Rehearsal(file("clock")),
        }
    }

    pub(super) async fn session(&self) -> Session {
        Session::open(self.config()).await.unwrap()
    }

    /// The code of what keeps a session from opening.
    async fn refusal(&self, change: impl FnOnce(&mut PortalConfig)) -> &'static str {
        let mut config = self.config();
        change(&mut config);
        let error = Session::open(config).await.unwrap_err();
        assert!(!error.to_string().contains(PASSWORD) && !format!("{error:?}").contains(PASSWORD));
        error.code()
    }

    /// An archive of a clinic with three patients.
    pub(super) fn archive(&self) -> PathBuf {
        let (name, file) = (format!("clinic_{}", self.tenant), self.dir.path().join("orca.dump"));
        self.cluster.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.cluster.sql(
            &name,
            "CREATE TABLE tbl_ptinf (ptid int, name text); \
             INSERT INTO tbl_ptinf VALUES (1,'架空　一郎'),(2,'架空　二郎'),(3,'髙﨑　架空')",
        );
        let pg_dump = Path::new(PROGRAMS).join("pg_dump");
        cmd!(pg_dump, "-Fc", "-h", self.cluster.0.path(), "-U", "postgres", "-f", &file, &name)
            .env("PGPORT", PORT.to_string())
            .run()
            .unwrap();
        file
    }

    pub(super) async fn import(&self, file: &Path) -> Result<ImportDone, ImportFailure> {
        self.session().await.import(file, &Progress::default()).await
    }
}

fn secret(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn the_whole_way_probe_export_import_export_delete() {
    let stage = Stage::new(701, SiteFaults::default()).await;
    let mut session = stage.session().await;

    let probe = session.probe().await.unwrap();
    assert!(probe.pages.iter().all(|page| page.verdict == PageVerdict::Ok), "{probe:#?}");
    assert_eq!(probe.pages.iter().map(|page| page.page).collect::<Vec<_>>(), PageKind::ALL);
    assert_eq!((probe.free_slots, probe.dumps.len()), (3, 2));
    assert_eq!(probe.import_versions, ["9.6", "10", "12", "15"]);
    assert!(probe.can_import && probe.certificate.asked);
    assert_eq!(probe.certificate.cn, "client1423");
    assert_eq!(probe.certificate.password, PasswordForm::Trimmed);
    assert_eq!(probe.clock_skew_secs.len(), 3);
    assert!(probe.clock_skew_secs.values().all(|skew| skew.abs() <= 2));

    let before = session.export_start().await.unwrap();
    session.export_wait(&before, Duration::from_secs(30)).await.unwrap();
    let saved = stage.dir.path().join("before.dump");
    let progress = Progress::default();
    let got = session.download(&before, &saved, &progress, None).await.unwrap();
    let bytes = std::fs::read(&saved).unwrap();
    assert_eq!(got.sha256.as_str(), hex::encode(Sha256::digest(&bytes)));
    assert_eq!((got.bytes, progress.read().bytes), (bytes.len() as u64, bytes.len() as u64));
    assert_eq!(std::fs::metadata(&saved).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!stage.dir.path().join("before.dump.part").exists());

    let file = stage.archive();
    let done = session.import(&file, &Progress::default()).await.unwrap();
    let sent = std::fs::read(&file).unwrap();
    assert_eq!(done.sha256.as_str(), hex::encode(Sha256::digest(&sent)));
    assert_eq!((done.bytes, done.version.as_str()), (sent.len() as u64, "15"));
    let names = stage
        .cluster
        .sql("tenant_701", "SELECT string_agg(name, ',' ORDER BY ptid) FROM tbl_ptinf");
    assert_eq!(names, "架空　一郎,架空　二郎,髙﨑　架空");
    assert_eq!(stage.site.state().imports.first().unwrap().version, "15");

    // Ours goes, the tenant's own two stay.
    session.delete_dump(&before).await.unwrap();
    let left: Vec<DumpRow> = session.dumps().await.unwrap();
    assert_eq!(left, probe.dumps);
    let again = session.delete_dump(&before).await.unwrap_err();
    assert_eq!(again.code(), "portal-dump-gone");
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_is_opened_again_for_looking() {
    let stage = Stage::new(702, SiteFaults::default()).await;
    let mut session = stage.session().await;
    let row = session.export_start().await.unwrap();
    stage.site.end_sessions();
    session.export_wait(&row, Duration::from_secs(30)).await.unwrap();
    stage.site.end_sessions();
    let dest = stage.dir.path().join("x.dump");
    session.download(&row, &dest, &Progress::default(), None).await.unwrap();
}

#[tokio::test]
async fn nothing_is_opened_where_the_way_is_not_as_planned() {
    let stage = Stage::new(703, SiteFaults::default()).await;
    assert_eq!(
        stage.refusal(|config| config.orcamo_id = "000000704".into()).await,
        "portal-other-tenant"
    );
    assert_eq!(
        stage.refusal(|config| config.tenant_name = "別の医院".into()).await,
        "portal-other-tenant"
    );
    let http = Url::parse("http://ctrl.cmo.orcamo.jp").unwrap();
    assert_eq!(stage.refusal(|config| config.control = http).await, "portal-address");
    let other_path = Url::parse("https://auth.glcmo.orcamo.jp").unwrap();
    assert_eq!(stage.refusal(|config| config.auth = other_path).await, "portal-redirect-foreign");
    let silent = Url::parse("https://ctrl.cmo.orcamo.jp:9").unwrap();
    assert_eq!(stage.refusal(|config| config.control = silent).await, "portal-unreachable");

    let foreign = tempfile::tempdir().unwrap();
    Pki::create(foreign.path()).unwrap();
    let ca = foreign.path().join("ca.crt");
    assert_eq!(stage.refusal(|config| config.ca = ca).await, "portal-tls");
    let (p12, pass) =
        (foreign.path().join("client1423.p12"), foreign.path().join("client1423.pass"));
    let code = stage
        .refusal(|config| {
            config.client_p12 = p12;
            config.client_pass = SecretRef::in_file(pass);
        })
        .await;
    assert_eq!(code, "portal-certificate-refused");

    let later = Clock::Rehearsal(stage.dir.path().join("later"));
    later.set(&(Clock::System.now() + chrono::TimeDelta::days(3650))).unwrap();
    assert_eq!(stage.refusal(|config| config.clock = later).await, "portal-certificate-ended");

    secret(stage.dir.path(), "password", "wrong \n");
    assert_eq!(stage.refusal(|_| ()).await, "portal-login-refused");
    stage.site.set_faults(SiteFaults { maintenance_page: true, ..SiteFaults::default() });
    assert_eq!(stage.refusal(|_| ()).await, "portal-maintenance");
    secret(stage.dir.path(), "password", PASSWORD);
    stage.site.set_faults(SiteFaults { other_tenant_name: true, ..SiteFaults::default() });
    assert_eq!(stage.refusal(|_| ()).await, "portal-other-tenant");
}

#[tokio::test]
async fn a_vendors_certificate_and_a_renamed_label_stop_before_the_upload() {
    let stage = Stage::new(704, SiteFaults::default()).await;
    let file = stage.archive();
    let mut config = stage.config();
    config.client_p12 = stage.dir.path().join("client324.p12");
    config.client_pass = SecretRef::in_file(stage.dir.path().join("client324.pass"));
    let mut vendor = Session::open(config).await.unwrap();
    assert!(!vendor.probe().await.unwrap().can_import);
    let failure = vendor.import(&file, &Progress::default()).await.unwrap_err();
    assert_eq!(failure.error.code(), "portal-certificate-cannot-import");
    assert_eq!(failure.certainty, Certainty::NotStarted);

    stage.site.set_faults(SiteFaults { label_renamed: true, ..SiteFaults::default() });
    let failure = stage.import(&file).await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::NotStarted);
    let PortalError::PageUnknown { expected, seen, .. } = &failure.error else {
        panic!("{failure:?}")
    };
    assert!(expected == "DBインポート" && seen.contains("データ取込"), "{seen}");
    // The vendor mends the profile the same evening.
    let mended = Profile::built_in_text().replace("[DBインポート]", "[DBインポート, データ取込]");
    let mut config = stage.config();
    config.profile = Profile::parse(&mended).unwrap();
    let mut session = Session::open(config).await.unwrap();
    session.import(&file, &Progress::default()).await.unwrap();

    stage.site.set_faults(SiteFaults { no_version: Some("15".into()), ..SiteFaults::default() });
    let failure = stage.import(&file).await.unwrap_err();
    assert_eq!(failure.error.code(), "portal-version-missing");
    assert_eq!(stage.site.state().uploads, 1);
}

#[tokio::test]
async fn a_clock_that_is_off_stops_an_import_but_not_a_probe() {
    let stage = Stage::new(705, SiteFaults::default()).await;
    let file = stage.archive();
    let mut config = stage.config();
    let wrong = Clock::Rehearsal(stage.dir.path().join("other-clock"));
    wrong.set(&(config.clock.now() - chrono::TimeDelta::minutes(2))).unwrap();
    config.clock = wrong;
    let mut session = Session::open(config).await.unwrap();
    let skews = session.probe().await.unwrap().clock_skew_secs;
    assert!(skews.values().all(|skew| (118..=122).contains(skew)), "{skews:?}");
    let failure = session.import(&file, &Progress::default()).await.unwrap_err();
    assert_eq!(failure.error.code(), "portal-clock-skew");
    assert_eq!(failure.certainty, Certainty::NotStarted);
    assert_eq!(stage.site.state().uploads, 0);
}

#[tokio::test]
async fn dumps_that_fail_stay_or_find_no_place_are_told_apart() {
    let faults = SiteFaults { dump_fails: true, ..SiteFaults::default() };
    let stage = Stage::new(706, faults).await;
    let mut session = stage.session().await;
    let row = session.export_start().await.unwrap();
    let failed = session.export_wait(&row, Duration::from_secs(30)).await.unwrap_err();
    assert_eq!(failed.code(), "portal-dump-failed");
    let early =
        session.download(&row, &stage.dir.path().join("x"), &Progress::default(), None).await;
    assert!(early.is_err() && !stage.dir.path().join("x").exists());

    stage.site.set_faults(SiteFaults { dump_stuck: true, ..SiteFaults::default() });
    let row = session.export_start().await.unwrap();
    let stuck = session.export_wait(&row, Duration::from_secs(1)).await.unwrap_err();
    assert!(
        matches!(&stuck, PortalError::DumpStateUnknown { state, .. } if state == "ダンプ中"),
        "{stuck:?}"
    );
    assert_eq!(stuck.kind(), Kind::NotUnderstood);

    // A site that shows neither a number nor another second for two dumps cannot be told apart.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    session.export_start().await.unwrap();
    let full = session.export_start().await.unwrap_err();
    assert!(matches!(full, PortalError::SlotsFull { used: 5 }), "{full:?}");
    assert_eq!(stage.site.state().dumps.len(), 5);
}

#[tokio::test]
async fn an_import_log_is_an_abnormal_end_and_its_rows_stay_out_of_the_error() {
    let stage = Stage::new(707, SiteFaults { import_log: true, ..SiteFaults::default() }).await;
    let failure = stage.import(&stage.archive()).await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::Ended);
    assert_eq!(failure.error.code(), "portal-import-failed");
    let log = failure.import_log.unwrap();
    assert!(log.contains("tbl_ptinf"), "{log}");
    let failure = stage.import(&stage.dir.path().join("orca.dump")).await.unwrap_err();
    let told = format!("{failure:?} {}", failure.error);
    assert!(!told.contains("架空"), "{told}");
}

#[tokio::test]
async fn whatever_breaks_after_the_first_byte_is_in_doubt_and_sent_once() {
    let stage = Stage::new(708, SiteFaults::default()).await;
    let file = stage.archive();
    let doubts = [
        SiteFaults { connection_cut: Some(100), ..SiteFaults::default() },
        SiteFaults { answer_lost: true, ..SiteFaults::default() },
        SiteFaults { import_502: GatewayFault::BeforeJob, ..SiteFaults::default() },
        SiteFaults { import_502: GatewayFault::AfterJob, ..SiteFaults::default() },
    ];
    for (count, faults) in (1..).zip(doubts) {
        stage.site.set_faults(faults.clone());
        let failure = stage.import(&file).await.unwrap_err();
        assert_eq!(failure.certainty, Certainty::InDoubt, "{faults:?} {failure:?}");
        assert_eq!(failure.error.code(), "portal-import-in-doubt");
        assert_eq!(failure.error.kind(), Kind::InDoubt);
        assert_eq!(stage.site.state().uploads, count);
        while stage.site.state().imports.iter().any(|row| row.status == ImportStatus::Running) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn a_session_that_ends_during_the_import_leaves_it_in_doubt() {
    let stage = Stage::new(709, SiteFaults::default()).await;
    let file = stage.archive();
    let mut session = stage.session().await;
    let progress = Progress::default();
    let ender = async {
        while stage.site.state().imports.is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        stage.site.set_faults(SiteFaults { login_refused: true, ..SiteFaults::default() });
        stage.site.end_sessions();
    };
    let (result, ()) = tokio::join!(session.import(&file, &progress), ender);
    let failure = result.unwrap_err();
    assert_eq!(failure.certainty, Certainty::InDoubt, "{failure:?}");
    assert!(
        matches!(failure.error, PortalError::ImportInDoubt { cause: "portal-session-lost", .. }),
        "{failure:?}"
    );
}

#[tokio::test]
async fn every_way_the_site_may_be_built_is_driven_or_refused() {
    let stage = Stage::new(710, SiteFaults::default()).await;
    let file = stage.archive();
    for skin in [Skin::Buttons, Skin::Turbo] {
        stage.site.set_faults(SiteFaults { skin, ..SiteFaults::default() });
        let mut session = stage.session().await;
        let row = session.export_start().await.unwrap();
        session.export_wait(&row, Duration::from_secs(30)).await.unwrap();
        let dest = stage.dir.path().join("skin.dump");
        session.download(&row, &dest, &Progress::default(), None).await.unwrap();
        session.import(&file, &Progress::default()).await.unwrap();
        session.delete_dump(&row).await.unwrap();
    }
    stage.site.set_faults(SiteFaults { skin: Skin::ScriptOnly, ..SiteFaults::default() });
    assert_eq!(stage.refusal(|_| ()).await, "portal-needs-browser");
    stage.site.set_faults(SiteFaults { foreign_redirect: true, ..SiteFaults::default() });
    assert_eq!(stage.refusal(|_| ()).await, "portal-redirect-foreign");
    assert_eq!(stage.site.state().dumps.len(), 2);
}

#[tokio::test]
async fn servers_with_bad_certificates_are_refused_and_each_tls_version_works() {
    let cases = [
        (TlsFault::Expired, Some("expired")),
        (TlsFault::WrongName, Some("other-name")),
        (TlsFault::Only12, None),
        (TlsFault::Only13, None),
    ];
    for (tenant, (tls, expected)) in (711..).zip(cases) {
        let stage = Stage::new(tenant, SiteFaults { tls, ..SiteFaults::default() }).await;
        let seen = match Session::open(stage.config()).await {
            Err(PortalError::Tls { reason, .. }) => Some(reason),
            Err(other) => panic!("{tls:?}: {other:?}"),
            Ok(_) => None,
        };
        assert_eq!(seen, expected, "{tls:?}");
    }
}

#[tokio::test]
async fn odd_dumps_and_downloads_stop_the_export() {
    let stage = Stage::new(720, SiteFaults::default()).await;
    stage.site.set_faults(SiteFaults { dump_state_unknown: true, ..SiteFaults::default() });
    let mut session = stage.session().await;
    let row = session.export_start().await.unwrap();
    let unknown = session.export_wait(&row, Duration::from_secs(2)).await.unwrap_err();
    assert_eq!(unknown.code(), "portal-dump-state-unknown");

    stage.site.set_faults(SiteFaults { two_new_dumps: true, ..SiteFaults::default() });
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let two = session.export_start().await.unwrap_err();
    assert!(matches!(two, PortalError::DumpNotOne { count: 2 }), "{two:?}");

    stage.site.set_faults(SiteFaults { download_cut: true, ..SiteFaults::default() });
    let seeded = session.dumps().await.unwrap().pop().unwrap();
    let dest = stage.dir.path().join("cut.dump");
    let cut = session.download(&seeded, &dest, &Progress::default(), None).await.unwrap_err();
    assert_eq!(cut.code(), "portal-download-short");
    assert!(!dest.exists());
}

#[tokio::test]
async fn the_rarer_ends_of_an_import_are_told_apart() {
    let stage = Stage::new(721, SiteFaults::default()).await;
    let file = stage.archive();
    let faults = SiteFaults::default;
    let cases = [
        (
            SiteFaults { clock_off_secs: 120, ..faults() },
            Certainty::NotStarted,
            "portal-clock-skew",
        ),
        (
            SiteFaults { completion_and_log: true, ..faults() },
            Certainty::Ended,
            "portal-import-failed",
        ),
        (
            SiteFaults { session_ends_after_upload: true, ..faults() },
            Certainty::InDoubt,
            "portal-import-in-doubt",
        ),
    ];
    for (fault, certainty, code) in cases {
        stage.site.set_faults(fault.clone());
        let Err(failure) = stage.import(&file).await else { panic!("{fault:?}") };
        assert_eq!((failure.certainty, failure.error.code()), (certainty, code), "{fault:?}");
        while stage.site.state().imports.iter().any(|row| row.status == ImportStatus::Running) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    stage.site.set_faults(SiteFaults { import_waits: true, ..faults() });
    stage.import(&file).await.unwrap();
    // The same link twice leads to one page.
    stage.site.set_faults(SiteFaults { label_doubled: true, ..faults() });
    stage.import(&file).await.unwrap();
    assert_eq!(stage.site.state().uploads, 4);
}
