//! The same tests for every store: SQLite, PostgreSQL, memory.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeZone;
use chrono_tz::Asia::Tokyo;
use futures::future::BoxFuture;

use super::{LEDGER, Leases, MemoryStore, PostgresConfig, PostgresStore, SqliteStore, Store};
use crate::archive::test_server::Server;
use crate::clock::Clock;
use crate::ids::{PlanDigest, RunId};
use crate::journal::lease::Lease;
use crate::journal::ledger::{Actor, LedgerEvent, LedgerLog};
use crate::journal::{Event, Journal, JournalError, Row, verify};

/// A store that can be opened as often as there are processes.
pub(super) enum Kept {
    Sqlite(tempfile::TempDir),
    Memory(Arc<MemoryStore>),
    Postgres(Box<PostgresConfig>),
}

impl Kept {
    pub(super) async fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(folder) => {
                let path = folder.path().join("journal.sqlite");
                Arc::new(SqliteStore::open(&path, true).await.unwrap())
            }
            Self::Memory(store) => store.clone(),
            Self::Postgres(config) => {
                Arc::new(PostgresStore::open(config.as_ref().clone(), true).await.unwrap())
            }
        }
    }
}

pub(super) fn config(folder: &Path, schema: &str) -> PostgresConfig {
    PostgresConfig {
        host: None,
        socket_dir: Some(folder.to_owned()),
        port: 5432,
        database: "postgres".to_owned(),
        schema: schema.to_owned(),
        user: "postgres".to_owned(),
        password: None,
        ca: None,
        clinic: "JPN000000000452".to_owned(),
    }
}

type Case = (&'static str, fn(Kept) -> BoxFuture<'static, ()>);

/// Every promise of a store, each on one that is empty.
const CASES: [Case; 11] = [
    ("rows come back", |kept| Box::pin(rows_come_back(kept))),
    ("a number is taken once", |kept| Box::pin(a_number_is_taken_once(kept))),
    ("one of many is admitted", |kept| Box::pin(one_of_many_is_admitted(kept))),
    ("a run is carried on", |kept| Box::pin(a_run_is_carried_on(kept))),
    ("a lost answer is no lost record", |kept| Box::pin(a_lost_answer_is_no_lost_record(kept))),
    ("what is gone is missed", |kept| Box::pin(what_is_gone_is_missed(kept))),
    ("the ledger is everybody's", |kept| Box::pin(the_ledger_is_everybodys(kept))),
    ("a lease keeps others out", |kept| Box::pin(a_lease_keeps_others_out(kept))),
    ("a lease runs out", |kept| Box::pin(a_lease_runs_out(kept))),
    ("of many takers one takes it", |kept| Box::pin(one_takes_it(kept))),
    ("a token only rises", |kept| Box::pin(a_token_only_rises(kept))),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_suite_on_sqlite() {
    for (name, case) in CASES {
        eprintln!("{name}");
        case(Kept::Sqlite(tempfile::tempdir().unwrap())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_suite_in_memory() {
    for (name, case) in CASES {
        eprintln!("{name}");
        case(Kept::Memory(Arc::new(MemoryStore::new()))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_suite_on_postgresql() {
    let server = Server::start_with("-h ''");
    for (number, (name, case)) in CASES.iter().enumerate() {
        eprintln!("{name}");
        // A name that has to be quoted.
        let place = config(server.folder(), &format!("Records-{number}"));
        case(Kept::Postgres(Box::new(place))).await;
    }
}

pub(super) fn row(seq: u64, text: &str) -> Row {
    let hash = format!("{seq:064}");
    Row { seq, at: "2027-01-12T13:00:00.000+09:00".to_owned(), json: text.to_owned(), hash }
}

fn started(run: &RunId) -> Event {
    Event::RunStarted {
        run: run.clone(),
        playbook: "cutover".into(),
        clinic: "見本".into(),
        clinic_id: "JPN000000000452".into(),
        plan: PlanDigest("0".repeat(64)),
        operator: "見本 太郎".into(),
        host: "test".into(),
        tool: "0".into(),
        rehearsal: true,
    }
}

async fn rows_come_back(kept: Kept) {
    let store = kept.open().await;
    let (first, second) = (RunId::fresh(), RunId::fresh());
    let ledger = RunId::from(LEDGER);
    assert!(store.runs().await.unwrap().is_empty());
    assert!(store.rows(&first, 0).await.unwrap().is_empty());
    let texts = ["{}", "髙﨑 𠮷 \u{7f}'\"\\ %", &"長".repeat(10_000)];
    for stream in [&second, &ledger, &first] {
        for (seq, text) in (1..).zip(texts) {
            store.append(stream, &row(seq, text)).await.unwrap();
        }
    }
    // Another process sees the same, in the order of numbers; the ledger is no run.
    let other = kept.open().await;
    assert_eq!(other.runs().await.unwrap(), [first.clone(), second]);
    let rows = other.rows(&first, 0).await.unwrap();
    let wanted: Vec<Row> = (1..).zip(texts).map(|(seq, text)| row(seq, text)).collect();
    assert!(rows == wanted);
    assert!(other.rows(&ledger, 2).await.unwrap() == rows[2..]);
    assert!(other.rows(&first, 3).await.unwrap().is_empty());
}

async fn a_number_is_taken_once(kept: Kept) {
    let (store, other) = (kept.open().await, kept.open().await);
    let run = RunId::fresh();
    store.append(&run, &row(1, "one")).await.unwrap();
    for text in ["one", "two"] {
        let twice = other.append(&run, &row(1, text)).await.unwrap_err();
        assert!(matches!(twice, JournalError::Taken { seq: 1 }), "{twice}");
    }
    assert_eq!(store.rows(&run, 0).await.unwrap(), [row(1, "one")]);
    // The same number of another stream is another record.
    other.append(&RunId::fresh(), &row(1, "two")).await.unwrap();
}

async fn one_of_many_is_admitted(kept: Kept) {
    const PROCESSES: usize = 6;
    const RECORDS: u64 = 15;
    kept.open().await;
    let run = RunId::fresh();
    let barrier = Arc::new(tokio::sync::Barrier::new(PROCESSES));
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..PROCESSES {
        let (store, run, barrier) = (kept.open().await, run.clone(), barrier.clone());
        all.spawn(async move {
            let mut admitted = 0;
            for seq in 1..=RECORDS {
                barrier.wait().await;
                // To the last byte the same: the store may not take one for the other.
                match store.append(&run, &row(seq, "same")).await {
                    Ok(()) => admitted += 1,
                    Err(JournalError::Taken { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            admitted
        });
    }
    let admitted: u64 = all.join_all().await.into_iter().sum();
    assert_eq!(admitted, RECORDS);
    assert_eq!(kept.open().await.rows(&run, 0).await.unwrap().len() as u64, RECORDS);
}

async fn a_run_is_carried_on(kept: Kept) {
    let run = RunId::fresh();
    let store = kept.open().await;
    let begun = Journal::begin(store.clone(), Clock::System, run.clone(), started(&run), None);
    let journal = begun.await.unwrap();
    journal.append(dump_begins()).await.unwrap();
    let again = Journal::take_up(kept.open().await, Clock::System, run.clone(), None).await;
    assert_eq!(again.unwrap().state().await, journal.state().await);
    let head = journal.state().await.head.0;
    let verified = verify(store.as_ref(), std::slice::from_ref(&head)).await.unwrap();
    assert!(verified.sound, "{verified:?}");
    assert_eq!(verified.heads[0].found, Some((run.to_string(), 2)));
    let missing = verify(store.as_ref(), &["0".repeat(64)]).await.unwrap();
    assert_eq!(missing.damages()[0].code, "journal-head-missing");
}

fn dump_begins() -> Event {
    Event::StepStarted {
        step: "dump".into(),
        attempt: 1,
        effect: crate::effect::Effect::Repeatable,
        role: Default::default(),
    }
}

/// A store whose answer to a write is lost when it is asked for.
struct LosesAnswers {
    store: Arc<dyn Store>,
    loses: AtomicBool,
    takes: bool,
}

#[async_trait]
impl Store for LosesAnswers {
    async fn write(&self, run: &RunId, row: &Row, token: Option<u64>) -> Result<(), JournalError> {
        let loses = self.loses.swap(false, Ordering::SeqCst);
        if !loses || self.takes {
            self.store.write(run, row, token).await?;
        }
        match loses {
            true => Err(JournalError::Unwritable { reason: "no answer".to_owned() }),
            false => Ok(()),
        }
    }

    async fn rows(&self, stream: &RunId, after: u64) -> Result<Vec<Row>, JournalError> {
        self.store.rows(stream, after).await
    }

    async fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        self.store.runs().await
    }

    fn leases(&self) -> &dyn Leases {
        self.store.leases()
    }
}

/// Whether the store took it or not: the next record follows from what is there.
async fn a_lost_answer_is_no_lost_record(kept: Kept) {
    for takes in [true, false] {
        let run = RunId::fresh();
        let (store, loses) = (kept.open().await, AtomicBool::new(false));
        let store = Arc::new(LosesAnswers { store, loses, takes });
        let begun = Journal::begin(store.clone(), Clock::System, run.clone(), started(&run), None);
        let journal = begun.await.unwrap();
        store.loses.store(true, Ordering::SeqCst);
        journal.append(dump_begins()).await.unwrap_err();
        // Its caller does not act; it says so, or does the same once more.
        let skipped = Event::StepSkipped { step: "close".into() };
        let after = journal.append(skipped).await.unwrap();
        assert_eq!(after.seq, if takes { 3 } else { 2 });
        assert_eq!(after.steps.contains_key(&"dump".into()), takes);
        let read = Journal::take_up(kept.open().await, Clock::System, run.clone(), None).await;
        assert_eq!(read.unwrap().state().await, after);
    }
}

/// A run that is gone, or its end, is missed by the ledger.
async fn what_is_gone_is_missed(kept: Kept) {
    let run = RunId::fresh();
    let store = kept.open().await;
    let begun = Journal::begin(store.clone(), Clock::System, run.clone(), started(&run), None);
    let journal = begun.await.unwrap();
    journal.anchor().await.unwrap();
    journal.append(dump_begins()).await.unwrap();
    journal.anchor().await.unwrap();
    let verified = verify(store.as_ref(), &[]).await.unwrap();
    assert!(verified.sound, "{verified:?}");
    let ledger = RunId::from(LEDGER);
    for left in [0, 1, 2] {
        let copy = MemoryStore::new();
        for row in store.rows(&ledger, 0).await.unwrap() {
            copy.append(&ledger, &row).await.unwrap();
        }
        for row in store.rows(&run, 0).await.unwrap().iter().take(left) {
            copy.append(&run, row).await.unwrap();
        }
        let verified = verify(&copy, &[]).await.unwrap();
        assert_eq!(verified.sound, left == 2, "{left}: {verified:?}");
        if let Some(damage) = verified.damages().first() {
            assert_eq!(damage.code, "journal-damage-missing");
            let seq = damage.facts.iter().find(|fact| fact.name == "seq").unwrap();
            assert_eq!(seq.value, (left + 1).to_string());
        }
    }
}

async fn the_ledger_is_everybodys(kept: Kept) {
    let mut all = tokio::task::JoinSet::new();
    let due = Tokyo.with_ymd_and_hms(2027, 1, 21, 19, 0, 0).unwrap();
    for number in 0..4 {
        let store = kept.open().await;
        all.spawn(async move {
            let log = LedgerLog::open(store, Clock::System).await.unwrap();
            let by = Actor { name: number.to_string(), host: "h".into(), tool: "0".into() };
            for plan in 0..3 {
                let digest = PlanDigest(format!("{number}{plan}").repeat(32));
                let saved = LedgerEvent::PlanSaved { digest, file: "f".into(), by: by.clone() };
                log.append(saved).await.unwrap();
            }
            // To the last byte the same for all: one of them begins the work.
            let by = Actor { name: "tick".into(), host: "h".into(), tool: "0".into() };
            log.append(LedgerEvent::WorkStarted { job: "cutover".into(), due, by }).await.is_ok()
        });
    }
    let begun = all.join_all().await.into_iter().filter(|begun| *begun).count();
    assert_eq!(begun, 1);
    let log = LedgerLog::open(kept.open().await, Clock::System).await.unwrap();
    assert_eq!(log.records().await.unwrap().len(), 4 * 3 + 1);
}

/// So long that nothing runs out while a test goes on.
const LONG: Option<Duration> = Some(Duration::from_secs(600));

async fn a_lease_keeps_others_out(kept: Kept) {
    let (store, other) = (kept.open().await, kept.open().await);
    assert!(!Lease::is_held(store.as_ref()).await.unwrap());
    let lease = Lease::take(store.clone(), "見本 太郎", LONG).await.unwrap();
    assert!(Lease::is_held(other.as_ref()).await.unwrap());
    let Err(JournalError::LeaseHeld { operator, pid, secs, .. }) =
        Lease::take(other.clone(), "見本 次郎", LONG).await
    else {
        panic!("taken twice")
    };
    assert_eq!((operator.as_str(), pid), ("見本 太郎", std::process::id()));
    assert!((590..=601).contains(&secs), "{secs}");
    lease.store().confirm().await.unwrap();
    lease.release().await;
    assert!(!Lease::is_held(other.as_ref()).await.unwrap());
    let second = Lease::take(other.clone(), "見本 次郎", LONG).await.unwrap();
    // A process that let its lease go without a word, as one that was killed.
    drop(second);
    assert!(!Lease::is_held(other.as_ref()).await.unwrap());
    Lease::take(store, "見本 太郎", LONG).await.unwrap();
}

async fn a_lease_runs_out(kept: Kept) {
    const SHORT: Duration = Duration::from_secs(3);
    let (store, other) = (kept.open().await, kept.open().await);
    let run = RunId::fresh();
    // Taken by hand, so that nothing renews it: as by a process that sleeps.
    let asleep = Lease::take(store.clone(), "見本 太郎", Some(SHORT)).await.unwrap();
    let fenced = asleep.store();
    fenced.append(&run, &row(1, "before")).await.unwrap();
    asleep.stop_renewing();
    assert!(matches!(
        Lease::take(other.clone(), "見本 次郎", LONG).await,
        Err(JournalError::LeaseHeld { .. })
    ));
    tokio::time::sleep(SHORT + Duration::from_millis(200)).await;
    // Nobody has taken it: its holder may go on.
    fenced.append(&run, &row(2, "late")).await.unwrap();
    let lease = Lease::take(other, "見本 次郎", LONG).await.unwrap();
    let refused = fenced.append(&run, &row(3, "too late")).await.unwrap_err();
    assert!(matches!(refused, JournalError::LeaseLost), "{refused}");
    let refused = fenced.confirm().await.unwrap_err();
    assert!(matches!(refused, JournalError::LeaseLost), "{refused}");
    // The ledger is everybody's all the same.
    fenced.append(&RunId::from(LEDGER), &row(1, "ledger")).await.unwrap();
    lease.store().append(&run, &row(3, "taken over")).await.unwrap();
    let rows = store.rows(&run, 0).await.unwrap();
    assert_eq!(rows[2], row(3, "taken over"));
    // What is given up too late takes nothing from who has it now.
    asleep.release().await;
    lease.store().append(&run, &row(4, "still")).await.unwrap();
    assert!(Lease::is_held(store.as_ref()).await.unwrap());
}

async fn one_takes_it(kept: Kept) {
    kept.open().await;
    let mut all = tokio::task::JoinSet::new();
    let barrier = Arc::new(tokio::sync::Barrier::new(6));
    for _ in 0..6 {
        let (store, barrier) = (kept.open().await, barrier.clone());
        all.spawn(async move {
            barrier.wait().await;
            Lease::take(store, "見本 太郎", LONG).await.ok()
        });
    }
    let taken: Vec<Lease> = all.join_all().await.into_iter().flatten().collect();
    assert_eq!(taken.len(), 1);
}

async fn a_token_only_rises(kept: Kept) {
    let store = kept.open().await;
    let mut last = 0;
    for round in 0..5 {
        let lease = Lease::take(store.clone(), "見本 太郎", LONG).await.unwrap();
        let entry = store.leases().lease().await.unwrap().unwrap();
        assert_eq!(entry.token, last + 1);
        assert_eq!(entry.holder.operator, "見本 太郎");
        last = entry.token;
        if round % 2 == 0 {
            lease.release().await;
            assert_eq!(store.leases().lease().await.unwrap().unwrap().token, last);
        }
    }
    // An old token neither renews nor writes, whatever the lease's state.
    assert!(!store.leases().renew_lease(last - 1, Duration::from_secs(1)).await.unwrap());
    let refused = store.write(&RunId::fresh(), &row(1, "x"), Some(last - 1)).await;
    assert!(matches!(refused, Err(JournalError::LeaseLost)));
}

#[tokio::test]
async fn a_lost_lease_is_told_at_once() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let lease = Lease::take(store.clone(), "a", Some(Duration::from_millis(60))).await.unwrap();
    let entry = store.leases().lease().await.unwrap().unwrap();
    assert!(
        store.leases().take_lease(entry.token, true, &entry.holder, LONG.unwrap()).await.unwrap()
    );
    let told = tokio::time::timeout(Duration::from_secs(5), lease.lost()).await.unwrap();
    assert!(matches!(told, JournalError::LeaseLost));
}

#[tokio::test]
async fn a_lease_is_renewed_as_long_as_it_is_held() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let lease = Lease::take(store.clone(), "a", Some(Duration::from_millis(900))).await.unwrap();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(Lease::is_held(store.as_ref()).await.unwrap());
    }
    drop(lease);
}
