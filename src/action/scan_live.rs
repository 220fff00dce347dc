//! Scans the clinic's live database through one `pg_dump`: a consistent snapshot, read only.

use std::path::Path;
use std::time::Duration;

use super::connect;
use crate::archive::{self, ArchiveError, Scan, ScanOptions};
use crate::charset::{Mapping, Policy};
use crate::diag::Problem;
use crate::playbook::Clinic;
use crate::progress::Progress;
use crate::source::PgDump;

/// Longest time a scan may take: a 20 GB database is read in minutes, even by an old server.
const LONGEST: Duration = Duration::from_secs(6 * 60 * 60);

/// The policy and the decisions that a clinic file names.
///
/// # Errors
/// Where the policy is unknown or the mapping file cannot be read.
pub fn characters(clinic: &Clinic) -> Result<(Policy, Mapping), Problem> {
    connect::characters(clinic)
}

/// Scans the clinic's database. Nothing is changed there.
///
/// # Errors
/// Where the server refuses, `pg_dump` fails, or the findings cannot be kept.
pub fn scan_live(
    clinic: &Clinic,
    options: &ScanOptions,
    progress: &Progress,
) -> Result<Scan, Problem> {
    let config = connect::source(clinic);
    let mut dump = PgDump::start(&config, LONGEST)?;
    match archive::scan(&mut dump, Path::new("-"), options, progress) {
        // The snapshot is complete only if pg_dump itself says so.
        Ok(scan) => {
            dump.finish()?;
            Ok(scan)
        }
        Err(error) => {
            // A dump that broke off says why on stderr; other errors are our own.
            if matches!(error, ArchiveError::Read { .. } | ArchiveError::Truncated { .. }) {
                dump.finish()?;
            }
            Err(error.into())
        }
    }
}
