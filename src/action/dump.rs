//! `sudo -n -u orca pg_dump -Fc -Z0 orca`, made UTF-8 and compressed in the stream.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::context::blocking;
use super::{Action, Failure, StepCx, connect, upload_rate};
use crate::archive::{self, ArchiveError, ConvertOptions, ConvertReport, Found, ServerVersion};
use crate::diag::{Fact, Kind, Problem};
use crate::disk;
use crate::ids::show_bytes;
use crate::journal::{Contents, State, StepState};
use crate::playbook::{Clinic, Level, Outputs};
use crate::progress::Progress;
use crate::source::{self, PgDump, SourceConfig, WriteStamp};

pub(super) struct Dump {
    pub(super) archive: String,
    pub(super) level: Level,
}

#[async_trait]
impl Action for Dump {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let path = cx.work.archive(&self.archive);
        let level = upload_rate::zlib_level(self.level, cx.clinic()).await;
        let stream = Stream::of(cx, &path, level).await?.for_target(cx.clinic())?;
        cx.make_room(&path, Contents::SourceDump).await?;
        cx.register(&path, Contents::SourceDump).await?;
        let (stamp, report) = blocking(move || stream.convert()).await?;
        cx.completed(&path, report.bytes_out, report.sha256.as_str()).await?;
        readable(cx.clinic(), report.archive_version)?;
        let mut outputs = outputs(&stamp, &report);
        outputs.extend([
            ("archive".to_owned(), path.display().to_string().into()),
            ("bytes".to_owned(), report.bytes_out.into()),
            ("sha256".to_owned(), report.sha256.0.into()),
            ("level".to_owned(), level.into()),
        ]);
        Ok(outputs)
    }
}

/// What a dump by either strategy says of the source and of the conversion.
pub(super) fn outputs(stamp: &WriteStamp, report: &ConvertReport) -> Outputs {
    let rules: Vec<serde_json::Value> = report
        .rules
        .iter()
        .map(
            |rule| serde_json::json!({"rule": rule.rule, "count": rule.count, "lossy": rule.lossy}),
        )
        .collect();
    Outputs::from([
        ("bytes_in".to_owned(), report.bytes_in.into()),
        ("tables".to_owned(), report.tables.len().into()),
        ("rows".to_owned(), report.rows.into()),
        ("rules".to_owned(), rules.into()),
        ("archive_version_from".to_owned(), report.archive_version_from.to_string().into()),
        ("archive_version".to_owned(), report.archive_version.to_string().into()),
        ("stamp".to_owned(), serde_json::to_value(stamp).unwrap_or_default()),
    ])
}

/// The clinic's dump on its way through the transcoder into a file.
pub(super) struct Stream {
    config: SourceConfig,
    options: ConvertOptions,
    target: PathBuf,
    findings: PathBuf,
    /// Size of an earlier dump's stream.
    earlier: Option<u64>,
    begun: Instant,
    timeout: Duration,
    progress: Progress,
}

impl Stream {
    pub(super) async fn of(cx: &StepCx, target: &Path, level: u32) -> Result<Self, Problem> {
        let (policy, mapping) = connect::characters(cx.clinic())?;
        let reserve = cx.reserve()?;
        let mut options = ConvertOptions { level, reserve, ..ConvertOptions::default() };
        options.policy = policy;
        options.mapping = mapping;
        Ok(Self {
            config: connect::source(cx.clinic()),
            options,
            target: target.to_owned(),
            findings: cx.work.report(&format!("{}-characters.json", cx.id())),
            earlier: earlier_size(&cx.journal.state().await),
            begun: Instant::now(),
            timeout: cx.timeout(),
            progress: cx.progress.clone(),
        })
    }

    /// Writes what the tenant's server reads, where that is known. One that is newer than every
    /// known version reads what is written for any server.
    fn for_target(mut self, clinic: &Clinic) -> Result<Self, Problem> {
        let target = clinic.portal.target_server().filter(|found| !found.is_newer_than_known());
        self.options.for_server =
            target.map(|server| server.to_string().parse::<ServerVersion>()).transpose()?;
        Ok(self)
    }

    /// Takes the stamp and the dump. Blocks.
    pub(super) fn convert(self) -> Result<(WriteStamp, ConvertReport), Problem> {
        let Self { config, options, target, progress, .. } = &self;
        refuse_without_room(config, target)?;
        // The stamp is taken first: a row written while the dump runs must be noticed.
        let stamp = source::write_stamp(config)?;
        // Only the time left that people see rests on it; a failure here is none.
        let size = self.earlier.or_else(|| size_on_disk(config));
        progress.expect_bytes(size.unwrap_or(0));
        let left = self.timeout.saturating_sub(self.begun.elapsed());
        let mut dump = PgDump::start(config, left)?;
        let converted = archive::convert(&mut dump, target, options, progress);
        match converted {
            // The archive is complete only if pg_dump itself says so.
            Ok(report) => match dump.finish() {
                Ok(()) => Ok((stamp, report)),
                Err(error) => {
                    let _ = std::fs::remove_file(target);
                    Err(error.into())
                }
            },
            Err(error) => {
                // A dump that broke off says why on stderr; a full disk or a bad
                // character here is our own error, and the dump is ended by its drop.
                if matches!(error, ArchiveError::Read { .. } | ArchiveError::Truncated { .. }) {
                    dump.finish()?;
                }
                if let ArchiveError::Unconvertible(found) = &error {
                    list_findings(&self.findings, found)?;
                }
                Err(error.into())
            }
        }
    }
}

/// A dump is smaller than its database: where there is less room than that, it is not begun. What
/// fills the disk meanwhile is noticed while writing.
fn refuse_without_room(config: &SourceConfig, target: &Path) -> Result<(), Problem> {
    let folder = target.parent().unwrap_or(target);
    let wanted = source::data_dir::database_bytes(config)?;
    let free = source::disk::free_bytes(folder)?;
    if free >= wanted {
        return Ok(());
    }
    // Not a rule but a state of the machine: whoever makes room meanwhile is met by the next try.
    Err(Problem::new("run-disk-space", Kind::Environment)
        .with(Fact::open("free", show_bytes(free)))
        .with(Fact::open("wanted", show_bytes(wanted))))
}

/// Stops before the upload where the archive's own header says that the target's `pg_restore`
/// cannot read it, whatever was reckoned before.
pub(super) fn readable(clinic: &Clinic, written: archive::Version) -> Result<(), Problem> {
    let Some(target) = clinic.portal.target_server() else { return Ok(()) };
    match target.reads() {
        Some(reads) if written.major == 1 && written.minor <= reads.0 => Ok(()),
        reads => Err(Problem::new("run-archive-too-new", Kind::Blocked)
            .with(Fact::open("written", written))
            .with(Fact::open("target", target))
            .with(Fact::open("reads", reads.map_or_else(|| "-".to_owned(), |v| v.to_string())))),
    }
}

/// Leaves every character that needs a person's decision in a file of this machine: table,
/// column, row, code; never a value.
fn list_findings(path: &std::path::Path, found: &Found) -> Result<(), Problem> {
    let text = serde_json::to_vec_pretty(found).unwrap_or_default();
    disk::write_private(path, &text).map_err(|error| {
        Problem::new("run-file-unwritable", Kind::Environment)
            .with(Fact::local("path", path.display()))
            .with(Fact::local("reason", error))
    })
}

/// Size of the stream of the run's earlier dump: the best guess of this one's.
fn earlier_size(state: &State) -> Option<u64> {
    state.steps.values().find_map(|step| match step {
        StepState::Done { outputs, .. } => outputs.get("bytes_in")?.as_u64(),
        _ => None,
    })
}

/// A guess where there was none: table data as text is a little over half of what the database
/// takes on disk (measured on synthetic clinics: 26 of 52 MB, 1.15 of 1.7 GB).
fn size_on_disk(config: &SourceConfig) -> Option<u64> {
    Some(source::data_dir::database_bytes(config).ok()? / 5 * 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clinic() -> Clinic {
        let yaml = include_str!("../../examples/clinic.yaml");
        let source = crate::diag::SourceText { name: "clinic.yaml".to_owned(), text: yaml.into() };
        crate::playbook::load_clinic(&source).unwrap()
    }

    /// Entries of the version select, stated servers, and the newest header that the `pg_restore`
    /// of each surely reads, from `pg_backup_archiver.h` of each line: 1.12 up to 9.6.7 and 10.2,
    /// 1.13 from 9.6.8, 10.3 and 11 on, 1.14 from 12, 1.15 from 16, 1.16 from 17. Where only the
    /// line is known its first minor counts.
    const READS: [(Option<&str>, &str, u8); 16] = [
        (None, "8.4", 11),
        (None, "9.0", 12),
        (None, "9.6", 12),
        (None, "10", 12),
        (None, "11", 13),
        (None, "12", 14),
        (None, "14", 14),
        (None, "15", 14),
        (None, "16", 15),
        (None, "17", 16),
        (Some("9.6.7"), "15", 12),
        (Some("9.6.8"), "15", 13),
        (Some("10.2"), "15", 12),
        (Some("10.3"), "15", 13),
        (Some("16"), "9.6", 15),
        (Some("19"), "15", 16),
    ];

    #[test]
    fn an_archive_that_the_target_cannot_read_is_not_sent() {
        let mut clinic = clinic();
        let mut judged = 0;
        for (server, entry, newest) in READS {
            clinic.portal.tenant.server = server.map(|version| version.parse().unwrap());
            clinic.portal.import_version = entry.to_owned();
            for minor in 10..=17 {
                let written = archive::Version { major: 1, minor, revision: 0 };
                let found = readable(&clinic, written);
                assert_eq!(found.is_err(), minor > newest, "{server:?} {entry} 1.{minor}");
                if let Err(problem) = found {
                    assert_eq!(
                        (problem.code.as_ref(), problem.kind),
                        ("run-archive-too-new", Kind::Blocked)
                    );
                }
                judged += 1;
            }
            let two = archive::Version { major: 2, minor: 10, revision: 0 };
            assert!(readable(&clinic, two).is_err(), "{server:?} {entry} 2.10");
        }
        assert_eq!(judged, 128);
        // A form that names no version tells nothing that an archive could be held against.
        (clinic.portal.tenant.server, clinic.portal.import_version) = (None, "既定".to_owned());
        assert!(readable(&clinic, archive::Version { major: 1, minor: 16, revision: 0 }).is_ok());
    }
}
