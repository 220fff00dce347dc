//! What fuzzing starts from and what it once found, through its own doors: quick enough for
//! every run of the tests. The long runs are `scripts/fuzz`'s.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::figures::figure;
use crate::fuzz_doors as doors;

/// Longest time for one input.
const LIMIT: Duration = Duration::from_secs(10);

/// A target: its name, its door, and the files of the repository that it starts from.
struct Target {
    name: &'static str,
    door: fn(&[u8]),
    seeds: &'static [&'static str],
}

fn pass(data: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    doors::pass(data, folder.path());
}

const TARGETS: [Target; 8] = [
    Target { name: "playbook", door: doors::steps, seeds: &["playbooks"] },
    Target { name: "clinic", door: doors::clinic, seeds: &["examples"] },
    Target { name: "maintenance", door: doors::maintenance, seeds: &["examples"] },
    Target { name: "notice", door: doors::notice, seeds: &["tests/fixtures/notices"] },
    Target { name: "ics", door: doors::ics, seeds: &["tests/fixtures/ics"] },
    Target { name: "page", door: doors::page, seeds: &[] },
    Target { name: "journal", door: doors::journal_rows, seeds: &[] },
    Target { name: "pass", door: pass, seeds: &["examples"] },
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

#[test]
fn what_fuzzing_found_and_starts_from_is_read_without_harm() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for target in TARGETS {
        let found = files(&root.join("tests/fixtures/fuzz").join(target.name));
        let seeds = target.seeds.iter().flat_map(|folder| files(&root.join(folder)));
        let inputs: Vec<PathBuf> = found.iter().cloned().chain(seeds).collect();
        assert!(!inputs.is_empty(), "{} reads nothing", target.name);
        for input in &inputs {
            let data = std::fs::read(input).unwrap();
            let started = Instant::now();
            // Whole, cut short, and with one byte turned: an error is an answer.
            (target.door)(&data);
            (target.door)(data.get(..data.len() / 2).unwrap());
            let mut turned = data.clone();
            if let Some(byte) = turned.get_mut(data.len() / 3) {
                *byte ^= 0x40;
            }
            (target.door)(&turned);
            assert!(started.elapsed() < LIMIT, "{}: {}", target.name, input.display());
        }
        let value = format!("{} inputs, 0 panics", inputs.len() * 3);
        let what = format!("fuzz target `{}`: seeds and found inputs replayed", target.name);
        figure("R10", &what, value, "cargo nextest run --no-capture fuzz_replay");
    }
}
