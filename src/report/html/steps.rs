//! The go/no-go list, the steps, and the commands they run.

use super::markup::{Markup, all, el, tag, text};
use super::page::{prose, row, table, table_below, td};
use crate::clock::Jst;
use crate::plan::{Check, Plan, PlannedStep, Verdict};
use crate::report::outputs;
use crate::report::terminal;
use crate::report::view::{Attempted, RunView, StepView};
use crate::report::words::Words;
use crate::t;

/// The form of a step's times.
const SECONDS: &str = "%H:%M:%S";

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Later => "later",
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

/// The steps as planned. The phase's row has the day, a step's row the time.
pub(super) fn planned(w: Words, plan: &Plan) -> Markup {
    let mut rows = Vec::new();
    for phase in &plan.phases {
        let Some(day) = phase.steps.first().map(|step| step.starts_at) else { continue };
        rows.push(phase_row(w.title(&phase.title), "4", [w.day(&day), String::new()]));
        rows.extend(phase.steps.iter().map(|step| planned_row(w, plan, &day, step)));
    }
    let heads = [
        w.say("report-step"),
        w.say("report-what"),
        w.say("report-effect"),
        w.say("report-needs"),
        w.head("report-planned-start"),
        w.say("report-expected"),
    ];
    table_below(&heads, rows)
}

fn planned_row(w: Words, plan: &Plan, day: &Jst, step: &PlannedStep) -> Markup {
    let needs: Vec<&str> = plan
        .steps()
        .filter(|other| step.needs.contains(&other.id))
        .map(|other| w.title(&other.title))
        .collect();
    let (start, length) = if step.applies {
        let seconds = i64::try_from(step.estimate_secs).unwrap_or(i64::MAX);
        (w.on_day(&step.starts_at, day, SECONDS), w.duration(seconds))
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
        tag("td", "time", w.effect(step.effect)),
        td(if needs.is_empty() { "—".to_owned() } else { needs.join(", ") }),
        tag("td", "time", start),
        tag("td", "num", length),
    ])
}

/// The steps, planned beside actual. The phase's row has the days, a step's row the times.
pub(super) fn actual(w: Words, view: &RunView) -> Markup {
    let mut rows = Vec::new();
    for phase in &view.phases {
        let Some(planned) = phase.steps.first().map(|step| step.planned_start) else { continue };
        let started = phase.steps.iter().filter_map(|step| step.actual_start).min();
        let day = started.map(|day| w.day(&day)).unwrap_or_default();
        let others = [w.day(&planned), day, String::new(), String::new(), String::new()];
        rows.push(phase_row(w.title(&phase.title), "1", others));
        let days = (planned, started.unwrap_or(planned));
        rows.extend(phase.steps.iter().map(|step| actual_row(w, days, step)));
    }
    let heads = [
        w.say("report-step"),
        w.head("report-planned-start"),
        w.head("report-actual-start"),
        w.head("report-actual-end"),
        w.say("report-attempts"),
        w.say("report-state"),
    ];
    table_below(&heads, rows)
}

fn actual_row(w: Words, (planned, started): (Jst, Jst), step: &StepView) -> Markup {
    let time = |at: Option<&_>, day: &Jst| {
        let words = at.map_or_else(|| "—".to_owned(), |at| w.on_day(at, day, SECONDS));
        tag("td", "time", words)
    };
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
        time(Some(&step.planned_start), &planned),
        time(step.actual_start.as_ref(), &started),
        time(step.actual_end.as_ref(), &started),
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

/// A phase's title over `columns`, and what stands in the columns after them.
fn phase_row(title: &str, columns: &str, others: impl IntoIterator<Item = String>) -> Markup {
    let title = el("td", &[("colspan", columns)], [text(title)]);
    let others = others.into_iter().map(|words| tag("td", "time", words));
    el("tr", &[("class", "phase")], std::iter::once(title).chain(others))
}

/// The commands that steps run on the clinic's server.
pub(super) fn commands(w: Words, plan: &Plan) -> Markup {
    let rows = plan
        .steps()
        .filter(|step| step.applies)
        .flat_map(|step| step.command_lines().map(move |line| (step, line)))
        .map(|(step, line)| row([td(w.title(&step.title)), tag("td", "mono", line)]));
    table(w, &["report-step", "report-commands"], rows)
}
