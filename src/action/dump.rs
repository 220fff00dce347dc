//! `sudo -n -u orca pg_dump -Fc -Z0 orca`, made UTF-8 and compressed in the stream.

use async_trait::async_trait;

use super::context::{blocking, write_private};
use super::{Action, Failure, StepCx, connect};
use crate::archive::{self, ArchiveError, ConvertOptions, ConvertReport, Found};
use crate::diag::{Fact, Kind, Problem};
use crate::journal::{Contents, State, StepState};
use crate::playbook::Outputs;
use crate::source::{self, PgDump, SourceConfig, WriteStamp};

pub(super) struct Dump {
    pub(super) archive: String,
    pub(super) level: u32,
}

#[async_trait]
impl Action for Dump {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let path = cx.work.archive(&self.archive);
        let (policy, mapping) = connect::characters(cx.clinic())?;
        let options = ConvertOptions { policy, mapping, level: self.level };
        cx.make_room(&path, Contents::SourceDump).await?;
        cx.register(&path, Contents::SourceDump).await?;
        let config = connect::source(cx.clinic());
        let earlier = earlier_size(&cx.journal.state().await);
        let begun = std::time::Instant::now();
        let (timeout, progress, target) = (cx.timeout(), cx.progress.clone(), path.clone());
        let findings = cx.work.report(&format!("{}-characters.json", cx.id()));
        let (stamp, report): (WriteStamp, ConvertReport) =
            blocking(move || -> Result<_, Problem> {
                // The stamp is taken first: a row written while the dump runs must be noticed.
                let stamp = source::write_stamp(&config)?;
                // Only the time left that people see rests on it; a failure here is none.
                let size = earlier.or_else(|| size_on_disk(&config));
                progress.expect_bytes(size.unwrap_or(0));
                let left = timeout.saturating_sub(begun.elapsed());
                let mut dump = PgDump::start(&config, left)?;
                let converted = archive::convert(&mut dump, &target, &options, &progress);
                match converted {
                    // The archive is complete only if pg_dump itself says so.
                    Ok(report) => match dump.finish() {
                        Ok(()) => Ok((stamp, report)),
                        Err(error) => {
                            let _ = std::fs::remove_file(&target);
                            Err(error.into())
                        }
                    },
                    Err(error) => {
                        // A dump that broke off says why on stderr; a full disk or a bad
                        // character here is our own error, and the dump is ended by its drop.
                        if matches!(
                            error,
                            ArchiveError::Read { .. } | ArchiveError::Truncated { .. }
                        ) {
                            dump.finish()?;
                        }
                        if let ArchiveError::Unconvertible(found) = &error {
                            list_findings(&findings, found)?;
                        }
                        Err(error.into())
                    }
                }
            })
            .await?;
        cx.completed(&path, report.bytes_out, report.sha256.as_str()).await?;
        let rules: Vec<serde_json::Value> = report
            .rules
            .iter()
            .map(|rule| serde_json::json!({"rule": rule.rule, "count": rule.count, "lossy": rule.lossy}))
            .collect();
        Ok(Outputs::from([
            ("archive".to_owned(), path.display().to_string().into()),
            ("bytes".to_owned(), report.bytes_out.into()),
            ("bytes_in".to_owned(), report.bytes_in.into()),
            ("sha256".to_owned(), report.sha256.0.into()),
            ("tables".to_owned(), report.tables.len().into()),
            ("rows".to_owned(), report.rows.into()),
            ("rules".to_owned(), rules.into()),
            ("stamp".to_owned(), serde_json::to_value(&stamp).unwrap_or_default()),
        ]))
    }
}

/// Leaves every character that needs a person's decision in a file of this machine: table,
/// column, row, code; never a value.
fn list_findings(path: &std::path::Path, found: &Found) -> Result<(), Problem> {
    let text = serde_json::to_vec_pretty(found).unwrap_or_default();
    write_private(path, &text).map_err(|error| {
        Problem::new("run-log-unwritable", Kind::Environment).with(Fact::local("reason", error))
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
    let sql = "SELECT pg_database_size(current_database());";
    let bytes = source::psql::query_one(config, "the database's size", sql).ok()?;
    Some(bytes.trim().parse::<u64>().ok()? / 5 * 3)
}
