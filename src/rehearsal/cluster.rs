//! A real PostgreSQL cluster for rehearsals and tests, in a scratch folder of its own.
//!
//! It listens on a unix socket in that folder only, runs as an unprivileged user and is stopped
//! when it is dropped. Its settings trade safety for speed: never use them for a clinic.
//! This file must not touch any other cluster of the machine.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::diag::{Explain, Fact, Kind, Redacted};
use crate::source::command::Command;
use crate::source::{ServiceCommands, SourceConfig, SourceError, psql};

/// The name of the socket's file holds the port. Not 5432: a program that was not told of this
/// cluster must find nothing rather than a clinic's server.
const PORT: u16 = 54_329;
/// Longest path of a unix socket: `sockaddr_un` holds 108 bytes with the final zero.
const MAX_SOCKET_PATH: usize = 107;
/// `initdb` takes seconds, on a slow disk half a minute.
const INITDB_TIMEOUT: Duration = Duration::from_secs(120);
/// `pg_ctl` waits 60 s itself.
const PG_CTL_TIMEOUT: Duration = Duration::from_secs(90);
/// `useradd`, `install`, `sudo true` and the like.
const SMALL_TIMEOUT: Duration = Duration::from_secs(30);
/// `useradd` does not wait for another one that holds the list of users, as that of a rehearsal
/// that begins at the same time does.
const USERADD_TRIES: u32 = 20;
const USERADD_PAUSE: Duration = Duration::from_millis(250);
/// Where Debian and Ubuntu keep PostgreSQL's programs, a folder for each major version.
const PROGRAM_ROOT: &str = "/usr/lib/postgresql";

/// How the cluster knows its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// As on a clinic's server: an OS user connects as the role of the same name.
    PeerMap,
    /// Everybody on this machine who reaches the socket is whoever they say.
    Trust,
}

/// What cluster to make.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// The scratch folder; every user must be able to enter it.
    pub dir: PathBuf,
    /// The cluster's folder in it.
    pub name: String,
    /// The unprivileged OS user that runs the server: `postgres`.
    pub os_user: String,
    /// How it knows its users.
    pub auth: Auth,
}

/// Where a running cluster is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterHandle {
    /// Folder of the socket.
    pub socket_dir: PathBuf,
    /// The port in the socket's name.
    pub port: u16,
    /// The superuser, an OS user and a role.
    pub superuser: String,
    /// Folder of the programs.
    pub program_dir: PathBuf,
}

/// A running cluster; dropping it stops the server and leaves its folder.
#[derive(Debug)]
pub struct Cluster {
    handle: ClusterHandle,
    data: PathBuf,
    stopped: bool,
}

/// A failure of the rehearsal's cluster.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// PostgreSQL's server is not installed.
    #[error("no PostgreSQL server under {root}")]
    ServerMissing {
        /// Where it was looked for.
        root: &'static str,
    },
    /// The socket's path is too long.
    #[error("socket path of {length} bytes")]
    PathTooLong {
        /// The path.
        path: PathBuf,
        /// Its bytes.
        length: usize,
        /// The operating system's limit.
        limit: usize,
    },
    /// A folder above the cluster keeps the server's user out.
    #[error("{path} cannot be entered by every user")]
    FolderClosed {
        /// The folder.
        path: PathBuf,
    },
    /// This user may not become the users that the rehearsal needs.
    #[error("sudo does not let this user become {user}")]
    SudoLacking {
        /// The user to become.
        user: String,
    },
    /// The server did not start.
    #[error("the server did not start: {log}")]
    StartFailed {
        /// The end of its log, redacted.
        log: Redacted,
    },
    /// A program failed.
    #[error(transparent)]
    Program(#[from] SourceError),
}

impl Explain for ClusterError {
    fn code(&self) -> &'static str {
        match self {
            Self::ServerMissing { .. } => "rehearsal-cluster-server-missing",
            Self::PathTooLong { .. } => "rehearsal-cluster-path-too-long",
            Self::FolderClosed { .. } => "rehearsal-cluster-folder-closed",
            Self::SudoLacking { .. } => "rehearsal-cluster-sudo-lacking",
            Self::StartFailed { .. } => "rehearsal-cluster-start-failed",
            Self::Program(error) => error.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Program(error) => error.kind(),
            _ => Kind::Environment,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::ServerMissing { root } => vec![Fact::open("root", root)],
            Self::PathTooLong { path, length, limit } => vec![
                Fact::local("path", path.display()),
                Fact::open("length", length),
                Fact::open("limit", limit),
            ],
            Self::FolderClosed { path } => vec![Fact::local("path", path.display())],
            Self::SudoLacking { user } => vec![Fact::local("user", user)],
            Self::StartFailed { .. } => Vec::new(),
            Self::Program(error) => error.facts(),
        }
    }

    fn detail(&self) -> Option<Redacted> {
        match self {
            Self::StartFailed { log } => Some(log.clone()),
            Self::Program(error) => error.detail(),
            _ => None,
        }
    }
}

impl Cluster {
    /// Makes the cluster (locale C, encoding EUC_JP) where its folder is new, and starts it.
    ///
    /// # Errors
    /// When PostgreSQL or `sudo` is lacking, or the folder does not suit.
    pub fn start(config: &ClusterConfig) -> Result<Self, ClusterError> {
        let program_dir = newest_programs()?;
        let home = config.dir.join(&config.name);
        let socket_dir = home.join("s");
        check_socket_path(&socket_dir)?;
        check_reachable(&config.dir)?;
        sudo_ready(&config.os_user)?;
        let data = home.join("data");
        for folder in [&home, &socket_dir] {
            make_folder(folder, &config.os_user)?;
        }
        let handle = ClusterHandle {
            socket_dir,
            port: PORT,
            superuser: config.os_user.clone(),
            program_dir,
        };
        if !handle.is_cluster(&data)? {
            handle.initdb(&data, config.auth)?;
        }
        let cluster = Self { handle, data, stopped: false };
        cluster.pg_ctl_start(&home.join("server.log"))?;
        Ok(cluster)
    }

    /// Where it is reached.
    pub fn handle(&self) -> &ClusterHandle {
        &self.handle
    }

    /// Stops the server; its data stays.
    ///
    /// # Errors
    /// When `pg_ctl` fails.
    pub fn stop(mut self) -> Result<(), ClusterError> {
        self.stopped = true;
        self.pg_ctl(&["stop", "-m", "immediate"]).map(|_| ())
    }

    /// Stops the server and deletes its data.
    ///
    /// # Errors
    /// When `pg_ctl` or the deletion fails.
    pub fn remove(mut self) -> Result<(), ClusterError> {
        self.stopped = true;
        self.pg_ctl(&["stop", "-m", "immediate"])?;
        let words = vec!["rm".to_owned(), "-rf".to_owned(), self.data.display().to_string()];
        self.handle.as_superuser(words, PG_CTL_TIMEOUT).map(|_| ())
    }

    /// Lets the server run on after this program; `Cluster::start` finds it again.
    #[must_use]
    pub fn leave_running(mut self) -> ClusterHandle {
        self.stopped = true;
        self.handle.clone()
    }

    fn pg_ctl_start(&self, log: &Path) -> Result<(), ClusterError> {
        if self.pg_ctl(&["status"]).is_ok() {
            return Ok(());
        }
        let log_name = log.display().to_string();
        let Err(error) = self.pg_ctl(&["start", "-w", "-s", "-l", &log_name]) else {
            return Ok(());
        };
        if !matches!(error, ClusterError::Program(SourceError::Failed { .. })) {
            return Err(error);
        }
        let words = ["tail", "-n", "20", &log_name].map(str::to_owned).to_vec();
        let tail = self.handle.as_superuser(words, SMALL_TIMEOUT)?;
        let log = crate::diag::redact::postgres_text(&String::from_utf8_lossy(&tail));
        Err(ClusterError::StartFailed { log })
    }

    fn pg_ctl(&self, args: &[&str]) -> Result<Vec<u8>, ClusterError> {
        let mut words = vec![self.handle.program("pg_ctl")];
        words.extend(args.iter().map(|word| (*word).to_owned()));
        words.extend(["-D".to_owned(), self.data.display().to_string()]);
        self.handle.as_superuser(words, PG_CTL_TIMEOUT)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.stopped {
            // Nobody is left to tell; a second start finds the server or its remains.
            let _ = self.pg_ctl(&["stop", "-m", "immediate"]);
        }
    }
}

impl ClusterHandle {
    /// The cluster as the source room sees it, as `os_user` in `database`, without a service.
    pub fn source(&self, os_user: &str, database: &str) -> SourceConfig {
        SourceConfig {
            os_user: os_user.to_owned(),
            database: database.to_owned(),
            socket_dir: Some(self.socket_dir.clone()),
            port: Some(self.port),
            program_dir: Some(self.program_dir.clone()),
            data_dir: None,
            service: ServiceCommands::default(),
        }
    }

    /// Runs statements as superuser and gives their rows.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn sql(&self, database: &str, sql: &str) -> Result<Vec<Vec<String>>, ClusterError> {
        Ok(psql::query(&self.source(&self.superuser, database), sql)?)
    }

    fn program(&self, name: &str) -> String {
        self.program_dir.join(name).display().to_string()
    }

    fn as_superuser(&self, words: Vec<String>, limit: Duration) -> Result<Vec<u8>, ClusterError> {
        Ok(Command::new(words, limit).as_user(&self.superuser).run_checked()?)
    }

    fn is_cluster(&self, data: &Path) -> Result<bool, ClusterError> {
        let version = data.join("PG_VERSION").display().to_string();
        let words = vec!["test".to_owned(), "-e".to_owned(), version];
        let output = Command::new(words, SMALL_TIMEOUT).as_user(&self.superuser).run()?;
        Ok(output.status.success())
    }

    fn initdb(&self, data: &Path, auth: Auth) -> Result<(), ClusterError> {
        let mut words = vec![self.program("initdb")];
        words.extend(["-E", "EUC_JP", "--locale=C", "--no-sync", "-U"].map(str::to_owned));
        words.extend([self.superuser.clone(), "-D".to_owned(), data.display().to_string()]);
        self.as_superuser(words, INITDB_TIMEOUT)?;
        self.write(&data.join("postgresql.conf"), &self.settings())?;
        self.write(&data.join("pg_hba.conf"), hba(auth))
    }

    /// Settings of a server whose data may be lost at any time.
    fn settings(&self) -> String {
        format!(
            "listen_addresses = ''\nport = {}\nunix_socket_directories = '{}'\n\
             unix_socket_permissions = 0777\nmax_connections = 40\n\
             fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n\
             wal_level = minimal\nmax_wal_senders = 0\nmax_wal_size = 4GB\n\
             shared_buffers = 128MB\nmaintenance_work_mem = 128MB\n\
             timezone = 'Asia/Tokyo'\nlog_timezone = 'Asia/Tokyo'\nlc_messages = 'C'\n",
            self.port,
            self.socket_dir.display().to_string().replace('\'', "''"),
        )
    }

    /// Writes a file that belongs to the server's user.
    fn write(&self, path: &Path, text: &str) -> Result<(), ClusterError> {
        let words = vec!["tee".to_owned(), path.display().to_string()];
        Command::new(words, SMALL_TIMEOUT)
            .as_user(&self.superuser)
            .with_stdin(text.as_bytes().to_vec())
            .run_checked()?;
        Ok(())
    }
}

fn hba(auth: Auth) -> &'static str {
    match auth {
        Auth::PeerMap => "local all all peer\n",
        Auth::Trust => "local all all trust\n",
    }
}

/// Proves that this user may become `user` without a password.
///
/// # Errors
/// When it may not, or the user does not exist.
pub fn sudo_ready(user: &str) -> Result<(), ClusterError> {
    let trial = Command::new(vec!["true".to_owned()], SMALL_TIMEOUT).as_user(user).run_checked();
    match trial {
        Ok(_) => Ok(()),
        Err(SourceError::SudoPassword { user } | SourceError::SudoRefused { user, .. }) => {
            Err(ClusterError::SudoLacking { user })
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes the OS user where it is missing: a system user without home or login.
///
/// # Errors
/// When this user may not become root, or `useradd` fails.
pub fn ensure_os_user(user: &str) -> Result<(), ClusterError> {
    let mut tries = USERADD_TRIES;
    // Where another one was quicker, the user is there at the next look.
    while !os_user_exists(user)? {
        let words = ["useradd", "--system", "--user-group", "--no-create-home", "--shell"];
        let mut words = words.map(str::to_owned).to_vec();
        words.extend(["/usr/sbin/nologin".to_owned(), "--".to_owned(), user.to_owned()]);
        tries = tries.saturating_sub(1);
        match as_root(words) {
            Err(ClusterError::Program(_)) if tries > 0 => std::thread::sleep(USERADD_PAUSE),
            made => return made,
        }
    }
    Ok(())
}

fn os_user_exists(user: &str) -> Result<bool, ClusterError> {
    let words = vec!["id".to_owned(), "--".to_owned(), user.to_owned()];
    Ok(Command::new(words, SMALL_TIMEOUT).run()?.status.success())
}

fn make_folder(folder: &Path, owner: &str) -> Result<(), ClusterError> {
    let mut words = ["install", "-d", "-m", "0755", "-o", owner, "--"].map(str::to_owned).to_vec();
    words.push(folder.display().to_string());
    as_root(words)
}

fn as_root(words: Vec<String>) -> Result<(), ClusterError> {
    let mut command = Command::new(words, SMALL_TIMEOUT);
    if !rustix::process::geteuid().is_root() {
        command = command.as_user("root");
    }
    match command.run_checked() {
        Ok(_) => Ok(()),
        Err(SourceError::SudoPassword { user } | SourceError::SudoRefused { user, .. }) => {
            Err(ClusterError::SudoLacking { user })
        }
        Err(error) => Err(error.into()),
    }
}

/// The programs of the newest major version that can run a server.
fn newest_programs() -> Result<PathBuf, ClusterError> {
    let missing = || ClusterError::ServerMissing { root: PROGRAM_ROOT };
    let versions = std::fs::read_dir(PROGRAM_ROOT).map_err(|_| missing())?;
    versions
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("bin/initdb").exists())
        // `9.6` sorts before `10`.
        .filter_map(|entry| {
            let version: f64 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, path)| path)
        .ok_or_else(missing)
}

fn check_socket_path(socket_dir: &Path) -> Result<(), ClusterError> {
    let path = socket_dir.join(format!(".s.PGSQL.{PORT}"));
    let length = path.as_os_str().len();
    if length <= MAX_SOCKET_PATH {
        return Ok(());
    }
    Err(ClusterError::PathTooLong { path, length, limit: MAX_SOCKET_PATH })
}

/// The server's user is nobody's group mate: every folder above must let everyone through.
fn check_reachable(dir: &Path) -> Result<(), ClusterError> {
    for folder in dir.ancestors().filter(|folder| !folder.as_os_str().is_empty()) {
        let closed = match std::fs::metadata(folder) {
            Ok(found) => found.permissions().mode() & 0o001 == 0,
            Err(_) => true,
        };
        if closed {
            return Err(ClusterError::FolderClosed { path: folder.to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(dir: &Path) -> ClusterConfig {
        ClusterConfig {
            dir: dir.to_owned(),
            name: "c".into(),
            os_user: "postgres".into(),
            auth: Auth::PeerMap,
        }
    }

    #[test]
    fn a_long_path_is_refused_before_anything_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("x".repeat(100));
        let error = Cluster::start(&config(&deep)).unwrap_err();
        assert_eq!(error.code(), "rehearsal-cluster-path-too-long");
        assert!(!deep.exists());
    }

    #[test]
    fn a_private_folder_is_refused_before_anything_is_made() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let error = Cluster::start(&config(folder.path())).unwrap_err();
        assert_eq!(error.code(), "rehearsal-cluster-folder-closed");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn becoming_an_unknown_user_says_so() {
        let error = sudo_ready("no-such-user-here").unwrap_err();
        assert_eq!(error.code(), "source-user-unknown");
    }
}
