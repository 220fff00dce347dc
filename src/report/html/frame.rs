//! What every drawing of time has: its axis, bands for maintenance, and lines for the times that
//! matter.

use super::axis::Panel;
use super::marks::{Mark, marks};
use super::markup::{Markup, el};
use super::svg::{cut, label, vertical};
use crate::clock::Jst;
use crate::plan::Plan;
use crate::report::words::Words;
use crate::t;

pub(super) const WIDTH: f64 = 760.0;
/// Where the axis begins; titles stand before it.
pub(super) const LEFT: f64 = 236.0;
/// Where the axis ends; behind it there is room for a duration and a word.
const RIGHT: f64 = 618.0;
/// Where a time is marked that lies far behind the axis.
const EDGE: f64 = 755.0;
pub(super) const TOP: f64 = 34.0;
pub(super) const ROW: f64 = 26.0;
/// A bar is never thinner, so that a step of a second can be seen.
pub(super) const THINNEST: f64 = 2.0;
pub(super) const INK: &str = "#1c2733";
pub(super) const SOFT: &str = "#5a6875";
/// Maintenance: a pale band and the ink of its title.
const BAND: &str = "#f6dfc3";
const BAND_INK: &str = "#8a5a00";
/// Height of a line of text below a drawing.
const LINE: f64 = 15.0;
/// Width of such a line in half-width columns.
const BAND_COLUMNS: usize = 110;

/// A stretch of time on paper.
pub(super) struct Frame<'a, T> {
    pub(super) w: Words,
    pub(super) plan: &'a Plan,
    pub(super) panel: &'a Panel<T>,
    /// Where its rows end.
    pub(super) bottom: f64,
}

impl<T> Frame<'_, T> {
    pub(super) fn x(&self, at: &Jst) -> f64 {
        LEFT + (RIGHT - LEFT) * self.panel.share(at).clamp(0.0, 1.0)
    }

    /// The drawing: `rows` over the frame's own parts.
    pub(super) fn draw(&self, title: &str, rows: Vec<Markup>) -> Markup {
        let mut parts = vec![label(0.0, 14.0, "start", INK, true, title)];
        parts.push(label(0.0, 29.0, "start", SOFT, false, &self.w.minute(&self.panel.from)));
        let (lines, below) = self.lines();
        let (bands, below) = self.maintenance(below);
        // Behind everything else.
        parts.extend(bands);
        parts.extend(self.axis());
        parts.extend(rows);
        parts.extend(lines);
        let view_box = format!("0 0 {WIDTH} {}", self.bottom + 8.0 + below);
        let attributes = [("viewBox", view_box.as_str()), ("role", "img"), ("aria-label", title)];
        el("svg", &attributes, parts)
    }

    fn axis(&self) -> Vec<Markup> {
        let (ticks, seconds) = self.panel.ticks();
        let form = if seconds { "%H:%M:%S" } else { "%H:%M" };
        let mut parts = vec![vertical(LEFT, TOP, self.bottom, "#8a96a1", "")];
        for at in ticks {
            let x = self.x(&at);
            parts.push(vertical(x, TOP, self.bottom, "#e1e6ea", ""));
            parts.push(label(x, TOP - 5.0, "middle", SOFT, false, &at.format(form).to_string()));
        }
        parts
    }

    /// The lines of the times that matter, each with its words on a line of its own below the
    /// drawing, and the height that these take. What lies far behind the panel's end has one line
    /// together: drawn at the axis it would lie about the time.
    fn lines(&self) -> (Vec<Markup>, f64) {
        let (mut parts, mut below) = (Vec::new(), 0.0);
        let marks = marks(self.w, self.plan, self.panel.from, self.panel.until);
        let (inside, ahead): (Vec<Mark>, Vec<Mark>) =
            marks.into_iter().partition(|mark| mark.at <= self.panel.until);
        for Mark { at, words, stroke, dash } in inside {
            below += LINE;
            let x = self.x(&at);
            let anchor = match x {
                x if x < LEFT + 60.0 => "start",
                x if x > RIGHT - 120.0 => "end",
                _ => "middle",
            };
            parts.push(vertical(x, TOP - 2.0, self.bottom + below - 9.0, stroke, dash));
            parts.push(label(x, self.bottom + below + 1.0, anchor, stroke, true, &words));
        }
        if let Some(first) = ahead.first() {
            below += LINE;
            let words: Vec<String> = ahead.iter().map(|mark| format!("{} →", mark.words)).collect();
            let (words, stroke) = (words.join(" / "), first.stroke);
            parts.push(vertical(EDGE, TOP - 2.0, self.bottom + below - 9.0, stroke, "2 3"));
            parts.push(label(EDGE, self.bottom + below + 1.0, "end", stroke, true, &words));
        }
        (parts, below)
    }

    /// Announced maintenance within the panel as bands with their titles below. One that lies
    /// behind the panel's end has a title with an arrow.
    fn maintenance(&self, mut below: f64) -> (Vec<Markup>, f64) {
        let mut parts = Vec::new();
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
            parts.push(label(EDGE, self.bottom + below + 1.0, "end", BAND_INK, false, &words));
            if is_inside {
                parts.push(self.rect(
                    (&window.from, &window.to),
                    TOP,
                    self.bottom - TOP,
                    BAND,
                    &[],
                ));
            }
        }
        (parts, below)
    }

    /// A rectangle from a moment to a moment.
    pub(super) fn rect(
        &self,
        (from, until): (&Jst, &Jst),
        y: f64,
        height: f64,
        fill: &str,
        stroke: &[(&'static str, &str)],
    ) -> Markup {
        let (from, until) = (self.x(from), self.x(until));
        let width = (until - from).max(THINNEST);
        let numbers = [from, y, width, height].map(|number| format!("{number:.1}"));
        let [x, y, width, height] = &numbers;
        let place = [
            ("x", x.as_str()),
            ("y", y.as_str()),
            ("width", width.as_str()),
            ("height", height.as_str()),
            ("fill", fill),
        ];
        el("rect", &[&place[..], stroke].concat(), [])
    }
}
