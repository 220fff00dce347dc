//! The way back, risks, places of data, scheduled work, and the change record.

use std::fmt::Write as _;

use super::escape::{code, escape, one_line, prose};
use super::page::Page;
use crate::report::content::approval_commands;

impl Page<'_> {
    pub(super) fn way_back(&mut self) {
        let content = self.content;
        self.heading("report-points");
        for point in content.points() {
            self.line(&format!("**{}** — {}", escape(&point.title), escape(&point.when)));
            self.line(&escape(&point.what));
            self.line(&escape(&point.back));
        }
        self.heading("report-rollback");
        self.pairs(content.way_back());
        self.line(&format!("**{}**", content.w.say("report-rollback-steps")));
        for (place, step) in content.rollback_steps().iter().enumerate() {
            let _ = writeln!(self.out, "{}. {}", place + 1, prose(step));
        }
        self.out.push('\n');
    }

    pub(super) fn safety(&mut self) {
        let content = self.content;
        self.heading("report-risks");
        let risks = content
            .risks()
            .into_iter()
            .map(|risk| vec![escape(&risk.title), escape(&risk.response), escape(&risk.state)]);
        self.table(&["report-risk", "report-risk-response", "report-state"], risks);
        self.heading("report-assumptions");
        self.list(content.assumptions().iter().map(|line| prose(line)));
        self.heading("report-measured-runs");
        self.line(&escape(&content.test_import_result()));
        let runs = content.measured_runs();
        if !runs.is_empty() {
            let heads = [
                "report-measured-run",
                "report-measured-where",
                "report-measured-took",
                "report-size",
            ];
            self.table(&heads, runs.into_iter().map(|run| run.map(|cell| escape(&cell)).to_vec()));
        }
        self.heading("report-data-map");
        let places = content.data().into_iter().map(|place| {
            let where_ = format!("{} {}", escape(&place.kind), code(&place.place));
            vec![where_, escape(&place.contents), escape(&place.step), escape(&place.until)]
        });
        let heads = [
            "report-data-place",
            "report-data-contents",
            "report-data-step",
            "report-data-until-when",
        ];
        self.table(&heads, places);
        self.heading("report-work");
        let work = content.work().into_iter().map(|work| {
            let next: Vec<String> = work.next.iter().map(|at| escape(at)).collect();
            let cells = [&work.window, &work.missed].map(|cell| escape(cell));
            let cron = if work.is_cron { code(&work.cron) } else { escape(&work.cron) };
            let mut row = vec![escape(&work.job), cron, next.join("<br>")];
            row.extend(cells);
            row
        });
        let heads = [
            "report-work-job",
            "report-work-cron",
            "report-work-next",
            "report-work-window-head",
            "report-work-missed",
        ];
        self.table(&heads, work);
    }

    pub(super) fn record(&mut self) {
        let content = self.content;
        self.heading("report-record");
        let record = content.record().into_iter().map(|row| {
            let at = content.w.full(&row.at);
            [row.what, row.who, row.role, at, row.note].map(|cell| prose(&cell)).to_vec()
        });
        let heads = [
            "report-record-what",
            "report-name",
            "report-role",
            "report-record-at",
            "report-record-note",
        ];
        self.table(&heads, record);
        let parts = content.parts();
        let parts = parts.into_iter().map(|(part, hash)| vec![part, code(&hash)]);
        self.table(&["report-part", "report-hash"], parts);
        self.heading("report-approve");
        for line in approval_commands(content.plan, content.entry.is_some()) {
            let _ = writeln!(self.out, "    {}", one_line(&line));
        }
    }
}
