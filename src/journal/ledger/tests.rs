use std::sync::Arc;

use chrono::{TimeDelta, TimeZone};
use chrono_tz::Asia::Tokyo;

use super::*;
use crate::clock::{Clock, Jst};
use crate::diag::{Kind, Problem};
use crate::ids::PlanDigest;
use crate::journal::JournalError;
use crate::journal::store::SqliteStore;

fn at(day: u32, hour: u32) -> Jst {
    Tokyo.with_ymd_and_hms(2027, 1, day, hour, 0, 0).unwrap()
}

fn actor(name: &str) -> Actor {
    Actor { name: name.to_owned(), host: "test".to_owned(), tool: "0".to_owned() }
}

fn digest(letter: &str) -> PlanDigest {
    PlanDigest(letter.repeat(64))
}

fn saved(letter: &str) -> LedgerEvent {
    LedgerEvent::PlanSaved { digest: digest(letter), file: "plan".into(), by: actor("作業者") }
}

fn approved(letter: &str) -> LedgerEvent {
    LedgerEvent::PlanApproved {
        digest: digest(letter),
        by: actor("見本 花子"),
        role: "decides".to_owned(),
        overrides: Vec::new(),
    }
}

fn reading(kind: ReadingKind, source: &str, windows: &[(u32, Announced)]) -> LedgerEvent {
    let windows = windows
        .iter()
        .map(|(day, status)| AnnouncedWindow {
            from: at(*day, 22),
            to: at(*day, 23),
            status: *status,
            title: String::new(),
            words: String::new(),
        })
        .collect();
    LedgerEvent::CalendarRead {
        reading: Reading {
            kind,
            source: source.to_owned(),
            read_at: at(5, 9),
            read_by: "見本 太郎".to_owned(),
            sha256: source.to_owned(),
            windows,
        },
    }
}

fn started(job: &str, due: Jst) -> LedgerEvent {
    LedgerEvent::WorkStarted { job: job.to_owned(), due, by: actor("tick") }
}

fn ended(job: &str, due: Jst) -> LedgerEvent {
    let outcome = WorkOutcome::Done;
    LedgerEvent::WorkEnded { job: job.to_owned(), due, outcome, problem: None }
}

async fn open(folder: &std::path::Path) -> LedgerLog {
    let store = SqliteStore::open(&folder.join("journal.sqlite"), true).await.unwrap();
    let clock = Clock::Rehearsal(folder.join("clock"));
    clock.set(&at(5, 9)).unwrap();
    LedgerLog::open(Arc::new(store), clock).await.unwrap()
}

#[tokio::test]
async fn an_approval_is_kept_until_it_is_revoked_and_a_saved_twin_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path()).await;
    assert!(matches!(log.append(approved("a")).await, Err(JournalError::NoPlan { .. })));
    log.append(saved("a")).await.unwrap();
    log.append(approved("a")).await.unwrap();
    log.append(saved("b")).await.unwrap();
    let ledger = log.append(saved("a")).await.unwrap();
    assert_eq!(ledger.approval(&digest("a")).unwrap().by.name, "見本 花子");
    assert!(ledger.approval(&digest("b")).is_none());
    assert_eq!(ledger.plans[&digest("a")].number, 1);
    assert_eq!(ledger.newest, Some(digest("a")));
    // Another process, much later: nothing has become a yes or a no by itself.
    let store = SqliteStore::open(&folder.path().join("journal.sqlite"), false).await.unwrap();
    let clock = Clock::Rehearsal(folder.path().join("clock"));
    clock.set(&(at(5, 9) + TimeDelta::days(4_000))).unwrap();
    let other = LedgerLog::open(Arc::new(store), clock).await.unwrap();
    assert_eq!(other.now().await.unwrap(), ledger);
    let problem = Problem::new("run-approval-overlap", Kind::Blocked);
    let revoked = LedgerEvent::ApprovalRevoked { digest: digest("a"), by: actor("tick"), problem };
    other.append(revoked).await.unwrap();
    let ledger = log.now().await.unwrap();
    assert!(ledger.approved().is_none());
    assert!(ledger.plans[&digest("a")].revoked.is_some());
}

#[tokio::test]
async fn a_window_that_is_called_off_counts_no_more_and_a_feed_replaces_itself() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path()).await;
    let planned = Announced::Planned;
    log.append(reading(ReadingKind::Notice, "mail", &[(16, planned), (23, planned)]))
        .await
        .unwrap();
    log.append(reading(ReadingKind::Feed, "https://x", &[(16, planned)])).await.unwrap();
    log.append(reading(ReadingKind::Feed, "https://x", &[(17, planned)])).await.unwrap();
    let off = reading(ReadingKind::Notice, "mail 2", &[(16, Announced::Cancelled)]);
    let ledger = log.append(off).await.unwrap();
    let days: Vec<(u64, String)> = ledger
        .readings
        .iter()
        .flat_map(|entry| entry.reading.windows.iter().map(|window| (entry.number, window)))
        .filter(|(_, window)| window.status != Announced::Cancelled)
        .map(|(number, window)| (number, window.from.format("%d").to_string()))
        .collect();
    assert_eq!(days, [(1, "23".to_owned()), (3, "17".to_owned())]);
    let by = actor("見本 太郎");
    let withdrawn = LedgerEvent::ReadingWithdrawn { reading: 1, by, reason: "誤り".into() };
    let ledger = log.append(withdrawn).await.unwrap();
    assert_eq!(ledger.readings.iter().map(|entry| entry.number).collect::<Vec<_>>(), [3, 4]);
}

#[tokio::test]
async fn work_runs_once_for_each_time_and_never_twice_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path()).await;
    log.append(started("preflight", at(5, 10))).await.unwrap();
    for due in [at(5, 10), at(5, 11)] {
        let twice = log.append(started("preflight", due)).await;
        assert!(matches!(twice, Err(JournalError::Work { .. })));
    }
    log.append(started("purge", at(5, 10))).await.unwrap();
    assert!(log.append(ended("preflight", at(5, 11))).await.is_err());
    log.append(ended("preflight", at(5, 10))).await.unwrap();
    assert!(log.append(started("preflight", at(5, 10))).await.is_err());
    log.append(started("preflight", at(5, 11))).await.unwrap();
}

#[tokio::test]
async fn of_many_processes_that_start_the_same_work_one_does() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.append(saved("a")).await.unwrap();
    let mut all = tokio::task::JoinSet::new();
    for number in 0..8 {
        let path = folder.path().to_owned();
        all.spawn(async move {
            let log = open(&path).await;
            for round in 0..5 {
                // Beside the race for one start, everyone writes of their own.
                let source = format!("{number}-{round}");
                log.append(reading(ReadingKind::Notice, &source, &[])).await.unwrap();
            }
            log.append(started("cutover", at(5, 19))).await.is_ok()
        });
    }
    let begun = all.join_all().await.into_iter().filter(|begun| *begun).count();
    assert_eq!(begun, 1);
    let log = open(folder.path()).await;
    assert_eq!(log.records().await.unwrap().len(), 1 + 8 * 5 + 1);
    assert_eq!(log.now().await.unwrap().readings.len(), 40);
}
