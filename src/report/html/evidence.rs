//! What an auditor files: proofs, files with their hashes, mails, the journal's chain.

use super::markup::{Markup, all, el, tag, text};
use super::page::{pairs, prose, row, table, td};
use crate::ids::show_bytes;
use crate::report::view::RunView;
use crate::report::words::{Words, grouped};
use crate::t;

/// Comparisons with their numbers and digests.
pub(super) fn proofs(w: Words, view: &RunView) -> Markup {
    if view.proofs.is_empty() {
        return tag("p", "", w.say("report-proof-none"));
    }
    let rows = view.proofs.iter().map(|proof| {
        let number = |number: Option<u64>| {
            tag("td", "num", number.map_or_else(|| w.say("report-unknown"), grouped))
        };
        let mut title = vec![text(w.title(&proof.title))];
        for (name, digest) in &proof.digests {
            title.push(tag("span", "hint mono", format!("{name} {digest}")));
        }
        let at = proof.at.as_ref().map_or_else(|| "—".to_owned(), |at| w.full(at));
        row([
            el("td", &[], title),
            tag("td", "time", at),
            number(proof.tables),
            number(proof.rows),
            number(proof.differences),
        ])
    });
    let heads =
        ["report-step", "report-ended", "report-tables", "report-rows", "report-differences"];
    table(w, &heads, rows)
}

/// Files that hold patient data, with their hashes.
pub(super) fn files(w: Words, view: &RunView) -> Markup {
    if view.files.is_empty() && view.databases.is_empty() {
        return tag("p", "", w.say("report-none"));
    }
    let databases = view.databases.iter().map(|made| {
        let server = t!(w.lang, "report-data-server", databases = made.database);
        let step = view.step(&made.step).map_or(made.step.as_str(), |step| w.title(&step.title));
        let contents = w.say("report-contents-second-database");
        row([el("td", &[], [prose(&server)]), td(contents), td(step), td("")])
    });
    let rows = view.files.iter().map(|file| {
        let mut place = vec![tag("span", "mono", &file.path)];
        if let Some(sha256) = &file.sha256 {
            place.push(tag("span", "hint mono", format!("SHA-256 {sha256}")));
        }
        if let Some(sealed) = &file.sealed_as {
            let gone = t!(w.lang, "report-data-sealed", path = sealed);
            place.push(tag("span", "hint", gone));
        }
        let size = match file.bytes {
            // People read the round number, auditors the exact one.
            Some(bytes) if bytes >= 1_000 => {
                format!("{} ({} B)", show_bytes(bytes), grouped(bytes))
            }
            Some(bytes) => show_bytes(bytes),
            None => w.say("report-data-incomplete"),
        };
        let step = view.step(&file.step).map_or(file.step.as_str(), |step| w.title(&step.title));
        row([el("td", &[], place), td(w.contents(file.contents)), td(step), tag("td", "num", size)])
    });
    let heads = ["report-data-place", "report-data-contents", "report-data-step", "report-size"];
    table(w, &heads, rows.chain(databases))
}

/// Mails and whether they were taken.
pub(super) fn mails(w: Words, view: &RunView) -> Markup {
    if view.mails.is_empty() {
        return tag("p", "", w.say("report-mail-none"));
    }
    let rows = view.mails.iter().map(|mail| {
        let time = |at: Option<&_>, otherwise: &str| {
            tag("td", "time", at.map_or_else(|| w.say(otherwise), |at| w.full(at)))
        };
        let mut about = vec![text(w.about(&mail.about))];
        if let Some(problem) = &mail.problem {
            about.push(tag("span", "hint", w.message(problem)));
        }
        row([
            el("td", &[], about),
            tag("td", "num", mail.recipients.to_string()),
            time(mail.queued_at.as_ref(), "report-unknown"),
            time(
                mail.sent_at.as_ref(),
                if mail.cancelled { "report-mail-cancelled" } else { "report-not-sent" },
            ),
        ])
    });
    let heads = ["report-about", "report-recipients", "report-queued", "report-sent"];
    table(w, &heads, rows)
}

/// Number of records and the chain's head, which together fix the whole journal.
pub(super) fn chain(w: Words, view: &RunView) -> Markup {
    let rows = vec![
        ("report-chain-records", "", text(grouped(view.chain.records))),
        ("report-chain-head", "mono", text(&view.chain.head.0)),
    ];
    let resumed = (view.resumed > 0)
        .then(|| ("report-resumed", "", text(t!(w.lang, "report-times", n = view.resumed))));
    all([pairs(w, rows.into_iter().chain(resumed).collect())])
}
