//! The plan's sections as Markdown.

use std::fmt::Write as _;

use super::escape::{code, escape, one_line, prose};
use super::gantt;
use crate::i18n::Lang;
use crate::journal::ledger::PlanEntry;
use crate::plan::Plan;
use crate::report::content::{Content, approval_commands, overall};

/// The plan as Markdown. `entry` is what the journal says of it.
pub fn plan(plan: &Plan, entry: Option<&PlanEntry>, lang: Lang) -> String {
    let content = Content::new(plan, entry, lang);
    let w = content.w;
    let name = escape(&plan.clinic.name);
    let mut page = Page { content, out: format!("# {}: {name}\n\n", w.say("report-plan-heading")) };
    if w.rehearsal {
        let (banner, legend) = (w.say("report-rehearsal"), w.say("report-rehearsal-legend"));
        page.line(&format!("> **{banner}** {}", escape(&legend)));
    }
    page.first();
    page.judged();
    page.timeline();
    page.way_back();
    page.safety();
    page.record();
    page.out
}

struct Page<'a> {
    content: Content<'a>,
    out: String,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        // Writing into a String does not fail.
        let _ = writeln!(self.out, "{text}\n");
    }

    fn heading(&mut self, id: &str) {
        let words = self.content.w.say(id);
        self.line(&format!("## {words}"));
    }

    fn list(&mut self, items: impl IntoIterator<Item = String>) {
        for item in items {
            let _ = writeln!(self.out, "- {item}");
        }
        self.out.push('\n');
    }

    /// A table; cells are Markdown already.
    fn table(&mut self, heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let heads: Vec<String> = heads.iter().map(|id| self.content.w.say(id)).collect();
        let _ = writeln!(self.out, "| {} |", heads.join(" | "));
        let _ = writeln!(self.out, "|{}", " --- |".repeat(heads.len()));
        for row in rows {
            let _ = writeln!(self.out, "| {} |", row.join(" | "));
        }
        self.out.push('\n');
    }

    fn pairs(&mut self, pairs: Vec<(&str, String)>) {
        let w = self.content.w;
        let rows = pairs.into_iter().map(|(id, value)| vec![w.say(id), prose(&value)]);
        let rows: Vec<_> = rows.collect();
        self.table(&["report-item", "report-value"], rows);
    }

    fn first(&mut self) {
        let content = self.content;
        self.pairs(content.cover());
        self.line(&format!("**{}**", content.w.say(overall(content.plan.verdict()))));
        self.heading("report-people");
        let people = content.people().into_iter().map(|row| row.map(|cell| escape(&cell)).to_vec());
        self.table(&["report-role", "report-name", "report-phone"], people);
        self.heading("report-gates");
        let gates = content.gates().into_iter().map(|gate| {
            let at = content.w.minute(&gate.at);
            vec![gate.name.to_owned(), escape(&at), escape(&gate.decides), escape(&gate.state)]
        });
        let heads = ["report-gate", "report-gate-when", "report-gate-decides", "report-gate-state"];
        self.table(&heads, gates);
        self.heading("report-goals");
        self.pairs(content.goals());
    }

    fn judged(&mut self) {
        let content = self.content;
        self.heading("report-checks");
        let checks = content.checks().into_iter().map(|check| {
            let overridden = check.overridden.map(|text| format!("<br>{}", escape(&text)));
            vec![
                format!("{}{}", prose(&check.criterion), overridden.unwrap_or_default()),
                escape(&check.measured),
                escape(&check.evidence),
                check.word,
            ]
        });
        let heads = ["report-criterion", "report-measured", "report-evidence", "report-verdict"];
        self.table(&heads, checks);
        self.heading("report-findings");
        let findings = content.findings();
        if findings.is_empty() {
            self.line(&content.w.say("report-findings-none"));
            return;
        }
        self.list(findings.into_iter().map(|finding| {
            let hint = finding.hint.map(|hint| format!(" → {}", prose(&hint)));
            format!("**{}** {}{}", finding.word, prose(&finding.text), hint.unwrap_or_default())
        }));
    }

    fn timeline(&mut self) {
        let content = self.content;
        let w = content.w;
        self.heading("report-timeline");
        self.out.push_str(&gantt::charts(&content));
        if let Some(basis) = w.basis(content.plan) {
            self.line(&escape(&basis));
        }
        let windows = content.plan.maintenance.iter();
        let mut windows: Vec<String> = windows.map(|window| w.maintenance(window)).collect();
        if windows.is_empty() {
            windows.push(w.say("report-maintenance-none"));
        }
        self.line(&format!("**{}**", w.say("report-maintenance")));
        self.list(windows.iter().map(|window| escape(window)));
        self.heading("report-phases");
        for phase in content.phases() {
            self.line(&format!("### {} — {}", escape(&phase.title), w.day(&phase.day)));
            let rows = phase.steps.iter().map(|row| {
                let time = |at| w.on_day(at, &phase.day, "%H:%M:%S");
                let star = if row.step.critical { "★" } else { "" };
                let (start, end) = if row.step.applies {
                    (time(&row.step.starts_at), time(&row.step.ends_at()))
                } else {
                    (w.say("report-not-applicable"), String::new())
                };
                let took = [&row.expected, &row.longest, &row.source].map(|cell| escape(cell));
                let mut cells =
                    vec![row.number.clone(), format!("{star}{}", escape(row.title)), start, end];
                cells.extend(took);
                cells.push(code(&row.who));
                cells
            });
            let heads = [
                "report-number-short",
                "report-step",
                "report-planned-start",
                "report-planned-end",
                "report-expected",
                "report-longest",
                "report-source",
                "report-who",
            ];
            let rows: Vec<_> = rows.collect();
            self.table(&heads, rows);
        }
        self.line(&escape(&w.say("report-critical-legend")));
        self.heading("report-critical");
        self.list(content.critical_path().iter().map(|line| escape(line)));
        self.heading("report-commands");
        for row in content.phases().into_iter().flat_map(|phase| phase.steps) {
            for line in row.step.command_lines().filter(|_| row.step.applies) {
                let _ = writeln!(self.out, "- {} {}", row.number, code(&line));
            }
        }
        self.out.push('\n');
    }

    fn way_back(&mut self) {
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

    fn safety(&mut self) {
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

    fn record(&mut self) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_plan_reads_well_in_both_languages() {
        insta::assert_snapshot!("plan_en", plan(&sample::plan(), None, Lang::En));
        let (made, entry) = (sample::rehearsal(), sample::approved());
        insta::assert_snapshot!("plan_ja", plan(&made, Some(&entry), Lang::Ja));
    }

    #[test]
    fn names_from_files_cannot_become_markup() {
        let mut sample = sample::plan();
        let evil = "x|y</td><script>\n# h [a](javascript:b) `c` ![d](e)";
        evil.clone_into(&mut sample.clinic.name);
        evil.clone_into(&mut sample.clinic.people[0].name);
        evil.clone_into(&mut sample.phases[0].title.ja);
        evil.clone_into(&mut sample.phases[0].steps[0].title.ja);
        evil.clone_into(&mut sample.checks[3].measured);
        evil.clone_into(&mut sample.places[0].place);
        evil.clone_into(&mut sample.phases[0].steps[0].host);
        let made = plan(&sample, None, Lang::Ja);
        let mut is_fenced = false;
        let mut bare = String::new();
        for line in made.lines() {
            is_fenced ^= line.starts_with("```");
            if !is_fenced {
                bare.push_str(line);
                bare.push('\n');
            }
        }
        // Outside of literals nothing stands that Markdown would act on.
        let outside: String = bare.split('`').step_by(2).collect();
        assert!(!outside.replace("\\](", "").contains("]("), "{outside}");
        assert!(!outside.replace("\\<", "").contains("<script"), "{outside}");
        assert!(!bare.contains("\n# h"), "{bare}");
    }
}
