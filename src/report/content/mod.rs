//! What a plan says, row by row, in the language asked. No layout.
//!
//! Terminal, HTML, Markdown and sheets lay the same rows out, so that they cannot disagree.

mod basis;
mod checks;
mod cover;
mod data;
mod gates;
mod goals;
mod record;
mod risks;
mod steps;
mod way_back;
mod work;

pub(in crate::report) use checks::Finding;
pub(in crate::report) use cover::approval_commands;
pub(in crate::report) use steps::StepRow;

use super::words::Words;
use crate::i18n::Lang;
use crate::journal::ledger::PlanEntry;
use crate::plan::{Plan, Verdict};

/// What stands where there is nothing to say.
pub(in crate::report) const NOTHING: &str = "—";

/// A plan, what the journal says of it, and the language.
#[derive(Clone, Copy)]
pub(in crate::report) struct Content<'a> {
    pub(in crate::report) w: Words,
    pub(in crate::report) plan: &'a Plan,
    /// `None` where the plan was never saved.
    pub(in crate::report) entry: Option<&'a PlanEntry>,
}

impl<'a> Content<'a> {
    pub(in crate::report) fn new(plan: &'a Plan, entry: Option<&'a PlanEntry>, lang: Lang) -> Self {
        Self { w: Words::new(lang, plan.rehearsal), plan, entry }
    }

    /// `sentence one. sentence two.`: the language decides what stands between them.
    fn sentences(&self, sentences: impl IntoIterator<Item = String>) -> String {
        sentences
            .into_iter()
            .reduce(|first, second| {
                crate::t!(self.w.lang, "report-sentences", first = first, second = second)
            })
            .unwrap_or_default()
    }

    fn secs(&self, secs: u64) -> String {
        self.w.duration(i64::try_from(secs).unwrap_or(i64::MAX))
    }

    fn tenant(&self) -> String {
        let tenant = &self.plan.clinic.portal.tenant;
        format!("{} {}", tenant.orcamo_id, tenant.name)
    }

    fn has(&self, kind: &str) -> bool {
        self.plan.steps().any(|step| step.applies && step.kind == kind)
    }
}

/// The id of the whole list's result.
pub(in crate::report) fn overall(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok | Verdict::Later => "report-go",
        Verdict::Unknown => "report-go-unknown",
        Verdict::Warn => "report-go-warn",
        Verdict::Block => "report-no-go",
    }
}
