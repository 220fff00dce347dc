//! Patients' names and secrets that must not leave: canaries go through whole runs and failures,
//! and everything that the program leaves or shows is searched for them.
//!
//! The twin's own folders are the world; a name may lie there, in the archives and in raw logs.

mod aviary;
mod hunt;
mod watched;

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use clap::ValueEnum;
use orca_cutover::rehearsal::Fault;

use crate::figures::{figure, is_full};
use crate::support::postgres_program;
use aviary::Aviary;
use hunt::{COMMAND, Found, SEARCH, search};

/// Every patient's names, and the one of the site's import log.
const NAMES: [&str; 8] =
    ["金糸雀", "鳥太郎", "カナリア", "トリタロウ", "ｶﾅﾘｱ", "ﾄﾘﾀﾛｳ", "患者十七", "架空　患者"];

#[test]
fn the_search_finds_a_canary_in_every_form_and_every_kind_of_file() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("python3")
        .args(["-B", "tests/it/canaries/plant.py", SEARCH])
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let counts: Vec<u64> =
        said.lines().next().unwrap().split(' ').map(|count| count.parse().unwrap()).collect();
    let [planted, found, clean, wrong] = counts[..] else { panic!("{said}") };
    let value = format!("{found} of {planted}; {wrong} of {clean}");
    figure("R11", "planted canaries found by the search; false alarms", value, COMMAND);
    assert!(planted > 1_000 && clean >= 20, "{said}");
    assert_eq!((found, wrong), (planted, 0), "{said}");
}

#[test]
fn a_whole_cutover_lets_no_name_and_no_secret_out() {
    let aviary = Aviary::up(&[]);
    let key = aviary.encrypt();
    let (status, seen) = aviary.cut_over();
    let said = std::fs::read_to_string(aviary.out.join("run.stderr")).unwrap();
    assert_eq!(status, Some(0), "{said}");
    aviary.ask();
    seen.judge(true);
    everything_is_encrypted(&aviary, &key);
    let found = aviary.search();
    assert!(found.places >= 15, "{found:?}");
    found.figure("names and secrets after a whole cutover");
}

/// Every dump lies there as an age file alone, and opens to the very bytes that the journal names.
fn everything_is_encrypted(aviary: &Aviary, key: &Path) {
    let files = aviary.registered();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut opened = 0;
    for file in &files {
        let path = text(&file["path"]);
        if path.ends_with(".age") {
            assert!(Path::new(&path).exists(), "{path}");
            continue;
        }
        assert!(!Path::new(&path).exists(), "{path} lies there in clear");
        let sealed = text(&file["sealed_as"]);
        let clear = aviary.world.dir.join("opened.dump");
        let decrypted = Command::new("age")
            .args(["-d", "-i"])
            .arg(key)
            .arg("-o")
            .arg(&clear)
            .arg(&sealed)
            .status()
            .unwrap();
        assert!(decrypted.success(), "{sealed}");
        let sum = Command::new("sha256sum").arg(&clear).output().unwrap().stdout;
        assert!(String::from_utf8(sum).unwrap().starts_with(&text(&file["sha256"])), "{path}");
        opened += 1;
        if path.ends_with("final.dump") {
            // The canaries did go through, half-width kana made full-width: they were there to leak.
            let mut restore = Command::new(postgres_program("pg_restore"));
            let rows = restore.args(["-f", "-"]).arg(&clear).output().unwrap().stdout;
            let rows = String::from_utf8_lossy(&rows).into_owned();
            assert!(rows.contains("金糸雀") && rows.contains("カナリア"), "no canary in {path}");
        }
    }
    assert!(opened >= 4, "{files:?}");
    for entry in std::fs::read_dir(aviary.world.dir.join("work/archives")).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(path.extension().unwrap(), "age", "{}", path.display());
    }
}

#[test]
fn no_failure_lets_a_name_or_a_secret_out() {
    let every: Vec<String> = Fault::value_variants().iter().map(|fault| fault.name()).collect();
    let faults: Vec<String> = if is_full() {
        every
    } else {
        // The sources of foreign text: the site's log, the clinic's rows, the tenant's rows.
        let chosen = ["import-log", "import-log-production", "bad-character", "rows-lost"];
        every.into_iter().filter(|fault| chosen.contains(&fault.as_str())).collect()
    };
    assert!(faults.len() >= 4);
    let faults: Vec<String> = faults.into_iter().chain(["panic".to_owned()]).collect();
    let (count, total) = (faults.len(), Mutex::new(Found::default()));
    let left = Mutex::new(faults);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = left.lock().unwrap().pop();
                    let Some(fault) = next else { break };
                    let found = one_failure(&fault);
                    let mut total = total.lock().unwrap();
                    *total = std::mem::take(&mut *total).with(found);
                }
            });
        }
    });
    let found = total.into_inner().unwrap();
    found.figure(&format!("names and secrets after {count} kinds of failures"));
}

fn one_failure(fault: &str) -> Found {
    let panics = fault == "panic";
    let mut args = if panics { Vec::new() } else { vec!["--fault", fault] };
    // With a second database `pg_restore` has something to say of the clinic's rows.
    if fault == "rows-lost" || is_full() && fault.len().is_multiple_of(2) {
        args.extend(["--playbook", "playbooks/cutover-database.yaml"]);
    }
    let mut aviary = Aviary::up(&args);
    aviary.panics = panics;
    // A run that comes as far as its mails, with its records on a server.
    if fault == "rows-lost" {
        aviary.record_on_a_server();
    }
    // Every other one as a clinic that encrypts.
    let key = (fault.len() % 2 == 1).then(|| aviary.encrypt());
    let (status, seen) = aviary.cut_over();
    aviary.ask();
    let said = std::fs::read_to_string(aviary.out.join("run.stderr")).unwrap();
    assert!(status.is_some_and(|status| status != 0), "{fault}: {status:?} {said}");
    if panics {
        assert_eq!(status, Some(70), "{said}");
        assert!(said.contains("a defect of the program at src/fault/spot.rs:"), "{said}");
        assert!(!said.contains("fault point"), "the panic's text is shown: {said}");
    }
    seen.judge(false);
    the_raw_log_holds_a_name(&aviary, fault, key.as_deref());
    let found = aviary.search();
    // What is found out before the run leaves no mails and no reports of one.
    let least = if aviary.began_a_run() { 12 } else { 10 };
    assert!(found.places >= least, "{fault}: {} places", found.places);
    if !found.hits.is_empty() {
        eprintln!("{fault}: {:#?}", found.hits);
    }
    found
}

/// What is kept of the site's import log does hold the patient's name: in clear the search finds it
/// there, encrypted it opens with the key alone.
fn the_raw_log_holds_a_name(aviary: &Aviary, fault: &str, key: Option<&Path>) {
    let registered = aviary.registered();
    let logs: Vec<_> = registered.iter().filter(|file| file["contents"] == "import-log").collect();
    assert!(!logs.is_empty() || !fault.starts_with("import-log"), "{fault}: no raw log is kept");
    for file in logs {
        let path = file["path"].as_str().unwrap().to_owned();
        let clear = aviary.world.dir.join("raw.log");
        if let Some(key) = key {
            assert!(path.ends_with(".log.age"), "{path}");
            let mut age = Command::new("age");
            let opened = age.args(["-d", "-i"]).arg(key).arg("-o").arg(&clear).arg(&path).status();
            assert!(opened.unwrap().success(), "{path}");
        } else {
            std::fs::copy(&path, &clear).unwrap();
        }
        let found =
            search(&serde_json::json!({"raw log": [clear]}), &NAMES.map(str::to_owned), &[]);
        assert!(!found.hits.is_empty(), "the search misses the name in {path}");
    }
}
