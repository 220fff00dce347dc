//! Who may say yes to what, and what is left of a yes.

use super::gate::*;
use crate::action::{self, WorkDir};
use crate::clock::Clock;
use crate::diag::{Kind, Problem};
use crate::journal::ledger::LedgerLog;
use crate::plan::fixture::{of_clinic, of_clinic_in, saved_for};
use crate::plan::{SavedPlan, Snapshot, Verdict};
use crate::playbook::Clinic;

const CLINIC: &str = include_str!("../../examples/clinic.yaml");

struct Desk {
    clinic: Clinic,
    work: WorkDir,
    ledger: LedgerLog,
    saved: SavedPlan,
    _folder: tempfile::TempDir,
}

/// A clinic's working folder, and a plan of the clinic for a window that ends at this minute.
async fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let saved = plan(0);
    let mut clinic = saved.plan.clinic.clone();
    clinic.work_dir = folder.path().join("w");
    let work = WorkDir::open(&clinic).unwrap();
    let ledger = action::open_ledger(&work, &Clock::System).await.unwrap();
    Desk { clinic, work, ledger, saved, _folder: folder }
}

fn plan(minute: u32) -> SavedPlan {
    let clinic = CLINIC.replace(
        "window_end: 2027-01-22T01:00:00+09:00",
        &format!("window_end: 2027-01-22T01:{minute:02}:00+09:00"),
    );
    saved_for(&of_clinic(&clinic))
}

impl Desk {
    async fn say_yes(&self, saved: &SavedPlan, person: &str) -> Result<(), Problem> {
        approve(&self.clinic, &self.ledger, saved, &saved.snapshot, person).await
    }

    async fn counts(&self, saved: &SavedPlan) -> Result<String, Problem> {
        let ledger = self.ledger.now().await.unwrap();
        gate(&self.work, &ledger, saved).map(|approval| approval.by.name)
    }

    async fn save(&self, saved: &SavedPlan) -> std::path::PathBuf {
        super::gate::save(&self.work, &self.ledger, saved, "見本 太郎").await.unwrap()
    }
}

fn code(result: Result<impl std::fmt::Debug, Problem>) -> (String, Kind) {
    let problem = result.unwrap_err();
    (problem.code.to_string(), problem.kind)
}

#[tokio::test]
async fn a_yes_is_of_a_person_who_may_and_of_this_plan_alone() {
    let desk = desk().await;
    desk.save(&desk.saved).await;
    let needed = ("run-approval-needed".to_owned(), Kind::ConfirmationNeeded);
    assert_eq!(code(desk.counts(&desk.saved).await), needed);
    for person in ["見本 太郎", "見本クリニック 受付", "だれか", ""] {
        let refused = desk.say_yes(&desk.saved, person).await.unwrap_err();
        assert_eq!(refused.code, "run-may-not-approve", "{person}");
        let people = refused.facts.iter().find(|fact| fact.name == "people").unwrap();
        assert_eq!(people.value, "見本 花子, 試験 一郎");
    }
    assert_eq!(code(desk.counts(&desk.saved).await), needed);
    desk.say_yes(&desk.saved, "見本 花子").await.unwrap();
    assert_eq!(desk.counts(&desk.saved).await.unwrap(), "見本 花子");

    // Another plan has no yes, and is told what moved since.
    let later = plan(30);
    desk.save(&later).await;
    let moved = desk.counts(&later).await.unwrap_err();
    assert_eq!(moved.code, "run-plan-moved");
    let lines = format!("{:?}", moved.detail);
    assert!(lines.contains("cutover.window_end") && lines.contains("01:30:00"), "{lines}");
    desk.say_yes(&later, "試験 一郎").await.unwrap();
    assert_eq!(desk.counts(&later).await.unwrap(), "試験 一郎");
    // A yes to one is a no to the one before.
    assert_eq!(code(desk.counts(&desk.saved).await).0, "run-approval-revoked");
}

#[tokio::test]
async fn a_yes_that_was_taken_back_counts_no_more() {
    let desk = desk().await;
    desk.save(&desk.saved).await;
    let digest = desk.saved.plan.digest.clone();
    let back =
        async |person: &str| revoke(&desk.clinic, &desk.ledger, &digest, person, "理由").await;
    assert_eq!(code(back("見本 花子").await), ("run-not-approved".to_owned(), Kind::Input));
    desk.say_yes(&desk.saved, "見本 花子").await.unwrap();
    assert_eq!(code(back("見本 太郎").await).0, "run-may-not-approve");
    assert!(desk.counts(&desk.saved).await.is_ok());
    back("試験 一郎").await.unwrap();
    assert_eq!(code(desk.counts(&desk.saved).await).0, "run-approval-revoked");
    desk.say_yes(&desk.saved, "見本 花子").await.unwrap();
    assert!(desk.counts(&desk.saved).await.is_ok());
}

#[tokio::test]
async fn what_moved_blocks_or_was_not_looked_at_gets_no_yes() {
    let desk = desk().await;
    let today = Snapshot { mapping: "other".into(), ..desk.saved.snapshot.clone() };
    let moved = approve(&desk.clinic, &desk.ledger, &desk.saved, &today, "見本 花子").await;
    assert_eq!(code(moved), ("run-plan-moved".to_owned(), Kind::ConfirmationNeeded));
    for (verdict, expected) in [
        (Verdict::Block, Some("run-preflight-blocked")),
        (Verdict::Unknown, Some("run-plan-gaps")),
        (Verdict::Warn, None),
        (Verdict::Later, None),
    ] {
        let mut saved = desk.saved.clone();
        saved.plan.checks[0].verdict = verdict;
        desk.save(&saved).await;
        let found = desk.say_yes(&saved, "見本 花子").await.err();
        assert_eq!(found.as_ref().map(|p| p.code.as_ref()), expected, "{verdict:?}");
        if let Some(problem) = found {
            assert_eq!(problem.kind, Kind::Blocked);
        }
    }
    let mut saved = desk.saved.clone();
    saved.plan.facts.problems.push(Problem::new("portal-unreachable", Kind::Environment));
    assert_eq!(code(desk.say_yes(&saved, "見本 花子").await).0, "run-plan-gaps");
}

#[tokio::test]
async fn a_rule_is_done_without_only_by_those_who_are_named_for_it() {
    let desk = desk().await;
    let more = "overrides:\n  - {rule: plan-disk-space, by: [見本 花子], reason: 理由}\n";
    let mut saved = saved_for(&of_clinic(&format!("{CLINIC}\n{more}")));
    let row = saved.plan.checks.iter_mut().find(|check| check.code == "plan-disk-space").unwrap();
    row.overridden = Some(crate::plan::Overridden {
        by: vec!["見本 花子".to_owned()],
        reason: "理由".to_owned(),
    });
    desk.save(&saved).await;
    let refused = code(desk.say_yes(&saved, "試験 一郎").await);
    assert_eq!(refused, ("run-override-not-yours".to_owned(), Kind::Blocked));
    desk.say_yes(&saved, "見本 花子").await.unwrap();
    let ledger = desk.ledger.now().await.unwrap();
    assert_eq!(ledger.approval(&saved.plan.digest).unwrap().overrides, ["plan-disk-space"]);
}

#[tokio::test]
async fn a_plan_is_found_by_its_file_its_digest_or_eight_digits_of_it() {
    let desk = desk().await;
    let file = desk.save(&desk.saved).await;
    desk.save(&plan(30)).await;
    let ledger = desk.ledger.now().await.unwrap();
    let digest = desk.saved.plan.digest.clone();
    let found = |named: &str| find(&desk.work, &ledger, named).map(|saved| saved.plan.digest);
    let upper = digest.as_str()[..8].to_uppercase();
    for named in [file.to_str().unwrap(), digest.as_str(), &digest.as_str()[..8], upper.as_str()] {
        assert_eq!(found(named).unwrap(), digest, "{named}");
    }
    for named in ["", &digest.as_str()[..7], "0123456789", "/no/such/file"] {
        let expected = ("journal-ledger-plan".to_owned(), Kind::Input);
        assert_eq!(code(found(named)), expected, "{named}");
    }
}

#[tokio::test]
async fn a_file_that_was_edited_is_too_large_or_is_none_is_no_plan() {
    let desk = desk().await;
    let file = desk.save(&desk.saved).await;
    assert_eq!(load(&file).unwrap().plan.digest, desk.saved.plan.digest);
    let text = std::fs::read_to_string(&file).unwrap();
    // A blocked plan whose verdict was edited: its values still give the digest.
    let edited = text.replacen("\"verdict\": \"ok\"", "\"verdict\": \"later\"", 1);
    assert_ne!(edited, text);
    std::fs::write(&file, &edited).unwrap();
    assert_eq!(code(load(&file)), ("run-plan-altered".to_owned(), Kind::Data));
    std::fs::write(&file, "{").unwrap();
    assert_eq!(code(load(&file)), ("run-file-unreadable".to_owned(), Kind::Input));
    let large = std::fs::File::create(&file).unwrap();
    large.set_len(16 * 1024 * 1024 + 1).unwrap();
    let refused = load(&file).unwrap_err();
    assert!(refused.facts.iter().any(|fact| fact.value.contains("16777216")), "{refused:?}");
    // Of exactly the limit it is read, and found to be none.
    large.set_len(16 * 1024 * 1024).unwrap();
    let refused = load(&file).unwrap_err();
    assert!(refused.facts.iter().all(|fact| !fact.value.contains("16777216")), "{refused:?}");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(code(load(&file)).0, "run-file-unreadable");
    assert_eq!(code(load_run(&desk.work)).0, "run-file-unreadable");
}

#[tokio::test]
async fn what_moved_on_the_disk_or_another_machine_is_drift() {
    let folder = tempfile::tempdir().unwrap();
    let playbook = of_clinic_in(folder.path());
    let clock = Clock::System;
    let maintenance = action::load_maintenance(&playbook.clinic, &clock).await.unwrap();
    let with = |identity: serde_json::Value| {
        let snapshot = action::snapshot(&playbook, &maintenance, identity).unwrap();
        let mut plan = plan(0).plan;
        plan.digest = snapshot.digest();
        SavedPlan::new("p".into(), "c".into(), plan, snapshot)
    };
    let here = serde_json::json!({"database": "a", "machine": action::machine()});
    let elsewhere = serde_json::json!({"database": "a", "machine": "another"});
    let moved = async |saved: &SavedPlan| drift(&playbook, saved, &clock).await.unwrap();
    let saved = with(here);
    assert!(moved(&saved).await.is_none());
    // Where nobody looked, no machine is known.
    assert!(moved(&with(serde_json::Value::Null)).await.is_none());
    let problem = moved(&with(elsewhere)).await.unwrap();
    assert_eq!((problem.code.as_ref(), problem.kind), ("run-plan-moved", Kind::ConfirmationNeeded));
    assert!(format!("{:?}", problem.detail).contains("machine"), "{problem:?}");
    let mapping = playbook.clinic.characters.mapping.clone().unwrap();
    std::fs::write(mapping, "format: 1\nrules: []\n").unwrap();
    let problem = moved(&saved).await.unwrap();
    assert_eq!(problem.code, "run-plan-moved");
}
