//! The sheets about data, people and approval.

use super::SheetError;
use super::cells::Cell;
use super::plan::Sheets;
use crate::report::content::approval_commands;

impl Sheets<'_> {
    pub(super) fn data(&mut self) -> Result<(), SheetError> {
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

    pub(super) fn people(&mut self) -> Result<(), SheetError> {
        let content = self.content;
        let columns = [("report-role", 22.0), ("report-name", 28.0), ("report-phone", 52.0)];
        let mut sheet = self.sheet("report-sheet-people", &columns)?;
        for person in content.people() {
            sheet.row(person.map(Cell::Text).into())?;
        }
        Ok(())
    }

    pub(super) fn approval(&mut self) -> Result<(), SheetError> {
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
