//! What for, what of, how, and whom it touches: 目的, 移行対象, 移行方式, 影響範囲.

use super::Content;
use crate::ids::show_bytes;
use crate::report::words::grouped;
use crate::t;

impl Content<'_> {
    /// Labels' ids and sentences.
    pub(in crate::report) fn goals(&self) -> Vec<(&'static str, String)> {
        vec![
            ("report-goal", t!(self.w.lang, "report-goal-value", clinic = self.plan.clinic.name)),
            ("report-scope", self.scope()),
            ("report-method", self.method()),
            ("report-impact", self.impact()),
        ]
    }

    fn scope(&self) -> String {
        let (w, plan) = (self.w, self.plan);
        let (database, tenant) = (&plan.clinic.source.database, self.tenant());
        let Some(source) = &plan.facts.source else {
            return t!(w.lang, "report-scope-unseen", database = database, tenant = tenant);
        };
        t!(
            w.lang,
            "report-scope-value",
            database = database,
            tenant = tenant,
            encoding = source.encoding,
            size = show_bytes(source.database_bytes),
            tables = grouped(source.tables),
            schema = source.schema_version.as_deref().unwrap_or("?"),
            server = source.server_version
        )
    }

    fn method(&self) -> String {
        let parts = [
            (true, "report-method-value"),
            (
                self.plan.steps().any(|step| {
                    step.applies && step.kind == "portal_import" && !step.is_production_import
                }),
                "report-method-test",
            ),
            (self.has("compare_archives"), "report-method-compare"),
            (self.has("swap_database"), "report-method-swap"),
        ];
        let said = parts.into_iter().filter(|(holds, _)| *holds).map(|(_, id)| self.w.say(id));
        self.sentences(said)
    }

    fn impact(&self) -> String {
        let (w, plan) = (self.w, self.plan);
        let downtime = t!(
            w.lang,
            "report-impact-downtime",
            from = w.minute(&plan.service_stops_at),
            until = w.minute(&plan.ends_at)
        );
        let tenant = t!(w.lang, "report-impact-tenant", tenant = self.tenant());
        let kept =
            if self.has("swap_database") { "report-impact-renamed" } else { "report-impact-kept" };
        self.sentences([downtime, tenant, w.say(kept)])
    }
}
