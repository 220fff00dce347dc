//! The gates, each with room for what people say on paper.

use super::markup::{Markup, el, tag, text};
use super::page::{row, table, td};
use super::steps::class;
use crate::report::content::Content;

pub(super) fn gates(content: &Content<'_>) -> Markup {
    let w = content.w;
    let rows = content.gates().map(|gate| {
        let signed = [
            tag("b", "", w.say("report-gate-sign")),
            tag("span", "line", w.say("report-gate-recorded")),
            tag("span", "line", w.say("report-gate-recorded-at")),
        ];
        row([
            tag("td", "word", gate.name),
            tag("td", "when", w.minute(&gate.at)),
            td(gate.decides),
            el("td", &[("class", class(gate.verdict))], [text(gate.state)]),
            el("td", &[("class", "recorded")], signed),
        ])
    });
    let heads = [
        "report-gate",
        "report-gate-when",
        "report-gate-decides",
        "report-gate-state",
        "report-gate-verdict",
    ];
    table(w, &heads, rows)
}
