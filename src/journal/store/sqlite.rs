//! The journal in one SQLite file: write-ahead log, `synchronous = FULL`, so that a record that
//! was acknowledged survives the loss of power.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::{LEDGER, Store};
use crate::ids::RunId;
use crate::journal::chain::Row;
use crate::journal::error::JournalError;

/// Version of the file's form. Raised when a reader of the old form would misread the new one.
const FORMAT: i64 = 1;

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
            .map_err(|error| store_error(path, &error))?;
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
        if found == FORMAT {
            return Ok(());
        }
        sqlx::raw_sql(
            "BEGIN IMMEDIATE;
             CREATE TABLE IF NOT EXISTS records (
                 run   TEXT NOT NULL,
                 seq   INTEGER NOT NULL,
                 at    TEXT NOT NULL,
                 event TEXT NOT NULL,
                 hash  TEXT NOT NULL,
                 PRIMARY KEY (run, seq)
             ) STRICT;
             PRAGMA user_version = 1;
             COMMIT;",
        )
        .execute(&self.pool)
        .await
        .map_err(|error| self.error(&error))?;
        Ok(())
    }

    fn error(&self, error: &sqlx::Error) -> JournalError {
        store_error(&self.path, error)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn append(&self, stream: &RunId, row: &Row) -> Result<(), JournalError> {
        let seq = i64::try_from(row.seq).map_err(|error| store_error(&self.path, &error))?;
        sqlx::query("INSERT INTO records (run, seq, at, event, hash) VALUES (?, ?, ?, ?, ?)")
            .bind(stream.as_str())
            .bind(seq)
            .bind(&row.at)
            .bind(&row.json)
            .bind(&row.hash)
            .execute(&self.pool)
            .await
            .map_err(|error| {
                let taken = error.as_database_error().is_some_and(|e| e.is_unique_violation());
                if taken { JournalError::Taken { seq: row.seq } } else { self.error(&error) }
            })?;
        Ok(())
    }

    async fn rows(&self, stream: &RunId, after: u64) -> Result<Vec<Row>, JournalError> {
        let after = i64::try_from(after).map_err(|error| store_error(&self.path, &error))?;
        let rows: Vec<(i64, String, String, String)> = sqlx::query_as(
            "SELECT seq, at, event, hash FROM records WHERE run = ? AND seq > ? ORDER BY seq",
        )
        .bind(stream.as_str())
        .bind(after)
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.error(&error))?;
        rows.into_iter()
            .map(|(seq, at, json, hash)| {
                let seq = u64::try_from(seq).map_err(|_| JournalError::Broken { seq: 0 })?;
                Ok(Row { seq, at, json, hash })
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

    /// Closes the file; the write-ahead log is folded in.
    async fn close(&self) {
        self.pool.close().await;
    }
}

fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

fn store_error(path: &Path, error: &dyn std::fmt::Display) -> JournalError {
    JournalError::Store { path: path.display().to_string(), reason: error.to_string() }
}
