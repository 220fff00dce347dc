//! What is known about maintenance, and which dates do, for every renderer. Pure.

use serde::Serialize;

use crate::calendar::{Maintenance, ReadBy};
use crate::clock::Jst;
use crate::journal::ledger::{Announced, AnnouncedWindow, Ledger};
use crate::plan::{RfcTime, Slot};

/// Every source with its windows.
#[derive(Clone, Debug, Serialize)]
pub struct CalendarView {
    /// The sources.
    pub sources: Vec<SourceView>,
}

/// One source.
#[derive(Clone, Debug, Serialize)]
pub struct SourceView {
    /// The number by which people name it; `None` for a file that people keep, and for a calendar
    /// that was never read.
    pub number: Option<u64>,
    /// True where the program reads it by itself.
    pub by_program: bool,
    /// What it is.
    pub source: String,
    /// When it was read; `None` where that has not happened yet.
    pub read_at: Option<RfcTime>,
    /// Who read it.
    pub read_by: String,
    /// Its windows.
    pub windows: Vec<AnnouncedWindow>,
}

impl CalendarView {
    /// The view. `since`: windows that are over by then are left out.
    pub fn new(maintenance: &Maintenance, ledger: &Ledger, since: Option<Jst>) -> Self {
        let wanted = |to: &Jst| since.is_none_or(|since| *to >= since);
        let mut sources: Vec<SourceView> = ledger
            .readings
            .iter()
            .map(|entry| SourceView {
                number: Some(entry.number),
                by_program: entry.reading.kind == crate::journal::ledger::ReadingKind::Feed,
                source: entry.reading.source.clone(),
                read_at: Some(RfcTime(entry.reading.read_at)),
                read_by: entry.reading.read_by.clone(),
                windows: entry.reading.windows.iter().filter(|w| wanted(&w.to)).cloned().collect(),
            })
            .collect();
        for reading in &maintenance.readings {
            let known = sources.iter().any(|source| {
                source.source == reading.source && source.read_at.map(|at| at.0) == reading.read_at
            });
            if known {
                continue;
            }
            let windows = reading.windows.iter().filter(|w| wanted(&w.to));
            sources.push(SourceView {
                number: None,
                by_program: reading.by == ReadBy::Program,
                source: reading.source.clone(),
                read_at: reading.read_at.map(RfcTime),
                read_by: reading.read_by.clone(),
                windows: windows
                    .map(|w| AnnouncedWindow {
                        from: w.from,
                        to: w.to,
                        status: Announced::Planned,
                        title: w.title.clone(),
                        words: String::new(),
                    })
                    .collect(),
            });
        }
        Self { sources }
    }
}

/// Dates, as far as the last one that was asked for.
#[derive(Clone, Debug, Serialize)]
pub struct SlotsView {
    /// How many do.
    pub found: usize,
    /// Each day that was looked at, to the last one that does.
    pub days: Vec<Slot>,
    /// When the announcements were read that this rests on; `None` where one source never was.
    pub read_at: Option<RfcTime>,
    /// Of when.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
}

impl SlotsView {
    /// The first `count` dates that do, and the days before them.
    pub fn new(days: Vec<Slot>, count: usize, maintenance: &Maintenance, at: Jst) -> Self {
        let mut shown = Vec::new();
        let mut found = 0;
        for day in days {
            found += usize::from(day.reasons.is_empty());
            shown.push(day);
            if found >= count {
                break;
            }
        }
        let read_at = maintenance.oldest().and_then(|reading| reading.read_at).map(RfcTime);
        Self { found, days: shown, read_at, at }
    }
}
