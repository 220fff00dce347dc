//! Builds the world: the clinic's server, the management site, the mail sink, the clock, and the
//! clinic file that names them.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;

use super::clinic::{self, BadName, ClinicError, ClinicSeed, ClinicService, ClinicSummary};
use super::cluster::{Auth, Cluster, ClusterConfig, ensure_os_user, sudo_ready};
use super::error::WorldError;
use super::fault::Fault;
use super::full_disk::FullDisk;
use super::mail_sink::{MailSink, MailSinkConfig};
use super::pki::Pki;
use super::site::{CloudDb, Site, SiteConfig, SiteFaults, TenantSeed};
use crate::clock::{Clock, Jst};
use crate::diag::SourceText;
use crate::playbook::{self, Clinic, Feed, Override};
use crate::secret::{SecretRef, SecretString};

/// The shipped playbook and the clinic's example files, part of the program.
const PLAYBOOK: &str = include_str!("../../playbooks/cutover.yaml");
const CLINIC: &str = include_str!("../../examples/clinic.yaml");
const CHARACTERS: &str = include_str!("../../examples/characters.yaml");
/// The synthetic clinic has its IBM extension (﨑) from PostgreSQL, so that is how it is read; its
/// fixed-width records keep their positions.
const CLINIC_READING: &str = "reading: eucjp-ms\npacked_columns: {tbl_syskanri.kanritbl: apart}\n";

/// OS user that runs the database servers.
const SERVER_USER: &str = "postgres";

/// Name of the mail sink, in its certificate and in the clinic file.
const MAIL_HOST: &str = "localhost";

/// User of the mail sink.
const MAIL_USER: &str = "cutover";

/// Log-in id of the synthetic tenant administrator.
const LOGIN_ID: &str = "tenant_admin452";

/// The rehearsal's clock starts this long before the test import.
const HEAD_START: TimeDelta = TimeDelta::minutes(30);

/// An upload is cut after so many bytes by the fault `connection-cut`.
const CUT_AFTER_BYTES: u64 = 100_000;

/// What world to build.
#[derive(Clone, Debug)]
pub struct WorldConfig {
    /// An empty or missing folder that every user may enter.
    pub dir: PathBuf,
    /// The playbook's text; the shipped one where it is `None`.
    pub playbook: Option<String>,
    /// Patients of the synthetic clinic.
    pub patients: u32,
    /// Table data of about this many bytes instead.
    pub size_bytes: Option<u64>,
    /// Its seed.
    pub seed: u64,
    /// Dumps of the tenant that are there already, and that the clinic file lets go.
    pub dumps: u32,
    /// What goes wrong.
    pub fault: Option<Fault>,
}

/// A running world. Its servers end with [`World::end`] or when it is dropped.
pub struct World {
    /// Everything lies in here.
    pub dir: PathBuf,
    /// The playbook that is rehearsed.
    pub playbook: PathBuf,
    /// The clinic file: the example's, with this world's addresses.
    pub clinic: PathBuf,
    /// The rehearsal's clock.
    pub clock: Clock,
    /// The on-premises side.
    pub summary: ClinicSummary,
    /// The management site.
    pub site: Site,
    /// The mail sink.
    pub sink: MailSink,
    service: ClinicService,
    on_premises: Cluster,
    cloud: Cluster,
    full_disk: Option<FullDisk>,
}

impl World {
    /// Builds it.
    ///
    /// # Errors
    /// Where a program, a right or a port is missing; what was started is stopped again.
    pub async fn build(config: &WorldConfig) -> Result<Self, WorldError> {
        make_dir(&config.dir)?;
        let dir = config.dir.clone();
        let clinic_id = example()?.clinic_id;
        let seed = ClinicSeed {
            patients: config.patients,
            seed: config.seed,
            clinic_id,
            bad_name: (config.fault == Some(Fault::BadCharacter)).then_some(BadName::Taka),
            size_bytes: config.size_bytes,
        };
        let clusters_dir = dir.clone();
        let (on_premises, cloud, summary, service) = in_thread(move || {
            let on_premises = start_cluster(&clusters_dir, "clinic", Auth::PeerMap)?;
            let cloud = start_cluster(&clusters_dir, "cloud", Auth::Trust)?;
            let summary = clinic::generate(on_premises.handle(), &seed)?;
            let service = ClinicService::install(&clusters_dir, on_premises.handle())?;
            let mut source = on_premises.handle().source(clinic::OWNER, clinic::OWNER);
            source.service = service.commands();
            crate::source::service::start(&source).map_err(ClinicError::from)?;
            Ok((on_premises, cloud, summary, service))
        })
        .await?;
        let clock = Clock::Rehearsal(dir.join("clock"));
        let secrets = dir.join("secrets");
        private_dir(&secrets)?;
        let pki = Arc::new(Pki::create(&secrets)?);
        let password = crate::ids::RunId::fresh().to_string();
        let mail_password = crate::ids::RunId::fresh().to_string();
        write(&secrets.join("smtp_password"), &mail_password)?;
        let site = start_site(config, &pki, &clock, &cloud, &password).await?;
        let sink = start_sink(config, &pki, &mail_password).await?;
        let mut clinic = example()?;
        late_test_import(&mut clinic, config.fault);
        set_clock(&clock, &clinic)?;
        write_files(&dir, &password, config)?;
        let handle = on_premises.handle();
        clinic.source.socket_dir = Some(handle.socket_dir.clone());
        clinic.source.port = Some(handle.port);
        clinic.source.program_dir = Some(handle.program_dir.clone());
        let commands = service.commands();
        clinic.source.service.stop = commands.stop;
        clinic.source.service.start = commands.start;
        clinic.source.service.status = commands.status;
        point_at_site(&mut clinic, &site, &dir, config.fault);
        let named = usize::try_from(config.dumps).unwrap_or(usize::MAX);
        clinic.portal.release_dumps = site.dump_times().into_iter().take(named).collect();
        clinic.mail.host = MAIL_HOST.to_owned();
        clinic.mail.port = sink.port;
        clinic.mail.user = Some(MAIL_USER.to_owned());
        clinic.mail.password = Some(SecretRef::in_file(dir.join("secrets/smtp_password")));
        clinic.mail.ca = Some(dir.join("secrets/ca.crt"));
        clinic.calendar.maintenance = None;
        clinic.calendar.feeds = vec![Feed {
            ics: site.notices_url(),
            ca: Some(dir.join("secrets/ca.crt")),
            resolve: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        }];
        write(&site.notices_file(), &announcements(&clinic, config.fault))?;
        clinic.characters.mapping = Some(dir.join("characters.yaml"));
        if config.fault == Some(Fault::BadCharacter) {
            clinic.overrides.push(unscanned(&clinic));
        }
        clinic.work_dir = dir.join("work");
        clinic.rehearsal_clock = Some(dir.join("clock"));
        let clinic_path = dir.join("clinic.yaml");
        write(&clinic_path, &clinic.to_yaml())?;
        let full_disk = match config.fault {
            Some(Fault::DiskFull) => Some(small_disk(&dir, &on_premises)?),
            _ => None,
        };
        Ok(Self {
            playbook: dir.join("cutover.yaml"),
            clinic: clinic_path,
            clock,
            summary,
            site,
            sink,
            service,
            on_premises,
            cloud,
            full_disk,
            dir,
        })
    }

    /// The mails that were received, oldest first.
    pub fn mails(&self) -> Vec<PathBuf> {
        self.sink.received()
    }

    /// Stops the servers. Their data is deleted unless `keep` is set; what the run wrote stays.
    ///
    /// # Errors
    /// Where a server does not stop, or files cannot be deleted.
    pub async fn end(self, keep: bool) -> Result<(), WorldError> {
        self.site.shutdown().await;
        self.sink.shutdown().await;
        let Self { service, on_premises, cloud, full_disk, .. } = self;
        in_thread(move || {
            // A service that does not stop ends with its database.
            let _ = service.stop(on_premises.handle());
            if let Some(disk) = full_disk {
                disk.unmount()?;
            }
            if keep {
                on_premises.stop()?;
                cloud.stop()?;
            } else {
                on_premises.remove()?;
                cloud.remove()?;
            }
            Ok(())
        })
        .await
    }
}

async fn in_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, WorldError> + Send + 'static,
) -> Result<T, WorldError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(WorldError::Shipped { name: "rehearsal" }),
    }
}

fn example() -> Result<Clinic, WorldError> {
    let source = SourceText { name: "examples/clinic.yaml".to_owned(), text: CLINIC.into() };
    playbook::load_clinic(&source).map_err(|_| WorldError::Shipped { name: "examples/clinic.yaml" })
}

fn make_dir(dir: &Path) -> Result<(), WorldError> {
    use std::os::unix::fs::PermissionsExt;
    let failed = |reason| WorldError::File { path: dir.to_owned(), reason };
    std::fs::create_dir_all(dir).map_err(failed)?;
    if std::fs::read_dir(dir).map_err(failed)?.next().is_some() {
        return Err(WorldError::NotEmpty { path: dir.to_owned() });
    }
    // The database servers run as another user and must be able to pass.
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).map_err(failed)
}

fn private_dir(dir: &Path) -> Result<(), WorldError> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|reason| WorldError::File { path: dir.to_owned(), reason })
}

fn start_cluster(dir: &Path, name: &str, auth: Auth) -> Result<Cluster, WorldError> {
    sudo_ready(SERVER_USER)?;
    ensure_os_user(clinic::OWNER)?;
    Ok(Cluster::start(&ClusterConfig {
        dir: dir.to_owned(),
        name: name.to_owned(),
        os_user: SERVER_USER.to_owned(),
        auth,
    })?)
}

async fn start_site(
    config: &WorldConfig,
    pki: &Arc<Pki>,
    clock: &Clock,
    cloud: &Cluster,
    password: &str,
) -> Result<Site, WorldError> {
    let clinic = example()?;
    let handle = cloud.handle();
    Ok(Site::start(SiteConfig {
        dir: config.dir.join("site"),
        pki: pki.clone(),
        clock: clock.clone(),
        cloud: CloudDb {
            socket_dir: handle.socket_dir.clone(),
            port: handle.port,
            user: handle.superuser.clone(),
            program_dir: handle.program_dir.clone(),
        },
        tenant: TenantSeed {
            orcamo_id: clinic.portal.tenant.orcamo_id.clone(),
            name: clinic.portal.tenant.name.clone(),
            hospital_id: clinic.clinic_id.trim_start_matches("JPN").to_owned(),
            dumps_at_start: config.dumps,
        },
        login: (LOGIN_ID.to_owned(), SecretString::from(password.to_owned())),
        faults: site_faults(config.fault),
        import_seconds_min: 0.3,
    })
    .await?)
}

fn site_faults(fault: Option<Fault>) -> SiteFaults {
    let none = SiteFaults::default();
    let import = |number: u32| SiteFaults { only_import_number: Some(number), ..none.clone() };
    match fault {
        Some(Fault::ImportLog) => SiteFaults { import_log: true, ..import(1) },
        Some(Fault::ImportLogProduction) => SiteFaults { import_log: true, ..import(2) },
        Some(Fault::RowsLost) => SiteFaults { rows_lost: true, ..import(1) },
        Some(Fault::LoginRefused) => SiteFaults { login_refused: true, ..none },
        Some(Fault::DumpFails) => SiteFaults { dump_fails: true, ..none },
        Some(Fault::ConnectionCut) => {
            SiteFaults { connection_cut: Some(CUT_AFTER_BYTES), ..import(2) }
        }
        Some(Fault::AnswerLost) => SiteFaults { answer_lost: true, ..import(2) },
        Some(Fault::LabelRenamed) => SiteFaults { label_renamed: true, ..none },
        Some(Fault::MaintenancePage) => SiteFaults { maintenance_page: true, ..none },
        Some(Fault::OtherTenant) => SiteFaults { other_tenant_name: true, ..none },
        Some(Fault::NoVersion) => SiteFaults { no_version: Some("15".to_owned()), ..none },
        Some(Fault::SlotsFull) => SiteFaults { slots_full: true, ..none },
        _ => none,
    }
}

async fn start_sink(
    config: &WorldConfig,
    pki: &Pki,
    password: &str,
) -> Result<MailSink, WorldError> {
    let issued = pki.server(&[MAIL_HOST])?;
    let dir = config.dir.join("mail");
    let mut sink = MailSinkConfig::new(&dir, issued.chain.clone(), issued.key.clone_key());
    sink.login = Some((MAIL_USER.to_owned(), password.to_owned()));
    if config.fault == Some(Fault::MailDown) {
        sink.faults.later_4xx = u32::MAX;
    }
    MailSink::start(sink).await.map_err(|reason| WorldError::File { path: dir, reason })
}

/// The scan would find the character before the run does; whoever rehearses the run's own stop
/// does without that rule, as a clinic would: by name and with a reason.
fn unscanned(clinic: &Clinic) -> Override {
    let decides = clinic.people.iter().filter(|person| person.role == "decides");
    Override {
        rule: "plan-characters-scanned".to_owned(),
        by: decides.map(|person| person.name.clone()).collect(),
        reason: "the dump itself shall stop (rehearsal)".to_owned(),
    }
}

/// The rule asks for seven days: one second less must be refused.
fn late_test_import(clinic: &mut Clinic, fault: Option<Fault>) {
    if fault == Some(Fault::LateTestImport) {
        clinic.cutover.test_import_at =
            clinic.cutover.production_at - TimeDelta::days(7) + TimeDelta::seconds(1);
    }
}

fn set_clock(clock: &Clock, clinic: &Clinic) -> Result<(), WorldError> {
    clock
        .set(&(clinic.cutover.test_import_at - HEAD_START))
        .map_err(|reason| WorldError::File { path: PathBuf::from("clock"), reason })
}

fn write_files(dir: &Path, password: &str, config: &WorldConfig) -> Result<(), WorldError> {
    write(&dir.join("cutover.yaml"), config.playbook.as_deref().unwrap_or(PLAYBOOK))?;
    write(&dir.join("characters.yaml"), &format!("{CHARACTERS}{CLINIC_READING}"))?;
    write(&dir.join("secrets/login_id"), LOGIN_ID)?;
    write(&dir.join("secrets/login_password"), password)
}

/// The sample's maintenance windows as the calendar that the site serves.
fn announcements(clinic: &Clinic, fault: Option<Fault>) -> String {
    let cutover = &clinic.cutover;
    let nights = [-5, 2].map(|days| cutover.production_at + TimeDelta::days(days));
    let mut windows: Vec<(Jst, TimeDelta, &str)> = nights
        .map(|night| {
            (night + TimeDelta::hours(3), TimeDelta::hours(7), "サーバー定期メンテナンス（見本）")
        })
        .into();
    if fault == Some(Fault::Maintenance) {
        let from = cutover.production_at + TimeDelta::hours(1);
        windows.push((from, TimeDelta::hours(2), "緊急メンテナンス（リハーサル）"));
    }
    let mut ics = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//rehearsal//JA\r\n".to_owned();
    for (number, (from, length, title)) in windows.into_iter().enumerate() {
        let utc = |at: Jst| at.to_utc().format("%Y%m%dT%H%M%SZ").to_string();
        ics.push_str(&format!(
            "BEGIN:VEVENT\r\nUID:rehearsal-{number}@notices.orcamo.example.jp\r\n\
             DTSTAMP:{}\r\nDTSTART:{}\r\nDTEND:{}\r\nSUMMARY:{title}\r\nEND:VEVENT\r\n",
            utc(cutover.test_import_at - TimeDelta::days(30)),
            utc(from),
            utc(from + length),
        ));
    }
    ics.push_str("END:VCALENDAR\r\n");
    ics
}

fn point_at_site(clinic: &mut Clinic, site: &Site, dir: &Path, fault: Option<Fault>) {
    let client = if fault == Some(Fault::VendorCertificate) { "client324" } else { "client1423" };
    let secrets = dir.join("secrets");
    let portal = &mut clinic.portal;
    portal.control = site.control_url();
    portal.auth = site.auth_url();
    portal.management = site.management_url();
    portal.resolve = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    portal.ca = secrets.join("ca.crt");
    portal.client_p12 = secrets.join(format!("{client}.p12"));
    portal.client_pass = SecretRef::in_file(secrets.join(format!("{client}.pass")));
    portal.login_id = SecretRef::in_file(secrets.join("login_id"));
    portal.login_password = SecretRef::in_file(secrets.join("login_password"));
    portal.import_version = "15".to_owned();
}

fn small_disk(dir: &Path, on_premises: &Cluster) -> Result<FullDisk, WorldError> {
    let rows = on_premises.handle().sql("orca", "SELECT pg_database_size('orca')")?;
    let bytes: u64 = rows
        .first()
        .and_then(|row| row.first())
        .and_then(|value| value.parse().ok())
        .unwrap_or(100_000_000);
    // The archives alone: a disk that is full to the last byte while the journal is on it would
    // show one time this failure and another time that one.
    let archives = dir.join("work/archives");
    private_dir(&archives)?;
    // Large enough for every check before the dump: the disk fills up afterwards.
    FullDisk::mount(&archives, bytes.saturating_mul(3) + 16_000_000)
}

fn write(path: &Path, text: &str) -> Result<(), WorldError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    // Whoever waits for the file must find all of it.
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let attempt = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&part)?;
        file.write_all(text.as_bytes())?;
        std::fs::rename(&part, path)
    };
    attempt().map_err(|reason| WorldError::File { path: path.to_owned(), reason })
}
