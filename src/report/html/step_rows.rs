//! The steps as planned, the critical path, and what each step runs.

use super::markup::{Markup, all, el, tag, text};
use super::page::{phase_row, row, table, table_below, td};
use crate::clock::Jst;
use crate::report::content::{Content, NOTHING, StepRow};

/// The form of a step's times.
const SECONDS: &str = "%H:%M:%S";

/// The steps. The phase's row has the day, a step's row the times.
pub(super) fn planned(content: &Content<'_>) -> Markup {
    let w = content.w;
    let mut rows = Vec::new();
    for phase in content.phases() {
        let others =
            [w.day(&phase.day), String::new(), String::new(), String::new(), String::new()];
        rows.push(phase_row(&phase.title, "4", others));
        rows.extend(phase.steps.iter().map(|step| planned_row(content, &phase.day, step)));
    }
    let heads = [
        w.say("report-number-short"),
        w.say("report-step"),
        w.say("report-effect"),
        w.say("report-after"),
        w.head("report-planned-start"),
        w.head("report-planned-end"),
        w.say("report-expected"),
        w.say("report-longest"),
        w.say("report-source"),
    ];
    let table = el("div", &[("class", "dense")], [table_below(&heads, rows)]);
    all([table, tag("p", "hint", w.say("report-critical-legend"))])
}

fn planned_row(content: &Content<'_>, day: &Jst, planned: &StepRow<'_>) -> Markup {
    let w = content.w;
    let step = planned.step;
    let (start, end) = if step.applies {
        let time = |at: &Jst| w.on_day(at, day, SECONDS);
        (time(&step.starts_at), time(&step.ends_at()))
    } else {
        (w.say("report-not-applicable"), NOTHING.to_owned())
    };
    let mark = if step.critical { "★" } else { "" };
    let mut title = vec![text(format!("{mark}{}", planned.title))];
    title.push(tag("span", "hint", &planned.kind));
    if !step.archives.is_empty() {
        title.push(tag("span", "hint mono", step.archives.join(", ")));
    }
    row([
        tag("td", "time", &planned.number),
        el("td", &[], title),
        tag("td", "time", &planned.effect),
        el("td", &[], needs(&planned.needs)),
        tag("td", "time", start),
        tag("td", "time", end),
        tag("td", "num", &planned.expected),
        tag("td", "num", &planned.longest),
        td(&planned.source),
    ])
}

/// Numbers that are not torn apart at the end of a line.
fn needs(numbers: &str) -> Vec<Markup> {
    let numbers = numbers.split(", ").enumerate().map(|(place, number)| {
        let before = text(if place > 0 { ", " } else { "" });
        all([before, tag("span", "nowrap", number)])
    });
    numbers.collect()
}

/// The steps of which each one's delay delays the end.
pub(super) fn critical_path(content: &Content<'_>) -> Markup {
    let steps = content.critical_path();
    el("ul", &[("class", "path")], steps.iter().map(|step| tag("li", "", step)))
}

/// As whom and where each step works, and the commands it runs.
pub(super) fn commands(content: &Content<'_>) -> Markup {
    let steps = content.phases().into_iter().flat_map(|phase| phase.steps);
    let rows = steps.filter(|step| step.step.applies && step.step.kind != "wait").map(|step| {
        let lines: Vec<Markup> =
            step.step.command_lines().map(|line| tag("div", "mono", line)).collect();
        let lines = if lines.is_empty() { vec![text(NOTHING)] } else { lines };
        row([
            td(format!("{} {}", step.number, step.title)),
            tag("td", "mono", step.who),
            el("td", &[], lines),
        ])
    });
    table(content.w, &["report-step", "report-who", "report-command"], rows)
}
