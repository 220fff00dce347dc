//! The timeline as inline SVG: a drawing per phase and per unbroken stretch of time.

use super::axis::{Bar, Panel, panels};
use super::markup::{Markup, el, tag, text};
use super::svg::{cut, label, vertical};
use crate::clock::Jst;
use crate::plan::Plan;
use crate::report::view::{Attempted, RunView, StepView};
use crate::report::words::Words;
use crate::t;

const WIDTH: f64 = 760.0;
/// Where the axis begins; step titles stand before it.
const LEFT: f64 = 236.0;
/// Where the axis ends; behind it there is room for a duration and a word.
const RIGHT: f64 = 648.0;
/// Where a time is marked that lies far behind the axis.
const EDGE: f64 = 755.0;
const TOP: f64 = 34.0;
const ROW: f64 = 26.0;
/// Width of a title in half-width columns: what fits before [`LEFT`] at 11 px.
const TITLE_COLUMNS: usize = 38;
/// A bar is never thinner, so that a step of a second can be seen.
const THINNEST: f64 = 2.0;

const INK: &str = "#1c2733";
const SOFT: &str = "#5a6875";
/// Maintenance: a pale band and the ink of its title.
const BAND: &str = "#f6dfc3";
const BAND_INK: &str = "#8a5a00";
/// Height of a line of text below a drawing.
const LINE: f64 = 15.0;
/// Width of such a line in half-width columns.
const BAND_COLUMNS: usize = 110;

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
        let mut parts = vec![label(0.0, 14.0, "start", INK, true, phase)];
        parts.push(label(0.0, 29.0, "start", SOFT, false, &self.w.minute(&self.panel.from)));
        let (bands, below) = self.maintenance(bottom);
        // Behind everything else.
        parts.extend(bands);
        parts.extend(self.axis(bottom));
        for (line, place) in places.iter().enumerate() {
            let top = TOP + ROW * line as f64;
            for bar in self.panel.bars.iter().filter(|bar| bar.row.place == *place) {
                parts.extend(self.bar(bar, top));
            }
        }
        parts.extend(self.marks(bottom));
        let view_box = format!("0 0 {WIDTH} {}", bottom + 22.0 + below);
        let attributes = [("viewBox", view_box.as_str()), ("role", "img"), ("aria-label", phase)];
        el("svg", &attributes, parts)
    }

    fn x(&self, at: &Jst) -> f64 {
        LEFT + (RIGHT - LEFT) * self.panel.share(at).clamp(0.0, 1.0)
    }

    fn axis(&self, bottom: f64) -> Vec<Markup> {
        let (ticks, seconds) = self.panel.ticks();
        let form = if seconds { "%H:%M:%S" } else { "%H:%M" };
        let mut parts = vec![vertical(LEFT, TOP, bottom, "#8a96a1", "")];
        for at in ticks {
            let x = self.x(&at);
            parts.push(vertical(x, TOP, bottom, "#e1e6ea", ""));
            parts.push(label(x, TOP - 5.0, "middle", SOFT, false, &at.format(form).to_string()));
        }
        parts
    }

    fn bar(&self, bar: &Bar<Row<'_>>, top: f64) -> Vec<Markup> {
        let (from, until) = (self.x(&bar.from), self.x(&bar.until));
        let width = (until - from).max(THINNEST);
        let (y, height, fill) = match (self.both, bar.row.actual) {
            (false, _) => (top + 5.0, 14.0, "#2f6f9f"),
            (true, false) => (top + 4.0, 8.0, "#a9c3d6"),
            (true, true) => (top + 13.0, 9.0, colour(bar.row.step.state)),
        };
        let numbers = [from, y, width, height].map(|number| format!("{number:.1}"));
        let [x, y_text, width_text, height_text] = &numbers;
        let rect = el(
            "rect",
            &[
                ("x", x),
                ("y", y_text),
                ("width", width_text),
                ("height", height_text),
                ("fill", fill),
            ],
            [],
        );
        let mut parts = vec![rect];
        if !bar.row.actual {
            let title = cut(self.w.title(&bar.row.step.title), TITLE_COLUMNS);
            parts.push(label(LEFT - 6.0, top + 16.5, "end", INK, false, &title));
        }
        if bar.row.actual || !self.both {
            let length = self.w.duration((bar.until - bar.from).num_seconds());
            let words = match bar.row.step.state {
                Attempted::Pending | Attempted::Done => length,
                // Not by colour alone: what is not as it should be is said.
                _ => format!("{length} {}", self.w.state(bar.row.step)),
            };
            let x = from + width + 4.0;
            parts.push(label(x, y + height - 1.0, "start", SOFT, false, &words));
        }
        parts
    }

    /// Announced maintenance within the panel as bands with their titles below, and the height
    /// that the titles take. One that lies behind the panel's end has a title with an arrow.
    fn maintenance(&self, bottom: f64) -> (Vec<Markup>, f64) {
        let (mut parts, mut below) = (Vec::new(), 0.0);
        let holds_cutover = self.panel.until > self.plan.service_stops_at;
        let window_end = self.plan.clinic.cutover.window_end;
        for window in &self.plan.maintenance {
            let is_inside = window.from < self.panel.until && self.panel.from < window.to;
            // What comes behind the panel matters as long as the cutover's window is open.
            let is_ahead =
                holds_cutover && window.from >= self.panel.until && window.from <= window_end;
            if !is_inside && !is_ahead {
                continue;
            }
            below += LINE;
            let arrow = if is_ahead { " →" } else { "" };
            let window_words = self.w.maintenance(window);
            let words = t!(self.w.lang, "report-line-maintenance", text = window_words);
            let words = cut(&words, BAND_COLUMNS) + arrow;
            parts.push(label(EDGE, bottom + 16.0 + below, "end", BAND_INK, false, &words));
            if is_ahead {
                continue;
            }
            let (from, until) = (self.x(&window.from), self.x(&window.to));
            let width = format!("{:.1}", (until - from).max(THINNEST));
            let (x, y) = (format!("{from:.1}"), format!("{TOP:.1}"));
            let height = format!("{:.1}", bottom - TOP);
            let place = [("x", x.as_str()), ("y", &y), ("width", &width), ("height", &height)];
            parts.push(el("rect", &[&place[..], &[("fill", BAND)]].concat(), []));
        }
        (parts, below)
    }

    /// 19:00, before which the clinic must not be touched, and the latest start of a roll-back.
    fn marks(&self, bottom: f64) -> Vec<Markup> {
        let mut parts = Vec::new();
        let evening = self.panel.from.date_naive().and_hms_opt(19, 0, 0);
        let evening =
            evening.and_then(|at| at.and_local_timezone(self.panel.from.timezone()).single());
        if let Some(at) = evening.filter(|at| (self.panel.from..=self.panel.until).contains(at)) {
            let x = self.x(&at);
            parts.push(vertical(x, TOP - 2.0, bottom + 4.0, "#1d4e6f", "4 2"));
            let words = self.w.say("report-line-1900");
            parts.push(label(x, bottom + 16.0, "middle", "#1d4e6f", true, &words));
        }
        let latest = &self.plan.latest_rollback_at;
        let is_ahead = *latest > self.panel.from && self.panel.until > self.plan.service_stops_at;
        if is_ahead {
            let inside = *latest <= self.panel.until;
            let arrow = if inside { "" } else { " →" };
            let at = self.w.minute(latest);
            let words = t!(self.w.lang, "report-line-rollback", at = at) + arrow;
            if inside {
                parts.push(vertical(self.x(latest), TOP - 2.0, bottom + 4.0, "#a61b1b", "4 2"));
            } else {
                // Far behind the panel's end: a line at the edge would lie about the time.
                parts.push(vertical(EDGE, TOP - 2.0, bottom + 4.0, "#a61b1b", "2 3"));
            }
            let x = if inside { self.x(latest) } else { EDGE };
            parts.push(label(x, bottom + 16.0, "end", "#a61b1b", true, &words));
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
