//! The ledger's fold held against tables written by hand.

use chrono::TimeDelta;

use super::*;
use crate::clock::Jst;
use crate::diag::{Kind, Problem};
use crate::ids::PlanDigest;
use crate::journal::fixture::at;
use crate::journal::{ChainHash, JournalError, Record};

const JOB: &str = "cutover";

fn actor(name: &str) -> Actor {
    Actor { name: name.to_owned(), host: "test".to_owned(), tool: "0".to_owned() }
}

fn digest(letter: &str) -> PlanDigest {
    PlanDigest(letter.repeat(64))
}

fn folded(events: Vec<LedgerEvent>) -> Result<Ledger, JournalError> {
    let mut ledger = Ledger::default();
    let mut before = ChainHash("0".repeat(64));
    for (seq, event) in (1..).zip(events) {
        let (record, _) = Record::bind(seq, at(seq), event, &before)?;
        before = record.hash.clone();
        ledger = ledger.next(&record)?;
    }
    Ok(ledger)
}

fn problem() -> Problem {
    Problem::new("run-approval-needed", Kind::ConfirmationNeeded)
}

fn job() -> String {
    JOB.to_owned()
}

fn started(due: Jst) -> LedgerEvent {
    LedgerEvent::WorkStarted { job: job(), due, by: actor("tick") }
}

fn ended(due: Jst) -> LedgerEvent {
    LedgerEvent::WorkEnded { job: job(), due, outcome: WorkOutcome::Done, problem: None }
}

fn waits(due: Jst) -> LedgerEvent {
    LedgerEvent::WorkWaits { job: job(), due, problem: problem() }
}

fn missed(due: Jst) -> LedgerEvent {
    LedgerEvent::WorkMissed { job: job(), due, problem: problem() }
}

fn released(due: Jst, begin: bool) -> LedgerEvent {
    let (by, reason) = (actor("見本 花子"), "理由".to_owned());
    LedgerEvent::WorkReleased { job: job(), due, by, begin, reason }
}

/// Where one kind of work is, and until when everything is dealt with.
fn place(ledger: &Ledger) -> (&'static str, Option<Jst>) {
    let Some(entry) = ledger.work.get(JOB) else { return ("unknown", None) };
    let name = match entry.state {
        WorkState::Idle => "idle",
        WorkState::Running { .. } => "running",
        WorkState::Waiting { released: false, .. } => "waiting",
        WorkState::Waiting { released: true, .. } => "released",
    };
    (name, Some(entry.upto))
}

#[test]
fn work_goes_only_where_the_table_lets_it() {
    let (first, second) = (at(1_000), at(2_000));
    let idle = || vec![started(first), ended(first)];
    let places: [(&str, Vec<LedgerEvent>); 4] = [
        ("idle", idle()),
        ("running", vec![started(first)]),
        ("waiting", vec![waits(first)]),
        ("released", vec![waits(first), released(first, true)]),
    ];
    // From, event, where it leads; what is not named is refused.
    let follows = [
        ("idle", "start next", "running"),
        ("waiting", "start same", "running"),
        ("released", "start same", "running"),
        ("running", "end same", "idle"),
        ("idle", "wait next", "waiting"),
        ("idle", "wait same", "waiting"),
        ("waiting", "wait next", "waiting"),
        ("waiting", "wait same", "waiting"),
        ("released", "wait next", "waiting"),
        ("released", "wait same", "waiting"),
        ("idle", "miss next", "idle"),
        ("idle", "miss same", "idle"),
        ("waiting", "miss next", "idle"),
        ("waiting", "miss same", "idle"),
        ("released", "miss next", "idle"),
        ("released", "miss same", "idle"),
        ("waiting", "release same", "released"),
        ("released", "release same", "released"),
        ("waiting", "leave same", "idle"),
        ("released", "leave same", "idle"),
    ];
    let events = |due: Jst, when: &str| {
        [
            (format!("start {when}"), started(due)),
            (format!("end {when}"), ended(due)),
            (format!("wait {when}"), waits(due)),
            (format!("miss {when}"), missed(due)),
            (format!("release {when}"), released(due, true)),
            (format!("leave {when}"), released(due, false)),
        ]
    };
    let mut judged = 0;
    for (from, before) in places {
        for (what, event) in events(first, "same").into_iter().chain(events(second, "next")) {
            let all = before.iter().cloned().chain([event]).collect();
            let to = follows.iter().find(|(is, by, _)| *is == from && *by == what);
            match (folded(all), to) {
                (Ok(ledger), Some((.., to))) => {
                    let upto = if what.ends_with("next") { second } else { first };
                    assert_eq!(place(&ledger), (*to, Some(upto)), "{what} from {from}");
                }
                (Err(JournalError::Work { job, .. }), None) => assert_eq!(job, JOB),
                (found, to) => panic!("{what} from {from}: {found:?}, expected {to:?}"),
            }
            judged += 1;
        }
    }
    assert_eq!(judged, 48);
}

#[test]
fn what_was_due_before_work_was_watched_is_nobodys_miss() {
    let upto = at(1_000);
    let watched = |upto| LedgerEvent::WorkWatched { job: job(), upto };
    let ledger = folded(vec![watched(upto)]).unwrap();
    assert_eq!(place(&ledger), ("idle", Some(upto)));
    assert!(folded(vec![watched(upto), started(upto)]).is_err());
    let second = TimeDelta::seconds(1);
    assert!(folded(vec![watched(upto), started(upto + second)]).is_ok());
    // Watching once more forgets nothing.
    let again = folded(vec![watched(upto), started(upto + second), watched(at(9_000))]).unwrap();
    assert_eq!(place(&again), ("running", Some(upto + second)));
    // Work that nobody watched may be as old as it likes.
    assert!(folded(vec![started(at(1_000) - TimeDelta::days(30_000))]).is_ok());
    // An earlier time moves nothing back.
    let late = folded(vec![missed(at(2_000)), waits(at(1_000))]).unwrap();
    assert_eq!(place(&late), ("waiting", Some(at(2_000))));
}

#[test]
fn how_work_ended_and_what_was_missed_is_kept() {
    let due = at(1_000);
    let ledger = folded(vec![started(due), ended(due), missed(at(2_000))]).unwrap();
    let entry = &ledger.work[JOB];
    let last = entry.last.as_ref().unwrap();
    assert_eq!((last.due, last.at, last.outcome), (due, at(2), WorkOutcome::Done));
    let gone = entry.missed.as_ref().unwrap();
    assert_eq!((gone.due, gone.at), (at(2_000), at(3)));
    assert_eq!((ledger.seq, ledger.at), (3, Some(at(3))));
}

fn saved(letter: &str) -> LedgerEvent {
    LedgerEvent::PlanSaved { digest: digest(letter), file: letter.into(), by: actor("作業者") }
}

fn approved(letter: &str) -> LedgerEvent {
    LedgerEvent::PlanApproved {
        digest: digest(letter),
        by: actor("見本 花子"),
        role: "decides".to_owned(),
        overrides: Vec::new(),
    }
}

fn revoked(letter: &str) -> LedgerEvent {
    let by = actor("試験 一郎");
    LedgerEvent::ApprovalRevoked { digest: digest(letter), by, problem: problem() }
}

#[test]
fn one_plan_is_approved_at_a_time_and_none_comes_back_by_itself() {
    let of = |events: Vec<LedgerEvent>| {
        let ledger = folded(events).unwrap();
        ledger.approved().map(|(digest, _)| digest.as_str()[..1].to_owned())
    };
    let two = || vec![saved("a"), saved("b")];
    let with = |more: Vec<LedgerEvent>| [two(), more].concat();
    assert_eq!(of(two()), None);
    assert_eq!(of(with(vec![approved("a")])).as_deref(), Some("a"));
    assert_eq!(of(with(vec![approved("b")])).as_deref(), Some("b"));
    assert_eq!(of(with(vec![approved("b"), approved("a")])).as_deref(), Some("a"));
    assert_eq!(of(with(vec![approved("b"), approved("a"), revoked("a")])), None);
    assert_eq!(of(with(vec![approved("a"), approved("a")])).as_deref(), Some("a"));
    let ledger = folded(with(vec![approved("a"), approved("b")])).unwrap();
    assert!(ledger.approval(&digest("a")).is_none());
    let why = ledger.plans[&digest("a")].revoked.as_ref().unwrap();
    assert_eq!(why.problem.code, "run-approval-superseded");
    assert!(ledger.plans[&digest("b")].revoked.is_none());
    // A plan that was never approved is not taken back by another's approval.
    let three = [vec![saved("c")], two(), vec![approved("b")]].concat();
    assert!(folded(three).unwrap().plans[&digest("c")].revoked.is_none());
    let again = folded(with(vec![approved("a"), revoked("a"), approved("a")])).unwrap();
    assert!(again.plans[&digest("a")].revoked.is_none());
    for event in [approved("x"), revoked("x")] {
        assert!(matches!(folded(vec![event]), Err(JournalError::NoPlan { .. })));
    }
    assert_eq!(ledger.plans[&digest("b")].number, 2);
    assert_eq!(ledger.newest, Some(digest("b")));
}

fn window(from: Jst, to: Jst, status: Announced) -> AnnouncedWindow {
    AnnouncedWindow { from, to, status, title: String::new(), words: String::new() }
}

fn reading(
    kind: ReadingKind,
    source: &str,
    sha256: &str,
    windows: Vec<AnnouncedWindow>,
) -> LedgerEvent {
    let reading = Reading {
        kind,
        source: source.to_owned(),
        read_at: at(0),
        read_by: "見本 太郎".to_owned(),
        sha256: sha256.to_owned(),
        windows,
    };
    LedgerEvent::CalendarRead { reading }
}

/// The numbers of the readings that count.
fn numbers(events: Vec<LedgerEvent>) -> Vec<u64> {
    folded(events).unwrap().readings.iter().map(|entry| entry.number).collect()
}

#[test]
fn a_feed_replaces_itself_and_an_announcement_its_twin() {
    use ReadingKind::{Feed, Ics, NothingNew, Notice};
    let of = |kind, source, sum| reading(kind, source, sum, vec![]);
    assert_eq!(numbers(vec![of(Feed, "x", "1"), of(Feed, "x", "2")]), [2]);
    assert_eq!(numbers(vec![of(Feed, "x", "1"), of(Feed, "y", "1")]), [1, 2]);
    // A person's reading of the same name is another source.
    assert_eq!(numbers(vec![of(Notice, "x", "1"), of(Feed, "x", "2")]), [1, 2]);
    for kind in [Notice, Ics] {
        assert_eq!(numbers(vec![of(kind, "x", "1"), of(kind, "y", "1")]), [2], "{kind:?}");
        assert_eq!(numbers(vec![of(kind, "x", "1"), of(kind, "x", "2")]), [1, 2], "{kind:?}");
    }
    assert_eq!(numbers(vec![of(NothingNew, "x", "1"), of(NothingNew, "x", "1")]), [1, 2]);
    let by = actor("見本 太郎");
    let gone = LedgerEvent::ReadingWithdrawn { reading: 1, by, reason: "誤り".into() };
    assert_eq!(numbers(vec![of(Notice, "x", "1"), of(Notice, "x", "2"), gone]), [2]);
}

#[test]
fn a_window_is_called_off_by_its_own_times_and_never_in_a_feed() {
    use Announced::{Cancelled, Planned, Reserve};
    let (from, to) = (at(1_000), at(2_000));
    let left = |kind, status, off: AnnouncedWindow| {
        let first = reading(kind, "first", "1", vec![window(from, to, status)]);
        let ledger = folded(vec![first, reading(ReadingKind::Notice, "off", "2", vec![off])]);
        ledger.unwrap().readings[0].reading.windows.len()
    };
    let off = || window(from, to, Cancelled);
    for status in [Planned, Reserve] {
        assert_eq!(left(ReadingKind::Notice, status, off()), 0, "{status:?}");
        assert_eq!(left(ReadingKind::Ics, status, off()), 0, "{status:?}");
        assert_eq!(left(ReadingKind::Feed, status, off()), 1, "{status:?}");
    }
    // A cancellation that was written down before stays what it is.
    assert_eq!(left(ReadingKind::Notice, Cancelled, off()), 1);
    for other in [
        window(from, to, Planned),
        window(from, at(2_001), Cancelled),
        window(at(999), to, Cancelled),
    ] {
        assert_eq!(left(ReadingKind::Notice, Planned, other.clone()), 1, "{other:?}");
    }
}

#[test]
fn the_newest_scan_counts() {
    let scan = |values, undecided| LedgerEvent::CharactersScanned {
        mapping: "m".to_owned(),
        policy: "orca".to_owned(),
        values,
        undecided,
        lossy: vec![("rule".to_owned(), 3)],
    };
    let ledger = folded(vec![scan(10, 4), scan(20, 0)]).unwrap();
    let found = ledger.scan.unwrap();
    assert_eq!((found.at, found.values, found.undecided), (at(2), 20, 0));
    assert_eq!((found.mapping.as_str(), found.policy.as_str()), ("m", "orca"));
    assert_eq!(found.lossy, [("rule".to_owned(), 3)]);
}
