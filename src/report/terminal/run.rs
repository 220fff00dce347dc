//! A run on a terminal: its status now, and the report after it.

use std::fmt::Write as _;

use comfy_table::Cell;

use super::line::{below, log, printable};
use super::paint::Paint;
use super::plan::banner;
use crate::i18n::Lang;
use crate::ids::show_bytes;
use crate::report::view::{Incident, RunView};
use crate::report::words::{Words, grouped};
use crate::t;

/// The run's state now: where it is, and what is asked of a person.
pub fn status(view: &RunView, lang: Lang, colour: bool, width: usize) -> String {
    let (w, paint) = (Words::new(lang, view.info.rehearsal), Paint::new(colour, width));
    let mut out = format!("{}: {}\n", w.say("report-status-heading"), view.info.clinic);
    out.push_str(&banner(w));
    out.push_str(&paint.pairs(&head(view, w)));
    out.push_str(&steps(view, w, paint));
    if let Some(problem) = view.steps().find_map(|step| step.problem.as_ref()) {
        out.push_str(&below(w, problem));
        out.push_str(&log(w, view.import_log.as_ref()));
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
    let heads = [
        "report-phase",
        "report-step",
        "report-state",
        "report-planned-start",
        "report-actual-start",
        "report-actual-end",
    ];
    let mut rows = Vec::new();
    for phase in &view.phases {
        for (place, step) in phase.steps.iter().enumerate() {
            let short = |at: &Option<_>| at.as_ref().map(|at| w.short(at)).unwrap_or_default();
            let name = if place == 0 { w.title(&phase.title) } else { "" };
            rows.push(vec![
                Cell::new(name),
                Cell::new(w.title(&step.title)),
                paint.state(step.state, &w.state(step.state)),
                Cell::new(w.short(&step.planned_start)),
                Cell::new(short(&step.actual_start)),
                Cell::new(short(&step.actual_end)),
            ]);
        }
    }
    paint.table(&heads.map(|id| w.say(id)), rows, &[2, 3, 4, 5])
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
            let _ = write!(line, "  {}={value}", w.say(id));
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
    out.push_str(&below(w, &incident.problem));
    out.push_str(&log(w, incident.import_log.as_ref()));
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
        let sent = sent.map_or_else(|| w.say("report-not-sent"), |at| w.full(at));
        // Writing into a String does not fail.
        let _ = writeln!(
            out,
            "  {}  {}={}  {}={sent}",
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
        insta::assert_snapshot!("status_in_doubt_en", status(&in_doubt, Lang::En, false, 110));
    }

    #[test]
    fn the_report_shows_proofs_files_and_incidents() {
        let plan = sample::rehearsal();
        let run = sample::finished(&plan);
        let view = RunView::new(&plan, &run.records, None).unwrap();
        insta::assert_snapshot!("report_finished_en", report(&view, Lang::En, false, 110));
    }
}
