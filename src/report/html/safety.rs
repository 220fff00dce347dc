//! Risks, the places of patient data, and what starts by itself.

use super::markup::{Markup, el, tag, text};
use super::page::{row, table, td};
use super::steps::class;
use crate::report::content::Content;

pub(super) fn risks(content: &Content<'_>) -> Markup {
    let rows = content.risks().into_iter().map(|risk| {
        let state = format!("word {}", risk.verdict.map(class).unwrap_or_default());
        row([td(risk.title), td(risk.response), tag("td", &state, risk.state)])
    });
    table(content.w, &["report-risk", "report-risk-response", "report-state"], rows)
}

/// Every place where patient data will lie.
pub(super) fn data_map(content: &Content<'_>) -> Markup {
    let rows = content.data().into_iter().map(|place| {
        let where_ = [text(place.kind), tag("span", "hint mono", place.place)];
        row([el("td", &[], where_), td(place.contents), td(place.step), td(place.until)])
    });
    let heads =
        ["report-data-place", "report-data-contents", "report-data-step", "report-data-until-when"];
    table(content.w, &heads, rows)
}

/// What starts by itself.
pub(super) fn work(content: &Content<'_>) -> Markup {
    let rows = content.work().into_iter().map(|work| {
        let next = work.next.into_iter().map(|at| tag("div", "nowrap", at));
        row([
            td(work.job),
            tag("td", if work.is_cron { "mono nowrap" } else { "" }, work.cron),
            el("td", &[], next),
            td(work.window),
            td(work.missed),
        ])
    });
    let heads = [
        "report-work-job",
        "report-work-cron",
        "report-work-next",
        "report-work-window-head",
        "report-work-missed",
    ];
    table(content.w, &heads, rows)
}
