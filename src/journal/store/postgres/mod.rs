//! The journal in a PostgreSQL that several machines share: many clinics, one row a record.
//!
//! A connection may be cut at any moment, also between the server's commit and its answer. What
//! became of a record is then found out: the same record is offered again under the same
//! attempt's number, which the server either takes, once, or shows to be there.

mod connect;

use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;
use sqlx::PgPool;
use tokio::time::Instant;

use super::{LEDGER, Leases, Store};
use crate::ids::RunId;
use crate::journal::chain::Row;
use crate::journal::error::JournalError;
use crate::journal::lease::{Holder, LeaseEntry};

pub use connect::PostgresConfig;

/// How long one statement may go without an answer: a little more than the server's own limit.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a server that is out of reach is asked again.
const PATIENCE: Duration = Duration::from_secs(30);

/// The first pause before it is asked again, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// The journal of one clinic in a PostgreSQL.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
    config: PostgresConfig,
}

/// What became of one attempt to write.
enum Written {
    Yes,
    Taken,
    LeaseLost,
}

impl PostgresStore {
    /// Connects; with `create` the tables are made where they are missing.
    ///
    /// # Errors
    /// Where there is no connection, the server may lose what it acknowledges, or the tables
    /// were made by a newer version.
    pub async fn open(config: PostgresConfig, create: bool) -> Result<Self, JournalError> {
        Ok(Self { pool: config.connect(create).await?, config })
    }

    /// Asks until there is an answer, as long as patience lasts. `ask` must do no harm when its
    /// effect is there already.
    async fn ask<'s, T>(
        &'s self,
        ask: impl Fn() -> BoxFuture<'s, Result<T, sqlx::Error>> + Send + Sync,
    ) -> Result<T, JournalError> {
        let (until, mut pause) = (Instant::now() + PATIENCE, PAUSES.0);
        loop {
            let error = match tokio::time::timeout(ANSWER_TIMEOUT, ask()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) if !may_pass(&error) => return Err(self.config.error(&error)),
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no answer within {} s", ANSWER_TIMEOUT.as_secs()),
            };
            if Instant::now() + pause >= until {
                return Err(self.config.error(&error));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    async fn write_once(
        &self,
        stream: &RunId,
        row: &Row,
        token: Option<i64>,
        attempt: &str,
    ) -> Result<Written, sqlx::Error> {
        let clinic = &self.config.clinic;
        let mut whole = self.pool.begin().await?;
        // Whatever the server's default is: what is acknowledged is on disk.
        sqlx::query(
            "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                 WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)",
        )
        .execute(&mut *whole)
        .await?;
        if let Some(token) = token {
            // Whoever wants to take the lease over waits until this is committed.
            let now: Option<i64> =
                sqlx::query_scalar("SELECT token FROM leases WHERE clinic = $1 FOR SHARE")
                    .bind(clinic)
                    .fetch_optional(&mut *whole)
                    .await?;
            if now != Some(token) {
                return Ok(Written::LeaseLost);
            }
        }
        // Waits for another connection's record of this number, should it not be settled yet.
        let done = sqlx::query(
            "INSERT INTO records (clinic, stream, seq, at, event, hash, attempt)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(clinic)
        .bind(stream.as_str())
        .bind(number(row.seq)?)
        .bind(&row.at)
        .bind(&row.json)
        .bind(&row.hash)
        .bind(attempt)
        .execute(&mut *whole)
        .await?;
        if done.rows_affected() == 1 {
            whole.commit().await?;
            return Ok(Written::Yes);
        }
        let there: Option<String> = sqlx::query_scalar(
            "SELECT attempt FROM records WHERE clinic = $1 AND stream = $2 AND seq = $3",
        )
        .bind(clinic)
        .bind(stream.as_str())
        .bind(number(row.seq)?)
        .fetch_optional(&mut *whole)
        .await?;
        Ok(if there.as_deref() == Some(attempt) { Written::Yes } else { Written::Taken })
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn write(
        &self,
        stream: &RunId,
        row: &Row,
        token: Option<u64>,
    ) -> Result<(), JournalError> {
        let attempt = uuid::Uuid::now_v7().to_string();
        let token = token.map(number).transpose().map_err(|error| self.config.error(&error))?;
        let (attempt, stream, row) = (&attempt, stream, row);
        let written = self.ask(|| Box::pin(self.write_once(stream, row, token, attempt))).await?;
        match written {
            Written::Yes => Ok(()),
            Written::Taken => Err(JournalError::Taken { seq: row.seq }),
            Written::LeaseLost => Err(JournalError::LeaseLost),
        }
    }

    async fn rows(&self, stream: &RunId, after: u64) -> Result<Vec<Row>, JournalError> {
        // From the start everything is read, also what a damage gave a number below one.
        let after = number(after).map_err(|error| self.config.error(&error))?;
        let least = if after == 0 { i64::MIN } else { after.saturating_add(1) };
        let rows = self.ask(|| {
            Box::pin(async {
                none_yet(
                    sqlx::query_as::<_, (i64, String, String, String)>(
                        "SELECT seq, at, event, hash FROM records
                     WHERE clinic = $1 AND stream = $2 AND seq >= $3 ORDER BY seq",
                    )
                    .bind(&self.config.clinic)
                    .bind(stream.as_str())
                    .bind(least)
                    .fetch_all(&self.pool)
                    .await,
                )
            })
        });
        let row = |(seq, at, json, hash): (i64, _, _, _)| {
            let seq = u64::try_from(seq).map_err(|_| JournalError::Broken { seq: 0 })?;
            Ok(Row { seq, at, json, hash })
        };
        rows.await?.into_iter().map(row).collect()
    }

    async fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        let runs = self.ask(|| {
            Box::pin(async {
                none_yet(
                    // Run ids are UUIDs of version 7: their order is the order of time.
                    sqlx::query_scalar::<_, String>(
                        "SELECT DISTINCT stream COLLATE \"C\" AS run FROM records
                     WHERE clinic = $1 AND stream <> $2 ORDER BY run",
                    )
                    .bind(&self.config.clinic)
                    .bind(LEDGER)
                    .fetch_all(&self.pool)
                    .await,
                )
            })
        });
        Ok(runs.await?.into_iter().map(RunId).collect())
    }

    fn leases(&self) -> &dyn Leases {
        self
    }

    async fn close(&self) {
        // A server that does not answer must not keep the program from ending.
        let _ = tokio::time::timeout(ANSWER_TIMEOUT, self.pool.close()).await;
    }
}

#[async_trait]
impl Leases for PostgresStore {
    async fn lease(&self) -> Result<Option<LeaseEntry>, JournalError> {
        let rows = self.ask(|| {
            Box::pin(async {
                none_yet(
                    sqlx::query_as::<_, (i64, String, String, i64, String, f64)>(
                        "SELECT token, operator, host, pid, process,
                            greatest(0, extract(epoch FROM until - clock_timestamp()))::float8
                     FROM leases WHERE clinic = $1",
                    )
                    .bind(&self.config.clinic)
                    .fetch_all(&self.pool)
                    .await,
                )
            })
        });
        Ok(rows.await?.into_iter().next().map(|(token, operator, host, pid, process, left)| {
            LeaseEntry {
                holder: Holder {
                    operator,
                    host,
                    pid: u32::try_from(pid).unwrap_or_default(),
                    process,
                },
                token: token.unsigned_abs(),
                left: Duration::try_from_secs_f64(left).unwrap_or_default(),
            }
        }))
    }

    async fn take_lease(
        &self,
        seen: u64,
        even_if_live: bool,
        holder: &Holder,
        length: Duration,
    ) -> Result<bool, JournalError> {
        let taken = self.ask(|| {
            Box::pin(async {
                let done = sqlx::query(
                "INSERT INTO leases AS held (clinic, token, operator, host, pid, process, until)
                 SELECT $1, $2::bigint + 1, $4, $5, $6, $7,
                        clock_timestamp() + make_interval(secs => $8)
                 WHERE coalesce((SELECT token FROM leases WHERE clinic = $1), 0) = $2::bigint
                 ON CONFLICT (clinic) DO UPDATE SET
                     token = excluded.token, operator = excluded.operator,
                     host = excluded.host, pid = excluded.pid, process = excluded.process,
                     until = excluded.until
                 WHERE held.token = $2::bigint AND ($3 OR held.until <= clock_timestamp())",
            )
            .bind(&self.config.clinic)
            .bind(number(seen)?)
            .bind(even_if_live)
            .bind(&holder.operator)
            .bind(&holder.host)
            .bind(i64::from(holder.pid))
            .bind(&holder.process)
            .bind(length.as_secs_f64())
            .execute(&self.pool)
            .await?;
                Ok(done.rows_affected() == 1)
            })
        });
        taken.await
    }

    async fn renew_lease(&self, token: u64, length: Duration) -> Result<bool, JournalError> {
        let renewed = self.ask(|| {
            Box::pin(async {
                let done = sqlx::query(
                    "UPDATE leases SET until = clock_timestamp() + make_interval(secs => $3)
                 WHERE clinic = $1 AND token = $2",
                )
                .bind(&self.config.clinic)
                .bind(number(token)?)
                .bind(length.as_secs_f64())
                .execute(&self.pool)
                .await?;
                Ok(done.rows_affected() == 1)
            })
        });
        renewed.await
    }
}

fn number(number: u64) -> Result<i64, sqlx::Error> {
    i64::try_from(number).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// Nothing where the tables are not made yet: looking makes nothing.
fn none_yet<T>(found: Result<Vec<T>, sqlx::Error>) -> Result<Vec<T>, sqlx::Error> {
    const UNDEFINED_TABLE: &str = "42P01";
    match found {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(UNDEFINED_TABLE) => {
            Ok(Vec::new())
        }
        found => found,
    }
}

/// True where it is the connection or the server's state that failed and not the statement:
/// asking again may help, and is the only way to find out what became of it.
fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::WorkerCrashed => true,
        // Lost connection, shut down or starting, too many connections, and who loses a race.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            ["08", "57", "53", "40", "55P03"].iter().any(|class| code.starts_with(class))
        }),
        _ => false,
    }
}
