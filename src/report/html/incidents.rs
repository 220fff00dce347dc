//! What went wrong, with what to do about it and how it was settled.

use super::markup::{Markup, all as joined, el, tag, text};
use super::page::prose;
use crate::diag::Redacted;
use crate::report::view::{Incident, RunView};
use crate::report::words::Words;
use crate::t;

/// Lines of a redacted log on paper; the journal holds the rest.
const LOG_LINES: usize = 60;

/// All incidents, oldest first.
pub(super) fn all(w: Words, view: &RunView) -> Markup {
    if view.incidents.is_empty() {
        return tag("p", "", w.say("report-incident-none"));
    }
    joined(view.incidents.iter().map(|incident| one(w, incident)))
}

fn one(w: Words, incident: &Incident) -> Markup {
    let mut heading = format!("{}　{}", w.full(&incident.at), w.incident(incident.kind));
    if let Some(title) = &incident.title {
        heading = format!("{heading}　{}", w.title(title));
    }
    if let Some(attempt) = incident.attempt.filter(|attempt| *attempt > 1) {
        heading = format!("{heading} ({})", t!(w.lang, "report-line-attempt", n = attempt));
    }
    let mut parts =
        vec![tag("h3", "", heading), el("p", &[], [prose(&w.message(&incident.problem))])];
    if let Some(hint) = incident.problem.hint(w.lang) {
        parts.push(labelled(w, "report-hint", prose(&hint)));
    }
    if let Some(settled) = &incident.settled {
        let how = format!("{} {}", w.full(&settled.at), w.settled(settled.done, &settled.by));
        parts.push(labelled(w, "report-settled", text(how)));
    }
    // An import log that is the problem's own output is shown once, under its name.
    let detail = incident.problem.detail.as_ref();
    let detail = detail.filter(|detail| Some(*detail) != incident.import_log.as_ref());
    parts.extend(detail.map(|detail| log(w, detail)));
    if let Some(import_log) = &incident.import_log {
        parts.push(labelled(w, "report-import-log", Markup::default()));
        parts.push(log(w, import_log));
    }
    el("div", &[("class", "incident")], parts)
}

fn labelled(w: Words, id: &str, value: Markup) -> Markup {
    let colon = if value.is_empty() { "" } else { ": " };
    el("p", &[], [tag("b", "", w.say(id)), text(colon), value])
}

fn log(w: Words, log: &Redacted) -> Markup {
    let mut lines: Vec<String> = log.as_str().lines().take(LOG_LINES).map(str::to_owned).collect();
    let left = log.as_str().lines().count().saturating_sub(LOG_LINES);
    if left > 0 {
        lines.push(t!(w.lang, "report-import-log-more", lines = left));
    }
    if lines.is_empty() {
        return Markup::default();
    }
    el("pre", &[], [text(lines.join("\n"))])
}
