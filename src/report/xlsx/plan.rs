//! The plan's sheets: 概要, 判定, 手順, データ, 体制, 承認.

use rust_xlsxwriter::{DocProperties, Workbook};

use super::SheetError;
use super::cells::{Cell, Looks, time};
use super::sheet::Sheet;
use crate::i18n::Lang;
use crate::journal::ledger::PlanEntry;
use crate::plan::Plan;
use crate::report::content::{Content, approval_commands, overall};

/// The plan as a workbook's bytes. `entry` is what the journal says of it.
///
/// # Errors
/// Where a table is beyond what the form holds.
pub fn plan(plan: &Plan, entry: Option<&PlanEntry>, lang: Lang) -> Result<Vec<u8>, SheetError> {
    let content = Content::new(plan, entry, lang);
    let mut book = Workbook::new();
    // The plan's time, not the writing's: the same plan gives the same bytes.
    let made = DocProperties::new()
        .set_title(content.w.say("report-plan-heading"))
        .set_creation_datetime(&time(&plan.made_at)?);
    book.set_properties(&made);
    let looks = Looks::new(plan.rehearsal);
    let mut sheets = Sheets { content, book: &mut book, looks: &looks };
    sheets.overview()?;
    sheets.checks()?;
    sheets.steps()?;
    sheets.data()?;
    sheets.people()?;
    sheets.approval()?;
    Ok(book.save_to_buffer()?)
}

struct Sheets<'a> {
    content: Content<'a>,
    book: &'a mut Workbook,
    looks: &'a Looks,
}

impl Sheets<'_> {
    fn sheet(&mut self, name: &str, columns: &[(&str, f64)]) -> Result<Sheet<'_>, SheetError> {
        Sheet::new(self.book, self.looks, self.content.w, name, columns)
    }

    fn overview(&mut self) -> Result<(), SheetError> {
        let content = self.content;
        let (w, plan) = (content.w, content.plan);
        let mut sheet =
            self.sheet("report-sheet-overview", &[("report-item", 26.0), ("report-value", 90.0)])?;
        if w.rehearsal {
            let words = [w.say("report-rehearsal"), w.say("report-rehearsal-legend")];
            sheet.row(words.map(Cell::Text).into())?;
        }
        for (id, value) in content.cover() {
            // What is one time is a time; what is a sentence about times stays one.
            let cell = match id {
                "report-test-import" => Cell::Time(plan.clinic.cutover.test_import_at),
                "report-import-start" => Cell::Time(plan.import_starts_at),
                "report-decision" => Cell::Time(plan.latest_rollback_at),
                "report-made-at" => Cell::Time(plan.made_at),
                "report-digest" => Cell::Code(value),
                _ => Cell::Text(value),
            };
            sheet.row(vec![Cell::text(w.say(id)), cell])?;
        }
        let verdict = plan.verdict();
        let word = Cell::Verdict(verdict, w.say(overall(verdict)));
        sheet.row(vec![Cell::text(w.say("report-verdict")), word])?;
        for (id, value) in content.goals() {
            sheet.row(vec![Cell::text(w.say(id)), Cell::Text(value)])?;
        }
        sheet.heading(&w.say("report-points"))?;
        for point in content.points() {
            let what = format!("{}\n{}\n{}", point.when, point.what, point.back);
            sheet.row(vec![Cell::Text(point.title), Cell::Text(what)])?;
        }
        sheet.heading(&w.say("report-rollback"))?;
        for (id, value) in content.way_back() {
            sheet.row(vec![Cell::text(w.say(id)), Cell::Text(value)])?;
        }
        let steps = content.rollback_steps();
        let steps = steps.iter().enumerate().map(|(n, step)| format!("{}. {step}", n + 1));
        let steps = steps.collect::<Vec<_>>().join("\n");
        sheet.row(vec![Cell::text(w.say("report-rollback-steps")), Cell::Text(steps)])?;
        sheet.heading(&w.say("report-assumptions"))?;
        for line in content.assumptions() {
            sheet.row(vec![Cell::Empty, Cell::Text(line)])?;
        }
        Ok(())
    }

    fn checks(&mut self) -> Result<(), SheetError> {
        let content = self.content;
        let w = content.w;
        let columns = [
            ("report-verdict", 18.0),
            ("report-criterion", 44.0),
            ("report-measured", 44.0),
            ("report-evidence", 30.0),
            ("report-record-note", 40.0),
        ];
        let mut sheet = self.sheet("report-sheet-checks", &columns)?;
        for check in content.checks() {
            sheet.row(vec![
                Cell::Verdict(check.verdict, check.word),
                Cell::Text(check.criterion),
                Cell::Text(check.measured),
                Cell::Text(check.evidence),
                check.overridden.map_or(Cell::Empty, Cell::Text),
            ])?;
        }
        sheet.heading(&w.say("report-findings"))?;
        for finding in content.findings() {
            sheet.row(vec![
                Cell::Verdict(finding.verdict, finding.word),
                Cell::Text(finding.text),
                Cell::text(finding.hint.unwrap_or_default()),
            ])?;
        }
        sheet.heading(&w.say("report-risks"))?;
        for risk in content.risks() {
            let state = match risk.verdict {
                Some(verdict) => Cell::Verdict(verdict, risk.state),
                None => Cell::Text(risk.state),
            };
            sheet.row(vec![state, Cell::Text(risk.title), Cell::Text(risk.response)])?;
        }
        Ok(())
    }

    fn steps(&mut self) -> Result<(), SheetError> {
        let content = self.content;
        let w = content.w;
        let columns = [
            ("report-number-short", 7.0),
            ("report-step", 38.0),
            ("report-effect", 14.0),
            ("report-after", 9.0),
            ("report-planned-start", 22.0),
            ("report-planned-end", 22.0),
            ("report-expected", 11.0),
            ("report-longest", 11.0),
            ("report-source", 20.0),
            ("report-critical", 12.0),
            ("report-who", 34.0),
            ("report-command", 50.0),
        ];
        let mut sheet = self.sheet("report-sheet-steps", &columns)?;
        for phase in content.phases() {
            sheet.phase(&format!("{}  {}", phase.title, w.day(&phase.day)))?;
            for row in phase.steps {
                let step = row.step;
                let is_estimated = step.applies && step.kind != "wait";
                let secs = |secs: u64| match is_estimated {
                    true => Cell::Duration(secs),
                    false => Cell::Empty,
                };
                let time = |at| if step.applies { Cell::Time(at) } else { Cell::Empty };
                let lines: Vec<String> = step.command_lines().filter(|_| step.applies).collect();
                sheet.row(vec![
                    Cell::Text(row.number),
                    Cell::text(row.title),
                    if step.applies {
                        Cell::Text(row.effect)
                    } else {
                        Cell::text(w.say("report-not-applicable"))
                    },
                    Cell::Text(row.needs),
                    time(step.starts_at),
                    time(step.ends_at()),
                    secs(step.estimate_secs),
                    secs(step.max_secs.max(step.estimate_secs)),
                    Cell::Text(row.source),
                    Cell::text(if step.critical { "★" } else { "" }),
                    Cell::Code(row.who),
                    Cell::Code(lines.join("\n")),
                ])?;
            }
        }
        Ok(())
    }

    fn data(&mut self) -> Result<(), SheetError> {
        let content = self.content;
        let w = content.w;
        let columns = [
            ("report-place", 24.0),
            ("report-data-place", 52.0),
            ("report-data-contents", 36.0),
            ("report-data-step", 32.0),
            ("report-data-until-when", 30.0),
        ];
        let mut sheet = self.sheet("report-sheet-data", &columns)?;
        for place in content.data() {
            sheet.row(vec![
                Cell::Text(place.kind),
                Cell::Code(place.place),
                Cell::Text(place.contents),
                Cell::Text(place.step),
                place.purge_at.map_or(Cell::Text(place.until), Cell::Time),
            ])?;
        }
        sheet.heading(&w.say("report-work"))?;
        let heads = [
            "report-work-job",
            "report-work-cron",
            "report-work-next",
            "report-work-window-head",
            "report-work-missed",
        ];
        sheet.heads(&heads.map(|id| w.say(id)))?;
        for work in content.work() {
            sheet.row(vec![
                Cell::Text(work.job),
                Cell::Code(work.cron),
                Cell::Text(work.next.join("\n")),
                Cell::Text(work.window),
                Cell::Text(work.missed),
            ])?;
        }
        sheet.heading(&w.say("report-measured-runs"))?;
        sheet.row(vec![Cell::Text(content.test_import_result())])?;
        for run in content.measured_runs() {
            sheet.row(run.map(Cell::Text).into())?;
        }
        Ok(())
    }

    fn people(&mut self) -> Result<(), SheetError> {
        let content = self.content;
        let columns = [("report-role", 22.0), ("report-name", 28.0), ("report-phone", 52.0)];
        let mut sheet = self.sheet("report-sheet-people", &columns)?;
        for person in content.people() {
            sheet.row(person.map(Cell::Text).into())?;
        }
        Ok(())
    }

    fn approval(&mut self) -> Result<(), SheetError> {
        let content = self.content;
        let w = content.w;
        let columns = [
            ("report-record-what", 22.0),
            ("report-name", 28.0),
            ("report-role", 20.0),
            ("report-record-at", 26.0),
            ("report-record-note", 60.0),
        ];
        let mut sheet = self.sheet("report-sheet-approval", &columns)?;
        for row in content.record() {
            sheet.row(vec![
                Cell::Text(row.what),
                Cell::Text(row.who),
                Cell::Text(row.role),
                Cell::Time(row.at),
                Cell::Text(row.note),
            ])?;
        }
        sheet.heading(&w.say("report-gates"))?;
        let heads = [
            "report-gate",
            "report-gate-when",
            "report-gate-sign",
            "report-gate-recorded",
            "report-gate-decides",
        ];
        sheet.heads(&heads.map(|id| w.say(id)))?;
        for gate in content.gates() {
            let decides = format!("{}\n{}", gate.decides, gate.state);
            sheet.high_row(vec![
                Cell::text(gate.name),
                Cell::Time(gate.at),
                Cell::Empty,
                Cell::Empty,
                Cell::Text(decides),
            ])?;
        }
        sheet.heading(&w.say("report-parts"))?;
        for (part, hash) in content.parts() {
            sheet.row(vec![Cell::Text(part), Cell::Code(hash)])?;
        }
        sheet.heading(&w.say("report-approve"))?;
        for line in approval_commands(content.plan, content.entry.is_some()) {
            sheet.row(vec![Cell::Code(line)])?;
        }
        sheet.heading(&w.say("report-sign"))?;
        let heads = [
            "report-sign-role",
            "report-sign-name",
            "report-sign-what",
            "report-sign-date",
            "report-sign-mark",
        ];
        sheet.heads(&heads.map(|id| w.say(id)))?;
        for [role, name, what] in content.sign_off() {
            sheet.high_row(vec![
                Cell::Text(role),
                Cell::Text(name),
                Cell::Text(what),
                Cell::Empty,
                Cell::Empty,
            ])?;
        }
        Ok(())
    }
}
