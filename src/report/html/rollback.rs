//! The way back: two points of no return, the roll-back, and where patient data will lie.

use super::markup::{Markup, all, el, tag, text};
use super::page::{pairs, prose, row, table, td};
use crate::plan::Plan;
use crate::report::words::Words;
use crate::t;

/// The two points after which going back costs something.
pub(super) fn points(w: Words, plan: &Plan) -> Markup {
    let import = t!(w.lang, "report-point-import-when", at = w.full(&plan.import_starts_at));
    let write = t!(w.lang, "report-point-write-when", at = w.full(&plan.ends_at));
    all([("import", import), ("write", write)].map(|(point, when)| {
        let say = |part: &str| w.say(&format!("report-point-{point}{part}"));
        let parts = [
            tag("h3", "", format!("{} — {when}", say(""))),
            tag("p", "", say("-what")),
            tag("p", "", say("-back")),
        ];
        el("div", &[("class", "point")], parts)
    }))
}

/// Trigger, who decides, until when, and the steps in the order in which they are taken back.
pub(super) fn way_back(w: Words, plan: &Plan) -> Markup {
    let who = |role: &str| {
        let people = plan.clinic.people.iter().filter(|person| person.role == role);
        let named: Vec<String> = people
            .map(|person| match &person.phone {
                Some(phone) => format!("{} ({phone})", person.name),
                None => person.name.clone(),
            })
            .collect();
        if named.is_empty() { "—".to_owned() } else { named.join(", ") }
    };
    let at = w.full(&plan.latest_rollback_at);
    let trigger = t!(w.lang, "report-rollback-trigger-value", at = at);
    let rows = vec![
        ("report-rollback-trigger", "", text(trigger)),
        ("report-rollback-who", "", text(who("decides"))),
        ("report-rollback-deputy", "", text(who("deputy"))),
        ("report-decision", "big", text(at)),
        ("report-rollback-steps", "", rollback_steps(w, plan)),
    ];
    pairs(w, rows)
}

fn rollback_steps(w: Words, plan: &Plan) -> Markup {
    let has = |kind: &str| plan.steps().any(|step| step.applies && step.kind == kind);
    let mut steps = Vec::new();
    // What was closed last is opened first.
    if has("swap_database") {
        steps.push(w.say("report-rollback-swap"));
    }
    if has("fence") {
        steps.push(w.say("report-rollback-fence"));
    }
    if has("service_stop") {
        let command = plan.clinic.source.service.start.join(" ");
        steps.push(t!(w.lang, "report-rollback-service", command = command));
    }
    if plan.steps().any(|step| step.is_production_import) {
        steps.push(w.say("report-rollback-cloud"));
    }
    steps.push(w.say("report-rollback-check"));
    el("ol", &[], steps.iter().map(|step| el("li", &[], [prose(step)])))
}

fn databases_beside(plan: &Plan) -> String {
    let made = plan.facts.source.iter().flat_map(|source| &source.beside);
    made.map(|made| made.database.as_str()).collect::<Vec<_>>().join(", ")
}

/// Every place where patient data will lie.
pub(super) fn data_map(w: Words, plan: &Plan) -> Markup {
    let folder = plan.clinic.work_dir.display().to_string();
    let tenant = &plan.clinic.portal.tenant;
    let tenant = format!("{} {}", tenant.orcamo_id, tenant.name);
    let cloud = t!(w.lang, "report-data-tenant", tenant = tenant);
    let server = t!(w.lang, "report-data-server", databases = databases_beside(plan));
    let mut rows = Vec::new();
    for step in plan.steps().filter(|step| step.applies) {
        let places: &[(&str, &str)] = match step.kind.as_str() {
            // A step of several commands makes a database first.
            "dump" if !step.more_commands.is_empty() => &[
                (folder.as_str(), "report-contents-source-dump"),
                (server.as_str(), "report-data-second-database"),
            ],
            "dump" => &[(folder.as_str(), "report-contents-source-dump")],
            "portal_export" => &[
                (cloud.as_str(), "report-data-cloud-copy"),
                (folder.as_str(), "report-contents-cloud-dump"),
            ],
            "portal_import" => &[
                (cloud.as_str(), "report-data-test-copy"),
                (folder.as_str(), "report-contents-import-log"),
            ],
            _ => &[],
        };
        for (place, contents) in places {
            let is_ours = *place == folder;
            let until = match *contents {
                "report-data-second-database" => w.say("report-data-dropped"),
                _ if is_ours => w.say("report-data-purge"),
                _ => "—".to_owned(),
            };
            let class = if is_ours { "mono" } else { "" };
            rows.push(row([
                tag("td", class, place),
                td(w.say(contents)),
                td(w.title(&step.title)),
                td(until),
            ]));
        }
    }
    let heads =
        ["report-data-place", "report-data-contents", "report-data-step", "report-data-until"];
    table(w, &heads, rows)
}
