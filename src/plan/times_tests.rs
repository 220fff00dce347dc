//! Rows about times, and where each row's value comes from.

use chrono::TimeDelta;

use super::fixture::{at, blocks, good, maintenance, planned, playbook, verdict_of};
use super::*;
use crate::calendar::Window;
use crate::clock::Jst;
use crate::playbook::{Job, complete};

#[test]
fn a_start_that_is_due_counts_from_now_while_its_start_window_is_open() {
    let schedules = complete(&playbook("").clinic.schedules);
    let last = |job, at| schedules.iter().find(|one| one.job == job).unwrap().last_start(at);
    let cutover = playbook("").clinic.cutover;
    let second = TimeDelta::seconds(1);
    let past = |now: Jst, proved: Option<Jst>| {
        let found = blocks(&playbook(""), |facts| {
            (facts.at, facts.proved_test_import_at) = (now, proved);
        });
        found.iter().filter(|code| *code == "calendar-start-past").count()
    };
    let at_night = last(Job::Cutover, cutover.production_at);
    assert!(at_night > cutover.production_at);
    let proved = Some(at(12, 15, 0, 0));
    for (now, expected) in [
        (cutover.production_at, 0),
        (cutover.production_at + second, 0),
        (at_night, 0),
        (at_night + second, 1),
    ] {
        assert_eq!(past(now, proved), expected, "{now}");
    }
    let by_day = last(Job::TestImport, cutover.test_import_at);
    for (now, expected) in [(cutover.test_import_at, 0), (by_day, 0), (by_day + second, 1)] {
        assert_eq!(past(now, None), expected, "{now}");
        // One that is proved has no time any more that could be wrong.
        assert_eq!(past(now, proved), 0, "{now}");
    }
}

#[test]
fn a_night_that_does_not_fit_its_window_blocks() {
    let slow = |bytes: u64| {
        let facts = |facts: &mut Facts| {
            let source = facts.source.as_mut().unwrap();
            (source.database_bytes, source.free_bytes) = (bytes, u64::MAX);
        };
        blocks(&playbook(""), facts)
    };
    assert!(slow(1_000_000_000).is_empty());
    assert!(slow(500_000_000_000).contains(&"plan-fits-window".to_owned()));
    // To the second: a window that ends as early as it may, and a second before.
    let mut exact = playbook("");
    let plan = planned(&exact, good());
    let latest_end = plan.ends_at + TimeDelta::seconds(i64::try_from(plan.margin_secs).unwrap());
    exact.clinic.cutover.window_end -= plan.latest_rollback_at - latest_end;
    assert!(blocks(&exact, |_| ()).is_empty());
    exact.clinic.cutover.window_end -= TimeDelta::seconds(1);
    assert_eq!(blocks(&exact, |_| ()), ["plan-fits-window"]);
}

#[test]
fn each_row_says_where_its_value_comes_from() {
    let checks = planned(&playbook(""), good()).checks;
    let evidence = |code: &str| {
        let row = checks.iter().find(|check| check.code == code).unwrap();
        row.evidence.as_ref().map(|evidence| (evidence.kind, evidence.at))
    };
    let now = Some(at(12, 9, 0, 0));
    let read = Some(at(12, 8, 0, 0));
    for (code, kind, when) in [
        ("plan-clinic-id", EvidenceKind::Server, now),
        ("plan-pg-dump-version", EvidenceKind::Server, now),
        ("plan-free-slots", EvidenceKind::Site, now),
        ("plan-mail-proved", EvidenceKind::MailServer, now),
        ("plan-characters-scanned", EvidenceKind::Scan, read),
        ("calendar-stale", EvidenceKind::Calendar, read),
        ("calendar-maintenance-overlap", EvidenceKind::Calendar, read),
        ("calendar-not-before-19", EvidenceKind::ClinicFile, None),
        ("calendar-test-import-too-late", EvidenceKind::ClinicFile, None),
        ("plan-fits-window", EvidenceKind::Reckoned, None),
        ("plan-tenant-not-live", EvidenceKind::ClinicFile, None),
        ("plan-people-named", EvidenceKind::ClinicFile, None),
    ] {
        assert_eq!(evidence(code), Some((kind, when)), "{code}");
    }
    // What a run has still to prove is to come; a proof is the journal's.
    assert_eq!(verdict_of(good(), "calendar-test-import-too-late"), Verdict::Later);
    let proved = Some(at(12, 15, 0, 0));
    let facts = Facts { proved_test_import_at: proved, ..good() };
    let checks = planned(&playbook(""), facts).checks;
    let row = checks.iter().find(|check| check.code == "calendar-test-import-too-late").unwrap();
    let evidence = row.evidence.as_ref().unwrap();
    assert_eq!((row.verdict, evidence.kind), (Verdict::Ok, EvidenceKind::Journal));
    assert_eq!(evidence.at, proved);
    let mut facts = good();
    facts.source = None;
    let checks = planned(&playbook(""), facts).checks;
    let row = checks.iter().find(|check| check.code == "plan-target-version").unwrap();
    assert_eq!(row.evidence.as_ref().unwrap().kind, EvidenceKind::ClinicFile);
}

#[test]
fn an_announcement_is_held_against_both_imports() {
    let clinic = playbook("").clinic;
    let told = |from: Jst, to: Jst, now: Jst| {
        let mut known = maintenance();
        known.readings[0].windows = vec![Window { from, to, title: "定期".to_owned() }];
        let rows = calendar_checks(&clinic, &known, now);
        assert!(rows.iter().all(|row| row.code != "calendar-test-import-too-late"));
        assert_eq!(rows.iter().filter(|row| row.code == "calendar-stale").count(), 1);
        let of_test = |row: &Check| row.facts.iter().any(|fact| fact.name == "purpose");
        let blocks = rows.iter().filter(|row| row.verdict == Verdict::Block);
        blocks.map(|row| (row.code.clone(), of_test(row))).collect::<Vec<_>>()
    };
    let overlap = |of_test| vec![("calendar-maintenance-overlap".to_owned(), of_test)];
    let now = at(12, 9, 0, 0);
    assert!(told(at(15, 0, 0, 0), at(15, 1, 0, 0), now).is_empty());
    // The test import is reckoned with two hours.
    assert_eq!(told(at(12, 15, 0, 0), at(12, 16, 0, 0), now), overlap(true));
    assert!(told(at(12, 15, 0, 1), at(12, 16, 0, 0), now).is_empty());
    assert_eq!(told(at(22, 1, 0, 0), at(22, 2, 0, 0), now), overlap(false));
    assert!(told(at(22, 1, 0, 1), at(22, 2, 0, 0), now).is_empty());
    let stale = told(at(15, 0, 0, 0), at(15, 1, 0, 0), at(13, 8, 0, 1));
    assert_eq!(stale[0], ("calendar-start-past".to_owned(), true));
    assert_eq!(stale[1], ("calendar-stale".to_owned(), false));
}
