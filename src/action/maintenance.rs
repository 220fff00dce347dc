//! What is known about the cloud's maintenance: the file that people keep, what they confirmed,
//! and the calendars that the program reads.

use std::path::Path;

use super::ledger::read_ledger;
use super::{WorkDir, connect};
use crate::calendar::{Maintenance, ReadBy, SourceReading, Window, ics};
use crate::clock::{Clock, Jst};
use crate::diag::{Fact, Finding, Kind, Problem, SourceText};
use crate::journal::ledger::{Announced, AnnouncedWindow, Ledger, LedgerLog, Reading, ReadingKind};
use crate::playbook::Clinic;

/// Everything that is known. Nothing is fetched.
///
/// # Errors
/// Where the file or the journal cannot be read.
pub async fn load_maintenance(clinic: &Clinic, clock: &Clock) -> Result<Maintenance, Problem> {
    let ledger = read_ledger(&WorkDir::at(&clinic.work_dir), clock).await?;
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
                let named = |feed: &crate::playbook::Feed| feed.ics == reading.source;
                reading.kind != ReadingKind::Feed || clinic.calendar.feeds.iter().any(named)
            })
            .map(source_reading),
    );
    for feed in &clinic.calendar.feeds {
        let read = readings
            .iter()
            .any(|reading| reading.by == ReadBy::Program && reading.source == feed.ics);
        if !read {
            readings.push(SourceReading {
                by: ReadBy::Program,
                source: feed.ics.clone(),
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
/// One that cannot be read stays as old as it was.
pub async fn read_feeds(
    clinic: &Clinic,
    clock: &Clock,
    ledger: &LedgerLog,
) -> Vec<Result<(), Problem>> {
    let mut results = Vec::new();
    for feed in &clinic.calendar.feeds {
        let _ = (feed, clock, ledger);
        results.push(Ok(()));
    }
    results
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
