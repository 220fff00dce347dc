//! `purge` as its user meets it, and H34: whatever a killed process left of patients' data is found.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::image::{Op, operations};
use super::shim::Shim;
use crate::support::{DECIDES, World};

fn purge(world: &World, args: &[&str]) -> serde_json::Value {
    let output = world.run(&[&["purge", "--json"], args].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Fates of registered files, or of files that nobody registered, by name.
fn fates(purge: &serde_json::Value, list: &str) -> Vec<(String, String)> {
    let files = purge[list].as_array().unwrap();
    files
        .iter()
        .map(|file| {
            let path = Path::new(file["path"].as_str().unwrap());
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, file["fate"]["is"].as_str().unwrap().to_owned())
        })
        .collect()
}

/// The records of one kind, of all runs and the ledger.
fn records(world: &World, kind: &str) -> String {
    let script = "import sqlite3,sys\n\
        for (e,) in sqlite3.connect(sys.argv[1]).execute('select event from records order by run, seq'): print(e)";
    let output = Command::new("python3")
        .args(["-c", script])
        .arg(world.dir.join("work/journal.sqlite"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| line.contains(&format!("\"type\":\"{kind}\""))).collect()
}

fn move_clock(world: &World, days: i64) {
    let path = world.dir.join("clock");
    let shift: i64 = std::fs::read_to_string(&path).unwrap().trim().parse().unwrap();
    std::fs::write(path, (shift + days * 86_400_000).to_string()).unwrap();
}

/// H34
#[test]
fn what_a_kill_left_is_found_and_goes_when_it_may() {
    let world = World::up(&[]);
    let archives = world.dir.join("work/archives");
    let part = archives.join("test.dump.part");
    let digest = world.digest();
    let args = ["run", &world.playbook(), "--approve", &digest, "--as", DECIDES];
    let slow = "dump-midstream/test_dump=delay:5000";
    let mut child = world.command(&args).env("ORCA_CUTOVER_FAULT", slow).spawn().unwrap();
    let begun = Instant::now();
    while !part.exists() {
        assert!(begun.elapsed() < Duration::from_secs(120), "no dump begins");
        std::thread::sleep(Duration::from_millis(1));
    }
    // SIGKILL right after the file was created: it was registered before.
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(part.exists(), "the kill came too late");
    assert!(records(&world, "file-registered").contains("archives/test.dump\""));
    // A run that is not over keeps its files; the half file is of no use to it.
    let shown = purge(&world, &["--dry-run"]);
    assert!(fates(&shown, "files").iter().all(|(_, fate)| fate == "run-open"), "{shown}");
    let due = ("test.dump.part".to_owned(), "due".to_owned());
    assert!(fates(&shown, "unregistered").contains(&due), "{shown}");
    assert!(part.exists(), "a dry run removes nothing");
    // What somebody laid there is a person's to look at.
    std::fs::write(archives.join("copy.dump"), "PGDMP").unwrap();
    let done = purge(&world, &[]);
    let left = fates(&done, "unregistered");
    assert!(left.contains(&("test.dump.part".to_owned(), "removed".to_owned())), "{done}");
    assert!(left.contains(&("copy.dump".to_owned(), "needs-person".to_owned())), "{done}");
    assert!(!part.exists() && archives.join("copy.dump").exists());
    let paper = std::fs::read_to_string(done["report"].as_str().unwrap()).unwrap();
    assert!(paper.contains("患者情報の消去報告") && paper.contains("REMOVED"), "{paper}");
    // Without a name and a reason nothing goes before its time.
    assert_eq!(world.run(&["purge", "--all"]).status.code(), Some(2));
    // The run goes on, and its data goes when its time is over: not a day before.
    let resumed = world.run(&["run", "--resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", String::from_utf8_lossy(&resumed.stderr));
    move_clock(&world, 29);
    let kept = purge(&world, &[]);
    assert!(fates(&kept, "files").iter().all(|(_, fate)| fate == "kept"), "{kept}");
    move_clock(&world, 2);
    // SIGKILL between a removal and its record: the next purge proves both.
    let mut killed = world.command(&["purge"]);
    let killed = killed.env("ORCA_CUTOVER_FAULT", "file-purged=crash").output().unwrap();
    assert_eq!(killed.status.signal(), Some(9), "{}", String::from_utf8_lossy(&killed.stderr));
    let gone = purge(&world, &[]);
    let removed = fates(&gone, "files");
    assert!(removed.len() >= 5 && removed.iter().all(|(_, fate)| fate == "removed"), "{gone}");
    // Before anything went, who had it removed, and what, stood in the ledger.
    let ordered = records(&world, "purge-ordered");
    assert!(ordered.contains("見本 太郎") && ordered.contains("archives/final.dump"), "{ordered}");
    let all = ["--all", "--by", "見本 花子", "--reason", "契約の終了"];
    let last = purge(&world, &all);
    assert_eq!(fates(&last, "files"), []);
    let left: Vec<PathBuf> =
        std::fs::read_dir(&archives).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, Vec::<PathBuf>::new(), "{last}");
    let shown = world.run(&["purge", "--lang", "ja"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("患者情報はありません"));
}

/// H34: for each file that comes into being, the record that names it is on the disk before.
#[test]
fn every_file_with_patient_data_is_registered_before_it_exists() {
    let world = World::up(&["--fault", "import-log-production"]);
    let digest = world.digest();
    let shim = Shim::build();
    let work = world.dir.join("work");
    let playbook = world.playbook();
    let args = ["run", &playbook, "--approve", &digest, "--as", DECIDES];
    let (ended, log) = shim.log(world.command(&args), &work, &shim.file("ack"));
    assert_eq!(ended.status, Some(6), "{ended:?}");
    let (mut written, mut durable, mut judged) = (Vec::new(), 0, 0);
    for op in operations(&log) {
        match op {
            Op::Write { bytes, .. } => written.extend(bytes),
            Op::SyncFile { .. } => durable = written.len(),
            Op::Create { path, .. } => {
                let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
                if folder != "archives" && folder != "logs" {
                    continue;
                }
                judged += 1;
                let name = path.display().to_string();
                let name = name.trim_end_matches(".part");
                // A small file's part has its writer in its name.
                let name = match name.rsplit_once('.') {
                    Some((rest, own)) if own.contains('-') && !own.contains("dump") => rest,
                    _ => name,
                };
                let wanted = format!("\"type\":\"file-registered\",\"path\":\"{name}\"");
                let there = memchr::memmem::find(&written[..durable], wanted.as_bytes());
                assert!(there.is_some(), "{} was not registered before", path.display());
            }
            _ => {}
        }
    }
    assert!(judged >= 6, "only {judged} files were made");
}
