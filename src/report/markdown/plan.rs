//! The plan as Markdown: what it is, what was judged, when.

use std::fmt::Write as _;

use super::escape::{code, escape, prose};
use super::gantt;
use super::page::Page;
use crate::i18n::Lang;
use crate::journal::ledger::PlanEntry;
use crate::plan::Plan;
use crate::report::content::{Content, overall};

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

impl Page<'_> {
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
