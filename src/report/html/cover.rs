//! What stands first and last: the cover block, the people, the approval, the sign-off rows.

use super::markup::{Markup, all, el, tag, text};
use super::page::{pairs, prose, row, table, td};
use crate::plan::Plan;
use crate::report::terminal::approval_command;
use crate::report::view::RunView;
use crate::report::words::Words;
use crate::t;

/// The plan's cover.
pub(super) fn plan(w: Words, plan: &Plan) -> Markup {
    let mut rows = whose(w, plan);
    let length = w.duration((plan.ends_at - plan.service_stops_at).num_seconds());
    let downtime = t!(
        w.lang,
        "report-downtime-value",
        from = w.full(&plan.service_stops_at),
        until = w.full(&plan.ends_at),
        length = length
    );
    let cutover = &plan.clinic.cutover;
    let window =
        format!("{} – {}", w.minute(&cutover.production_at), w.minute(&cutover.window_end));
    rows.extend([
        ("report-test-import", "", text(w.minute(&cutover.test_import_at))),
        ("report-window", "", text(window)),
        ("report-downtime", "", text(downtime)),
        ("report-import-start", "", text(w.full(&plan.import_starts_at))),
        ("report-decision", "big", text(w.full(&plan.latest_rollback_at))),
        ("report-made-at", "", text(w.full(&plan.made_at))),
        ("report-digest", "mono", text(plan.digest.as_str())),
    ]);
    all([pairs(w, rows), super::steps::overall(w, plan)])
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
    let ended = view.ended_at.as_ref().map_or_else(|| w.outcome(None), |at| w.full(at));
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
pub(super) fn people(w: Words, plan: &Plan) -> Markup {
    let rows = plan.clinic.people.iter().map(|person| {
        let phone = person.phone.as_deref().unwrap_or("—");
        row([td(w.role(&person.role)), td(&person.name), td(phone)])
    });
    table(w, &["report-role", "report-name", "report-phone"], rows)
}

/// The command that approves exactly this plan.
pub(super) fn approval(plan: &Plan) -> Markup {
    el("pre", &[], [text(approval_command(plan))])
}

/// A row for each person, to be signed on paper.
pub(super) fn sign_off(w: Words, plan: &Plan, what: &str) -> Markup {
    let rows = plan.clinic.people.iter().map(|person| {
        let cells = [
            td(w.role(&person.role)),
            td(&person.name),
            td(w.say(what)),
            tag("td", "", ""),
            tag("td", "", ""),
        ];
        el("tr", &[("class", "sign")], cells)
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
