//! The plan's tables on a terminal.

use comfy_table::Cell;

use super::line::printable;
use super::paint::{Paint, indented};
use crate::plan::PlannedStep;
use crate::report::content::{Content, Finding, StepRow, overall};
use crate::report::words::Words;

fn heads<const N: usize>(w: Words, ids: [&str; N]) -> Vec<String> {
    ids.map(|id| w.say(id)).to_vec()
}

fn cell(text: impl AsRef<str>) -> Cell {
    Cell::new(printable(text.as_ref()))
}

pub(super) fn people(content: &Content<'_>, paint: Paint) -> String {
    let heads = heads(content.w, ["report-role", "report-name", "report-phone"]);
    let rows = content.people().into_iter().map(|person| person.map(cell).to_vec());
    paint.table(&heads, rows.collect(), &[0, 2])
}

pub(super) fn gates(content: &Content<'_>, paint: Paint) -> String {
    let ids = ["report-gate", "report-gate-when", "report-gate-decides", "report-gate-state"];
    let rows = content.gates().map(|gate| {
        vec![
            cell(gate.name),
            cell(content.w.minute(&gate.at)),
            cell(gate.decides),
            paint.verdict(gate.verdict, gate.state),
        ]
    });
    paint.table(&heads(content.w, ids), rows.to_vec(), &[0, 1])
}

pub(super) fn checks(content: &Content<'_>, paint: Paint) -> String {
    let w = content.w;
    let ids = ["report-verdict", "report-criterion", "report-measured", "report-evidence"];
    let rows = content.checks().into_iter().map(|check| {
        let overridden = check.overridden.map(|text| format!("\n! {}", printable(&text)));
        vec![
            paint.verdict(check.verdict, check.word),
            Cell::new(format!("{}{}", printable(&check.criterion), overridden.unwrap_or_default())),
            cell(check.measured),
            cell(check.evidence),
        ]
    });
    let table = paint.table(&heads(w, ids), rows.collect(), &[0]);
    format!("{table}{}\n", w.say(overall(content.plan.verdict())))
}

pub(super) fn findings(content: &Content<'_>, found: &[Finding], paint: Paint) -> String {
    let rows = found.iter().map(|finding| {
        let hint = finding.hint.as_ref().map(|hint| format!("\n→ {}", printable(hint)));
        vec![
            paint.verdict(finding.verdict, finding.word.clone()),
            Cell::new(format!("{}{}", printable(&finding.text), hint.unwrap_or_default())),
        ]
    });
    paint.table(&heads(content.w, ["report-verdict", "report-finding"]), rows.collect(), &[0])
}

pub(super) fn steps(content: &Content<'_>, paint: Paint) -> String {
    let w = content.w;
    let heads = [
        w.say("report-step"),
        w.head("report-planned-start"),
        w.head("report-planned-end"),
        w.say("report-expected"),
        w.say("report-longest"),
        w.say("report-effect"),
    ];
    let mut rows = Vec::new();
    for phase in content.phases() {
        let day = w.day(&phase.day);
        rows.push(paint.group(&printable(&phase.title), &[&day, "", "", "", ""]));
        rows.extend(phase.steps.iter().map(|row| step(w, &phase.day, row)));
    }
    let basis = w.basis(content.plan).map(|basis| format!("{basis}\n")).unwrap_or_default();
    let legend = w.say("report-critical-legend");
    format!("{}{legend}\n{basis}", paint.table(&heads, rows, &[1, 2, 3, 4, 5]))
}

fn step(w: Words, day: &crate::clock::Jst, row: &StepRow<'_>) -> Vec<Cell> {
    let critical = if row.step.critical { "★" } else { "" };
    let title = format!("{} {critical}{}{}", row.number, row.title, archives(row.step));
    let (start, end) = if row.step.applies {
        let time = |at| w.on_day(at, day, "%H:%M");
        (time(&row.step.starts_at), time(&row.step.ends_at()))
    } else {
        (w.say("report-not-applicable"), String::new())
    };
    vec![
        Cell::new(indented(&printable(&title))),
        Cell::new(start),
        Cell::new(end),
        Cell::new(&row.expected),
        Cell::new(&row.longest),
        Cell::new(&row.effect),
    ]
}

/// ` → final.dump` where the step makes the archive, ` ← final.dump` where it uses it.
fn archives(step: &PlannedStep) -> String {
    let names = step.archives.join(", ");
    match step.kind.as_str() {
        _ if names.is_empty() => names,
        "dump" | "portal_export" => format!(" → {names}"),
        _ => format!(" ← {names}"),
    }
}

pub(super) fn risks(content: &Content<'_>, paint: Paint) -> String {
    let ids = ["report-state", "report-risk", "report-risk-response"];
    let rows = content.risks().into_iter().map(|risk| {
        let state = match risk.verdict {
            Some(verdict) => paint.verdict(verdict, risk.state),
            None => cell(risk.state),
        };
        vec![state, cell(risk.title), cell(risk.response)]
    });
    paint.table(&heads(content.w, ids), rows.collect(), &[0])
}

pub(super) fn work(content: &Content<'_>, paint: Paint) -> String {
    let ids = [
        "report-work-job",
        "report-work-cron",
        "report-work-next",
        "report-work-window-head",
        "report-work-missed",
    ];
    let rows = content.work().into_iter().map(|row| {
        let next = row.next.first().cloned().unwrap_or_default();
        [row.job, row.cron, next, row.window, row.missed].map(cell).to_vec()
    });
    paint.table(&heads(content.w, ids), rows.collect(), &[])
}

pub(super) fn measured_runs(content: &Content<'_>, paint: Paint) -> String {
    let runs = content.measured_runs();
    let result = format!("  {}\n", content.test_import_result());
    if runs.is_empty() {
        return result;
    }
    let ids =
        ["report-measured-run", "report-measured-where", "report-measured-took", "report-size"];
    let rows = runs.into_iter().map(|run| run.map(cell).to_vec());
    result + &paint.table(&heads(content.w, ids), rows.collect(), &[])
}

pub(super) fn record(content: &Content<'_>, paint: Paint) -> String {
    let w = content.w;
    let ids = ["report-record-what", "report-name", "report-role", "report-record-at"];
    let rows = content.record().into_iter().map(|row| {
        let note = printable(&row.note);
        let what = if note.is_empty() { row.what } else { format!("{}\n{note}", row.what) };
        vec![Cell::new(what), cell(row.who), cell(row.role), cell(w.full(&row.at))]
    });
    let record = paint.table(&heads(w, ids), rows.collect(), &[3]);
    let parts: Vec<(String, String)> = content.parts();
    if parts.is_empty() { record } else { record + &paint.pairs(&parts) }
}
