//! What is known about the cloud's maintenance: the file that people keep, what they confirmed,
//! and the calendars that the program reads.

use std::path::Path;
use std::str::FromStr;

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::ledger::read_ledger;
use super::{WorkDir, connect};
use crate::calendar::{Maintenance, ReadBy, SourceReading, Window, ics};
use crate::clock::{Clock, Jst, to_jst};
use crate::diag::{Fact, Finding, Kind, Problem, SourceText};
use crate::feed::{self, FeedSource};
use crate::journal::ledger::{
    Announced, AnnouncedWindow, Ledger, LedgerEvent, LedgerLog, Reading, ReadingKind,
};
use crate::playbook::{Clinic, Feed};

/// How far ahead the windows of a calendar are written down.
const AHEAD: TimeDelta = TimeDelta::days(400);

/// How far back: maintenance the night before an import is part of what was approved, also once
/// it is over.
const BACK: TimeDelta = TimeDelta::days(60);

/// Who reads calendars where no person does.
const PROGRAM: &str = "orca-cutover";

/// Everything that is known. Nothing is fetched.
///
/// # Errors
/// Where the file or the journal cannot be read.
pub async fn load_maintenance(clinic: &Clinic, clock: &Clock) -> Result<Maintenance, Problem> {
    let ledger = read_ledger(&WorkDir::of(clinic), clock).await?;
    known_maintenance(clinic, &ledger)
}

/// The same with a ledger in hand.
///
/// # Errors
/// Where the file cannot be read, or does not say what a calendar says.
pub fn known_maintenance(clinic: &Clinic, ledger: &Ledger) -> Result<Maintenance, Problem> {
    let mut readings = Vec::new();
    if let Some(path) = &clinic.calendar.maintenance {
        readings.push(file(path)?);
    }
    readings.extend(
        ledger
            .readings
            .iter()
            .map(|entry| &entry.reading)
            .filter(|reading| {
                // A calendar that the clinic file names no more is nobody's source.
                let named = |feed: &Feed| feed_name(feed) == reading.source;
                reading.kind != ReadingKind::Feed || clinic.calendar.feeds.iter().any(named)
            })
            .map(source_reading),
    );
    for name in clinic.calendar.feeds.iter().map(feed_name) {
        let read =
            readings.iter().any(|reading| reading.by == ReadBy::Program && reading.source == name);
        if !read {
            readings.push(SourceReading {
                by: ReadBy::Program,
                source: name,
                read_at: None,
                read_by: String::new(),
                windows: Vec::new(),
            });
        }
    }
    Ok(Maintenance { readings })
}

fn file(path: &Path) -> Result<SourceReading, Problem> {
    let name = path.display().to_string();
    let source = SourceText { name, text: connect::read_text(path)?.into() };
    SourceReading::parse(&source).map_err(|findings| {
        let (line, _) = findings.0.first().map_or((0, 0), |finding| finding.line_column());
        Problem::new("run-bad-calendar", Kind::Input)
            .with(Fact::local("path", path.display()))
            .with(Fact::open("count", findings.0.len()))
            .with(Fact::open("line", line))
    })
}

fn source_reading(reading: &Reading) -> SourceReading {
    let windows = reading
        .windows
        .iter()
        .filter(|window| window.status != Announced::Cancelled)
        .map(|window| Window { from: window.from, to: window.to, title: window.title.clone() });
    SourceReading {
        by: match reading.kind {
            ReadingKind::Feed => ReadBy::Program,
            ReadingKind::Notice | ReadingKind::Ics | ReadingKind::NothingNew => ReadBy::People,
        },
        source: reading.source.clone(),
        read_at: Some(reading.read_at),
        read_by: reading.read_by.clone(),
        windows: windows.collect(),
    }
}

/// Reads every calendar that the clinic file names, and writes each reading into the ledger.
/// One that cannot be read, or holds something that is not understood, stays as old as it was.
pub async fn read_feeds(
    clinic: &Clinic,
    clock: &Clock,
    ledger: &LedgerLog,
) -> Vec<Result<(), Problem>> {
    let mut results = Vec::new();
    for feed in &clinic.calendar.feeds {
        results.push(read_feed(feed, clock, ledger).await);
    }
    results
}

async fn read_feed(feed: &Feed, clock: &Clock, ledger: &LedgerLog) -> Result<(), Problem> {
    let name = feed_name(feed);
    let source = FeedSource::from_str(&feed.ics)?;
    let fetched = feed::fetch(&source, feed.ca.as_deref(), feed.resolve, clock).await?;
    let now = clock.now();
    let until = now.checked_add_signed(AHEAD).unwrap_or(now);
    let text = SourceText { name: name.clone(), text: fetched.text.into() };
    let since = now.checked_sub_signed(BACK).unwrap_or(now);
    let (windows, _) = ics_windows(&text, since, until)?;
    let reading = Reading {
        kind: ReadingKind::Feed,
        source: name,
        // Reading an old file again makes it no newer.
        read_at: changed_at(&source, clock).map_or(fetched.at, |at| at.min(fetched.at)),
        read_by: PROGRAM.to_owned(),
        sha256: fetched.sha256,
        windows,
    };
    ledger.append(LedgerEvent::CalendarRead { reading }).await?;
    Ok(())
}

/// When a file was changed last; a rehearsal's files are of another time than its clock.
fn changed_at(source: &FeedSource, clock: &Clock) -> Option<Jst> {
    match source {
        FeedSource::File(path) if !clock.is_rehearsal() => {
            let changed = std::fs::metadata(path).ok()?.modified().ok()?;
            Some(to_jst(chrono::DateTime::<chrono::Utc>::from(changed)))
        }
        FeedSource::File(_) | FeedSource::Address(_) => None,
    }
}

/// A calendar's name in journal, mails and reports: its host or file name with the beginning of a
/// hash. An address may hold a token, and a path is nobody's business outside of this machine.
fn feed_name(feed: &Feed) -> String {
    let hash = hex::encode(Sha256::digest(feed.ics.as_bytes()));
    let short: String = hash.chars().take(8).collect();
    let name = match url::Url::parse(&feed.ics) {
        Ok(url) if !feed.is_file() => url.host_str().unwrap_or_default().to_owned(),
        _ => Path::new(&feed.ics).file_name().unwrap_or_default().to_string_lossy().into_owned(),
    };
    format!("{name} #{short}")
}

/// The windows of an iCalendar text between two moments, with what a person should know about the
/// reading.
///
/// # Errors
/// Everything in it that cannot be understood: nothing of it then counts.
pub fn ics_windows(
    source: &SourceText,
    from: Jst,
    until: Jst,
) -> Result<(Vec<AnnouncedWindow>, Vec<Finding>), Problem> {
    let reading = ics::read(source, from, until).map_err(|findings| {
        let (line, _) = findings.0.first().map_or((0, 0), |finding| finding.line_column());
        let code = findings.0.first().map(|finding| finding.code).unwrap_or_default();
        Problem::new("calendar-ics-unreadable", Kind::Input)
            .with(Fact::local("path", &source.name))
            .with(Fact::open("count", findings.0.len()))
            .with(Fact::open("line", line))
            .with(Fact::open("code", code))
    })?;
    let windows = reading.windows.into_iter().map(|window| AnnouncedWindow {
        from: window.from,
        to: window.to,
        status: Announced::Planned,
        title: window.title,
        words: String::new(),
    });
    Ok((windows.collect(), reading.notes))
}
