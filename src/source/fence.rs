//! Closes the clinic's database to writers and opens it again.
//!
//! `read_only` leaves the dump a way in; a session can switch it off, so it is a help and not a
//! lock. `close` refuses everybody and is for the time after the final dump. Both are settings
//! of the database, survive a restart, and are undone by `open`. Nothing else is changed here.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::psql::{identifier, literal, query, query_one};
use super::{SourceConfig, SourceError};
use crate::fault::{self, Point};

/// How long ended sessions may take to go: a large transaction rolls back first, quickly.
const SESSIONS_TIMEOUT: Duration = Duration::from_secs(30);
/// How often they are looked at.
const POLL: Duration = Duration::from_millis(200);
/// Databases that every server has and that the owner can use while its own is closed.
const MAINTENANCE: [&str; 2] = ["postgres", "template1"];
/// `ALLOW_CONNECTIONS` for owners came with PostgreSQL 9.5; before, a limit of 0 connections
/// shuts out everybody but superusers.
const ALLOW_CONNECTIONS_SINCE: u32 = 90_500;

/// How far the database is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FenceState {
    /// Not at all.
    Open,
    /// New transactions are read-only unless they say otherwise.
    ReadOnly,
    /// Nobody can connect.
    Closed,
}

/// Makes new sessions read-only and ends the sessions that began before. Gives the number of
/// sessions that were ended.
///
/// # Errors
/// When the server refuses, or older sessions are left that the owner may not end; the database
/// is read-only by then.
pub fn read_only(config: &SourceConfig) -> Result<u64, SourceError> {
    read_only_within(config, SESSIONS_TIMEOUT)
}

pub(super) fn read_only_within(
    config: &SourceConfig,
    patience: Duration,
) -> Result<u64, SourceError> {
    let other = maintenance(config)?;
    let name = identifier(&config.database);
    let since = query_one(
        &other,
        "the time of the fence",
        &format!(
            "SET default_transaction_read_only = off;\n\
             ALTER DATABASE {name} SET default_transaction_read_only = on;\n\
             SELECT clock_timestamp();\n"
        ),
    )?;
    fault::hit(Point::FenceReadOnly)?;
    // A program that connects again is read-only then and may stay. Another role's start is
    // hidden from the owner and counts as old.
    let old = format!("coalesce(backend_start <= {}::timestamptz, true)", literal(&since));
    end_sessions(&other, &config.database, &old, patience)
}

/// Ends all sessions in the database, where it is fenced at all: what they wrote is counted then.
///
/// # Errors
/// When the server refuses, or sessions are left that the owner may not end.
pub fn end_others(config: &SourceConfig) -> Result<u64, SourceError> {
    let other = maintenance(config)?;
    match state_in(&other, &config.database)? {
        FenceState::Open => Ok(0),
        FenceState::ReadOnly | FenceState::Closed => {
            end_sessions(&other, &config.database, "true", SESSIONS_TIMEOUT)
        }
    }
}

/// Refuses every connection and ends all sessions. Gives the number of sessions that were ended.
///
/// # Errors
/// When the server refuses, or sessions are left that the owner may not end; new connections are
/// refused by then.
pub fn close(config: &SourceConfig) -> Result<u64, SourceError> {
    let other = maintenance(config)?;
    let name = identifier(&config.database);
    let setting = if version(&other)? >= ALLOW_CONNECTIONS_SINCE {
        "ALLOW_CONNECTIONS false"
    } else {
        "CONNECTION LIMIT 0"
    };
    query(&other, &format!("ALTER DATABASE {name} {setting};\n"))?;
    fault::hit(Point::FenceClosed)?;
    end_sessions(&other, &config.database, "true", SESSIONS_TIMEOUT)
}

/// Undoes [`read_only`] and [`close`]; harmless where nothing is closed.
///
/// # Errors
/// When the server refuses.
pub fn open(config: &SourceConfig) -> Result<(), SourceError> {
    let other = maintenance(config)?;
    let name = identifier(&config.database);
    let alter = |setting: &str| {
        let off = "SET default_transaction_read_only = off;\n";
        query(&other, &format!("{off}ALTER DATABASE {name} {setting};\n"))
    };
    if version(&other)? >= ALLOW_CONNECTIONS_SINCE {
        alter("ALLOW_CONNECTIONS true")?;
    } else if state_in(&other, &config.database)? == FenceState::Closed {
        alter("CONNECTION LIMIT -1")?;
    }
    fault::hit(Point::FenceHalfLifted)?;
    alter("RESET default_transaction_read_only")?;
    Ok(fault::hit(Point::FenceLifted)?)
}

/// How far the database is closed now.
///
/// # Errors
/// When the server refuses or the database does not exist.
pub fn state(config: &SourceConfig) -> Result<FenceState, SourceError> {
    state_in(&maintenance(config)?, &config.database)
}

fn state_in(other: &SourceConfig, database: &str) -> Result<FenceState, SourceError> {
    let sql = format!(
        "SELECT CASE WHEN NOT d.datallowconn OR d.datconnlimit = 0 THEN 'closed'\n\
         WHEN EXISTS (SELECT 1 FROM pg_db_role_setting s WHERE s.setdatabase = d.oid\n\
         AND s.setrole = 0 AND 'default_transaction_read_only=on' = ANY (s.setconfig))\n\
         THEN 'read-only' ELSE 'open' END FROM pg_database d WHERE d.datname = {};\n",
        literal(database)
    );
    let rows = query(other, &sql)?;
    match rows.first().and_then(|row| row.first()).map(String::as_str) {
        Some("open") => Ok(FenceState::Open),
        Some("read-only") => Ok(FenceState::ReadOnly),
        Some("closed") => Ok(FenceState::Closed),
        None => Err(SourceError::DatabaseMissing { database: database.to_owned() }),
        Some(_) => Err(SourceError::AnswerUnexpected { question: "the fence's state" }),
    }
}

/// Another database of the same server that the owner can connect to.
pub(super) fn maintenance(config: &SourceConfig) -> Result<SourceConfig, SourceError> {
    let mut failure = None;
    for database in MAINTENANCE.iter().filter(|name| **name != config.database) {
        let other = config.in_database(database);
        match query(&other, "SELECT 1;\n") {
            Ok(_) => return Ok(other),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Err(failure.unwrap_or(SourceError::AnswerUnexpected { question: "a maintenance database" }))
}

pub(super) fn version(other: &SourceConfig) -> Result<u32, SourceError> {
    let question = "server_version_num";
    query_one(other, question, "SHOW server_version_num;\n")?
        .parse()
        .map_err(|_| SourceError::AnswerUnexpected { question })
}

/// Ends what this role may end until no session is left for which `which` holds.
fn end_sessions(
    other: &SourceConfig,
    database: &str,
    which: &str,
    patience: Duration,
) -> Result<u64, SourceError> {
    // Autovacuum has no role and goes by itself. A superuser's session is not the owner's to end.
    let left = format!(
        "FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid\n\
         WHERE a.datname = {} AND a.pid <> pg_backend_pid() AND {which}",
        literal(database)
    );
    let mine = "pg_has_role(r.oid, 'USAGE') AND (NOT r.rolsuper OR\n\
                (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))";
    let end = format!("SELECT count(pg_terminate_backend(a.pid)) {left} AND {mine};\n");
    let count =
        format!("SELECT count(*), coalesce(string_agg(DISTINCT r.rolname, ' '), '') {left};\n");
    let deadline = Instant::now() + patience;
    let mut ended = 0_u64;
    loop {
        let now_ended = query_one(other, "the sessions ended", &end)?;
        ended = ended.saturating_add(now_ended.parse().unwrap_or(0));
        let rows = query(other, &count)?;
        let (count, roles) = sessions(&rows)?;
        if count == 0 {
            return Ok(ended);
        }
        if Instant::now() >= deadline {
            return Err(SourceError::SessionsLeft { database: database.to_owned(), count, roles });
        }
        std::thread::sleep(POLL);
    }
}

fn sessions(rows: &[Vec<String>]) -> Result<(u64, String), SourceError> {
    let unexpected = SourceError::AnswerUnexpected { question: "the sessions left" };
    let [row] = rows else { return Err(unexpected) };
    let [count, roles] = row.as_slice() else { return Err(unexpected) };
    let count = count.parse().map_err(|_| unexpected)?;
    Ok((count, roles.clone()))
}
