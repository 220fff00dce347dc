//! The go/no-go list, what of it is open, and the steps as they were done.

use super::markup::{Markup, all, el, tag, text};
use super::page::{phase_row, prose, row, table, table_below};
use crate::clock::Jst;
use crate::plan::Verdict;
use crate::report::content::{Content, overall as overall_id};
use crate::report::outputs;
use crate::report::view::{Attempted, RunView, StepView};
use crate::report::words::Words;
use crate::t;

/// The form of a step's times.
const SECONDS: &str = "%H:%M:%S";

pub(super) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Later => "later",
        Verdict::Unknown => "unknown",
        Verdict::Warn => "warn",
        Verdict::Block => "block",
    }
}

/// The whole list's result, one line.
pub(super) fn overall(content: &Content<'_>) -> Markup {
    let verdict = content.plan.verdict();
    // What is still to come does not stand against the run.
    let shown = if verdict == Verdict::Later { Verdict::Ok } else { verdict };
    tag("p", &format!("result {}", class(shown)), content.w.say(overall_id(verdict)))
}

/// The go/no-go list.
pub(super) fn checks(content: &Content<'_>) -> Markup {
    let rows = content.checks().into_iter().map(|check| {
        let mut criterion = vec![prose(&check.criterion)];
        if let Some(overridden) = &check.overridden {
            criterion.push(tag("span", "hint warn", overridden));
        }
        row([
            el("td", &[], criterion),
            el("td", &[], [prose(&check.measured)]),
            tag("td", "small", &check.evidence),
            tag("td", &format!("word {}", class(check.verdict)), &check.word),
        ])
    });
    let heads = ["report-criterion", "report-measured", "report-evidence", "report-verdict"];
    all([table(content.w, &heads, rows), overall(content)])
}

/// Everything that is not OK, with what to do.
pub(super) fn findings(content: &Content<'_>) -> Markup {
    let found = content.findings();
    if found.is_empty() {
        return tag("p", "", content.w.say("report-findings-none"));
    }
    let rows = found.iter().map(|finding| {
        let mut what = vec![prose(&finding.text)];
        if let Some(hint) = &finding.hint {
            what.push(el("span", &[("class", "hint")], [prose(hint)]));
        }
        let word = format!("word {}", class(finding.verdict));
        row([tag("td", &word, &finding.word), el("td", &[], what)])
    });
    table(content.w, &["report-verdict", "report-finding"], rows)
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
        tag("td", &format!("word {}", state_class(step.state)), w.state_timed(step)),
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
