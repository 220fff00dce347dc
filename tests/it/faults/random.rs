//! kill -9 at random moments over the whole playbook against the twin.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::up;
use crate::clinic::work_on;
use crate::figures::{figure, size};
use crate::journal_kills::Numbers;
use crate::kill::{journal, judge, settle, site_imports};
use crate::support::{DECIDES, World};

/// Shortest life, in milliseconds: before it, nothing but the program itself has started.
const SHORTEST_LIFE: u64 = 30;
/// A life ends within so many milliseconds more.
const USUAL_LIFE: u64 = 1_200;
/// The longer a run goes on, the longer a life is: a dump must come to its end some time.
const GROWTH: u64 = 25;
/// Where more kills than this are wanted, so many worlds are up at a time: a run waits for servers
/// and disks most of the time.
const MANY: usize = 100;
const SIDE_BY_SIDE: usize = 10;

/// More than a run that goes on ever needs.
const MOST_LIVES: u64 = 150;

fn has_no_place_left(said: &str) -> bool {
    said.contains("all dump slots") || said.contains("free places for dumps")
}

/// Lives until the run has ended; gives how often it was killed, and whether it came
/// to its end.
fn one_run(seed: u64) -> (usize, bool) {
    let world = up(("cutover.yaml", &[]));
    let mut numbers = Numbers(seed);
    let (playbook, digest) = (world.playbook(), world.digest());
    let first = ["run", &playbook, "--approve", &digest, "--as", DECIDES];
    let (mut kills, mut lives, mut begun, mut worked_on, mut wanted) = (0, 0, false, false, 1..=1);
    loop {
        begun = begun || journal_has_a_run(&world);
        let words: &[&str] = if begun { &["run", "--resume"] } else { &first };
        if begun && !worked_on && is_done(&world, "test_compare") {
            work_on(&world);
            worked_on = true;
        }
        let mut command = world.command(words);
        if !worked_on {
            // The week between is not passed in one life.
            command.env("ORCA_CUTOVER_FAULT", "after-intent/production_time=crash");
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let life = SHORTEST_LIFE + numbers.below(USUAL_LIFE) + lives * GROWTH;
        std::thread::sleep(Duration::from_millis(life));
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        let status = output.status;
        lives += 1;
        assert!(lives < MOST_LIVES, "seed {seed}: does not come to an end");
        match status.code() {
            None if status.signal() == Some(9) => kills += 1,
            Some(7) => settle(&world),
            Some(0 | 9) if world.status()["outcome"] == "done" => break,
            // Whoever is killed between asking for a dump and seeing it leaves it on the site.
            // Where such took the five places, only a person can go on, and twice is still never.
            Some(_) if has_no_place_left(&String::from_utf8_lossy(&output.stderr)) => {
                wanted = 0..=1;
                break;
            }
            _ => {}
        }
    }
    let imports = site_imports(&world);
    let least = *wanted.start();
    assert!((least..=2).contains(&imports.len()), "seed {seed}: {imports:?}");
    judge(&journal(&world), wanted);
    let found = crate::judge::judge(&crate::judge::of_world(&world));
    assert!(found.is_empty(), "seed {seed}: {found:?}");
    (kills, least == 1)
}

fn journal_has_a_run(world: &World) -> bool {
    let output = world.run(&["status", "--json"]);
    let status: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    status["phases"].is_array()
}

fn is_done(world: &World, id: &str) -> bool {
    let status = world.status();
    let Some(phases) = status["phases"].as_array() else { return false };
    let mut steps = phases.iter().filter_map(|phase| phase["steps"].as_array()).flatten();
    steps.any(|step| step["id"] == id && step["state"] == "done")
}

#[test]
fn killed_at_random_moments_a_run_imports_each_archive_once() {
    let begun = Instant::now();
    // `ORCA_KILLS=n` asks for another number.
    let asked = std::env::var("ORCA_KILLS").ok().and_then(|text| text.parse().ok());
    let wanted: usize = asked.unwrap_or(size(15, 10_000));
    let (kills, runs, done) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicUsize::new(0));
    let one_after_another = || {
        while kills.load(Ordering::Relaxed) < wanted || done.load(Ordering::Relaxed) == 0 {
            let run = runs.fetch_add(1, Ordering::Relaxed) + 1;
            let (killed, ended) = one_run(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(run));
            kills.fetch_add(killed, Ordering::Relaxed);
            done.fetch_add(usize::from(ended), Ordering::Relaxed);
            assert!(run < 20 + u64::try_from(wanted).unwrap(), "no run comes to its end");
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..if wanted > MANY { SIDE_BY_SIDE } else { 1 } {
            scope.spawn(one_after_another);
        }
    });
    let (kills, runs, done) = (kills.into_inner(), runs.into_inner(), done.into_inner());
    let rate = f64::from(u32::try_from(kills).unwrap()) / begun.elapsed().as_secs_f64();
    figure(
        "R2",
        "kill -9 at random, whole playbook against the twin",
        format!(
            "{kills} kills in {runs} runs, {done} of them to the end, {rate:.2} kills/s: 0 double imports, \
             0 imports without verified export (goal: 1,000 a change, 10,000 a release)"
        ),
        "cargo nextest run faults::random",
    );
}
