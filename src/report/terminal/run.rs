//! A run on a terminal: its status now, and the report after it.

use std::fmt::Write as _;

use comfy_table::Cell;

use super::line::{printable, trouble};
use super::paint::{Paint, indented};
use super::plan::banner;
use crate::clock::Jst;
use crate::i18n::Lang;
use crate::ids::show_bytes;
use crate::report::view::{Incident, RunView};
use crate::report::words::{Words, grouped};
use crate::t;

/// Narrower terminals do without the steps' ends, so that titles stay on one line.
const WITH_END: u16 = 96;

/// The run's state now: where it is, and what is asked of a person.
pub fn status(view: &RunView, lang: Lang, colour: bool, width: usize) -> String {
    let (w, paint) = (Words::new(lang, view.info.rehearsal), Paint::new(colour, width));
    let mut out = format!("{}: {}\n", w.say("report-status-heading"), view.info.clinic);
    out.push_str(&banner(w));
    out.push_str(&paint.pairs(&head(view, w)));
    out.push_str(&paint.heading(&w.say("report-phases")));
    out.push_str(&steps(view, w, paint));
    let troubled = view.steps().find_map(|step| Some((step, step.problem.as_ref()?)));
    if let Some((step, problem)) = troubled {
        out.push_str(&paint.heading(&format!("{}: {}", w.title(&step.title), w.state(step))));
        out.push_str(trouble(w, problem, view.import_log.as_ref()).trim_start_matches('\n'));
        out.push('\n');
    }
    out
}

/// The run, plan beside actual, with proofs, files, incidents and mails.
pub fn report(view: &RunView, lang: Lang, colour: bool, width: usize) -> String {
    let (w, paint) = (Words::new(lang, view.info.rehearsal), Paint::new(colour, width));
    let mut out = format!("{}: {}\n", w.say("report-report-heading"), view.info.clinic);
    out.push_str(&banner(w));
    out.push_str(&paint.pairs(&head(view, w)));
    let parts = [
        ("report-phases", steps(view, w, paint)),
        ("report-proofs", proofs(view, w)),
        ("report-data", files(view, w)),
        ("report-incidents", incidents(view, w)),
        ("report-mails", mails(view, w)),
    ];
    for (heading, text) in parts {
        out.push_str(&paint.heading(&w.say(heading)));
        out.push_str(&text);
    }
    out
}

fn head(view: &RunView, w: Words) -> Vec<(String, String)> {
    let info = &view.info;
    let mut pairs =
        vec![("report-run", info.run.to_string()), ("report-started", w.full(&info.started))];
    if let Some(at) = &view.ended_at {
        pairs.push(("report-ended", w.full(at)));
    }
    pairs.push(("report-outcome", w.outcome_of(view)));
    pairs.push(("report-clinic-state", w.clinic_of(view)));
    pairs.push(("report-next", w.next(view)));
    if let Some(decision) = &view.decision {
        pairs.push(("report-decision", w.decision(decision)));
    }
    pairs.push(("report-digest", info.plan.to_string()));
    let chain =
        t!(w.lang, "report-chain-value", records = view.chain.records, head = view.chain.head.0);
    pairs.push(("report-chain", chain));
    let mut out: Vec<(String, String)> =
        pairs.into_iter().map(|(id, value)| (w.say(id), value)).collect();
    if !view.plan_matches {
        out.push((String::new(), w.say("report-plan-differs")));
    }
    out
}

fn steps(view: &RunView, w: Words, paint: Paint) -> String {
    let mut heads = vec![
        w.say("report-step"),
        w.say("report-state"),
        w.head("report-planned"),
        w.head("report-started"),
        w.head("report-ended"),
    ];
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for phase in &view.phases {
        let Some(first) = phase.steps.first() else { continue };
        let planned_day = first.planned_start;
        let day = phase.steps.iter().filter_map(|step| step.actual_start).min();
        let actual = day.map(|day| w.day(&day)).unwrap_or_default();
        rows.push(paint.group(w.title(&phase.title), &["", &w.day(&planned_day), &actual, ""]));
        for step in &phase.steps {
            let time = |at: &Option<Jst>| match (at, &day) {
                (Some(at), Some(day)) => w.on_day(at, day, "%H:%M:%S"),
                _ => String::new(),
            };
            rows.push(vec![
                Cell::new(indented(w.title(&step.title))),
                paint.state(step.state, &w.state(step)),
                Cell::new(w.on_day(&step.planned_start, &planned_day, "%H:%M")),
                Cell::new(time(&step.actual_start)),
                Cell::new(time(&step.actual_end)),
            ]);
        }
    }
    if paint.width < WITH_END {
        heads.pop();
        for row in &mut rows {
            row.pop();
        }
    }
    let times: Vec<usize> = (1..heads.len()).collect();
    paint.table(&heads, rows, &times)
}

fn proofs(view: &RunView, w: Words) -> String {
    if view.proofs.is_empty() {
        return format!("  {}\n", w.say("report-proof-none"));
    }
    let mut out = String::new();
    for proof in &view.proofs {
        let mut line = format!("  {}", w.title(&proof.title));
        let numbers = [
            ("report-tables", proof.tables),
            ("report-rows", proof.rows),
            ("report-differences", proof.differences),
        ];
        for (id, number) in numbers {
            let value = number.map_or_else(|| w.say("report-unknown"), grouped);
            // Writing into a String does not fail.
            let _ = write!(line, "  {}: {value}", w.say(id));
        }
        out.push_str(&line);
        out.push('\n');
        for (name, digest) in &proof.digests {
            let _ = writeln!(out, "    {name} {digest}");
        }
    }
    out
}

fn files(view: &RunView, w: Words) -> String {
    let mut out = String::new();
    for file in &view.files {
        let size = file.bytes.map_or_else(|| w.say("report-data-incomplete"), show_bytes);
        // Writing into a String does not fail.
        let _ = writeln!(out, "  {}  {}  {size}", printable(&file.path), w.contents(file.contents));
        if let Some(sha256) = &file.sha256 {
            let _ = writeln!(out, "    SHA-256 {sha256}");
        }
        if let Some(sealed) = &file.sealed_as {
            let path = printable(sealed);
            let _ = writeln!(out, "    {}", t!(w.lang, "report-data-sealed", path = path));
        }
    }
    for made in &view.databases {
        let server = t!(w.lang, "report-data-server", databases = made.database);
        // Writing into a String does not fail.
        let _ =
            writeln!(out, "  {}  {}", printable(&server), w.say("report-contents-second-database"));
    }
    or_none(w, out)
}

fn incidents(view: &RunView, w: Words) -> String {
    let mut out = String::new();
    for incident in &view.incidents {
        out.push_str(&one_incident(incident, w));
    }
    or_none(w, out)
}

fn one_incident(incident: &Incident, w: Words) -> String {
    let title = incident.title.as_ref().map_or("", |title| w.title(title));
    let mut out = format!("  {}  {}  {title}", w.short(&incident.at), w.incident(incident.kind));
    out.push_str(&trouble(w, &incident.problem, incident.import_log.as_ref()));
    if let Some(settled) = &incident.settled {
        let how = w.settled(settled.done, &settled.by);
        // Writing into a String does not fail.
        let _ = write!(out, "\n         {}: {}", w.say("report-settled"), printable(&how));
    }
    out.push('\n');
    out
}

fn mails(view: &RunView, w: Words) -> String {
    let mut out = String::new();
    for mail in &view.mails {
        let sent = mail.sent_at.as_ref();
        let unsent = if mail.cancelled { "report-mail-cancelled" } else { "report-not-sent" };
        let sent = sent.map_or_else(|| w.say(unsent), |at| w.full(at));
        // Writing into a String does not fail.
        let _ = writeln!(
            out,
            "  {}  {}: {}  {}: {sent}",
            w.about(&mail.about),
            w.say("report-recipients"),
            mail.recipients,
            w.say("report-sent")
        );
    }
    or_none(w, out)
}

fn or_none(w: Words, text: String) -> String {
    if text.is_empty() { format!("  {}\n", w.say("report-none")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_status_says_what_is_asked_of_a_person() {
        let plan = sample::plan();
        let now = Some(sample::at(21, 20, 0, 0));
        let view = |run: sample::Run| RunView::new(&plan, &run.records, now).unwrap();
        let failed = view(sample::failed(&plan));
        insta::assert_snapshot!("status_failed_ja", status(&failed, Lang::Ja, false, 110));
        let in_doubt = view(sample::in_doubt(&plan));
        insta::assert_snapshot!("status_in_doubt_en", status(&in_doubt, Lang::En, false, 80));
    }

    #[test]
    fn titles_have_room_and_no_line_is_wider_than_the_terminal() {
        let plan = sample::rehearsal();
        let run = sample::failed(&plan);
        let view = RunView::new(&plan, &run.records, None).unwrap();
        for width in [80, 100] {
            for lang in [Lang::Ja, Lang::En] {
                let text = status(&view, lang, false, width);
                let table = text.lines().filter(|line| line.starts_with(['│', '┌']));
                let widest = table.map(columns).max().unwrap_or_default();
                assert!(widest > 0 && widest <= width, "{widest} {text}");
                // Only what is longer than the column itself may be broken.
                let room = if width == 80 { 32 } else { 40 };
                let titles = view.steps().map(|step| Words::new(lang, true).title(&step.title));
                for title in titles.filter(|title| columns(title) <= room) {
                    assert!(text.contains(title), "`{title}` is broken at {width}: {text}");
                }
            }
        }
    }

    /// Half-width columns of a line of these tables.
    fn columns(line: &str) -> usize {
        let is_wide = |c: char| ('\u{3000}'..'\u{ff61}').contains(&c);
        line.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
    }

    #[test]
    fn the_report_shows_proofs_files_and_incidents() {
        let plan = sample::rehearsal();
        let run = sample::finished(&plan);
        let view = RunView::new(&plan, &run.records, None).unwrap();
        insta::assert_snapshot!("report_finished_en", report(&view, Lang::En, false, 110));
    }
}
