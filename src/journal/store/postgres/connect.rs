//! The way to the records' PostgreSQL: who connects, how, and with which settings.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection};

use crate::journal::error::JournalError;
use crate::secret::{ExposeSecret, SecretRef};

/// Version of the tables' form. Raised when a reader of the old form would misread the new one.
const FORMAT: i64 = 1;

/// How long a connection may take to be made, with its TLS and log-in.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Records and lease are each written by one task at a time; a third connection is for looking.
const MAX_CONNECTIONS: u32 = 3;

/// What the server does not stop by itself: a statement, a wait for a lock, a transaction whose
/// client has gone.
const LIMITS: [(&str, &str); 3] = [
    ("statement_timeout", "10s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "20s"),
];

/// The tables, in the schema that the search path names. Whoever carries runs needs SELECT and
/// INSERT on `records`, SELECT on `format`, and SELECT, INSERT and UPDATE on `leases`.
const SCHEMA: &str = "
BEGIN;
SELECT pg_advisory_xact_lock(hashtext('orca-cutover journal'));
DO $$ BEGIN
    EXECUTE 'CREATE SCHEMA IF NOT EXISTS ' || current_setting('search_path');
END $$;
CREATE TABLE IF NOT EXISTS records (
    clinic  text   NOT NULL,
    stream  text   NOT NULL,
    seq     bigint NOT NULL CHECK (seq > 0),
    at      text   NOT NULL,
    event   text   NOT NULL,
    hash    text   NOT NULL,
    attempt text   NOT NULL,
    PRIMARY KEY (clinic, stream, seq)
);
CREATE TABLE IF NOT EXISTS leases (
    clinic   text        PRIMARY KEY,
    token    bigint      NOT NULL,
    operator text        NOT NULL,
    host     text        NOT NULL,
    pid      bigint      NOT NULL,
    process  text        NOT NULL,
    until    timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS format (version bigint PRIMARY KEY);
INSERT INTO format VALUES (1) ON CONFLICT DO NOTHING;
COMMIT;";

/// Which database, and the way to it.
#[derive(Clone, Debug)]
pub struct PostgresConfig {
    /// The server's name, as in its certificate; TLS is then a must.
    pub host: Option<String>,
    /// Folder of the server's unix socket, instead of a host.
    pub socket_dir: Option<PathBuf>,
    /// The server's port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The schema of the tables; no quotes in it.
    pub schema: String,
    /// The role.
    pub user: String,
    /// Its password.
    pub password: Option<SecretRef>,
    /// A private root certificate, PEM, that is trusted beside the system's.
    pub ca: Option<PathBuf>,
    /// Whose records: the clinic id.
    pub clinic: String,
}

impl PostgresConfig {
    /// For people: which database, never a secret.
    pub fn shown(&self) -> String {
        let place = match (&self.host, &self.socket_dir) {
            (Some(host), _) => format!("{host}:{}", self.port),
            (None, Some(folder)) => format!("{}:{}", folder.display(), self.port),
            (None, None) => String::new(),
        };
        format!("postgresql://{place}/{}, {}", self.database, self.schema)
    }

    pub(super) fn error(&self, reason: &dyn std::fmt::Display) -> JournalError {
        JournalError::Store { path: self.shown(), reason: reason.to_string() }
    }

    /// Nothing of the process's environment is left to choose: host, role, protection and
    /// settings are those of the clinic file.
    fn options(&self) -> Result<PgConnectOptions, JournalError> {
        let mut options = PgConnectOptions::new_without_pgpass()
            .port(self.port)
            .database(&self.database)
            .username(&self.user)
            .application_name("orca-cutover")
            .options(LIMITS)
            .options([
                // Unqualified names mean the journal's tables, and no others.
                ("search_path", format!("\"{}\"", self.schema).as_str()),
                ("default_transaction_isolation", "read committed"),
                ("default_transaction_read_only", "off"),
                ("default_transaction_deferrable", "off"),
            ])
            .disable_statement_logging();
        options = match (&self.host, &self.socket_dir) {
            (Some(host), _) => options.host(host).ssl_mode(PgSslMode::VerifyFull),
            (None, folder) => {
                let folder = folder.clone().unwrap_or_default();
                options.socket(folder).ssl_mode(PgSslMode::Disable)
            }
        };
        if let Some(ca) = &self.ca {
            let pem = std::fs::read(ca).map_err(|error| self.error(&error))?;
            options = options.ssl_root_cert_from_pem(pem);
        }
        if let Some(password) = &self.password {
            let password = password.read().map_err(|error| self.error(&error))?;
            options = options.password(password.expose_secret().trim_end_matches(['\r', '\n']));
        }
        Ok(options)
    }

    /// Connects, looks whether the server keeps what it acknowledges, and with `create` makes
    /// the tables where they are missing.
    pub(super) async fn connect(&self, create: bool) -> Result<PgPool, JournalError> {
        let options = self.options()?;
        // A connection of its own first: a pool does not say why none could be made.
        let first = tokio::time::timeout(CONNECT_TIMEOUT, async {
            let mut first = PgConnection::connect_with(&options).await?;
            let found = self.look(&mut first, create).await;
            // The server frees it by itself where this fails.
            let _ = first.close().await;
            Ok::<_, sqlx::Error>(found)
        });
        match first.await {
            Ok(Ok(found)) => found?,
            Ok(Err(error)) => return Err(self.error(&error)),
            Err(_) => {
                let secs = CONNECT_TIMEOUT.as_secs();
                return Err(self.error(&format!("no connection within {secs} s")));
            }
        }
        Ok(PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(CONNECT_TIMEOUT)
            .connect_lazy_with(options))
    }

    async fn look(&self, server: &mut PgConnection, create: bool) -> Result<(), JournalError> {
        let failed = |error: sqlx::Error| self.error(&error);
        let (fsync, encoding, made): (String, String, bool) = sqlx::query_as(
            "SELECT current_setting('fsync'), current_setting('server_encoding'),
                    to_regclass('format') IS NOT NULL",
        )
        .fetch_one(&mut *server)
        .await
        .map_err(failed)?;
        for (setting, found, wanted) in
            [("fsync", fsync, "on"), ("server_encoding", encoding, "UTF8")]
        {
            if found != wanted {
                return Err(JournalError::ServerSetting {
                    path: self.shown(),
                    setting,
                    found,
                    wanted,
                });
            }
        }
        if !made {
            if create {
                sqlx::raw_sql(SCHEMA).execute(&mut *server).await.map_err(failed)?;
            }
            return Ok(());
        }
        let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM format")
            .fetch_one(&mut *server)
            .await
            .map_err(failed)?;
        match found {
            Some(found) if found > FORMAT => Err(JournalError::Newer { found, known: FORMAT }),
            _ => Ok(()),
        }
    }
}
