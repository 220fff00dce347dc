//! The clinic's hours, its overrides of rules, and how long data is kept.

use chrono::NaiveTime;

use super::read::{optional, path};
use crate::playbook::{
    AtRest, CalendarRef, Feed, Hours, Override, Person, Retention, USUAL_CALENDAR_AGE_SECS, codes,
    hours,
};
use crate::yaml::{Node, Reader, is_private_key};

/// `hours:`: when the clinic is open, by day of the week; a day left out is closed all day.
pub(super) fn hours(reader: &mut Reader, node: &Node) -> Option<Hours> {
    let mut fields = reader.fields(node)?;
    let mut days: [Option<(NaiveTime, NaiveTime)>; 7] = [None; 7];
    let mut whole = true;
    for (day, name) in days.iter_mut().zip(hours::DAYS) {
        if let Some(node) = fields.optional(name) {
            *day = span(reader, node);
            whole &= day.is_some();
        }
    }
    let closed = optional(reader, fields.optional("holidays"), |reader, node| {
        reader.choice(node, &[("open", true), ("closed", false)])
    });
    fields.finish(reader);
    whole.then_some(Hours { days, open_on_holidays: closed?.unwrap_or(false) })
}

/// `09:00-18:30`
fn span(reader: &mut Reader, node: &Node) -> Option<(NaiveTime, NaiveTime)> {
    let text = reader.filled_text(node)?;
    let times = hours::span(&text);
    if times.is_none() {
        reader.report(codes::BAD_HOURS, node.span.clone(), vec![("value", text)]);
    }
    times
}

/// `overrides:`: who may do without which rule, and why. Each person must be one of `people`.
pub(super) fn overrides(
    reader: &mut Reader,
    node: &Node,
    people: Option<&[Person]>,
) -> Option<Vec<Override>> {
    let items = reader.list(node)?;
    let read: Vec<_> = items.iter().map(|item| one_override(reader, item, people)).collect();
    read.into_iter().collect()
}

fn one_override(reader: &mut Reader, node: &Node, people: Option<&[Person]>) -> Option<Override> {
    let mut fields = reader.fields(node)?;
    let rule = fields.required(reader, "rule").and_then(|node| reader.filled_text(node));
    let by_node = fields.required(reader, "by");
    let by = by_node.and_then(|node| reader.texts(node));
    let reason = fields.required(reader, "reason").and_then(|node| reader.filled_text(node));
    fields.finish(reader);
    let (by, by_node) = (by?, by_node?);
    if by.is_empty() {
        reader.wrong_type(by_node, "filled-list");
        return None;
    }
    for name in &by {
        let known = people.is_none_or(|people| people.iter().any(|person| person.name == *name));
        if !known {
            let args = vec![("name", name.clone())];
            reader.report(codes::OVERRIDE_NOBODY, by_node.span.clone(), args);
            return None;
        }
    }
    Some(Override { rule: rule?, by, reason: reason? })
}

/// `retention:`: how long dumps and raw logs are kept after the run ended.
pub(super) fn retention(reader: &mut Reader, node: &Node) -> Option<Retention> {
    let mut fields = reader.fields(node)?;
    let usual = Retention::default();
    let dumps = optional(reader, fields.optional("dumps"), Reader::duration_secs);
    let logs = optional(reader, fields.optional("logs"), Reader::duration_secs);
    fields.finish(reader);
    Some(Retention {
        dumps_secs: dumps?.unwrap_or(usual.dumps_secs),
        logs_secs: logs?.unwrap_or(usual.logs_secs),
    })
}

/// `at_rest:`: whom dumps and raw logs are encrypted for.
pub(super) fn at_rest(reader: &mut Reader, node: &Node) -> Option<AtRest> {
    let mut fields = reader.fields(node)?;
    let recipients = fields.required(reader, "recipients").and_then(|n| recipients(reader, n));
    fields.finish(reader);
    Some(AtRest { recipients: recipients? })
}

/// At least one, each once.
fn recipients(reader: &mut Reader, node: &Node) -> Option<Vec<String>> {
    let items = reader.list(node)?;
    if items.is_empty() {
        reader.wrong_type(node, "filled-list");
        return None;
    }
    let read: Vec<_> = items.iter().map(|item| recipient(reader, item)).collect();
    let read: Vec<String> = read.into_iter().collect::<Option<_>>()?;
    for (place, (item, key)) in items.iter().zip(&read).enumerate() {
        if read.iter().take(place).any(|other| other == key) {
            reader.report(codes::AGE_TWICE, item.span.clone(), Vec::new());
            return None;
        }
    }
    Some(read)
}

/// A public key of age.
fn recipient(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.filled_text(node)?;
    if is_private_key(&text) {
        // A secret in clear; it was reported when the tree was read.
        return None;
    }
    if text.parse::<age::x25519::Recipient>().is_ok() {
        return Some(text);
    }
    reader.report(codes::AGE_RECIPIENT, node.span.clone(), Vec::new());
    None
}

/// `calendar:`: a file that people keep, calendars that are read by the program, or both.
pub(super) fn calendar(reader: &mut Reader, node: &Node) -> Option<CalendarRef> {
    let mut fields = reader.fields(node)?;
    let maintenance = optional(reader, fields.optional("maintenance"), path);
    let feeds = optional(reader, fields.optional("feeds"), feeds);
    let max_age = optional(reader, fields.optional("max_age"), Reader::duration_secs);
    let place = node.span.clone();
    fields.finish(reader);
    let calendar = CalendarRef {
        maintenance: maintenance?,
        feeds: feeds?.unwrap_or_default(),
        max_age_secs: max_age?.unwrap_or(USUAL_CALENDAR_AGE_SECS),
    };
    Some(calendar).filter(|calendar| {
        let named = calendar.maintenance.is_some() || !calendar.feeds.is_empty();
        if !named {
            reader.report(codes::NO_CALENDAR, place, Vec::new());
        }
        named
    })
}

fn feeds(reader: &mut Reader, node: &Node) -> Option<Vec<Feed>> {
    let items = reader.list(node)?;
    let feeds: Vec<_> = items.iter().map(|item| feed(reader, item)).collect();
    feeds.into_iter().collect()
}

/// `{ics: ADDRESS OR FILE, ca: FILE, resolve: IP}`
fn feed(reader: &mut Reader, node: &Node) -> Option<Feed> {
    let mut fields = reader.fields(node)?;
    let ics = fields.required(reader, "ics").and_then(|node| feed_address(reader, node));
    let ca = optional(reader, fields.optional("ca"), path);
    let resolve = optional(reader, fields.optional("resolve"), super::rules::ip_address);
    fields.finish(reader);
    Some(Feed { ics: ics?, ca: ca?, resolve: resolve? })
}

/// An https address without user, password and fragment, or a path.
fn feed_address(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.filled_text(node)?;
    if !text.contains("://") {
        return Some(text);
    }
    let good = url::Url::parse(&text).is_ok_and(|url| {
        url.scheme() == "https"
            && url.host_str().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    });
    if good {
        return Some(text);
    }
    reader.report(codes::BAD_FEED, node.span.clone(), Vec::new());
    None
}
