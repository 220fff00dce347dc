//! iCalendar files (RFC 5545) as maintenance windows.
//!
//! [`read`] answers which windows touch a span of time. Whatever it does not understand in an
//! event is an error with its line: a window that was silently left out would let an import start
//! in the middle of maintenance. Where a file leaves something open (times without a zone, an
//! event without an end), the wider reading is taken and told as a note.
//!
//! Pure: it has no clock and fetches nothing. It does not judge whether a window matters.

mod definition;
mod event;
mod lines;
mod property;
mod report;
mod rule;
mod series;
mod time;
mod tree;
mod when;
mod windows_zones;
mod zone;

#[cfg(test)]
mod compared_tests;
#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod tests;

use super::Window;
use crate::clock::Jst;
use crate::diag::{Finding, Findings, SourceText};

use self::report::Report;
use self::series::Span;

/// Largest file that is read, in bytes; a year of notices has a hundredth of it.
const MAX_BYTES: usize = 1024 * 1024;
/// Most events of one file, those of no interest included.
const MAX_EVENTS: usize = 5_000;
/// Most windows that may touch the span: more would not be maintenance.
const MAX_WINDOWS: usize = 2_000;

/// What a file says about a span of time.
#[derive(Debug)]
pub struct IcsReading {
    /// The windows that touch the span, by their beginning; none stands twice.
    pub windows: Vec<Window>,
    /// What a person should know about the reading, with its place. Their texts are like those
    /// of findings.
    pub notes: Vec<Finding>,
    /// How many events the file has, also those outside the span.
    pub events: usize,
}

/// The windows of an iCalendar text that touch the span from `from` to `until`, both inclusive.
///
/// # Errors
/// Everything that is not understood, with its place; at most the first twenty.
pub fn read(source: &SourceText, from: Jst, until: Jst) -> Result<IcsReading, Findings> {
    let mut report = Report::new(source);
    let reading = read_all(&mut report, Span { from, until });
    let (findings, notes) = report.finish();
    match reading {
        Some((windows, events)) if findings.is_empty() => Ok(IcsReading { windows, notes, events }),
        _ => Err(findings),
    }
}

fn read_all(report: &mut Report<'_>, span: Span) -> Option<(Vec<Window>, usize)> {
    let text = report.text();
    if text.len() > MAX_BYTES {
        report.error("calendar-ics-too-large", 0..0, vec![("limit", MAX_BYTES.to_string())]);
        return None;
    }
    let calendars = tree::read(report)?;
    let mut events = Vec::new();
    let mut budget = rule::Budget::new();
    for calendar in &calendars {
        let zones = zone::Zones::read(report, calendar, &mut budget, span.until);
        let cancels = event::cancels(report, calendar);
        for block in calendar.blocks.iter().filter(|block| block.name == "VEVENT") {
            if events.len() == MAX_EVENTS {
                let args = vec![("limit", MAX_EVENTS.to_string())];
                report.error("calendar-ics-too-many-events", block.span.clone(), args);
                return None;
            }
            let context = when::Context { zones: &zones, cancels };
            events.push(event::read(report, &context, block));
            if report.is_full() {
                return None;
            }
        }
    }
    // An event that was not understood has left a finding.
    let events: Vec<event::Event> = events.into_iter().collect::<Option<_>>()?;
    let windows = series::windows(report, &mut budget, &events, span)?;
    Some((windows, events.len()))
}
