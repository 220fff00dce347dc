//! What has moved between two snapshots, value by value, so that a person who approved the one
//! sees what is new in the other. Pure.

use serde::Serialize;
use serde_json::Value;

use super::Snapshot;

/// Most changes that are listed one by one: more than this is another plan.
const MAX_CHANGES: usize = 200;
/// Longest value that is shown, in characters.
const MAX_VALUE: usize = 200;

/// One value that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which part: `playbook`, `clinic`, `calendar`, `mapping`, `profile`, `identity`, `tool`.
    pub part: &'static str,
    /// Where in it: `cutover.production_at`, `phases.cutover.steps.fence.timeout_secs`.
    pub path: String,
    /// The value that was approved; `None` where there was none.
    pub before: Option<String>,
    /// The value now; `None` where there is none.
    pub after: Option<String>,
}

/// Every value that differs, in the order of the parts.
pub fn diff(before: &Snapshot, after: &Snapshot) -> Vec<Change> {
    let mut changes = Vec::new();
    for ((part, old), (_, new)) in before.parts().into_iter().zip(after.parts()) {
        compare(part, "", Some(old), Some(new), &mut changes);
    }
    changes
}

fn compare(
    part: &'static str,
    path: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    changes: &mut Vec<Change>,
) {
    if before == after || changes.len() >= MAX_CHANGES {
        return;
    }
    match (before.and_then(entries), after.and_then(entries)) {
        (Some(old), Some(new)) => {
            for (key, value) in &old {
                let other = new.iter().find(|(name, _)| name == key).map(|(_, value)| *value);
                compare(part, &join(path, key), Some(value), other, changes);
            }
            for (key, value) in &new {
                if !old.iter().any(|(name, _)| name == key) {
                    compare(part, &join(path, key), None, Some(value), changes);
                }
            }
        }
        _ => changes.push(Change {
            part,
            path: path.to_owned(),
            before: before.filter(|value| !value.is_null()).map(shown),
            after: after.filter(|value| !value.is_null()).map(shown),
        }),
    }
}

/// An object's or list's entries by names that stay when others come and go: an item's own id,
/// name or beginning where it has one, its place otherwise.
fn entries(value: &Value) -> Option<Vec<(String, &Value)>> {
    match value {
        Value::Object(map) => Some(map.iter().map(|(key, value)| (key.clone(), value)).collect()),
        Value::Array(items) if items.iter().any(|item| !item.is_string()) => {
            let name = |item: &Value| {
                ["id", "job", "rule", "name", "from"]
                    .iter()
                    .find_map(|key| item.get(key).and_then(Value::as_str))
                    .map(str::to_owned)
            };
            let names: Vec<Option<String>> = items.iter().map(name).collect();
            let unique = names.iter().flatten().collect::<std::collections::BTreeSet<_>>().len()
                == items.len();
            let mut named = Vec::with_capacity(items.len());
            for (place, item) in items.iter().enumerate() {
                let own = names.get(place).cloned().flatten().filter(|_| unique);
                named.push((own.unwrap_or_else(|| (place + 1).to_string()), item));
            }
            Some(named)
        }
        _ => None,
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    if text.chars().count() <= MAX_VALUE {
        return text;
    }
    text.chars().take(MAX_VALUE).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_moved_is_named_by_its_place_with_both_values() {
        let step = |id: &str, secs: u64| json!({"id": id, "timeout_secs": secs});
        let before = Snapshot {
            playbook: json!({"phases": [{"id": "cutover", "steps": [step("stop", 5), step("dump", 9)]}]}),
            clinic: json!({"cutover": {"production_at": "19:00"}, "notify": ["a", "b"]}),
            calendar: json!([{"from": "1", "to": "2"}]),
            ..Snapshot::default()
        };
        let after = Snapshot {
            playbook: json!({"phases": [{"id": "cutover", "steps": [step("new", 1), step("stop", 5), step("dump", 8)]}]}),
            clinic: json!({"cutover": {"production_at": "20:00"}, "notify": ["a"]}),
            calendar: json!([{"from": "1", "to": "2"}, {"from": "5", "to": "6"}]),
            ..Snapshot::default()
        };
        let found: Vec<(String, Option<String>, Option<String>)> = diff(&before, &after)
            .into_iter()
            .map(|c| (format!("{}: {}", c.part, c.path), c.before, c.after))
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                ("playbook: phases.cutover.steps.dump.timeout_secs".into(), some("9"), some("8")),
                (
                    "playbook: phases.cutover.steps.new".into(),
                    None,
                    some(r#"{"id":"new","timeout_secs":1}"#)
                ),
                ("clinic: cutover.production_at".into(), some("19:00"), some("20:00")),
                ("clinic: notify".into(), some("a b"), some("a")),
                ("calendar: 5".into(), None, some(r#"{"from":"5","to":"6"}"#)),
            ]
        );
        assert!(diff(&before, &before).is_empty());
    }
}
