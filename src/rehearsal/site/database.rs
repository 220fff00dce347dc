//! The tenant's database: the programs of PostgreSQL, each with a limit on its time and output.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::Command;

use super::{CloudDb, SiteError};
use crate::diag::redact::postgres_text;

/// One SQL statement on a small database.
const MAX_SQL: Duration = Duration::from_secs(60);
/// A restore or dump of the largest database that a rehearsal is made for.
const MAX_TRANSFER: Duration = Duration::from_secs(4 * 3600);
/// The part of a program's messages that is kept: a page with more cannot be read by anyone.
const MAX_MESSAGES: u64 = 256 * 1024;

/// Tables that the vendor's importer empties by design.
const EMPTIED: [&str; 9] = [
    "tbl_para",
    "tbl_lock",
    "tbl_jobkanri",
    "tbl_api_para",
    "tbl_spa_tmp",
    "monbatch",
    "monbatch_log",
    "monbatch_clog",
    "monpushevent",
];
/// Tables that it drops.
const DROPPED: [&str; 2] = ["aps_migrations", "ap_server_ld_processes"];

/// The tenant's database in the cloud's cluster.
pub(super) struct Database<'a> {
    cloud: &'a CloudDb,
    name: String,
}

/// How a program ended and what it said on stderr.
struct Ended {
    well: bool,
    messages: String,
}

impl<'a> Database<'a> {
    /// `name` holds only letters, digits and underscores.
    pub(super) fn new(cloud: &'a CloudDb, name: String) -> Self {
        Self { cloud, name }
    }

    /// Drops the database and makes it anew, empty and in UTF-8, whatever it held.
    pub(super) async fn create_empty(&self) -> Result<(), SiteError> {
        let name = &self.name;
        self.sql("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        let create = format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
        );
        self.sql("postgres", &create).await
    }

    /// What a tenant has before its first import.
    pub(super) async fn create_first_table(&self) -> Result<(), SiteError> {
        let sql = "CREATE TABLE tbl_dbkanri (kanricd varchar(8) PRIMARY KEY, version varchar(20)); \
                   INSERT INTO tbl_dbkanri VALUES ('ORCADB00', '050200-1')";
        self.sql(&self.name, sql).await
    }

    /// Restores an archive into the empty database. The messages of an abnormal end are returned.
    pub(super) async fn restore(&self, file: &Path) -> Result<Option<String>, SiteError> {
        let mut command = self.command("pg_restore");
        command.args(["--no-owner", "--no-privileges", "-d", &self.name]).arg(file);
        let ended = run("pg_restore", command, MAX_TRANSFER).await?;
        let clean = ended.well && !ended.messages.contains("error:");
        Ok((!clean).then_some(ended.messages))
    }

    /// Empties and drops the tables that the vendor's importer does.
    pub(super) async fn empty_by_design(&self) -> Result<(), SiteError> {
        let truncate: String = EMPTIED
            .iter()
            .map(|table| {
                format!(
                    "IF EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename = \
                     '{table}') THEN TRUNCATE public.{table}; END IF; "
                )
            })
            .collect();
        let drop: String =
            DROPPED.iter().map(|table| format!("DROP TABLE IF EXISTS public.{table}; ")).collect();
        self.sql(&self.name, &format!("DO $$ BEGIN {truncate}{drop}END $$")).await
    }

    /// Takes one row out of `tbl_ptinf`, where there is one.
    pub(super) async fn lose_a_patient(&self) -> Result<(), SiteError> {
        let sql = "DO $$ BEGIN IF to_regclass('public.tbl_ptinf') IS NOT NULL THEN \
                   DELETE FROM public.tbl_ptinf WHERE ctid IN \
                   (SELECT ctid FROM public.tbl_ptinf LIMIT 1); END IF; END $$";
        self.sql(&self.name, sql).await
    }

    /// Dumps the database into `file`, which appears only when it is whole.
    pub(super) async fn dump(&self, file: &Path) -> Result<(), SiteError> {
        let part = file.with_extension("part");
        let mut command = self.command("pg_dump");
        command.arg("-Fc").arg("-f").arg(&part).arg(&self.name);
        let ended = run("pg_dump", command, MAX_TRANSFER).await?;
        if !ended.well {
            let said = postgres_text(&ended.messages);
            return Err(SiteError::Program { program: "pg_dump", said });
        }
        std::fs::rename(&part, file).map_err(SiteError::file(file))
    }

    async fn sql(&self, database: &str, sql: &str) -> Result<(), SiteError> {
        let mut command = self.command("psql");
        command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]);
        let ended = run("psql", command, MAX_SQL).await?;
        if ended.well {
            Ok(())
        } else {
            let said = postgres_text(&ended.messages);
            Err(SiteError::Program { program: "psql", said })
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.cloud.program_dir.join(program));
        command
            // A caller's PGOPTIONS or PGDATABASE must not lead elsewhere.
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("PGCONNECT_TIMEOUT", "10")
            .arg("-h")
            .arg(&self.cloud.socket_dir)
            .args(["-p", &self.cloud.port.to_string(), "-U", &self.cloud.user, "-w"]);
        command
    }
}

/// Runs a program to its end, or stops it at its limit.
async fn run(
    program: &'static str,
    mut command: Command,
    limit: Duration,
) -> Result<Ended, SiteError> {
    let path = std::path::PathBuf::from(command.as_std().get_program());
    let missing =
        |error: std::io::Error| SiteError::NoProgram { program: path.clone(), kind: error.kind() };
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .process_group(0)
        .spawn()
        .map_err(missing)?;
    let stderr = child.stderr.take();
    let work = async {
        let mut messages = Vec::new();
        if let Some(mut stderr) = stderr {
            (&mut stderr).take(MAX_MESSAGES).read_to_end(&mut messages).await?;
            // The rest is read and forgotten, so that the program can go on.
            tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await?;
        }
        Ok((child.wait().await?, messages))
    };
    match tokio::time::timeout(limit, work).await {
        Ok(Ok((status, messages))) => {
            let messages = String::from_utf8_lossy(&messages).into_owned();
            Ok(Ended { well: status.success(), messages })
        }
        Ok(Err(error)) => Err(missing(error)),
        Err(_) => Err(SiteError::Slow { program, secs: limit.as_secs() }),
    }
}
