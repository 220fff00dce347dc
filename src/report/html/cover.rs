//! What stands first and last: the cover block, the people, the sign-off rows.

use super::markup::{Markup, all, el, tag, text};
use super::page::{pairs, prose, row, table, td};
use crate::plan::Plan;
use crate::report::content::Content;
use crate::report::view::RunView;
use crate::report::words::Words;
use crate::t;

/// The plan's cover.
pub(super) fn plan(content: &Content<'_>) -> Markup {
    let rows = content.cover().into_iter().map(|(id, value)| {
        let class = match id {
            "report-clinic" | "report-tenant" | "report-decision" => "big",
            "report-digest" => "mono",
            _ => "",
        };
        (id, class, text(value))
    });
    all([pairs(content.w, rows.collect()), super::steps::overall(content)])
}

/// The report's cover.
pub(super) fn run(w: Words, plan: &Plan, view: &RunView) -> Markup {
    let info = &view.info;
    let mut rows = whose(w, plan);
    let outcome = match view.outcome {
        None | Some(crate::journal::Outcome::Waiting) => "big running",
        Some(crate::journal::Outcome::Done) => "big done",
        Some(crate::journal::Outcome::Failed | crate::journal::Outcome::InDoubt) => "big failed",
    };
    let ended = view.ended_at.as_ref().map_or_else(|| w.outcome_of(view), |at| w.full(at));
    rows.extend([
        ("report-outcome", outcome, text(w.outcome_of(view))),
        ("report-clinic-state", "", text(w.clinic_of(view))),
        ("report-next", "", prose(&w.next(view))),
        ("report-started", "", text(w.full(&info.started))),
        ("report-ended", "", text(ended)),
    ]);
    if let Some(decision) = &view.decision {
        rows.push(("report-decision", "", text(w.decision(decision))));
    }
    if view.resumed > 0 {
        rows.push(("report-resumed", "", text(t!(w.lang, "report-times", n = view.resumed))));
    }
    rows.extend([
        ("report-operator", "", text(&info.operator)),
        ("report-host", "", text(&info.host)),
        ("report-tool", "", text(&info.tool)),
        ("report-run", "mono", text(info.run.as_str())),
        ("report-digest", "mono", text(info.plan.as_str())),
    ]);
    pairs(w, rows)
}

fn whose<'a>(w: Words, plan: &Plan) -> Vec<(&'a str, &'a str, Markup)> {
    let (clinic, tenant) = (&plan.clinic, &plan.clinic.portal.tenant);
    let playbook = format!("{} ({})", w.title(&plan.title), plan.playbook);
    vec![
        ("report-clinic", "big", text(format!("{} ({})", clinic.name, clinic.clinic_id))),
        ("report-tenant", "big", text(format!("{} {}", tenant.orcamo_id, tenant.name))),
        ("report-playbook", "", text(playbook)),
    ]
}

/// The people with their telephones.
pub(super) fn people(content: &Content<'_>) -> Markup {
    let rows = content.people().into_iter().map(|person| row(person.map(td)));
    table(content.w, &["report-role", "report-name", "report-phone"], rows)
}

/// A row for each person, to be signed on paper: the plan.
pub(super) fn sign_plan(content: &Content<'_>) -> Markup {
    sign_off(content.w, content.sign_off())
}

/// The same for the result.
pub(super) fn sign_result(content: &Content<'_>) -> Markup {
    let confirms = content.w.say("report-sign-confirms");
    let people = content.people().into_iter();
    sign_off(content.w, people.map(|[role, name, _]| [role, name, confirms.clone()]))
}

fn sign_off(w: Words, people: impl IntoIterator<Item = [String; 3]>) -> Markup {
    let rows = people.into_iter().map(|person| {
        let room = [tag("td", "", ""), tag("td", "", "")];
        el("tr", &[("class", "sign")], person.map(td).into_iter().chain(room))
    });
    let heads = [
        "report-sign-role",
        "report-sign-name",
        "report-sign-what",
        "report-sign-date",
        "report-sign-mark",
    ];
    table(w, &heads, rows)
}
