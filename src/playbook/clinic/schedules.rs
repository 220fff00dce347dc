//! `schedules:`, what starts by itself and when.

use std::str::FromStr;

use super::read::optional;
use crate::calendar::Cron;
use crate::playbook::{Job, Missed, Schedule, codes};
use crate::yaml::{Node, Reader};

/// The schedules, each job at most once.
pub(super) fn schedules(reader: &mut Reader, node: &Node) -> Option<Vec<Schedule>> {
    let items = reader.list(node)?;
    let mut schedules: Vec<Schedule> = Vec::new();
    let mut whole = true;
    for item in items {
        let Some(read) = schedule(reader, item) else {
            whole = false;
            continue;
        };
        if schedules.iter().any(|other| other.job == read.job) {
            let args = vec![("job", read.job.to_string())];
            reader.report(codes::SCHEDULE_TWICE, item.span.clone(), args);
            whole = false;
        }
        schedules.push(read);
    }
    whole.then_some(schedules)
}

fn schedule(reader: &mut Reader, node: &Node) -> Option<Schedule> {
    let mut fields = reader.fields(node)?;
    let job = fields.required(reader, "job").and_then(|node| reader.choice(node, &Job::NAMES));
    let cron_node = fields.optional("cron");
    let cron = optional(reader, cron_node, cron);
    let zone = optional(reader, fields.optional("zone"), zone);
    let before_node = fields.optional("before");
    let before = optional(reader, before_node, leads);
    let window = optional(reader, fields.optional("window"), Reader::duration_secs);
    let missed = optional(reader, fields.optional("missed"), |reader, node| {
        reader.choice(node, &Missed::NAMES)
    });
    fields.finish(reader);
    let job = job?;
    let usual = Schedule::usual(job);
    let (cron, zone, before) = (cron?, zone?, before?);
    // The two imports have their times in `cutover:`, and nowhere else.
    if let Some(node) = cron_node.or(before_node).filter(|_| job.is_run()) {
        let args = vec![("job", job.to_string())];
        reader.report(codes::SCHEDULE_TIME, node.span.clone(), args);
        return None;
    }
    let timed = cron.is_some() || before.is_some();
    Some(Schedule {
        job,
        // Whoever states one of the two means it instead of the usual times.
        cron: if timed { cron } else { usual.cron },
        zone: zone.unwrap_or(usual.zone),
        before: if timed { before.unwrap_or_default() } else { usual.before },
        window_secs: window?.unwrap_or(usual.window_secs),
        missed: missed?.unwrap_or(usual.missed),
    })
}

fn cron(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.filled_text(node)?;
    match Cron::from_str(&text) {
        Ok(_) => Some(text),
        Err(error) => {
            let args = vec![("value", text), ("reason", error.to_string())];
            reader.report(codes::BAD_CRON, node.span.clone(), args);
            None
        }
    }
}

/// An IANA name: `Asia/Tokyo`.
fn zone(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.filled_text(node)?;
    if chrono_tz::Tz::from_str(&text).is_ok() {
        return Some(text);
    }
    reader.report(codes::BAD_ZONE, node.span.clone(), vec![("value", text)]);
    None
}

fn leads(reader: &mut Reader, node: &Node) -> Option<Vec<u64>> {
    let items = reader.list(node)?;
    let leads: Vec<_> = items.iter().map(|item| reader.duration_secs(item)).collect();
    leads.into_iter().collect()
}
