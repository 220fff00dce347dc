//! What the plan is for, what it rests on, and what is only assumed.

use super::markup::{Markup, all, el, tag};
use super::page::{pairs, prose, row, table, td};
use crate::report::content::Content;

/// 目的, 移行対象, 移行方式, 影響範囲.
pub(super) fn goals(content: &Content<'_>) -> Markup {
    let rows = content.goals().into_iter().map(|(id, value)| (id, "", prose(&value)));
    pairs(content.w, rows.collect())
}

/// What is not known for sure.
pub(super) fn assumptions(content: &Content<'_>) -> Markup {
    let open = content.assumptions();
    if open.is_empty() {
        return tag("p", "", content.w.say("report-none"));
    }
    el("ul", &[], open.iter().map(|line| el("li", &[], [prose(line)])))
}

/// What was measured before.
pub(super) fn measured_runs(content: &Content<'_>) -> Markup {
    let result = tag("p", "", content.test_import_result());
    let runs = content.measured_runs();
    if runs.is_empty() {
        return all([result, tag("p", "", content.w.say("report-measured-none"))]);
    }
    let rows = runs.into_iter().map(|[what, place, took, size]| {
        row([td(what), td(place), tag("td", "num", took), tag("td", "num", size)])
    });
    let heads =
        ["report-measured-run", "report-measured-where", "report-measured-took", "report-size"];
    all([result, table(content.w, &heads, rows)])
}
