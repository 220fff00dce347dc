//! The change record: what happened to the plan, what an approval is bound to, and how to say yes.

use super::markup::{Markup, all, el, tag, text};
use super::page::{row, table, td};
use crate::report::content::{Content, approval_commands};

pub(super) fn record(content: &Content<'_>) -> Markup {
    let w = content.w;
    let rows = content.record().into_iter().map(|entry| {
        row([
            td(entry.what),
            td(entry.who),
            td(entry.role),
            tag("td", "time", w.full(&entry.at)),
            td(entry.note),
        ])
    });
    let heads = [
        "report-record-what",
        "report-name",
        "report-role",
        "report-record-at",
        "report-record-note",
    ];
    let events = table(w, &heads, rows);
    let parts = content.parts();
    if parts.is_empty() {
        return events;
    }
    let heading = tag("h3", "", w.say("report-parts"));
    let rows = parts.into_iter().map(|(part, hash)| row([td(part), tag("td", "mono", hash)]));
    all([events, heading, table(w, &["report-part", "report-hash"], rows)])
}

/// The commands that approve and carry out exactly this plan.
pub(super) fn approval(content: &Content<'_>) -> Markup {
    let lines = approval_commands(content.plan, content.entry.is_some());
    el("pre", &[], [text(lines.join("\n"))])
}
