//! Whether anything was written: a stamp taken before and after is equal, or something was.
//!
//! Three witnesses: the server's own counters of written rows and large objects, the newest update
//! time in the application's own columns, and the numbers of the tables' files, which change where a
//! table is emptied, made or rewritten as a whole. A session that is idle may hold its counters
//! back, so that whoever asks about others ends their sessions first ([`super::fence::end_others`]).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::psql::{query, query_within};
use super::{SourceConfig, SourceError};

/// The newest update time needs a scan of every table that has one: minutes for tens of
/// gigabytes on a clinic's disk.
const STAMP_TIMEOUT: Duration = Duration::from_secs(20 * 60);
/// A session hands its counters over at most once a second (`PGSTAT_MIN_INTERVAL`, half of it
/// before PostgreSQL 15); those of ended sessions have arrived after this.
const COUNTERS_DELAY_SECS: f64 = 1.3;

/// What the database looked like to a writer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteStamp {
    /// Rows inserted, updated and deleted in user tables, and pages of large objects, since the
    /// server's counters began.
    pub writes: u64,
    /// MD5 of the user tables' numbers and of those of their files, hexadecimal.
    #[serde(default)]
    pub files: String,
    /// The newest `upymd` and `uphms`, `YYYYMMDDhhmmss`; empty where no row has any.
    pub newest_update: String,
    /// Tables that were looked at for the newest update.
    pub tables: u64,
}

/// Takes the stamp. The database must accept connections.
///
/// # Errors
/// When the server refuses or answers unexpectedly.
pub fn write_stamp(config: &SourceConfig) -> Result<WriteStamp, SourceError> {
    let unexpected = || SourceError::AnswerUnexpected { question: "the write stamp" };
    let tables = stamped_tables(config)?;
    let newest = tables
        .iter()
        .map(|table| {
            format!("SELECT max(upymd::text || coalesce(uphms::text, '')) AS at FROM {table}")
        })
        .collect::<Vec<_>>()
        .join("\nUNION ALL ");
    let newest = if tables.is_empty() {
        "SELECT '';\n".to_owned()
    } else {
        format!("SELECT coalesce(max(at), '') FROM (\n{newest}\n) newest;\n")
    };
    let script = format!(
        "SELECT pg_sleep({COUNTERS_DELAY_SECS})::text;\n{newest}\
         SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_all_tables\n\
         WHERE schemaname NOT LIKE 'pg\\_%' AND schemaname <> 'information_schema'\n\
         OR relid = 'pg_catalog.pg_largeobject'::regclass;\n\
         SELECT coalesce(md5(string_agg(c.oid || ':' || coalesce(pg_relation_filenode(c.oid), 0), ','\n\
         ORDER BY c.oid)), '') FROM pg_class c WHERE c.relkind = 'r' AND NOT EXISTS (SELECT 1 FROM\n\
         pg_namespace n WHERE n.oid = c.relnamespace AND\n\
         (n.nspname LIKE 'pg\\_%' OR n.nspname = 'information_schema'));\n"
    );
    let rows = query_within(config, &script, STAMP_TIMEOUT)?;
    let value = |index: usize| rows.get(index).and_then(|row| row.first()).ok_or_else(unexpected);
    Ok(WriteStamp {
        newest_update: value(1)?.trim().to_owned(),
        writes: value(2)?.parse().map_err(|_| unexpected())?,
        files: value(3)?.clone(),
        tables: u64::try_from(tables.len()).unwrap_or(u64::MAX),
    })
}

/// Tables that have both columns, quoted by the server.
fn stamped_tables(config: &SourceConfig) -> Result<Vec<String>, SourceError> {
    let rows = query(
        config,
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)\n\
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace\n\
         WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%'\n\
         AND n.nspname <> 'information_schema'\n\
         AND 2 = (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid\n\
         AND NOT a.attisdropped AND a.attname IN ('upymd', 'uphms')) ORDER BY 1;\n",
    )?;
    Ok(rows.into_iter().filter_map(|row| row.into_iter().next()).collect())
}
