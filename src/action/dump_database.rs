//! A dump by way of a UTF-8 database beside the clinic's, as the manual has it.
//!
//! The clinic's database is only read. The new one is filled through the same transcoder as a
//! dump in the stream, dumped by `pg_dump` as it stands, and that dump is proved to hold the rows
//! that were converted. What an interrupted attempt left is known by the server's number for the
//! database, which stands in the journal; a database of the same name that is somebody else's is
//! never touched.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use async_trait::async_trait;

use super::context::blocking;
use super::dump::{Stream, outputs, readable};
use super::room_beside::Room;
use super::stream_file::{Broken, StreamFile};
use super::{Action, Failure, StepCx, connect};
use crate::archive::{self, CompareOptions, CompareProfile, ConvertReport};
use crate::diag::{Fact, Kind, Problem};
use crate::disk::Reserve;
use crate::fault::{self, Point};
use crate::ids::RunId;
use crate::journal::{Contents, Event, State};
use crate::playbook::{DumpStrategy, Outputs};
use crate::progress::Progress;
use crate::source::{PgDump, SourceConfig, WriteStamp, beside};

/// zlib level of the archive between the two databases: it is read once, by this machine.
const WORK_LEVEL: u32 = 1;
/// Names of differing tables that a message lists.
const MAX_NAMED_TABLES: usize = 8;

pub(super) struct DumpDatabase {
    pub(super) archive: String,
    pub(super) level: u32,
    pub(super) strategy: DumpStrategy,
}

#[async_trait]
impl Action for DumpDatabase {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let config = connect::source(cx.clinic());
        let Some(database) = self.strategy.database(&cx.clinic().source) else {
            return Err(Problem::new("run-defect", Kind::Internal).into());
        };
        let begun = Instant::now();
        let made = make(cx, &config, &database).await?;
        let job = Job {
            config,
            database,
            level: self.level,
            converted: converted(&cx.work.archive(&self.archive)),
            archive: cx.work.archive(&self.archive),
            begun,
            timeout: cx.timeout(),
            progress: cx.progress.clone(),
            reserve: cx.reserve()?,
        };
        let result = carry_out(cx, &job).await;
        let keep = result.is_ok() && cx.playbook.swaps(cx.id());
        // A second copy of the clinic's data is not left lying about.
        let gone = !keep && drop_made(cx, &job.config, &job.database, made).await.is_ok();
        let mut outputs = result?;
        if !gone {
            outputs.insert("database".to_owned(), job.database.into());
        }
        Ok(outputs)
    }
}

/// The archive between the two databases. No playbook can give an archive such a name.
fn converted(archive: &Path) -> PathBuf {
    let mut name = archive.as_os_str().to_owned();
    name.push(".utf8");
    PathBuf::from(name)
}

/// The name a database has until its number stands in the journal. It holds the run's own, so
/// that nobody else's can be taken for it.
fn making(run: &RunId) -> String {
    format!("orca_cutover_{}", run_tail(run))
}

/// The last part of a run's id: what tells runs of one server apart.
pub(super) fn run_tail(run: &RunId) -> &str {
    run.as_str().rsplit('-').next().unwrap_or(run.as_str())
}

fn is_ours(state: &State, oid: u32, database: &str) -> bool {
    state.databases.get(&oid).is_some_and(|made| made.database == database)
}

/// Makes the empty database; gives its number.
async fn make(cx: &StepCx, config: &SourceConfig, database: &str) -> Result<u32, Problem> {
    let state = cx.journal.state().await;
    let first_name = making(&state.info.run);
    let (names, asked) = ((first_name.clone(), database.to_owned()), config.clone());
    let (half_made, taken) = blocking(move || -> Result<_, Problem> {
        Ok((beside::oid(&asked, &names.0)?, beside::oid(&asked, &names.1)?))
    })
    .await?;
    if let Some(oid) = half_made {
        let (config, name) = (config.clone(), first_name.clone());
        blocking(move || beside::drop_made(&config, &name, oid)).await?;
    }
    match taken {
        Some(oid) if is_ours(&state, oid, database) => {
            drop_made(cx, config, database, oid).await?;
        }
        Some(_) => {
            return Err(Problem::new("run-database-exists", Kind::Blocked)
                .with(Fact::local("database", database))
                .with(Fact::local("user", &config.os_user)));
        }
        None => {}
    }
    let (asked, work) = (config.clone(), cx.work.path().to_owned());
    blocking(move || Room::look(&asked, &work)?.refuse()).await?;
    let (asked, name) = (config.clone(), first_name.clone());
    let oid = blocking(move || beside::create(&asked, &name)).await?;
    fault::reach(Point::DatabaseMade).await?;
    cx.journal
        .append(Event::DatabaseRegistered {
            database: database.to_owned(),
            oid,
            step: cx.id().clone(),
        })
        .await?;
    fault::reach(Point::DatabaseRegistered).await?;
    let (asked, name) = (config.clone(), database.to_owned());
    blocking(move || beside::rename(&asked, &first_name, &name)).await?;
    fault::reach(Point::DatabaseNamed).await?;
    Ok(oid)
}

async fn drop_made(
    cx: &StepCx,
    config: &SourceConfig,
    database: &str,
    oid: u32,
) -> Result<(), Problem> {
    let (asked, name) = (config.clone(), database.to_owned());
    blocking(move || beside::drop_made(&asked, &name, oid)).await?;
    fault::reach(Point::DatabaseDropped).await?;
    cx.journal.append(Event::DatabaseDropped { oid }).await?;
    Ok(())
}

/// Fills the database, dumps it and proves the dump.
async fn carry_out(cx: &StepCx, job: &Job) -> Result<Outputs, Problem> {
    cx.register(&job.converted, Contents::SourceDump).await?;
    let stream = Stream::of(cx, &job.converted, WORK_LEVEL).await?;
    let (stamp, report): (WriteStamp, ConvertReport) = blocking(move || stream.convert()).await?;
    cx.completed(&job.converted, report.bytes_out, report.sha256.as_str()).await?;
    let filling = job.clone();
    blocking(move || filling.fill()).await?;
    fault::reach(Point::DatabaseFilled).await?;
    cx.make_room(&job.archive, Contents::SourceDump).await?;
    cx.register(&job.archive, Contents::SourceDump).await?;
    let dumping = job.clone();
    let (bytes, sha256) = blocking(move || dumping.dump()).await?;
    cx.completed(&job.archive, bytes, &sha256).await?;
    // pg_dump wrote it, in the version of its own.
    let path = job.archive.clone();
    let written = blocking(move || archive::inspect(&path)).await?;
    readable(cx.clinic(), written.archive_version)?;
    let (proving, rows) = (job.clone(), report.rows);
    blocking(move || proving.prove(rows)).await?;
    let mut outputs = outputs(&stamp, &report);
    outputs.extend([
        ("archive".to_owned(), job.archive.display().to_string().into()),
        ("bytes".to_owned(), bytes.into()),
        ("sha256".to_owned(), sha256.into()),
        ("differences".to_owned(), 0.into()),
        ("archive_version".to_owned(), written.archive_version.to_string().into()),
    ]);
    Ok(outputs)
}

#[derive(Clone)]
struct Job {
    config: SourceConfig,
    database: String,
    level: u32,
    converted: PathBuf,
    archive: PathBuf,
    begun: Instant,
    timeout: std::time::Duration,
    progress: Progress,
    reserve: Option<Reserve>,
}

impl Job {
    fn left(&self) -> std::time::Duration {
        self.timeout.saturating_sub(self.begun.elapsed())
    }

    /// Restores the converted archive into the new database.
    fn fill(&self) -> Result<(), Problem> {
        self.progress.stage(&self.database);
        let file = File::open(&self.converted).map_err(|error| {
            Problem::new("run-file-unreadable", Kind::Environment)
                .with(Fact::local("path", self.converted.display()))
                .with(Fact::local("reason", error))
        })?;
        let done = self.progress.read().bytes;
        let size = file.metadata().map_or(0, |found| found.len());
        // To come: into the database, and out of it again.
        self.progress.expect_bytes(done.saturating_add(size.saturating_mul(2)));
        beside::restore(&self.config, &self.database, file, self.left(), &self.progress)?;
        Ok(())
    }

    /// `sudo -n -u orca pg_dump -Fc orca_utf8`
    fn dump(&self) -> Result<(u64, String), Problem> {
        let config = self.config.in_database(&self.database);
        let mut dump = PgDump::start_plain(&config, self.level, self.left())?;
        let file = StreamFile::at(&self.archive)?;
        let written = match file.write(&mut dump, &self.progress, self.reserve.clone()) {
            Ok(written) => written,
            Err(Broken::Write(problem)) => return Err(problem),
            Err(Broken::Read) => {
                dump.finish()?;
                return Err(Problem::new("run-defect", Kind::Internal));
            }
        };
        // The archive is complete only if pg_dump itself says so.
        dump.finish()?;
        file.keep()?;
        Ok(written)
    }

    /// Nothing may differ here: no importer had its hands on it.
    fn prove(&self, rows: u64) -> Result<(), Problem> {
        let profile = CompareProfile {
            emptied_by_importer: Default::default(),
            dropped_by_importer: Default::default(),
        };
        let nothing = CompareOptions { profile, ..CompareOptions::default() };
        // Its own counters: the step's are at their end.
        let progress = Progress::default();
        let report = archive::compare(&self.converted, &self.archive, &nothing, &progress)?;
        if report.same && report.actual_rows == rows {
            return Ok(());
        }
        let differing: Vec<String> = report
            .tables
            .iter()
            .filter(|table| !table.verdict.is_good())
            .map(|table| format!("{}.{}", table.schema, table.table))
            .collect();
        let named: Vec<&str> =
            differing.iter().take(MAX_NAMED_TABLES).map(String::as_str).collect();
        Err(Problem::new("run-conversion-differs", Kind::Data)
            .with(Fact::local("database", &self.database))
            .with(Fact::open("count", differing.len()))
            .with(Fact::open("tables", named.join(", "))))
    }
}
