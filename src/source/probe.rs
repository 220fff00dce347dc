//! What the server is: one question after another, nothing changed.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::command::Command;
use super::psql::{QUERY_TIMEOUT, literal, query, subject};
use super::{SourceConfig, SourceError, service};
use crate::pg_version::PgVersion;

/// The facts of a source server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFacts {
    /// `pg_dump`'s version: `15.18`.
    pub pg_dump_version: String,
    /// The version of the archives that this `pg_dump` writes, where it is known for sure. What
    /// counts in the end is the header of the dump.
    pub archive_version: Option<String>,
    /// The server's version: `15.18 (Debian 15.18-0+deb12u1)`.
    pub server_version: String,
    /// The server's version as a number: 150018.
    pub server_version_num: u32,
    /// The database's encoding: `EUC_JP`.
    pub encoding: String,
    /// The database's collation: `C`.
    pub lc_collate: String,
    /// Bytes of the database on the server's disk.
    pub database_bytes: u64,
    /// `JPN` and 12 digits, from `tbl_syskanri`.
    pub clinic_id: Option<String>,
    /// `050200-1`, from `tbl_dbkanri`.
    pub schema_version: Option<String>,
    /// Tables outside the system's schemas.
    pub tables: u64,
    /// Rows of `tbl_sysbase`; more than one is a group practice.
    pub practices: Option<u64>,
    /// Sessions of others in the database.
    pub other_sessions: u64,
    /// Whether the service runs; `None` where the clinic file has no status command.
    pub service_running: Option<bool>,
    /// SHA-256 over the cluster's system identifier where the server tells it, the database's
    /// OID and its name: another server, or a database made anew, has another identity.
    pub identity: String,
    /// The cluster's system identifier, where this user may see it.
    pub system_identifier: Option<String>,
}

/// Looks at the server. A first query proves that `sudo` and the peer login work.
///
/// # Errors
/// When `sudo` refuses, a program is missing, or the server or database cannot be reached.
pub fn probe(config: &SourceConfig) -> Result<SourceFacts, SourceError> {
    let pg_dump_version = pg_dump_version(config)?;
    let basics = basics(config)?;
    let orca = application(config)?;
    let system_identifier = system_identifier(config);
    let has_status = config.service.status.first().is_some_and(|word| !word.is_empty());
    let service_running = if has_status { Some(service::is_running(config)?) } else { None };
    let identity = identity(system_identifier.as_deref(), &basics.oid, &config.database);
    Ok(SourceFacts {
        archive_version: PgVersion::said(&pg_dump_version)
            .and_then(PgVersion::writes)
            .map(|version| version.to_string()),
        pg_dump_version,
        server_version: basics.server_version,
        server_version_num: basics.server_version_num,
        encoding: basics.encoding,
        lc_collate: basics.lc_collate,
        database_bytes: basics.database_bytes,
        clinic_id: orca.clinic_id,
        schema_version: orca.schema_version,
        tables: basics.tables,
        practices: orca.practices,
        other_sessions: basics.other_sessions,
        service_running,
        identity,
        system_identifier,
    })
}

fn pg_dump_version(config: &SourceConfig) -> Result<String, SourceError> {
    let words = vec![config.program("pg_dump"), "--version".to_owned()];
    let stdout = Command::new(words, QUERY_TIMEOUT)
        .as_user(&config.os_user)
        .about(subject(config, "pg_dump"))
        .run_checked()?;
    String::from_utf8_lossy(&stdout)
        .strip_prefix("pg_dump (PostgreSQL) ")
        .and_then(|rest| rest.split_whitespace().next())
        .map(str::to_owned)
        .ok_or(SourceError::AnswerUnexpected { question: "pg_dump --version" })
}

struct Basics {
    server_version: String,
    server_version_num: u32,
    encoding: String,
    lc_collate: String,
    database_bytes: u64,
    oid: String,
    other_sessions: u64,
    tables: u64,
}

fn basics(config: &SourceConfig) -> Result<Basics, SourceError> {
    let rows = query(
        config,
        "SELECT current_setting('server_version'), current_setting('server_version_num'),\n\
         pg_encoding_to_char(d.encoding), d.datcollate, pg_database_size(d.oid), d.oid,\n\
         (SELECT count(*) FROM pg_stat_activity a WHERE a.datname = d.datname\n\
          AND a.usename IS NOT NULL AND a.pid <> pg_backend_pid()),\n\
         (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace\n\
          WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%'\n\
          AND n.nspname <> 'information_schema')\n\
         FROM pg_database d WHERE d.datname = current_database();\n",
    )?;
    let question = "the server's settings";
    let unexpected = || SourceError::AnswerUnexpected { question };
    let row = match rows.as_slice() {
        [row] => row.as_slice(),
        _ => return Err(unexpected()),
    };
    let [version, number, encoding, collate, bytes, oid, sessions, tables] = row else {
        return Err(unexpected());
    };
    Ok(Basics {
        server_version: version.clone(),
        server_version_num: number.parse().map_err(|_| unexpected())?,
        encoding: encoding.clone(),
        lc_collate: collate.clone(),
        database_bytes: bytes.parse().map_err(|_| unexpected())?,
        oid: oid.clone(),
        other_sessions: sessions.parse().map_err(|_| unexpected())?,
        tables: tables.parse().map_err(|_| unexpected())?,
    })
}

#[derive(Default)]
struct Application {
    clinic_id: Option<String>,
    schema_version: Option<String>,
    practices: Option<u64>,
}

/// What the application's own tables say; a table that is not there leaves its fact open.
fn application(config: &SourceConfig) -> Result<Application, SourceError> {
    let questions = [
        (
            "tbl_syskanri",
            "SELECT substring(kanritbl from 'JPN[0-9]{12}') FROM tbl_syskanri\n\
             WHERE kanricd = '1001' AND kanritbl ~ 'JPN[0-9]{12}'",
        ),
        ("tbl_dbkanri", "SELECT trim(version) FROM tbl_dbkanri WHERE kanricd = 'ORCADB00'"),
        ("tbl_sysbase", "SELECT count(*) FROM tbl_sysbase"),
    ];
    let names = questions.map(|(table, _)| literal(table)).join(", ");
    let there = query(
        config,
        &format!(
            "SELECT relname FROM pg_class WHERE relname IN ({names}) AND pg_table_is_visible(oid);\n"
        ),
    )?;
    let mut script = String::new();
    for (table, sql) in questions {
        if there.iter().any(|row| row.first().is_some_and(|name| name == table)) {
            // A line for each question, whatever its answer.
            script.push_str(&format!("SELECT {}, ({sql} LIMIT 1);\n", literal(table)));
        }
    }
    if script.is_empty() {
        return Ok(Application::default());
    }
    let answers = query(config, &script)?;
    let answer = |table: &str| {
        answers
            .iter()
            .find(|row| row.first().is_some_and(|name| name == table))
            .and_then(|row| row.get(1))
            .filter(|value| !value.is_empty())
            .cloned()
    };
    Ok(Application {
        clinic_id: answer("tbl_syskanri"),
        schema_version: answer("tbl_dbkanri"),
        practices: answer("tbl_sysbase").and_then(|count| count.parse().ok()),
    })
}

/// `pg_control_system()` came with 9.6 and may be kept from this user: then there is none.
fn system_identifier(config: &SourceConfig) -> Option<String> {
    let rows = query(config, "SELECT system_identifier FROM pg_control_system();\n").ok()?;
    rows.first().and_then(|row| row.first()).filter(|value| !value.is_empty()).cloned()
}

fn identity(system_identifier: Option<&str>, oid: &str, database: &str) -> String {
    let text = format!("{}\n{oid}\n{database}\n", system_identifier.unwrap_or("-"));
    hex::encode(Sha256::digest(text.as_bytes()))
}
