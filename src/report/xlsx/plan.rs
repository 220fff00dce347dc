//! The plan's sheets: 概要, 判定, 手順, データ, 体制, 承認.

use rust_xlsxwriter::{DocProperties, Workbook};

use super::SheetError;
use super::cells::{Cell, Looks, time};
use super::sheet::Sheet;
use crate::i18n::Lang;
use crate::journal::ledger::PlanEntry;
use crate::plan::Plan;
use crate::report::content::{Content, overall};

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

/// The workbook so far.
pub(super) struct Sheets<'a> {
    pub(super) content: Content<'a>,
    book: &'a mut Workbook,
    looks: &'a Looks,
}

impl Sheets<'_> {
    pub(super) fn sheet(
        &mut self,
        name: &str,
        columns: &[(&str, f64)],
    ) -> Result<Sheet<'_>, SheetError> {
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
}
