//! kill -9 at random moments over the whole playbook against the twin.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::up;
use crate::clinic::work_on;
use crate::figures::{figure, size};
use crate::kill::{journal, judge, settle, site_imports};
use crate::support::{DECIDES, World};

/// A life is ended at some moment before this.
const LONGEST_LIFE_MILLIS: u64 = 1_200;
/// Shortest life: before it, nothing but the program itself has started.
const SHORTEST_LIFE_MILLIS: u64 = 30;

/// More than a run that goes on ever needs.
const MOST_LIVES: u64 = 150;

fn has_no_place_left(said: &str) -> bool {
    said.contains("all dump slots") || said.contains("free places for dumps")
}

/// Lives until the run has ended; gives how often it was killed, and whether it came
/// to its end.
fn one_run(seed: u64) -> (usize, bool) {
    let world = up(("cutover.yaml", &[]));
    let mut numbers = seed;
    let (playbook, digest) = (world.playbook(), world.digest());
    let first = ["run", &playbook, "--approve", &digest, "--as", DECIDES];
    let (mut kills, mut lives, mut worked_on, mut wanted) = (0, 0, false, 1..=1);
    loop {
        let begun = journal_has_a_run(&world);
        let words: &[&str] = if begun { &["run", "--resume"] } else { &first };
        if begun && !worked_on && is_done(&world, "test_compare") {
            work_on(&world);
            worked_on = true;
        }
        let mut command = world.command(words);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        numbers ^= numbers << 13;
        numbers ^= numbers >> 7;
        numbers ^= numbers << 17;
        let life = SHORTEST_LIFE_MILLIS + numbers % (LONGEST_LIFE_MILLIS - SHORTEST_LIFE_MILLIS);
        // The longer it goes on, the more it is let live: a dump must come to its end some time.
        std::thread::sleep(Duration::from_millis(life + lives * 20));
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        let status = output.status;
        lives += 1;
        assert!(lives < MOST_LIVES, "seed {seed}: does not come to an end");
        match status.code() {
            None if status.signal() == Some(9) => kills += 1,
            Some(7) => settle(&world),
            Some(0 | 9) if world.status()["outcome"] == "done" => break,
            // A proof that was killed leaves its dump on the site. Where such took the five
            // places, only a person can go on, and twice is still never.
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
    let wanted = size(15, 1_000);
    let (mut kills, mut runs, mut done) = (0, 0, 0);
    while kills < wanted || done == 0 {
        runs += 1;
        let (killed, ended) = one_run(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(runs));
        kills += killed;
        done += usize::from(ended);
        assert!(runs < 20 + u64::try_from(wanted).unwrap(), "no run comes to its end");
    }
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
