//! What an approval is bound to.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::ids::PlanDigest;

/// Hashes of everything that a plan rests on. Whatever moves here asks for a new approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inputs {
    /// SHA-256 of the playbook file.
    pub playbook: String,
    /// SHA-256 of the clinic file.
    pub clinic: String,
    /// SHA-256 of the maintenance calendar.
    pub calendar: String,
    /// SHA-256 of the mapping file; of nothing where there is none.
    pub mapping: String,
    /// SHA-256 of the portal profile.
    pub profile: String,
    /// Version of this program.
    pub tool: String,
}

/// The digest: SHA-256 over the inputs, each with its name and length.
pub fn digest(inputs: &Inputs) -> PlanDigest {
    let mut sha = Sha256::new();
    let parts = [
        ("playbook", &inputs.playbook),
        ("clinic", &inputs.clinic),
        ("calendar", &inputs.calendar),
        ("mapping", &inputs.mapping),
        ("profile", &inputs.profile),
        ("tool", &inputs.tool),
    ];
    for (name, value) in parts {
        for text in [name, value.as_str()] {
            sha.update((text.len() as u64).to_be_bytes());
            sha.update(text.as_bytes());
        }
    }
    PlanDigest(hex::encode(sha.finalize()))
}
