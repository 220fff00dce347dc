//! A plan as it is written down: with what it rests on, so that what has moved can be named, and
//! with a sum over everything, so that what was edited is no plan.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Inputs, Plan, Snapshot, hash, is_overridden};
use crate::clock::Jst;
use crate::ids::PlanDigest;
use crate::playbook::time_delta;

/// A plan's file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The playbook's file.
    pub playbook: PathBuf,
    /// The clinic file.
    #[serde(default)]
    pub clinic: PathBuf,
    /// The plan.
    pub plan: Plan,
    /// The values that it rests on.
    #[serde(default)]
    pub snapshot: Snapshot,
    /// SHA-256 over everything else in the file.
    #[serde(default)]
    seal: String,
}

/// Why bytes are no saved plan.
#[derive(Debug)]
pub enum NoPlan {
    /// They are no plan's JSON.
    Json(serde_json::Error),
    /// Something was changed since the plan with this digest was saved.
    Altered(PlanDigest),
}

/// What a run may rely on: what a person said yes to, in the words of its steps.
#[derive(Clone, Debug, Default)]
pub struct Approved {
    /// Hashes of what the plan rests on.
    pub inputs: Inputs,
    /// Whose database and certificate were found, and on which machine; null where nobody looked.
    pub identity: Value,
    /// The last moment at which the production import may begin, so that the way back still ends
    /// in the window; `None` where people do without that.
    pub import_until: Option<Jst>,
}

impl SavedPlan {
    /// Seals a plan with what it rests on.
    pub fn new(playbook: PathBuf, clinic: PathBuf, plan: Plan, snapshot: Snapshot) -> Self {
        let mut saved = Self { playbook, clinic, plan, snapshot, seal: String::new() };
        // A plan holds no key that is no text, so that it always has a JSON value.
        saved.seal = sum(&mut serde_json::to_value(&saved).unwrap_or_default());
        saved
    }

    /// Reads a plan's file.
    ///
    /// # Errors
    /// Where it is none, or anything in it is not what was saved.
    pub fn read(bytes: &[u8]) -> Result<Self, NoPlan> {
        let saved: Self = serde_json::from_slice(bytes).map_err(NoPlan::Json)?;
        // What lies in the file is sealed, also what this version would not read.
        let mut whole: Value = serde_json::from_slice(bytes).map_err(NoPlan::Json)?;
        let sum = sum(&mut whole);
        let digest = &saved.plan.digest;
        if saved.snapshot.digest() != *digest || saved.seal != sum {
            return Err(NoPlan::Altered(digest.clone()));
        }
        Ok(saved)
    }

    /// What a run of it may rely on.
    pub fn approved(&self) -> Approved {
        let plan = &self.plan;
        let free = is_overridden("plan-fits-window", &plan.clinic.overrides);
        Approved {
            inputs: plan.inputs.clone(),
            identity: self.snapshot.identity.clone(),
            import_until: (!free).then(|| import_until(plan)),
        }
    }
}

/// The hash of everything in a plan's file but the seal itself.
fn sum(whole: &mut Value) -> String {
    if let Some(map) = whole.as_object_mut() {
        map.remove("seal");
    }
    hash(whole)
}

/// The production import may be as late as the night has time to spare: what is left between the
/// latest end of its work and the latest moment for a roll-back.
fn import_until(plan: &Plan) -> Jst {
    let latest_end = plan.ends_at + time_delta(plan.margin_secs);
    plan.import_starts_at + (plan.latest_rollback_at - latest_end)
}
