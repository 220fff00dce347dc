//! The way back: two points of no return, and the roll-back.

use super::markup::{Markup, all, el, tag, text};
use super::page::{pairs, prose};
use crate::report::content::Content;

/// The two points after which going back costs something.
pub(super) fn points(content: &Content<'_>) -> Markup {
    all(content.points().map(|point| {
        let parts = [
            tag("h3", "", format!("{} — {}", point.title, point.when)),
            tag("p", "", point.what),
            tag("p", "", point.back),
        ];
        el("div", &[("class", "point")], parts)
    }))
}

/// Trigger, who decides, until when, how long, and the steps in the order in which they are taken
/// back.
pub(super) fn way_back(content: &Content<'_>) -> Markup {
    let mut rows: Vec<(&str, &str, Markup)> = content
        .way_back()
        .into_iter()
        .map(|(id, value)| (id, if id == "report-decision" { "big" } else { "" }, text(value)))
        .collect();
    let steps = content.rollback_steps();
    let steps = steps.iter().map(|step| el("li", &[], [prose(step)]));
    // What proves the way back comes after its steps.
    let place = rows.len().saturating_sub(1);
    rows.insert(place, ("report-rollback-steps", "", el("ol", &[], steps)));
    pairs(content.w, rows)
}
