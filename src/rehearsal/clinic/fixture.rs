//! One cluster with one clinic for all tests of this process, used by one test at a time.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::{ClinicSeed, ClinicService, ClinicSummary, OWNER, generate};
use crate::rehearsal::cluster::{Auth, Cluster, ClusterConfig, ClusterHandle};
use crate::source::{SourceConfig, fence, service};

pub(crate) struct Fixture {
    pub(crate) cluster: ClusterHandle,
    pub(crate) dir: PathBuf,
    pub(crate) summary: ClinicSummary,
    /// Held open: its end tells the cleaner that this process is gone.
    _cleaner: std::io::PipeWriter,
}

pub(crate) fn seed() -> ClinicSeed {
    ClinicSeed { patients: 60, ..ClinicSeed::default() }
}

/// The fixture, with an open database and a stopped service whatever the last test left.
pub(crate) fn clinic() -> (MutexGuard<'static, Fixture>, SourceConfig) {
    static SHARED: OnceLock<Mutex<Fixture>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| Mutex::new(start()));
    let fixture = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let mut config = fixture.cluster.source(OWNER, OWNER);
    config.service = ClinicService::install(&fixture.dir, &fixture.cluster).unwrap().commands();
    service::stop(&config).unwrap();
    fence::open(&config).unwrap();
    (fixture, config)
}

fn start() -> Fixture {
    let dir = tempfile::Builder::new()
        .prefix("oc")
        .permissions(std::fs::Permissions::from_mode(0o755))
        .tempdir()
        .unwrap()
        .keep();
    let config = ClusterConfig {
        dir: dir.clone(),
        name: "c".into(),
        os_user: "postgres".into(),
        auth: Auth::PeerMap,
    };
    let cluster = Cluster::start(&config).unwrap().leave_running();
    let cleaner = cleaner(&dir, &cluster);
    let summary = generate(&cluster, &seed()).unwrap();
    Fixture { cluster, dir, summary, _cleaner: cleaner }
}

/// A process that stops the cluster once this one has ended, however it ended.
fn cleaner(dir: &std::path::Path, cluster: &ClusterHandle) -> std::io::PipeWriter {
    let (end, held) = std::io::pipe().unwrap();
    let pg_ctl = cluster.program_dir.join("pg_ctl");
    let script = format!(
        "cat; rm -f {dir}/jma-receipt.run; sudo -n -u postgres {} stop -m immediate -D {dir}/c/data; \
         sudo -n rm -rf {dir}",
        pg_ctl.display(),
        dir = dir.display(),
    );
    crate::source::process::expression(&["setsid".into(), "sh".into(), "-c".into(), script])
        .stdin_file(end)
        .stdout_null()
        .stderr_null()
        .start()
        .unwrap();
    held
}
