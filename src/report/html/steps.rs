//! The go/no-go list, the steps, and the commands they run.

use super::markup::{Markup, all, el, tag, text};
use super::page::{prose, row, table, td};
use crate::plan::{Check, Plan, PlannedStep, Verdict};
use crate::report::outputs;
use crate::report::terminal;
use crate::report::view::{Attempted, RunView, StepView};
use crate::report::words::Words;
use crate::t;

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Unknown => "unknown",
        Verdict::Warn => "warn",
        Verdict::Block => "block",
    }
}

/// The whole list's result, one line.
pub(super) fn overall(w: Words, plan: &Plan) -> Markup {
    let verdict = plan.verdict();
    tag("p", &format!("result {}", class(verdict)), w.say(terminal::overall(verdict)))
}

/// The go/no-go list.
pub(super) fn checks(w: Words, plan: &Plan) -> Markup {
    let rows = plan.checks.iter().map(|check| check_row(w, check));
    let heads = ["report-criterion", "report-measured", "report-verdict"];
    all([table(w, &heads, rows), overall(w, plan)])
}

fn check_row(w: Words, check: &Check) -> Markup {
    let mut criterion = vec![text(check.criterion(w.lang))];
    if check.verdict != Verdict::Ok
        && let Some(hint) = check.hint(w.lang)
    {
        criterion.push(el("span", &[("class", "hint")], [prose(&hint)]));
    }
    let word = format!("word {}", class(check.verdict));
    row([
        el("td", &[], criterion),
        td(w.measured(check)),
        tag("td", &word, w.verdict(check.verdict)),
    ])
}

/// The steps as planned.
pub(super) fn planned(w: Words, plan: &Plan) -> Markup {
    let mut rows = Vec::new();
    for phase in &plan.phases {
        rows.push(phase_row(w.title(&phase.title), "6"));
        rows.extend(phase.steps.iter().map(|step| planned_row(w, plan, step)));
    }
    let heads = [
        "report-step",
        "report-what",
        "report-effect",
        "report-needs",
        "report-planned-start",
        "report-expected",
    ];
    table(w, &heads, rows)
}

fn planned_row(w: Words, plan: &Plan, step: &PlannedStep) -> Markup {
    let needs: Vec<&str> = plan
        .steps()
        .filter(|other| step.needs.contains(&other.id))
        .map(|other| w.title(&other.title))
        .collect();
    let (start, length) = if step.applies {
        let seconds = i64::try_from(step.estimate_secs).unwrap_or(i64::MAX);
        (w.short(&step.starts_at), w.duration(seconds))
    } else {
        (w.say("report-not-applicable"), "—".to_owned())
    };
    let mut title = vec![text(w.title(&step.title))];
    if !step.archives.is_empty() {
        title.push(tag("span", "hint mono", step.archives.join(", ")));
    }
    row([
        el("td", &[], title),
        td(w.kind(&step.kind)),
        td(w.effect(step.effect)),
        td(if needs.is_empty() { "—".to_owned() } else { needs.join(", ") }),
        tag("td", "time", start),
        tag("td", "num", length),
    ])
}

/// The steps, planned beside actual.
pub(super) fn actual(w: Words, view: &RunView) -> Markup {
    let mut rows = Vec::new();
    for phase in &view.phases {
        rows.push(phase_row(w.title(&phase.title), "6"));
        rows.extend(phase.steps.iter().map(|step| actual_row(w, step)));
    }
    let heads = [
        "report-step",
        "report-planned-start",
        "report-actual-start",
        "report-actual-end",
        "report-attempts",
        "report-state",
    ];
    table(w, &heads, rows)
}

fn actual_row(w: Words, step: &StepView) -> Markup {
    let time =
        |at: Option<&_>| tag("td", "time", at.map_or_else(|| "—".to_owned(), |at| w.short(at)));
    let mut title = vec![text(w.title(&step.title))];
    let made = outputs::words(w, &step.outputs);
    if !made.is_empty() {
        let lines: Vec<String> =
            made.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
        title.push(tag("span", "hint", lines.join(" / ")));
    }
    for (warning, hint) in outputs::warnings(w, &step.outputs) {
        let hint = hint.map(|hint| format!(" — {hint}")).unwrap_or_default();
        title.push(el("span", &[("class", "hint warn")], [prose(&format!("{warning}{hint}"))]));
    }
    let attempts = if step.attempts == 0 {
        "—".to_owned()
    } else {
        t!(w.lang, "report-times", n = step.attempts)
    };
    row([
        el("td", &[], title),
        time(Some(&step.planned_start)),
        time(step.actual_start.as_ref()),
        time(step.actual_end.as_ref()),
        tag("td", "num", attempts),
        tag("td", &format!("word {}", state_class(step.state)), w.state(step)),
    ])
}

fn state_class(state: Attempted) -> &'static str {
    match state {
        Attempted::Pending => "pending",
        Attempted::Running => "running",
        Attempted::Done => "done",
        Attempted::Failed => "failed",
        Attempted::InDoubt => "in-doubt",
        Attempted::Skipped => "skipped",
        Attempted::Undone => "undone",
    }
}

fn phase_row(title: &str, columns: &str) -> Markup {
    let cell = el("td", &[("colspan", columns)], [text(title)]);
    el("tr", &[("class", "phase")], [cell])
}

/// The commands that steps run on the clinic's server.
pub(super) fn commands(w: Words, plan: &Plan) -> Markup {
    let rows = plan
        .steps()
        .filter(|step| step.applies && !step.command.is_empty())
        .map(|step| row([td(w.title(&step.title)), tag("td", "mono", step.command.join(" "))]));
    table(w, &["report-step", "report-commands"], rows)
}
