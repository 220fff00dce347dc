//! The plan.

use serde::{Deserialize, Serialize};

use super::facts::Facts;
use crate::clock::Jst;
use crate::diag::Fact;
use crate::effect::Effect;
use crate::i18n::{self, Lang};
use crate::ids::{PhaseId, PlanDigest, StepId};
use crate::playbook::{Clinic, Title};

/// What will happen, when, for how long, and whether it may.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Version of this form; 1.
    pub format: u32,
    /// When it was made.
    #[serde(with = "crate::clock::serde_jst")]
    pub made_at: Jst,
    /// The playbook's name.
    pub playbook: String,
    /// The playbook's title.
    pub title: Title,
    /// The clinic's values.
    pub clinic: Clinic,
    /// Phases with their steps and times.
    pub phases: Vec<PlannedPhase>,
    /// The go/no-go list.
    pub checks: Vec<Check>,
    /// What the probes found.
    pub facts: Facts,
    /// When the clinic's service stops.
    #[serde(with = "crate::clock::serde_jst")]
    pub service_stops_at: Jst,
    /// When the production import starts: the point after which the cloud's data is overwritten.
    #[serde(with = "crate::clock::serde_jst")]
    pub import_starts_at: Jst,
    /// When the last step is expected to end.
    #[serde(with = "crate::clock::serde_jst")]
    pub ends_at: Jst,
    /// Latest start of a roll-back that still ends inside the window.
    #[serde(with = "crate::clock::serde_jst")]
    pub latest_rollback_at: Jst,
    /// True where times are a rehearsal's.
    pub rehearsal: bool,
    /// What the approval is bound to.
    pub digest: PlanDigest,
}

/// A phase of the plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlannedPhase {
    /// Its id.
    pub id: PhaseId,
    /// Its title.
    pub title: Title,
    /// Its steps.
    pub steps: Vec<PlannedStep>,
}

/// A step of the plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlannedStep {
    /// Its id.
    pub id: StepId,
    /// Its title.
    pub title: Title,
    /// Its kind.
    pub kind: String,
    /// What it does to the world.
    pub effect: Effect,
    /// True for the import that overwrites the tenant for good.
    pub is_production_import: bool,
    /// Steps it needs.
    pub needs: Vec<StepId>,
    /// False: `when` does not hold; it is skipped.
    pub applies: bool,
    /// Expected start.
    #[serde(with = "crate::clock::serde_jst")]
    pub starts_at: Jst,
    /// Expected duration, seconds.
    pub estimate_secs: u64,
    /// The command it runs, a word each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
}

impl PlannedStep {
    /// Expected end.
    pub fn ends_at(&self) -> Jst {
        let secs = i64::try_from(self.estimate_secs).unwrap_or(i64::MAX);
        let length = chrono::TimeDelta::try_seconds(secs).unwrap_or_default();
        self.starts_at.checked_add_signed(length).unwrap_or(self.starts_at)
    }
}

/// Whether a criterion holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds, and was measured.
    Ok,
    /// It could not be measured yet.
    Unknown,
    /// A person should look at it.
    Warn,
    /// The run must not start.
    Block,
}

/// A row of the go/no-go list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Check {
    /// The stable code; the Fluent texts are `<code>` (the criterion) and `<code>.hint`.
    pub code: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// The measured value, in words that need no translation; empty where it was not measured.
    pub measured: String,
    /// The text's arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
}

impl Check {
    /// The criterion.
    pub fn criterion(&self, lang: Lang) -> String {
        i18n::text(lang, &self.code, &self.args())
    }

    /// What to do where it does not hold.
    pub fn hint(&self, lang: Lang) -> Option<String> {
        i18n::find(lang, &format!("{}.hint", self.code), &self.args())
    }

    fn args(&self) -> Vec<i18n::Arg<'_>> {
        self.facts.iter().map(|fact| (fact.name.as_ref(), fact.value.as_str().into())).collect()
    }
}

impl Plan {
    /// The worst verdict of the go/no-go list.
    pub fn verdict(&self) -> Verdict {
        self.checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Ok)
    }

    /// All steps in the playbook's order.
    pub fn steps(&self) -> impl Iterator<Item = &PlannedStep> {
        self.phases.iter().flat_map(|phase| &phase.steps)
    }
}
