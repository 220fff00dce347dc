//! The night of the cutover as a whole: work, margin, time to decide, time for a roll-back.

use chrono::TimeDelta;

use super::axis::Panel;
use super::frame::{Frame, INK, LEFT, ROW, SOFT, TOP};
use super::markup::Markup;
use super::svg::label;
use crate::clock::Jst;
use crate::plan::Plan;
use crate::report::words::Words;

/// A row: its text, from, until, fill, and the border that tells it apart without colour.
type Span = (&'static str, Jst, Jst, &'static str, [(&'static str, &'static str); 2]);

/// One drawing from the service stop to the window's end.
pub(super) fn night(w: Words, plan: &Plan) -> Markup {
    let margin = i64::try_from(plan.margin_secs).ok().and_then(TimeDelta::try_seconds);
    let margin_ends = plan.ends_at.checked_add_signed(margin.unwrap_or_default());
    let margin_ends = margin_ends.unwrap_or(plan.ends_at);
    let window_end = plan.clinic.cutover.window_end;
    let from = plan.service_stops_at.min(plan.clinic.cutover.production_at);
    let latest = plan.latest_rollback_at;
    let rows: [Span; 4] = [
        ("work", plan.service_stops_at, plan.ends_at, "#2f6f9f", border("#2f6f9f", "")),
        ("margin", plan.ends_at, margin_ends, "#dbe7f0", border("#2f6f9f", "3 2")),
        ("decide", margin_ends, latest.max(margin_ends), "#eef2f5", border("#5a6875", "1 2")),
        ("rollback", latest, window_end.max(latest), "#f7e3e3", border("#a61b1b", "6 2")),
    ];
    let until = window_end.max(margin_ends);
    let panel: Panel<()> = Panel { from, until, bars: Vec::new() };
    let bottom = TOP + ROW * rows.len() as f64;
    let frame = Frame { w, plan, panel: &panel, bottom };
    let mut parts = Vec::new();
    for (line, (name, from, until, fill, border)) in rows.iter().enumerate() {
        let top = TOP + ROW * line as f64;
        let title = w.say(&format!("report-night-{name}"));
        parts.push(label(LEFT - 6.0, top + 16.5, "end", INK, false, &title));
        parts.push(frame.rect((from, until), top + 5.0, 14.0, fill, border));
        let length = w.duration((*until - *from).num_seconds());
        // A bar that ends at the axis' end has its length behind it, like the others.
        parts.push(label(frame.x(until) + 4.0, top + 16.5, "start", SOFT, false, &length));
    }
    frame.draw(&w.say("report-night"), parts)
}

fn border(stroke: &'static str, dash: &'static str) -> [(&'static str, &'static str); 2] {
    [("stroke", stroke), ("stroke-dasharray", dash)]
}
