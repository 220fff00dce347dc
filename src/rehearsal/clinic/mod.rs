//! A synthetic clinic: a database with the shape and the oddities of a real one, and a stand-in
//! for its running service. Every name in it says that it is a sample.
//!
//! The same seed gives the same data, byte for byte.

mod copy;
mod error;
mod field;
mod random;
mod schema;
mod service;
mod words;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cluster::{ClusterHandle, ensure_os_user};
use crate::source::SourceError;
use crate::source::command::Command;
use crate::source::feed::Feed;
use crate::source::psql;

pub use error::ClinicError;
pub use service::ClinicService;

use copy::{Size, copy, growth_for};
use field::Stock;
use words::Words;

/// The role and OS user that own the database, and the database's name.
pub const OWNER: &str = "orca";
/// Longest time for the largest clinic that rehearsals use, 20 GB at 10 MB/s.
const LOAD_TIMEOUT: Duration = Duration::from_secs(40 * 60);
/// The patient who has the bad name, where the clinic has as many.
const BAD_PATIENT: u64 = 7;

/// What clinic to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClinicSeed {
    /// Patients, at least 1; 2,000 make a small clinic.
    pub patients: u32,
    /// Another seed gives other data.
    pub seed: u64,
    /// `JPN` and 12 digits.
    pub clinic_id: String,
    /// Puts a character that 日レセクラウド cannot hold into one patient's name.
    pub bad_name: Option<BadName>,
    /// Table data wanted, in bytes; records are multiplied until it is reached.
    pub size_bytes: Option<u64>,
}

/// A character that a strict conversion refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BadName {
    /// 髙, 8FF4FB: PostgreSQL converts it, JIS X 0213 lacks it.
    Taka,
    /// FCE2: PostgreSQL stores it and can convert it to nothing.
    Unmappable,
}

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClinicSummary {
    /// Tables.
    pub tables: u64,
    /// Rows of all of them.
    pub rows: u64,
    /// Bytes of `COPY` data.
    pub bytes: u64,
}

impl Default for ClinicSeed {
    fn default() -> Self {
        Self {
            patients: 2_000,
            seed: 1,
            clinic_id: "JPN000000000452".to_owned(),
            bad_name: None,
            size_bytes: None,
        }
    }
}

impl BadName {
    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Taka => &[0x8f, 0xf4, 0xfb],
            Self::Unmappable => &[0xfc, 0xe2],
        }
    }
}

/// Makes the OS user, the role and the database `orca` and fills it. A database of that name is
/// dropped first: the cluster is the rehearsal's own.
///
/// # Errors
/// When the seed is wrong or the cluster refuses.
pub fn generate(cluster: &ClusterHandle, seed: &ClinicSeed) -> Result<ClinicSummary, ClinicError> {
    check(seed)?;
    ensure_os_user(OWNER)?;
    create_database(cluster)?;
    let tables = schema::tables()?;
    let patients = u64::from(seed.patients);
    let bad_name = seed.bad_name.map(|bad| (BAD_PATIENT.min(patients), bad.bytes()));
    let words = Words::load(cluster, OWNER)?;
    let stock = Stock { words, clinic_id: seed.clinic_id.clone(), bad_name };
    let mut size = Size { patients, growth: 1, seed: seed.seed };
    if let Some(bytes) = seed.size_bytes {
        size.growth = growth_for(bytes, &tables, &stock, size);
    }
    fill(cluster, &tables, &stock, size)
}

fn check(seed: &ClinicSeed) -> Result<(), ClinicError> {
    let digits = seed.clinic_id.strip_prefix("JPN").ok_or(ClinicError::ClinicId)?;
    if digits.len() != 12 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ClinicError::ClinicId);
    }
    if seed.patients == 0 {
        return Err(ClinicError::NoPatients);
    }
    Ok(())
}

fn create_database(cluster: &ClusterHandle) -> Result<(), ClinicError> {
    cluster.sql(
        "postgres",
        &format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{OWNER}';\n\
             DROP DATABASE IF EXISTS {OWNER};\n\
             SELECT 'CREATE ROLE {OWNER}' WHERE NOT EXISTS\n\
             (SELECT 1 FROM pg_roles WHERE rolname = '{OWNER}') \\gexec\n\
             ALTER ROLE {OWNER} LOGIN CREATEDB NOSUPERUSER NOCREATEROLE;\n\
             CREATE DATABASE {OWNER} OWNER {OWNER} TEMPLATE template0 ENCODING 'EUC_JP'\n\
             LC_COLLATE 'C' LC_CTYPE 'C';\n"
        ),
    )?;
    // The schema `public` is the owner's, as on a clinic's older server, whatever version this is.
    cluster.sql(OWNER, &format!("ALTER SCHEMA public OWNER TO {OWNER};\n"))?;
    Ok(())
}

fn fill(
    cluster: &ClusterHandle,
    tables: &[schema::Table],
    stock: &Stock,
    size: Size,
) -> Result<ClinicSummary, ClinicError> {
    let config = cluster.source(&cluster.superuser, OWNER);
    let command = Command::new(psql::argv(&config), LOAD_TIMEOUT)
        .as_user(&config.os_user)
        .about(psql::subject(&config, "psql"));
    let mut feed = Feed::start(&command)?;
    let written = write_all(&mut feed, tables, stock, size);
    // Where the pipe broke, the program knows why.
    feed.finish()?;
    written.map_err(|error| SourceError::system("feed psql", &error).into())
}

/// One transaction: tables that are made and filled in it need no write-ahead log.
fn write_all(
    feed: &mut Feed,
    tables: &[schema::Table],
    stock: &Stock,
    size: Size,
) -> std::io::Result<ClinicSummary> {
    use std::io::Write;
    let mut summary = ClinicSummary { tables: 0, rows: 0, bytes: 0 };
    write!(feed, "SET client_encoding = 'EUC_JP';\nSET ROLE {OWNER};\nBEGIN;\n{}", schema::SQL)?;
    for table in tables {
        let written = copy(feed, table, stock, size)?;
        summary.tables = summary.tables.saturating_add(1);
        summary.rows = summary.rows.saturating_add(written.rows);
        summary.bytes = summary.bytes.saturating_add(written.bytes);
    }
    feed.write_all(b"COMMIT;\nANALYZE;\n")?;
    Ok(summary)
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
