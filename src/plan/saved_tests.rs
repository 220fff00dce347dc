//! A saved plan is what was saved or none, and says what a run of it may rely on.

use chrono::TimeDelta;

use super::fixture::{at, good, maintenance, planned, playbook, saved_for};
use super::*;
use crate::calendar::Window;
use crate::figures::figure;

/// Every leaf of the file's JSON, by its way down.
fn leaves(value: &serde_json::Value, at: String, all: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            map.iter().for_each(|(key, value)| leaves(value, format!("{at}/{key}"), all));
        }
        serde_json::Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, value)| leaves(value, format!("{at}/{n}"), all));
        }
        _ => all.push(at),
    }
}

fn saved() -> SavedPlan {
    saved_for(&playbook(""))
}

#[test]
fn a_plan_file_in_which_anything_was_changed_is_none() {
    let saved = serde_json::to_value(saved()).unwrap();
    let bytes = serde_json::to_vec(&saved).unwrap();
    let back = SavedPlan::read(&bytes).unwrap();
    assert_eq!(serde_json::to_value(&back).unwrap(), saved);

    // Every value, one at a time: each verdict, time, path, number.
    let mut all = Vec::new();
    leaves(&saved, String::new(), &mut all);
    for place in &all {
        let mut other = saved.clone();
        let value = other.pointer_mut(place).unwrap();
        *value = match &*value {
            serde_json::Value::Bool(flag) => (!flag).into(),
            serde_json::Value::Number(number) => (number.as_f64().unwrap() as i64 + 1).into(),
            serde_json::Value::String(text) => format!("{text}x").into(),
            _ => "x".into(),
        };
        let bytes = serde_json::to_vec(&other).unwrap();
        assert!(SavedPlan::read(&bytes).is_err(), "{place}");
    }

    // Bits of the file itself: refused, or still the same values (a blank, a letter's case).
    let full = std::env::var("ORCA_FIGURES").is_ok_and(|size| size == "full");
    let step = if full { 1 } else { bytes.len() / 1_500 };
    let mut flips = 0;
    for (count, place) in (0..bytes.len()).step_by(step).enumerate() {
        let mut other = bytes.clone();
        other[place] ^= 1 << (count % 8);
        if let Ok(read) = SavedPlan::read(&other) {
            assert_eq!(serde_json::to_value(&read).unwrap(), saved, "{place}");
        }
        flips += 1;
    }
    let values = all.len();
    assert!(values > 500 && flips >= 1_500);
    let command = "cargo nextest run a_plan_file_in_which";
    let what = "changed values of a saved plan that are refused";
    figure("R16", what, format!("{values} of {values}"), command);
    let what = "flipped bits of a saved plan that change nothing unseen";
    figure("R16", what, format!("{flips} of {flips}"), command);
}

#[test]
fn the_import_may_be_as_late_as_the_night_has_time_to_spare() {
    let saved = saved();
    let plan = &saved.plan;
    let until = saved.approved().import_until.unwrap();
    let late = until - plan.import_starts_at;
    // Begun then, its work with its margin ends when the way back must begin.
    let ends = plan.ends_at + late + TimeDelta::seconds(i64::try_from(plan.margin_secs).unwrap());
    assert_eq!(ends, plan.latest_rollback_at);
    assert!(late > TimeDelta::zero() && until < plan.clinic.cutover.window_end);
    let more = "overrides:\n  - {rule: plan-fits-window, by: [見本 花子], reason: 理由}\n";
    let plan = planned(&playbook(more), good());
    let free = SavedPlan::new("p".into(), "c".into(), plan, Snapshot::default());
    assert_eq!(free.approved().import_until, None);
}

#[test]
fn another_server_certificate_or_machine_is_another_plan() {
    let base = identity(&good());
    let other = |change: fn(&mut Facts)| {
        let mut facts = good();
        change(&mut facts);
        identity(&facts)
    };
    let changes: [fn(&mut Facts); 6] = [
        |facts| facts.source.as_mut().unwrap().clinic_id = None,
        |facts| facts.source.as_mut().unwrap().identity = "c".repeat(64),
        |facts| facts.source.as_mut().unwrap().encoding = "UTF8".to_owned(),
        |facts| facts.portal.as_mut().unwrap().certificate = "client324".to_owned(),
        |facts| facts.portal.as_mut().unwrap().certificate_ends = at(30, 0, 0, 0),
        |facts| facts.machine = "d".repeat(64),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        assert_ne!(other(change), base, "{number}");
    }
    assert_eq!(other(|facts| facts.source = None), serde_json::Value::Null);
    assert_eq!(other(|facts| facts.portal = None), serde_json::Value::Null);
}

#[test]
fn maintenance_within_a_day_of_an_import_moves_the_plan() {
    let clinic = playbook("").clinic;
    let cutover = &clinic.cutover;
    let count = |from, to| {
        let mut known = maintenance();
        known.readings[0].windows = vec![Window { from, to, title: "定期".to_owned() }];
        calendar_snapshot(&known, cutover).as_array().unwrap().len()
    };
    let (day, second) = (TimeDelta::days(1), TimeDelta::seconds(1));
    let hour = TimeDelta::hours(1);
    let (test, production, end) =
        (cutover.test_import_at, cutover.production_at, cutover.window_end);
    for (from, to, expected) in [
        (test - day - hour, test - day, 1),
        (test - day - hour, test - day - second, 0),
        (test + TimeDelta::hours(6) + day, test + day * 2, 1),
        (test + TimeDelta::hours(6) + day + second, test + day * 2, 0),
        (production - day - hour, production - day, 1),
        (production - day - hour, production - day - second, 0),
        (production, production + hour, 1),
        (end + day, end + day + hour, 1),
        (end + day + second, end + day + hour, 0),
    ] {
        assert_eq!(count(from, to), expected, "{from} {to}");
    }
    // The same window from two sources is one.
    let mut known = maintenance();
    known.readings[0].windows =
        vec![Window { from: production, to: production + hour, title: "定期".to_owned() }];
    known.readings.push(known.readings[0].clone());
    assert_eq!(calendar_snapshot(&known, cutover).as_array().unwrap().len(), 1);
}
