//! The plan on a terminal: everything that is read before it is approved, in the order in which
//! it matters.

use std::fmt::Write as _;

use super::line::printable;
use super::paint::Paint;
use super::plan_tables as tables;
use crate::i18n::Lang;
use crate::journal::ledger::PlanEntry;
use crate::plan::Plan;
use crate::report::content::{Content, NOTHING, approval_commands};
use crate::report::words::Words;

/// The plan, for a terminal of `width` columns. `entry` is what the journal says of it.
pub fn plan(
    plan: &Plan,
    entry: Option<&PlanEntry>,
    lang: Lang,
    colour: bool,
    width: usize,
) -> String {
    let (content, paint) = (Content::new(plan, entry, lang), Paint::new(colour, width));
    let w = content.w;
    let mut out =
        format!("{}: {}\n", w.say("report-plan-heading"), printable(w.title(&plan.title)));
    out.push_str(&banner(w));
    out.push_str(&paint.pairs(&labelled(w, content.cover())));
    let sections: [(&str, String); 18] = [
        ("report-goals", paint.pairs(&labelled(w, content.goals()))),
        ("report-people", tables::people(&content, paint)),
        ("report-gates", tables::gates(&content, paint)),
        ("report-checks", tables::checks(&content, paint)),
        ("report-findings", findings(&content, paint)),
        ("report-phases", tables::steps(&content, paint)),
        ("report-critical", lines(content.critical_path())),
        ("report-commands", commands(&content)),
        ("report-maintenance", maintenance(&content)),
        ("report-points", points(&content)),
        ("report-rollback", way_back(&content, paint)),
        ("report-risks", tables::risks(&content, paint)),
        ("report-assumptions", lines(content.assumptions())),
        ("report-data-map", data(&content)),
        ("report-work", tables::work(&content, paint)),
        ("report-measured-runs", tables::measured_runs(&content, paint)),
        ("report-record", tables::record(&content, paint)),
        ("report-approve", lines(approval_commands(plan, entry.is_some()))),
    ];
    for (heading, body) in sections {
        out.push_str(&paint.heading(&w.say(heading)));
        out.push_str(&body);
    }
    out
}

/// What a rehearsal shows above everything else.
pub(super) fn banner(w: Words) -> String {
    if !w.rehearsal {
        return String::new();
    }
    format!("*** {} *** {}\n", w.say("report-rehearsal"), w.say("report-rehearsal-legend"))
}

fn labelled(w: Words, pairs: Vec<(&str, String)>) -> Vec<(String, String)> {
    pairs.into_iter().map(|(id, value)| (w.say(id), printable(&value))).collect()
}

/// A line each, indented.
fn lines(lines: Vec<String>) -> String {
    if lines.is_empty() {
        return format!("  {NOTHING}\n");
    }
    lines.iter().map(|line| format!("  {}\n", printable(line))).collect()
}

fn findings(content: &Content<'_>, paint: Paint) -> String {
    let found = content.findings();
    if found.is_empty() {
        return format!("  {}\n", content.w.say("report-findings-none"));
    }
    tables::findings(content, &found, paint)
}

/// As whom, where and from what each step works, and the commands it runs.
fn commands(content: &Content<'_>) -> String {
    let mut out = String::new();
    let rows = content.phases().into_iter().flat_map(|phase| phase.steps);
    for row in rows.filter(|row| row.step.applies && row.step.kind != "wait") {
        // Writing into a String does not fail.
        let _ = writeln!(
            out,
            "  {} {} — {} — {}",
            row.number,
            printable(row.title),
            printable(&row.who),
            row.source
        );
        for line in row.step.command_lines() {
            let _ = writeln!(out, "      {}", printable(&line));
        }
    }
    out
}

/// Two lines a place: a path is longer than any column.
fn data(content: &Content<'_>) -> String {
    let mut out = String::new();
    for row in content.data() {
        // Writing into a String does not fail.
        let _ = writeln!(out, "  {} — {}", printable(&row.step), row.contents);
        let _ = writeln!(out, "      {} {} — {}", row.kind, printable(&row.place), row.until);
    }
    if out.is_empty() { lines(Vec::new()) } else { out }
}

fn maintenance(content: &Content<'_>) -> String {
    let w = content.w;
    let told = content.plan.maintenance.iter().map(|window| w.maintenance(window));
    let told: Vec<String> = told.collect();
    if told.is_empty() { lines(vec![w.say("report-maintenance-none")]) } else { lines(told) }
}

fn points(content: &Content<'_>) -> String {
    let mut out = String::new();
    for point in content.points() {
        // Writing into a String does not fail.
        let _ = writeln!(out, "  {}: {}", point.title, point.when);
        let _ = writeln!(out, "     {}", point.what);
        let _ = writeln!(out, "     {}", point.back);
    }
    out
}

fn way_back(content: &Content<'_>, paint: Paint) -> String {
    let w = content.w;
    let mut pairs = labelled(w, content.way_back());
    for (place, step) in content.rollback_steps().iter().enumerate() {
        let label = if place == 0 { w.say("report-rollback-steps") } else { String::new() };
        pairs.push((label, format!("{}. {}", place + 1, printable(step))));
    }
    paint.pairs(&pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_plan_reads_well_in_both_languages() {
        let made = sample::plan();
        insta::assert_snapshot!("plan_en", plan(&made, None, Lang::En, false, 110));
        let (made, entry) = (sample::rehearsal(), sample::approved());
        insta::assert_snapshot!("plan_ja", plan(&made, Some(&entry), Lang::Ja, false, 110));
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let sample = sample::plan();
        let coloured = plan(&sample, None, Lang::En, true, 110);
        assert!(coloured.contains('\u{1b}'));
        let mut bare = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            bare.push_str(before);
            rest = after.split_once('m').map_or("", |(_, after)| after);
        }
        bare.push_str(rest);
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeezed(&bare), squeezed(&plan(&sample, None, Lang::En, false, 110)));
    }

    #[test]
    fn names_from_files_cannot_move_the_cursor() {
        let mut sample = sample::plan();
        let evil = "\u{1b}[2Jx";
        evil.clone_into(&mut sample.clinic.name);
        evil.clone_into(&mut sample.clinic.people[0].name);
        evil.clone_into(&mut sample.phases[0].steps[0].title.ja);
        evil.clone_into(&mut sample.phases[0].steps[0].host);
        evil.clone_into(&mut sample.places[0].place);
        evil.clone_into(&mut sample.checks[3].measured);
        assert!(!plan(&sample, None, Lang::Ja, false, 110).contains('\u{1b}'));
    }
}
