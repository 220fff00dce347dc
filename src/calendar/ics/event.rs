//! VEVENT: what one event says, before it is known which of its versions counts.

use chrono::NaiveDateTime;

use super::property::Property;
use super::report::{Report, shorten};
use super::rule::{Rule, Trouble};
use super::time::{self, Length, Value};
use super::tree::Block;
use super::when::{Context, When, also, except, length, when};
use crate::diag::Span;

/// Longest title, in characters; it stands in plans and mails.
const MAX_TITLE: usize = 200;

/// What an event says.
#[derive(Debug)]
pub(super) struct Event {
    /// Empty where it has none; such an event stands for itself.
    pub(super) uid: String,
    pub(super) sequence: u32,
    pub(super) stamp: Option<NaiveDateTime>,
    pub(super) cancelled: bool,
    /// The time that this event stands for within its series.
    pub(super) instead_of: Option<When>,
    /// `None` only where it is cancelled.
    pub(super) start: Option<When>,
    pub(super) length: Length,
    pub(super) rules: Vec<(Rule, Span)>,
    pub(super) also: Vec<(When, Option<Length>)>,
    pub(super) except: Vec<When>,
    pub(super) title: String,
    pub(super) span: Span,
}

/// True for a calendar that is a cancellation; a METHOD that is neither that nor an announcement
/// leaves a finding.
pub(super) fn cancels(report: &mut Report<'_>, calendar: &Block) -> bool {
    let Some(method) = calendar.one(report, "METHOD") else { return false };
    match method.value.trim().to_ascii_uppercase().as_str() {
        "CANCEL" => return true,
        "PUBLISH" | "REQUEST" | "ADD" => {}
        _ => unsupported(report, method),
    }
    false
}

/// `None` where something was not understood; it has left a finding.
pub(super) fn read(report: &mut Report<'_>, context: &Context<'_>, block: &Block) -> Option<Event> {
    let status = block.one(report, "STATUS").map(|status| status.value.trim().to_ascii_uppercase());
    let cancelled = context.cancels || status.as_deref() == Some("CANCELLED");
    let start = match block.one(report, "DTSTART") {
        Some(property) => Some(when(report, context, property, &property.value)?),
        None if cancelled => None,
        None => {
            let args = vec![("property", "DTSTART".to_owned())];
            report.error("calendar-ics-missing", block.span.clone(), args);
            return None;
        }
    };
    let length = match &start {
        Some(start) => length(report, context, block, start)?,
        None => Length::days(0),
    };
    for property in block.all("EXRULE") {
        unsupported(report, property);
    }
    let instead_of = match block.one(report, "RECURRENCE-ID") {
        Some(property) => Some(recurrence_id(report, context, block, property)?),
        None => None,
    };
    let mut rules = Vec::new();
    for property in block.all("RRULE") {
        match Rule::parse(&property.value) {
            Ok(rule) => rules.push((rule, property.span.clone())),
            Err(trouble) => report_rule(report, &trouble, property.span.clone()),
        }
    }
    let sequence = match block.one(report, "SEQUENCE") {
        Some(property) => {
            let number = time::digits(property.value.trim());
            if number.is_none() {
                unsupported(report, property);
            }
            number?
        }
        None => 0,
    };
    let stamp =
        block.one(report, "DTSTAMP").and_then(|property| match time::value(&property.value) {
            Some(Value::Utc(at) | Value::Local(at)) => Some(at),
            _ => None,
        });
    let uid = block.one(report, "UID").map_or("", |property| property.value.trim()).to_owned();
    let title =
        block.one(report, "SUMMARY").map_or_else(|| uid.clone(), |summary| title(&summary.value));
    let (also, except) =
        (also(report, context, block)?, except(report, context, block, start.as_ref())?);
    Some(Event {
        uid,
        sequence,
        stamp,
        cancelled,
        instead_of,
        start,
        length,
        rules,
        also,
        except,
        title,
        span: block.span.clone(),
    })
}

/// Reports why a rule gives no times.
pub(super) fn report_rule(report: &mut Report<'_>, trouble: &Trouble, span: Span) {
    match trouble {
        Trouble::Wrong(part) => {
            report.error("calendar-ics-rule", span, vec![("part", part.clone())]);
        }
        Trouble::Never => report.error("calendar-ics-rule-never", span, vec![]),
        Trouble::Dense => report.error("calendar-ics-rule-dense", span, vec![]),
    }
}

fn unsupported(report: &mut Report<'_>, property: &Property) {
    let text = shorten(&format!("{}:{}", property.name, property.value));
    report.error("calendar-ics-unsupported", property.span.clone(), vec![("text", text)]);
}

fn recurrence_id(
    report: &mut Report<'_>,
    context: &Context<'_>,
    block: &Block,
    property: &Property,
) -> Option<When> {
    if property.param("RANGE").is_some() {
        report.error("calendar-ics-this-and-future", property.span.clone(), vec![]);
        return None;
    }
    // One time of a series has no series of its own.
    for rule in block.all("RRULE").chain(block.all("RDATE")) {
        unsupported(report, rule);
    }
    when(report, context, property, &property.value)
}

/// One line, and not too long.
fn title(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_TITLE).collect()
}
