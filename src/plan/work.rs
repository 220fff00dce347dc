//! When scheduled work is due. Pure.

use std::str::FromStr;

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::model::{PlannedWork, RfcTime};
use crate::calendar::Cron;
use crate::clock::{Jst, to_jst};
use crate::playbook::{Clinic, Job, Schedule, complete, time_delta};

/// Times of each kind of work that a plan shows.
const SHOWN: usize = 3;
/// How far a plan looks ahead for them.
const AHEAD: TimeDelta = TimeDelta::days(400);

/// What starts by itself after `now`.
pub(super) fn planned(clinic: &Clinic, now: Jst) -> Vec<PlannedWork> {
    let until = now.checked_add_signed(AHEAD).unwrap_or(now);
    complete(&clinic.schedules)
        .into_iter()
        .map(|schedule| PlannedWork {
            job: schedule.job,
            cron: schedule.cron.as_ref().map(|cron| match schedule.zone.as_str() {
                crate::playbook::USUAL_ZONE => cron.clone(),
                zone => format!("{cron} ({zone})"),
            }),
            next: times_between(&schedule, clinic, now, until, SHOWN)
                .into_iter()
                .map(RfcTime)
                .collect(),
            window_secs: schedule.window_secs,
            missed: schedule.missed,
        })
        .collect()
}

/// The times at which work is due after `after` and until `until`, ascending, at most `most`.
pub fn times_between(
    schedule: &Schedule,
    clinic: &Clinic,
    after: Jst,
    until: Jst,
    most: usize,
) -> Vec<Jst> {
    let mut times = Vec::new();
    if let Some(cron) = schedule.cron.as_deref().and_then(|text| Cron::from_str(text).ok()) {
        // A clinic file names a zone that is known; Tokyo stands for one that is not.
        let zone = Tz::from_str(&schedule.zone).unwrap_or(chrono_tz::Asia::Tokyo);
        let mut at = after.with_timezone(&zone);
        while times.len() < most {
            let Some(next) = cron.next_after(at).filter(|next| *next <= until) else { break };
            times.push(to_jst(next));
            at = next;
        }
    }
    let cutover = &clinic.cutover;
    let fixed: Vec<Jst> = match schedule.job {
        Job::TestImport => vec![cutover.test_import_at],
        Job::Cutover => vec![cutover.production_at],
        _ => schedule
            .before
            .iter()
            .filter_map(|secs| cutover.production_at.checked_sub_signed(time_delta(*secs)))
            .collect(),
    };
    times.extend(fixed.into_iter().filter(|at| *at > after && *at <= until));
    times.sort_unstable();
    times.dedup();
    times.truncate(most);
    times
}
