//! The journal in one SQLite file: write-ahead log, `synchronous = FULL`, so that a record that
//! was acknowledged survives the loss of power.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::{LEDGER, Leases, Store, distrust};
use crate::ids::RunId;
use crate::journal::chain::Row;
use crate::journal::error::JournalError;
use crate::journal::lease::{Holder, LeaseEntry};

/// Version of the file's form. Raised when a reader of the old form would misread the new one.
const FORMAT: i64 = 1;

/// The tables. A version that knows no leases reads a file that has one, and runs without.
const SCHEMA: &str = "
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS records (
    run   TEXT NOT NULL,
    seq   INTEGER NOT NULL,
    at    TEXT NOT NULL,
    event TEXT NOT NULL,
    hash  TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT;
CREATE TABLE IF NOT EXISTS lease (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    token    INTEGER NOT NULL,
    operator TEXT NOT NULL,
    host     TEXT NOT NULL,
    pid      INTEGER NOT NULL,
    process  TEXT NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT;
PRAGMA user_version = 1;
COMMIT;";

/// How long a write waits for another process that reads or writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The journal in an SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    path: PathBuf,
}

impl SqliteStore {
    /// Opens the file, and makes it with mode 0600 where it is missing and `create` is set.
    ///
    /// # Errors
    /// Where the file cannot be opened, or was written by a newer version.
    pub async fn open(path: &Path, create: bool) -> Result<Self, JournalError> {
        if create {
            create_private(path).map_err(|error| store_error(path, &error))?;
        } else if !path.exists() {
            return Err(JournalError::NoRun { path: path.display().to_string() });
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        // One connection: the journal has one writer, and order is what it is for.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await
            .map_err(|error| sqlx_error(path, &error))?;
        let store = Self { pool, path: path.to_owned() };
        store.prepare().await?;
        Ok(store)
    }

    async fn prepare(&self) -> Result<(), JournalError> {
        let found: i64 = sqlx::query_scalar("PRAGMA user_version")
            .fetch_one(&self.pool)
            .await
            .map_err(|error| self.error(&error))?;
        if found > FORMAT {
            return Err(JournalError::Newer { found, known: FORMAT });
        }
        let tables: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM sqlite_master WHERE name IN ('records', 'lease')",
        )
        .fetch_one(&self.pool)
        .await
        .map_err(|error| self.error(&error))?;
        if found == FORMAT && tables == 2 {
            return Ok(());
        }
        // What is there stays as it is; a file of before leases gets a table for one.
        sqlx::raw_sql(SCHEMA).execute(&self.pool).await.map_err(|error| self.error(&error))?;
        Ok(())
    }

    fn number(&self, number: u64) -> Result<i64, JournalError> {
        i64::try_from(number).map_err(|error| store_error(&self.path, &error))
    }

    fn millis(&self, length: Duration) -> Result<i64, JournalError> {
        i64::try_from(length.as_millis()).map_err(|error| store_error(&self.path, &error))
    }

    fn error(&self, error: &sqlx::Error) -> JournalError {
        sqlx_error(&self.path, error)
    }

    /// What was to be written is not surely there.
    fn unwritten(&self, error: &sqlx::Error) -> JournalError {
        distrust::note(&self.path, error);
        self.error(error)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn write(
        &self,
        stream: &RunId,
        row: &Row,
        token: Option<u64>,
    ) -> Result<(), JournalError> {
        distrust::refuse(&self.path)?;
        let seq = self.number(row.seq)?;
        // Nobody else writes between the look at the token and the record.
        let mut whole = self
            .pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| self.unwritten(&error))?;
        if let Some(token) = token {
            let now: Option<i64> = sqlx::query_scalar("SELECT token FROM lease")
                .fetch_optional(&mut *whole)
                .await
                .map_err(|error| self.unwritten(&error))?;
            if now != i64::try_from(token).ok() {
                return Err(JournalError::LeaseLost);
            }
        }
        sqlx::query("INSERT INTO records (run, seq, at, event, hash) VALUES (?, ?, ?, ?, ?)")
            .bind(stream.as_str())
            .bind(seq)
            .bind(&row.at)
            .bind(&row.json)
            .bind(&row.hash)
            .execute(&mut *whole)
            .await
            .map_err(|error| {
                let taken = error.as_database_error().is_some_and(|e| e.is_unique_violation());
                if taken { JournalError::Taken { seq: row.seq } } else { self.unwritten(&error) }
            })?;
        whole.commit().await.map_err(|error| self.unwritten(&error))
    }

    async fn rows(&self, stream: &RunId, after: u64) -> Result<Vec<Row>, JournalError> {
        // From the start everything is read, also what a damage gave a number below one.
        let least = if after == 0 { i64::MIN } else { self.number(after)?.saturating_add(1) };
        // As bytes: a damage can make a text that is none.
        let rows: Vec<(i64, Vec<u8>, Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "SELECT seq, CAST(at AS BLOB), CAST(event AS BLOB), CAST(hash AS BLOB)
             FROM records WHERE run = ? AND seq >= ? ORDER BY seq",
        )
        .bind(stream.as_str())
        .bind(least)
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.error(&error))?;
        rows.into_iter()
            .map(|(number, at, json, hash)| {
                let seq = u64::try_from(number).map_err(|_| JournalError::Broken { seq: 0 })?;
                let text =
                    |bytes| String::from_utf8(bytes).map_err(|_| JournalError::Broken { seq });
                Ok(Row { seq, at: text(at)?, json: text(json)?, hash: text(hash)? })
            })
            .collect()
    }

    async fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        // Run ids are UUIDs of version 7: their order is the order of time.
        let sql = "SELECT DISTINCT run FROM records WHERE run <> ? ORDER BY run";
        let rows: Vec<(String,)> = sqlx::query_as(sql)
            .bind(LEDGER)
            .fetch_all(&self.pool)
            .await
            .map_err(|error| self.error(&error))?;
        Ok(rows.into_iter().map(|(run,)| RunId(run)).collect())
    }

    fn leases(&self) -> &dyn Leases {
        self
    }

    /// Closes the file; the write-ahead log is folded in.
    async fn close(&self) {
        self.pool.close().await;
    }
}

#[async_trait]
impl Leases for SqliteStore {
    async fn lease(&self) -> Result<Option<LeaseEntry>, JournalError> {
        let row: Option<(i64, String, String, u32, String, i64)> = sqlx::query_as(
            "SELECT token, operator, host, pid, process,
                    max(0, until_ms - CAST(unixepoch('subsec') * 1000 AS INTEGER)) FROM lease",
        )
        .fetch_optional(&self.pool)
        .await
        .map_err(|error| self.error(&error))?;
        Ok(row.map(|(token, operator, host, pid, process, left)| LeaseEntry {
            holder: Holder { operator, host, pid, process },
            token: token.unsigned_abs(),
            left: Duration::from_millis(left.unsigned_abs()),
        }))
    }

    async fn take_lease(
        &self,
        seen: u64,
        even_if_live: bool,
        holder: &Holder,
        length: Duration,
    ) -> Result<bool, JournalError> {
        distrust::refuse(&self.path)?;
        // One statement: SQLite lets one writer in at a time.
        let done = sqlx::query(
            "INSERT INTO lease (one, token, operator, host, pid, process, until_ms)
             SELECT 1, ?1 + 1, ?3, ?4, ?5, ?6, CAST(unixepoch('subsec') * 1000 AS INTEGER) + ?7
             WHERE coalesce((SELECT token FROM lease), 0) = ?1
             ON CONFLICT (one) DO UPDATE SET
                 token = excluded.token, operator = excluded.operator, host = excluded.host,
                 pid = excluded.pid, process = excluded.process, until_ms = excluded.until_ms
             WHERE ?2 OR lease.until_ms <= CAST(unixepoch('subsec') * 1000 AS INTEGER)",
        )
        .bind(self.number(seen)?)
        .bind(even_if_live)
        .bind(&holder.operator)
        .bind(&holder.host)
        .bind(holder.pid)
        .bind(&holder.process)
        .bind(self.millis(length)?)
        .execute(&self.pool)
        .await
        .map_err(|error| self.unwritten(&error))?;
        Ok(done.rows_affected() == 1)
    }

    async fn renew_lease(&self, token: u64, length: Duration) -> Result<bool, JournalError> {
        distrust::refuse(&self.path)?;
        let done = sqlx::query(
            "UPDATE lease SET until_ms = CAST(unixepoch('subsec') * 1000 AS INTEGER) + ?2
             WHERE token = ?1",
        )
        .bind(self.number(token)?)
        .bind(self.millis(length)?)
        .execute(&self.pool)
        .await
        .map_err(|error| self.unwritten(&error))?;
        Ok(done.rows_affected() == 1)
    }
}

fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

fn store_error(path: &Path, error: &dyn std::fmt::Display) -> JournalError {
    JournalError::Store { path: path.display().to_string(), reason: error.to_string() }
}

/// Result codes of a file that is no whole database: SQLITE_CORRUPT with its kinds, and
/// SQLITE_NOTADB.
fn sqlx_error(path: &Path, error: &sqlx::Error) -> JournalError {
    const CORRUPT: i64 = 11;
    const NO_DATABASE: i64 = 26;
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<i64>().ok());
    match code.map(|code| code & 0xff) {
        Some(CORRUPT | NO_DATABASE) => {
            JournalError::Corrupt { path: path.display().to_string(), reason: error.to_string() }
        }
        _ => store_error(path, error),
    }
}
