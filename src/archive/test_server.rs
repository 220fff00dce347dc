//! A PostgreSQL of its own for a test: made in a temporary folder, reached by a socket, gone
//! when it is dropped.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A running server.
pub(crate) struct Server {
    dir: tempfile::TempDir,
    bin: PathBuf,
    settings: String,
}

/// A scratch folder that the database's users can enter, with a path that is short enough for
/// sockets: in `ORCA_CUTOVER_TEST_DIR`, else in /tmp.
pub(crate) fn folder() -> tempfile::TempDir {
    let parent = std::env::var_os("ORCA_CUTOVER_TEST_DIR").unwrap_or_else(|| "/tmp".into());
    tempfile::Builder::new().prefix("oc-").tempdir_in(parent).unwrap()
}

/// The newest server programs of this machine.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let bins = versions.map(|entry| entry.unwrap().path().join("bin"));
    let mut bins: Vec<_> = bins.filter(|bin| bin.join("initdb").exists()).collect();
    bins.sort();
    bins.pop().expect("PostgreSQL's server programs are installed")
}

/// The server refuses to run as root; root hands over to the packaged user.
fn as_owner(program: &Path) -> Command {
    if rustix::process::geteuid().is_root() {
        let mut command = Command::new("sudo");
        command.args(["-n", "-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command.stdin(std::process::Stdio::null()).output().expect("it starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
    output
}

impl Server {
    /// Makes a cluster that may lose everything, and starts it.
    pub(crate) fn start() -> Self {
        Self::start_with("-h '' -F")
    }

    /// Makes a cluster and starts it with these arguments of `postgres`.
    pub(crate) fn start_with(settings: &str) -> Self {
        let dir = folder();
        if rustix::process::geteuid().is_root() {
            succeed(Command::new("chown").arg("postgres").arg(dir.path()));
        }
        let settings = format!("-k {} {settings}", dir.path().display());
        let server = Self { dir, bin: programs(), settings };
        let mut initdb = as_owner(&server.bin.join("initdb"));
        let options = ["-E", "UTF8", "--locale=C", "-A", "trust", "-N", "-U", "postgres", "-D"];
        succeed(initdb.current_dir("/").args(options).arg(server.data()));
        server.up();
        server
    }

    /// Starts the server where it was stopped.
    pub(crate) fn up(&self) {
        self.up_with("");
    }

    /// The same, with arguments that go beside its own.
    pub(crate) fn up_with(&self, settings: &str) {
        let mut start = as_owner(&self.bin.join("pg_ctl"));
        start.current_dir("/").args(["-w", "-o", &format!("{} {settings}", self.settings), "-l"]);
        succeed(start.arg(self.dir.path().join("log")).arg("-D").arg(self.data()).arg("start"));
    }

    /// Stops the server as a crash would: nothing is written that was not written before.
    pub(crate) fn crash(&self) {
        let mut stop = as_owner(&self.bin.join("pg_ctl"));
        stop.current_dir("/").args(["-m", "immediate", "-D"]);
        succeed(stop.arg(self.data()).arg("stop"));
    }

    /// The cluster's folder, which also holds its socket.
    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Writes a file into the data folder, readable by the server only.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let mut copy = as_owner(Path::new("sh"));
        let script = "umask 077; rm -f \"$0\"; cat > \"$0\"";
        copy.current_dir("/").args(["-c", script]).arg(self.data().join(name));
        let mut child = copy.stdin(std::process::Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), bytes).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// A client program that knows the way to the server.
    pub(crate) fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.env("PGHOST", self.dir.path()).env("PGUSER", "postgres");
        command.env_remove("PGPORT").env_remove("PGDATABASE").env("LC_ALL", "C");
        command.current_dir("/");
        command
    }

    /// Runs SQL; gives the rows, fields between bars.
    pub(crate) fn query(&self, database: &str, sql: &str) -> String {
        let mut psql = self.client("psql");
        psql.args(["-XqAt", "-F", "|", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]);
        psql.env("PGCLIENTENCODING", "UTF8");
        String::from_utf8(succeed(&mut psql).stdout).unwrap()
    }

    /// Makes a database in an encoding.
    pub(crate) fn create(&self, database: &str, encoding: &str) {
        let mut create = self.client("createdb");
        succeed(create.args(["-E", encoding, "-T", "template0", "--locale=C", database]));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = as_owner(&self.bin.join("pg_ctl"));
        stop.current_dir("/").args(["-m", "immediate", "-D"]);
        let _ = stop.arg(self.data()).arg("stop").output();
        if rustix::process::geteuid().is_root() {
            // The data belongs to another user, but root may remove it with the folder.
            let _ = std::fs::remove_dir_all(self.data());
        }
    }
}
