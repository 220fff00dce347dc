//! The timeline as inline SVG: a drawing per phase and per unbroken stretch of time.

use super::axis::{Bar, Panel, panels};
use super::frame::{Frame, INK, LEFT, ROW, SOFT, THINNEST, TOP};
use super::markup::{Markup, el, tag, text};
use super::svg::{cut, label};
use crate::clock::Jst;
use crate::plan::Plan;
use crate::report::view::{Attempted, RunView, StepView};
use crate::report::words::Words;
use crate::t;

/// Width of a title in half-width columns: what fits before the axis at 11 px.
const TITLE_COLUMNS: usize = 38;

/// The border of a bar on the critical path.
const CRITICAL: [(&str, &str); 2] = [("stroke", INK), ("stroke-width", "1.6")];

/// What is drawn of a step.
#[derive(Clone, Copy)]
struct Row<'a> {
    place: usize,
    step: &'a StepView,
    actual: bool,
}

/// The plan alone: a run of which nothing has happened yet.
pub(super) fn planned(w: Words, plan: &Plan) -> Markup {
    let steps: Vec<(String, Vec<StepView>)> = plan
        .phases
        .iter()
        .map(|phase| {
            let steps = phase.steps.iter().map(StepView::planned).collect();
            (w.title(&phase.title).to_owned(), steps)
        })
        .collect();
    chart(w, plan, steps.iter().map(|(title, steps)| (title.as_str(), steps.as_slice())), None)
}

/// The plan beside what was done.
pub(super) fn actual(w: Words, plan: &Plan, view: &RunView) -> Markup {
    let phases = view.phases.iter().map(|phase| (w.title(&phase.title), phase.steps.as_slice()));
    chart(w, plan, phases, Some(view.last_at))
}

fn chart<'a>(
    w: Words,
    plan: &Plan,
    phases: impl Iterator<Item = (&'a str, &'a [StepView])>,
    last: Option<Jst>,
) -> Markup {
    let legend = if last.is_some() { "report-legend-both" } else { "report-legend-planned" };
    let mut legend = w.say(legend);
    if let Some(basis) = w.basis(plan) {
        // The language decides whether sentences are parted by a space.
        legend = t!(w.lang, "report-sentences", first = legend, second = basis);
    }
    let mut pieces = vec![tag("p", "hint", legend), maintenance(w, plan)];
    for (title, steps) in phases {
        let (waits, works): (Vec<&StepView>, Vec<&StepView>) =
            steps.iter().filter(|step| step.applies).partition(|step| step.kind == "wait");
        let mut parts: Vec<(Jst, Markup)> =
            waits.into_iter().map(|step| (step.planned_start, wait(w, step))).collect();
        for panel in panels(bars(&works, last)) {
            let drawing = Drawing { w, plan, panel: &panel, both: last.is_some() }.draw(title);
            parts.push((panel.from, drawing));
        }
        // A wait stands where it happens: before the work that it waits for.
        parts.sort_by_key(|(at, _)| *at);
        pieces.extend(parts.into_iter().map(|(_, part)| part));
    }
    el("div", &[], pieces)
}

/// Announced maintenance in words; where a drawing meets it, it is drawn there, too.
fn maintenance(w: Words, plan: &Plan) -> Markup {
    let heading = tag("b", "", w.say("report-maintenance"));
    if plan.maintenance.is_empty() {
        let none = format!(": {}", w.say("report-maintenance-none"));
        return el("p", &[("class", "hint")], [heading, text(none)]);
    }
    let lines = plan.maintenance.iter().map(|window| tag("li", "", w.maintenance(window)));
    el("div", &[("class", "hint")], [heading, el("ul", &[], lines)])
}

fn bars<'a>(steps: &[&'a StepView], last: Option<Jst>) -> Vec<Bar<Row<'a>>> {
    let mut bars = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let row = Row { place, step, actual: false };
        bars.push(Bar { from: step.planned_start, until: step.planned_end, row });
        if let (Some(from), Some(last)) = (step.actual_start, last) {
            let until = step.actual_end.unwrap_or(last).max(from);
            bars.push(Bar { from, until, row: Row { actual: true, ..row } });
        }
    }
    bars
}

fn wait(w: Words, step: &StepView) -> Markup {
    let length = w.duration((step.planned_end - step.planned_start).num_seconds());
    let title = w.title(&step.title);
    let at = w.minute(&step.planned_end);
    let words = t!(w.lang, "report-wait-row", title = title, at = at, length = length);
    tag("p", "wait", words)
}

struct Drawing<'a> {
    w: Words,
    plan: &'a Plan,
    panel: &'a Panel<Row<'a>>,
    /// True where actual bars stand below planned ones.
    both: bool,
}

impl Drawing<'_> {
    fn draw(&self, phase: &str) -> Markup {
        let mut places: Vec<usize> = self.panel.bars.iter().map(|bar| bar.row.place).collect();
        places.sort_unstable();
        places.dedup();
        let bottom = TOP + ROW * places.len() as f64;
        let frame = Frame { w: self.w, plan: self.plan, panel: self.panel, bottom };
        let mut parts = Vec::new();
        for (line, place) in places.iter().enumerate() {
            let top = TOP + ROW * line as f64;
            for bar in self.panel.bars.iter().filter(|bar| bar.row.place == *place) {
                parts.extend(self.bar(&frame, bar, top));
            }
        }
        frame.draw(phase, parts)
    }

    fn is_critical(&self, row: &Row<'_>) -> bool {
        self.plan.steps().any(|step| step.id == row.step.id && step.critical)
    }

    fn bar(&self, frame: &Frame<'_, Row<'_>>, bar: &Bar<Row<'_>>, top: f64) -> Vec<Markup> {
        let (from, until) = (frame.x(&bar.from), frame.x(&bar.until));
        let width = (until - from).max(THINNEST);
        let (y, height, fill) = match (self.both, bar.row.actual) {
            (false, _) => (top + 5.0, 14.0, "#2f6f9f"),
            (true, false) => (top + 4.0, 8.0, "#a9c3d6"),
            (true, true) => (top + 13.0, 9.0, colour(bar.row.step.state)),
        };
        let is_critical = !bar.row.actual && self.is_critical(&bar.row);
        let stroke: &[_] = if is_critical { &CRITICAL } else { &[] };
        let rect = frame.rect((&bar.from, &bar.until), y, height, fill, stroke);
        let mut parts = vec![rect];
        if !bar.row.actual {
            let mark = if is_critical && self.both { "★" } else { "" };
            let title = format!("{mark}{}", self.w.title(&bar.row.step.title));
            let title = cut(&title, TITLE_COLUMNS);
            parts.push(label(LEFT - 6.0, top + 16.5, "end", INK, false, &title));
        }
        if bar.row.actual || !self.both {
            let length = self.w.duration((bar.until - bar.from).num_seconds());
            let words = match bar.row.step.state {
                Attempted::Pending if is_critical => {
                    format!("{length} {}", self.w.say("report-critical-short"))
                }
                Attempted::Pending | Attempted::Done => length,
                // Not by colour alone: what is not as it should be is said.
                _ => format!("{length} {}", self.w.state(bar.row.step)),
            };
            let x = from + width + 4.0;
            parts.push(label(x, y + height - 1.0, "start", SOFT, false, &words));
        }
        parts
    }
}

fn colour(state: Attempted) -> &'static str {
    match state {
        Attempted::Done => "#2d7d4f",
        Attempted::Failed | Attempted::InDoubt => "#b23030",
        Attempted::Running | Attempted::Undone => "#b7791f",
        Attempted::Pending | Attempted::Skipped => "#8a96a1",
    }
}
