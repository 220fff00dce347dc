//! A throw-away PostgreSQL cluster. It ends with the last test that holds it.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use duct::{Expression, cmd};

pub(super) const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";
/// Only part of the socket's name: the cluster does not listen on TCP.
pub(super) const PORT: u16 = 5432;

pub(super) struct Cluster {
    dir: tempfile::TempDir,
}

impl Cluster {
    pub(super) fn shared() -> Arc<Self> {
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
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let cluster = Self { dir };
        let data = cluster.dir.path().join("data");
        let data = data.to_str().unwrap();
        let initdb =
            ["-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N"];
        as_postgres("initdb", initdb).stdout_null().run().unwrap();
        let options = format!(
            "-k {} -p {PORT} -c listen_addresses= -c fsync=off",
            cluster.dir.path().display()
        );
        let log = cluster.dir.path().join("log");
        let start = ["start", "-w", "-D", data, "-o", &options, "-l", log.to_str().unwrap()];
        as_postgres("pg_ctl", start).stdout_null().run().unwrap();
        cluster
    }

    pub(super) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn sql(&self, database: &str, sql: &str) -> String {
        let psql = Path::new(PROGRAMS).join("psql");
        cmd!(psql, "-XAtq", "-h", self.dir(), "-U", "postgres", "-d", database, "-c", sql)
            .env("PGPORT", PORT.to_string())
            .read()
            .unwrap()
    }

    /// An archive as `pg_dump -Fc` writes it, of a database that `sql` filled;
    /// `create` is its name and options.
    pub(super) fn archive(&self, create: &str, sql: &str, file: &Path) {
        self.sql("postgres", &format!("CREATE DATABASE {create}"));
        let name = create.split(' ').next().unwrap();
        self.sql(name, sql);
        let pg_dump = Path::new(PROGRAMS).join("pg_dump");
        cmd!(pg_dump, "-Fc", "-h", self.dir(), "-U", "postgres", "-f", file, name)
            .env("PGPORT", PORT.to_string())
            .run()
            .unwrap();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.dir.path().join("data");
        let stop = ["stop", "-m", "immediate", "-D", data.to_str().unwrap()];
        let _ = as_postgres("pg_ctl", stop).stdout_null().unchecked().run();
        // The files are the other user's.
        let _ = as_user(Path::new("rm").as_os_str(), ["-rf", data.to_str().unwrap()]).run();
    }
}

fn as_postgres<'a>(program: &str, args: impl IntoIterator<Item = &'a str>) -> Expression {
    as_user(Path::new(PROGRAMS).join(program).as_os_str(), args)
}

/// PostgreSQL's server refuses to run as root.
fn as_user<'a>(program: &OsStr, args: impl IntoIterator<Item = &'a str>) -> Expression {
    let args = args.into_iter().map(std::ffi::OsString::from);
    if rustix::process::geteuid().is_root() {
        let sudo = ["-n", "-u", "postgres"].into_iter().map(std::ffi::OsString::from);
        cmd("sudo", sudo.chain([program.to_owned()]).chain(args)).dir("/tmp")
    } else {
        cmd(program, args)
    }
}
