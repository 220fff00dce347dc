//! What a plan rests on, as values: what an approval is bound to, and what is compared when it
//! has moved. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::ids::PlanDigest;

/// The values of everything that a plan rests on. Comments and the order of keys are no part of
/// it; secrets are not either, only where they lie.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The playbook with every reference filled in.
    pub playbook: Value,
    /// The clinic file.
    pub clinic: Value,
    /// Announced maintenance near the two imports.
    pub calendar: Value,
    /// The mapping file; null where there is none.
    pub mapping: Value,
    /// The portal profile.
    pub profile: Value,
    /// Whose database and certificate were found; null where nobody looked.
    pub identity: Value,
    /// Version of this program.
    pub tool: Value,
}

/// Hashes of the parts: SHA-256 over each part's canonical JSON, hexadecimal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// Of the playbook.
    pub playbook: String,
    /// Of the clinic file.
    pub clinic: String,
    /// Of the maintenance near the two imports.
    pub calendar: String,
    /// Of the mapping file.
    pub mapping: String,
    /// Of the portal profile.
    pub profile: String,
    /// Of the identity that was found.
    pub identity: String,
    /// Version of this program.
    pub tool: String,
}

impl Snapshot {
    /// The parts with their names, which also name their texts.
    pub fn parts(&self) -> [(&'static str, &Value); 7] {
        [
            ("playbook", &self.playbook),
            ("clinic", &self.clinic),
            ("calendar", &self.calendar),
            ("mapping", &self.mapping),
            ("profile", &self.profile),
            ("identity", &self.identity),
            ("tool", &self.tool),
        ]
    }

    /// The parts' hashes.
    pub fn inputs(&self) -> Inputs {
        Inputs {
            playbook: hash(&self.playbook),
            clinic: hash(&self.clinic),
            calendar: hash(&self.calendar),
            mapping: hash(&self.mapping),
            profile: hash(&self.profile),
            identity: hash(&self.identity),
            tool: self.tool.as_str().unwrap_or_default().to_owned(),
        }
    }

    /// The digest that a person approves.
    pub fn digest(&self) -> PlanDigest {
        digest(&self.inputs())
    }
}

impl Inputs {
    /// The hashes with the names of their parts.
    pub fn parts(&self) -> [(&'static str, &str); 7] {
        [
            ("playbook", &self.playbook),
            ("clinic", &self.clinic),
            ("calendar", &self.calendar),
            ("mapping", &self.mapping),
            ("profile", &self.profile),
            ("identity", &self.identity),
            ("tool", &self.tool),
        ]
    }
}

/// The digest: SHA-256 over the parts' hashes, each with its name and length.
pub fn digest(inputs: &Inputs) -> PlanDigest {
    let mut sha = Sha256::new();
    for (name, value) in inputs.parts() {
        for text in [name, value] {
            sha.update((text.len() as u64).to_be_bytes());
            sha.update(text.as_bytes());
        }
    }
    PlanDigest(hex::encode(sha.finalize()))
}

/// SHA-256 over a value's canonical JSON.
pub fn hash(value: &Value) -> String {
    let mut text = String::new();
    canonical(value, &mut text);
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// JSON with the keys of each object in order, whatever order a map of the library keeps.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (place, (key, value)) in entries.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                canonical(item, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn snapshot() -> Snapshot {
        Snapshot {
            playbook: json!({"name": "cutover", "phases": [{"id": "a"}]}),
            clinic: json!({"name": "見本", "work_dir": "w"}),
            calendar: json!([]),
            mapping: Value::Null,
            profile: json!({"labels": {}}),
            identity: json!({"clinic_id": "JPN000000000452"}),
            tool: json!("0.1.0"),
        }
    }

    /// Python writes the same JSON in the same order, and its sum is the same.
    #[test]
    fn another_program_finds_the_same_sum() {
        const SCRIPT: &str = "
import hashlib, json, sys
value = json.load(sys.stdin)
text = json.dumps(value, sort_keys=True, separators=(',', ':'), ensure_ascii=False)
print(hashlib.sha256(text.encode()).hexdigest())
";
        for value in [
            json!({"b": [1, 2, [3], []], "a": {"名": "見本", "z": null}, "c": true, "d": {}}),
            json!([]),
            json!({"only": "\"quoted\"\n"}),
            serde_json::to_value(snapshot()).unwrap(),
        ] {
            let theirs =
                duct::cmd!("python3", "-c", SCRIPT).stdin_bytes(value.to_string()).read().unwrap();
            assert_eq!(theirs, hash(&value), "{value}");
        }
    }

    #[test]
    fn the_order_of_keys_is_no_part_of_the_digest_and_everything_else_is() {
        let mut other = snapshot();
        other.clinic = serde_json::from_str(r#"{"work_dir":"w","name":"見本"}"#).unwrap();
        assert_eq!(snapshot().digest(), other.digest());
        let mut seen = std::collections::BTreeSet::from([snapshot().digest()]);
        let change = [
            |s: &mut Snapshot| s.playbook = json!({"name": "cutover", "phases": [{"id": "b"}]}),
            |s: &mut Snapshot| s.clinic = json!({"name": "見本", "work_dir": "v"}),
            |s: &mut Snapshot| s.calendar = json!([{"from": "x"}]),
            |s: &mut Snapshot| s.mapping = json!([]),
            |s: &mut Snapshot| s.profile = json!({"labels": []}),
            |s: &mut Snapshot| s.identity = Value::Null,
            |s: &mut Snapshot| s.tool = json!("0.1.1"),
            // What leaves one part may not enter the next unseen.
            |s: &mut Snapshot| std::mem::swap(&mut s.mapping, &mut s.identity),
        ];
        for change in change {
            let mut other = snapshot();
            change(&mut other);
            assert!(seen.insert(other.digest()));
        }
    }
}
