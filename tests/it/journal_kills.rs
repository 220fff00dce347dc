//! The journal alone: a process that appends is killed at random moments; every record that it was
//! told is durable must be there, and what is there must follow from what came before.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use orca_cutover::clock::Clock;
use orca_cutover::ids::{PlanDigest, RunId};
use orca_cutover::journal::store::{Place, Store};
use orca_cutover::journal::{Contents, Event, Journal};

use crate::figures::{figure, size};

/// Names the journal for the process that appends.
const APPEND_TO: &str = "ORCA_TEST_APPEND_TO";
/// A journal of its own for so many kills: reading it back takes the longer the longer it is.
const KILLS_OF_A_FILE: usize = 100;
/// Writers that are let live at a time: each waits for its disk most of the time.
const SIDE_BY_SIDE: usize = 4;
/// Longest time that a process is let live after it has begun to append.
const LONGEST_MICROS: u64 = 12_000;
/// Number of records that one look at a journal may find beyond those acknowledged.
const ONE: u64 = 1;

/// The process that is killed. It says each record's number once the journal says that it is
/// durable, in 8 bytes.
fn append_until_killed(path: std::ffi::OsString) {
    let place = Place::File(path.into());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = place.open(true).await.unwrap();
        let journal = match store.runs().await.unwrap().pop() {
            Some(run) => Journal::take_up(store, Clock::System, run, None).await.unwrap(),
            None => begin(store).await,
        };
        // Past what the test runner keeps back.
        let mut said = std::fs::File::from(std::io::stdout().as_fd().try_clone_to_owned().unwrap());
        loop {
            let number = journal.state().await.seq + 1;
            let event = Event::FileRegistered {
                path: format!("/srv/archives/{number}.dump"),
                contents: Contents::SourceDump,
                step: "final_dump".into(),
            };
            let state = journal.append(event).await.unwrap();
            said.write_all(&state.seq.to_le_bytes()).unwrap();
        }
    });
}

async fn begin(store: std::sync::Arc<dyn Store>) -> Journal {
    let run = RunId::fresh();
    let started = Event::RunStarted {
        run: run.clone(),
        playbook: "cutover".into(),
        clinic: "見本医院".into(),
        clinic_id: "JPN000000000452".into(),
        plan: PlanDigest("0".repeat(64)),
        operator: "test".into(),
        host: "test".into(),
        tool: "0".into(),
        rehearsal: false,
    };
    Journal::begin(store, Clock::System, run, started, None).await.unwrap()
}

/// Numbers that look random and are the same for the same seed.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Lets a process append and kills it; gives the number of the last record that it was told of.
fn one_life(journal: &Path, numbers: &mut Numbers) -> Option<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "journal_kills::no_acknowledged_record_is_lost_by_kill_9", "--nocapture"])
        .env(APPEND_TO, journal)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    // One life in eight is ended while the journal is being opened, the others among records.
    let mut said = Vec::new();
    if numbers.below(8) > 0 {
        let mut head = [0; 256];
        while !has_record(&said) {
            match stdout.read(&mut head).unwrap() {
                0 => panic!("it ended by itself: {}", String::from_utf8_lossy(&said)),
                read => said.extend_from_slice(&head[..read]),
            }
        }
    }
    std::thread::sleep(Duration::from_micros(numbers.below(LONGEST_MICROS)));
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    stdout.read_to_end(&mut said).unwrap();
    last_record(&said)
}

/// What the test runner says before the first record ends with this.
fn records(said: &[u8]) -> &[u8] {
    const HEAD: &[u8] = b"\nrunning 1 test\n";
    match said.windows(HEAD.len()).position(|window| window == HEAD) {
        Some(at) => &said[at + HEAD.len()..],
        None => &[],
    }
}

fn has_record(said: &[u8]) -> bool {
    last_record(said).is_some()
}

fn last_record(said: &[u8]) -> Option<u64> {
    let numbers = records(said);
    // `test NAME ... ` may stand before them on one line, if the runner got to say it.
    let numbers = match numbers.starts_with(b"test ") {
        true => {
            let end = b" ... ";
            let at = numbers.windows(end.len()).position(|window| window == end)?;
            &numbers[at + end.len()..]
        }
        false => numbers,
    };
    let (whole, _) = numbers.as_chunks::<8>();
    whole.last().map(|bytes| u64::from_le_bytes(*bytes))
}

#[test]
fn no_acknowledged_record_is_lost_by_kill_9() {
    // The test is the process that it kills, started again.
    if let Some(path) = std::env::var_os(APPEND_TO) {
        return append_until_killed(path);
    }
    let wanted = size(1_000, 100_000);
    let begun = Instant::now();
    let next = &AtomicUsize::new(0);
    let one_after_another = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut sum = Sum::default();
        loop {
            let file = next.fetch_add(1, Ordering::Relaxed);
            let kills = KILLS_OF_A_FILE.min(wanted.saturating_sub(file * KILLS_OF_A_FILE));
            if kills == 0 {
                return sum;
            }
            let of_file = kill_while_appending(file, kills, &runtime);
            sum.records += of_file.records;
            sum.unacknowledged += of_file.unacknowledged;
        }
    };
    let sums: Vec<Sum> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..SIDE_BY_SIDE).map(|_| scope.spawn(one_after_another)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let records: u64 = sums.iter().map(|sum| sum.records).sum();
    let unacknowledged: u64 = sums.iter().map(|sum| sum.unacknowledged).sum();
    let rate = wanted as f64 / begun.elapsed().as_secs_f64();
    figure(
        "R2",
        "kill -9 at random, journal alone",
        format!(
            "{wanted} kills, {records} records, {rate:.0} kills/s: 0 acknowledged records lost, \
             0 unreadable journals"
        ),
        "cargo nextest run journal_kills",
    );
    assert!(unacknowledged > 0, "no kill ever fell between writing and saying");
}

/// What several journals showed.
#[derive(Default)]
struct Sum {
    records: u64,
    /// Kills that fell between a record's writing and its being said.
    unacknowledged: u64,
}

/// One journal whose writer is killed so many times.
fn kill_while_appending(file: usize, kills: usize, runtime: &tokio::runtime::Runtime) -> Sum {
    let seed = u64::try_from(file + 1).unwrap();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let (mut found, mut unacknowledged) = (0, 0);
    for kill in 1..=kills {
        let life = one_life(&path, &mut numbers);
        let acknowledged = found.max(life.unwrap_or(0));
        // The file as it lies there, with its log, read by a process that did not write it.
        found = runtime.block_on(last_number(&path));
        let at = format!("journal {file}, kill {kill}: {acknowledged} acknowledged, {found} there");
        assert!(found >= acknowledged, "{at}");
        // A life that nobody heard of may have written what it had no time to say.
        if life.is_some() {
            assert!(found <= acknowledged + ONE, "{at}");
        }
        unacknowledged += u64::from(found > acknowledged);
    }
    assert_eq!(judge(&path), found, "an independent reader finds the same");
    Sum { records: found, unacknowledged }
}

/// The number of the last record, all of them being checked; 0 where there is no journal yet.
async fn last_number(path: &Path) -> u64 {
    if !path.exists() {
        return 0;
    }
    let store = Place::File(path.to_owned()).open(true).await.unwrap();
    let mut last = 0;
    for run in store.runs().await.unwrap() {
        last = store.load(&run).await.unwrap().last().map_or(0, |record| record.seq);
    }
    store.close().await;
    last
}

/// Python's own SQLite reads the file through: whole, without a gap, one run.
fn judge(path: &Path) -> u64 {
    const SCRIPT: &str = "
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
assert db.execute('pragma integrity_check').fetchone() == ('ok',)
rows = db.execute('select run, seq from records order by run, seq').fetchall()
assert len({run for run, _ in rows}) <= 1
assert [seq for _, seq in rows] == list(range(1, len(rows) + 1))
print(len(rows))
";
    let output = Command::new("python3").args(["-c", SCRIPT]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}
