//! What of the world is part of an approval: maintenance near the imports, whose database and
//! certificate were found. Pure.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::facts::Facts;
use crate::calendar::Maintenance;
use crate::clock::{Jst, rfc3339};
use crate::playbook::Cutover;

/// Maintenance this near to an import is part of what a person approves; what lies further away
/// comes and goes without asking again.
const NEAR: TimeDelta = TimeDelta::days(1);

/// Longest test import that is reckoned with here. It must not depend on measured durations: a
/// digest moves with what people decide, not with how quick a machine was.
const TEST_LENGTH: TimeDelta = TimeDelta::hours(6);

/// The spans around the two imports.
fn spans(cutover: &Cutover) -> [(Jst, Jst); 2] {
    let around = |from: Jst, to: Jst| {
        let from = from.checked_sub_signed(NEAR).unwrap_or(from);
        (from, to.checked_add_signed(NEAR).unwrap_or(to))
    };
    let test_end = cutover.test_import_at.checked_add_signed(TEST_LENGTH);
    [
        around(cutover.test_import_at, test_end.unwrap_or(cutover.test_import_at)),
        around(cutover.production_at, cutover.window_end),
    ]
}

/// The windows near the imports, each once, whichever source they are known from.
pub fn calendar_snapshot(maintenance: &Maintenance, cutover: &Cutover) -> Value {
    let spans = spans(cutover);
    let mut near: Vec<(String, String, String)> = maintenance
        .windows()
        .filter(|(_, window)| spans.iter().any(|(from, to)| window.touches(from, to)))
        .map(|(_, window)| (rfc3339(&window.from), rfc3339(&window.to), window.title.clone()))
        .collect();
    near.sort();
    near.dedup();
    near.iter().map(|(from, to, title)| json!({"from": from, "to": to, "title": title})).collect()
}

/// Whose database and certificate were found, and on which machine; null where nobody looked at
/// both.
pub fn identity(facts: &Facts) -> Value {
    let (Some(source), Some(portal)) = (&facts.source, &facts.portal) else { return Value::Null };
    json!({
        "clinic_id": source.clinic_id,
        "database": source.identity,
        "machine": facts.machine,
        "encoding": source.encoding,
        "certificate": portal.certificate,
        "certificate_ends": rfc3339(&portal.certificate_ends),
    })
}
