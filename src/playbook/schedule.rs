//! What a clinic file says about work that starts by itself. Values only.

use serde::{Deserialize, Serialize};

use super::secs::{self, time_delta};
use crate::clock::Jst;

/// Work that can be scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// Looks at server, management site and mail server; changes nothing.
    Preflight,
    /// Walks the pages of the management site; changes nothing.
    PortalProbe,
    /// Reads the maintenance calendar again.
    Calendar,
    /// Starts the approved plan's run with its test import.
    TestImport,
    /// Goes on with the run at the production time.
    Cutover,
    /// Sends mails that wait in the outbox.
    MailRetry,
    /// Removes dumps and logs whose time is over.
    Purge,
}

impl Job {
    /// All of them, in the order in which several that are due together are begun: what other
    /// work rests on comes first, what must not be missed before what can wait.
    pub const ALL: [Self; 7] = [
        Self::Calendar,
        Self::Cutover,
        Self::TestImport,
        Self::PortalProbe,
        Self::Preflight,
        Self::MailRetry,
        Self::Purge,
    ];

    /// Each with its name, as the clinic file and the journal write it.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("preflight", Self::Preflight),
        ("portal-probe", Self::PortalProbe),
        ("calendar", Self::Calendar),
        ("test-import", Self::TestImport),
        ("cutover", Self::Cutover),
        ("mail-retry", Self::MailRetry),
        ("purge", Self::Purge),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, job)| *job == self).map_or("", |(name, _)| name)
    }

    /// True for the two that carry out the approved plan; their times stand in `cutover:`.
    pub fn is_run(self) -> bool {
        matches!(self, Self::TestImport | Self::Cutover)
    }
}

impl std::fmt::Display for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What becomes of work whose start was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missed {
    /// It starts late, once for all that were missed, as long as the latest one's window is open;
    /// after that it is left out, and told.
    RunOnce,
    /// A late start is none: it is left out, and told.
    Skip,
    /// A person decides whether it starts late: it waits for `schedule release`.
    Ask,
}

impl Missed {
    /// Each with its name, as the clinic file writes it.
    pub const NAMES: [(&'static str, Self); 3] =
        [("run-once", Self::RunOnce), ("skip", Self::Skip), ("ask", Self::Ask)];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, missed)| *missed == self).map_or("", |(name, _)| name)
    }
}

/// When one kind of work starts by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The work.
    pub job: Job,
    /// A crontab(5) expression; `None` for work that only has fixed times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// The zone of the expression, an IANA name.
    pub zone: String,
    /// Also so many seconds before the production time.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "secs::list")]
    pub before: Vec<u64>,
    /// It may start until so many seconds after its time.
    #[serde(rename = "window", with = "secs")]
    pub window_secs: u64,
    /// What becomes of a missed start.
    pub missed: Missed,
}

/// The zone of expressions where none is named.
pub const USUAL_ZONE: &str = "Asia/Tokyo";

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl Schedule {
    /// The last moment at which work that was due then may start; it belongs to the window.
    pub fn last_start(&self, due: Jst) -> Jst {
        due.checked_add_signed(time_delta(self.window_secs)).unwrap_or(due)
    }

    /// What counts for `job` where the clinic file says nothing about it.
    pub fn usual(job: Job) -> Self {
        let (cron, before, window_secs, missed): (_, &[u64], _, _) = match job {
            Job::Preflight => (Some("30 2 * * *"), &[], 4 * HOUR, Missed::RunOnce),
            // Two weeks, one week, a day and an hour before.
            Job::PortalProbe => (None, &[14 * DAY, 7 * DAY, DAY, HOUR], 6 * HOUR, Missed::RunOnce),
            // Every six hours: a reading may be a day old. A late one is as good.
            Job::Calendar => {
                (Some("0 */6 * * *"), &[7 * DAY, DAY, HOUR], 6 * HOUR, Missed::RunOnce)
            }
            Job::TestImport => (None, &[], 90 * MINUTE, Missed::RunOnce),
            // 19:00-20:30: later there is no time for a way back.
            Job::Cutover => (None, &[], 90 * MINUTE, Missed::RunOnce),
            // Whenever somebody looks again: what waits in the outbox, or past its time, still does.
            Job::MailRetry => (Some("*/15 * * * *"), &[], 7 * DAY, Missed::RunOnce),
            Job::Purge => (Some("0 4 * * *"), &[], 7 * DAY, Missed::RunOnce),
        };
        Self {
            job,
            cron: cron.map(str::to_owned),
            zone: USUAL_ZONE.to_owned(),
            before: before.to_vec(),
            window_secs,
            missed,
        }
    }
}

/// The schedules of a clinic: what its file says, and the usual ones for all other work.
pub fn complete(stated: &[Schedule]) -> Vec<Schedule> {
    Job::ALL
        .into_iter()
        .map(|job| {
            let stated = stated.iter().find(|schedule| schedule.job == job);
            stated.cloned().unwrap_or_else(|| Schedule::usual(job))
        })
        .collect()
}
