//! What starts by itself.

use super::{Content, NOTHING};
use crate::plan::{PlannedWork, RfcTime};
use crate::playbook::time_delta;
use crate::t;

/// Scheduled work.
pub(in crate::report) struct WorkRow {
    pub(in crate::report) job: String,
    /// The crontab(5) expression, or that its times are fixed.
    pub(in crate::report) cron: String,
    /// True for an expression.
    pub(in crate::report) is_cron: bool,
    /// The next times.
    pub(in crate::report) next: Vec<String>,
    /// In which span it may start.
    pub(in crate::report) window: String,
    /// What becomes of a missed start.
    pub(in crate::report) missed: String,
}

impl Content<'_> {
    pub(in crate::report) fn work(&self) -> Vec<WorkRow> {
        self.plan.work.iter().map(|work| self.work_row(work)).collect()
    }

    fn work_row(&self, work: &PlannedWork) -> WorkRow {
        let w = self.w;
        let next = work.next.iter().map(|RfcTime(at)| w.minute(at)).collect();
        WorkRow {
            job: w.say(&format!("report-job-{}", work.job.name())),
            cron: work.cron.clone().unwrap_or_else(|| w.say("report-work-fixed")),
            is_cron: work.cron.is_some(),
            next,
            window: self.start_window(work),
            missed: w.say(&format!("report-missed-{}", work.missed.name())),
        }
    }

    /// `19:00–20:30`, for the next time.
    fn start_window(&self, work: &PlannedWork) -> String {
        let length = self.secs(work.window_secs);
        let Some(RfcTime(from)) = work.next.first() else { return NOTHING.to_owned() };
        let until = from.checked_add_signed(time_delta(work.window_secs)).unwrap_or(*from);
        t!(
            self.w.lang,
            "report-work-window",
            from = from.format("%H:%M"),
            until = self.w.on_day(&until, from, "%H:%M"),
            length = length
        )
    }
}
