//! How long a step takes, before anything was measured.

use super::history::{self, DurationSource, Estimate, Sample};
use super::level::UploadRateFacts;
use super::model::EstimateBasis;
use crate::playbook::{DumpStrategy, StepAction};

/// Bytes of table data a second through dump, transcoding and compression on one small server.
const DUMP_RATE: u64 = 25_000_000;

/// A dump by way of a database goes through the data five times: out, in (with its indexes), out
/// again and compressed, and both archives once more for the proof.
const BY_DATABASE: u64 = 5;

/// Bytes of archive a second up to and down from the management site: 20 Mbit/s, a slow line.
const LINE_RATE: u64 = 2_500_000;

/// Bytes of archive a second that the management site restores: cautious, not known.
const RESTORE_RATE: u64 = 2_000_000;

/// An archive's size as a share of the database's: measured 1/4 on synthetic clinics.
const ARCHIVE_SHARE: u64 = 4;

/// Size that is reckoned with where the database's is not known.
const UNKNOWN_DATABASE_BYTES: u64 = 2_000_000_000;

/// Bytes of table data as text in a database that takes `database_bytes` on the disk: a little
/// over half (measured on synthetic clinics: 26 of 52 MB, 1.15 of 1.7 GB).
pub(super) fn table_bytes(database_bytes: u64) -> u64 {
    database_bytes / 5 * 3
}

/// What is reckoned from for a database of `bytes`; `None` where something is not known.
pub(super) fn basis(bytes: Option<u64>, upload: Option<UploadRateFacts>) -> EstimateBasis {
    EstimateBasis {
        database_bytes: bytes.unwrap_or(UNKNOWN_DATABASE_BYTES),
        size_known: bytes.is_some(),
        dump_rate: DUMP_RATE,
        line_rate: LINE_RATE,
        restore_rate: RESTORE_RATE,
        upload,
    }
}

/// Time for a roll-back (open the database, start the service, check it), before one was measured.
const ROLLBACK_SECS: u64 = 20 * 60;

/// The kind of a whole way back among samples.
pub const ROLLBACK_KIND: &str = "rollback";

/// The kind under which the durations of taking a step back are kept: `undo:fence`.
pub fn undo_kind(kind: &str) -> String {
    format!("undo:{kind}")
}

/// What taking a step back is expected to take: a service's start is a matter of its programs, a
/// setting of the database or a name is one of moments.
pub(super) fn undo(action: &StepAction, past: &[Sample]) -> Estimate {
    let reckoned = match action {
        StepAction::ServiceStop {} => 60,
        _ => 5,
    };
    history::estimate(&undo_kind(action.kind()), reckoned, 0, past)
}

/// Bytes of the archive of a database of this size.
fn archive_bytes(basis: &EstimateBasis) -> u64 {
    basis.database_bytes / ARCHIVE_SHARE
}

/// The kind under which a step's durations are kept: what a dump makes differs with its strategy.
pub fn sample_kind(action: &StepAction) -> &'static str {
    match action {
        StepAction::Dump { strategy: DumpStrategy::Database { .. }, .. } => "dump_database",
        other => other.kind(),
    }
}

/// The estimate of a step that takes no time of its own.
pub(super) fn nothing() -> Estimate {
    Estimate { secs: 0, max_secs: 0, source: DurationSource::Default, samples: 0 }
}

/// What a step is expected to take.
pub(super) fn step(action: &StepAction, basis: &EstimateBasis, past: &[Sample]) -> Estimate {
    let reckoned = seconds(action, basis);
    history::estimate(sample_kind(action), reckoned, archive_bytes(basis), past)
}

/// What a roll-back is expected to take: how long opening and starting took, whatever the size,
/// and never less than a quarter of an hour of people's work around it.
pub(super) fn rollback(past: &[Sample]) -> Estimate {
    const PEOPLE_SECS: u64 = 15 * 60;
    let mut estimate = history::estimate(ROLLBACK_KIND, ROLLBACK_SECS, 0, past);
    if estimate.samples > 0 {
        estimate.secs = estimate.secs.saturating_add(PEOPLE_SECS);
        estimate.max_secs = estimate.max_secs.saturating_add(PEOPLE_SECS);
    }
    estimate
}

/// Reckoned seconds of a step.
fn seconds(action: &StepAction, basis: &EstimateBasis) -> u64 {
    let bytes = basis.database_bytes;
    let upload = basis.upload.map_or(LINE_RATE, |rate| rate.bytes_per_sec.max(1));
    let archive = bytes / ARCHIVE_SHARE;
    match action {
        StepAction::SourceProbe { .. }
        | StepAction::WindowCheck { .. }
        | StepAction::Wait { .. } => 1,
        StepAction::PortalProbe { .. } | StepAction::MailProbe {} => 10,
        StepAction::Dump { strategy: DumpStrategy::Stream, .. } => 5 + bytes / DUMP_RATE,
        StepAction::Dump { .. } => 15 + bytes / DUMP_RATE * BY_DATABASE,
        StepAction::VerifyArchive { .. } => 2 + bytes / (DUMP_RATE * 4),
        StepAction::PortalExport { .. } => 30 + archive / LINE_RATE + bytes / DUMP_RATE,
        StepAction::PortalRelease {} => 30 + archive / LINE_RATE + bytes / DUMP_RATE,
        StepAction::PortalImport { .. } => 60 + archive / upload + archive / RESTORE_RATE,
        StepAction::CompareArchives { .. } => 2 + bytes / (DUMP_RATE * 2),
        StepAction::ServiceStop {} => 60,
        StepAction::Fence { .. }
        | StepAction::StaleCheck { .. }
        | StepAction::SwapDatabase { .. } => 10,
    }
}
