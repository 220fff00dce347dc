//! The night of the cutover: nothing is sent on a dump that is no longer what the clinic has, or on
//! an export that is no longer what the tenant had.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::clinic::{self, assert_open, original};
use crate::kill::site_imports;
use crate::support::{DECIDES, World, postgres_program};

/// A run that dies right after this step's intent.
fn killed_at(world: &World, step: &str) {
    let digest = world.digest();
    dies_at(world, &["run", &world.playbook(), "--approve", &digest, "--as", DECIDES], step);
}

fn dies_at(world: &World, args: &[&str], step: &str) {
    let fault = format!("after-intent/{step}=crash");
    let output = world.command(args).env("ORCA_CUTOVER_FAULT", fault).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(9), "{step}: {said}");
}

/// `psql` as the owner of the clinic's database, whatever fence says that it is read-only.
fn as_owner(world: &World, database: &str, sql: &str) -> Output {
    Command::new("sudo")
        .args(["-n", "-u", "orca", "env", "PGOPTIONS=-c default_transaction_read_only=off"])
        .arg(postgres_program("psql"))
        .args(["-XAtq", "-p", "54329", "-d", database, "-c", sql, "-h"])
        .arg(world.dir.join("clinic/s"))
        .output()
        .unwrap()
}

fn refused(world: &World, output: &Output, status: i32, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert!(said.contains(words), "{words}: {said}");
    assert_eq!(site_imports(world).len(), 1, "only the test import: {said}");
    // The way back was taken by itself: the clinic opens with its own server.
    assert_open(world, &original(world), &said);
}

/// H3
#[test]
fn a_row_that_is_written_after_the_dump_stops_the_import() {
    let world = World::up(&[]);
    killed_at(&world, "stale");
    // A client that knows how to get round a read-only fence.
    let written =
        as_owner(&world, "orca", "INSERT INTO tbl_lock (hospnum, lockid) VALUES (1, 4711)");
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    refused(&world, &world.run(&["run", "--resume"]), 6, "was written to after the dump");
    // Taken up again, the dump is a new one, which has the row.
    let output = world.run(&["run", "--resume"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("▶ start  Take the final dump"), "{said}");
    assert_eq!(site_imports(&world).len(), 2);
    let rows = Command::new(postgres_program("pg_restore"))
        .args(["-a", "-t", "tbl_lock", "-f", "-"])
        .arg(world.dir.join("work/archives/final.dump"))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&rows.stdout).contains("4711"), "the late row was sent");
    // A database that is closed to everyone takes no late row at all.
    let late = as_owner(&world, "orca", "INSERT INTO tbl_lock (hospnum, lockid) VALUES (1, 4712)");
    assert!(!late.status.success());
}

/// H3: what was closed is looked at once more right before the import.
#[test]
fn a_database_that_somebody_opened_again_stops_the_import() {
    let world = World::up(&[]);
    let record = world.dir.join("come-by");
    let digest = world.digest();
    let mut run = world.command(&["run", &world.playbook(), "--approve", &digest, "--as", DECIDES]);
    let faults = format!("before-outcome/last_window=delay:4000,record:{}", record.display());
    run.env("ORCA_CUTOVER_FAULT", faults).stdout(Stdio::null()).stderr(Stdio::piped());
    let run = run.spawn().unwrap();
    let began = Instant::now();
    let is_there = || {
        let lines = std::fs::read_to_string(&record).unwrap_or_default();
        lines.lines().any(|line| line == "last_window before-outcome")
    };
    while !is_there() {
        assert!(began.elapsed() < Duration::from_secs(300), "the last look never came");
        std::thread::sleep(Duration::from_millis(50));
    }
    clinic::sql(&world, "postgres", "ALTER DATABASE orca ALLOW_CONNECTIONS true");
    refused(&world, &run.wait_with_output().unwrap(), 6, "no longer");
    // Taken up again, it is closed anew before anything is sent.
    let output = world.run(&["run", "--resume"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(site_imports(&world).len(), 2);
    clinic::assert_closed(&world, &said);
}

type Damage = fn(&Path);

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

fn cut(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    std::fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
}

/// H4
#[test]
fn an_export_that_was_damaged_since_it_was_verified_is_made_again_before_the_import() {
    made_again("flipped", flip);
}

/// H4
#[test]
fn an_export_that_was_cut_since_it_was_verified_is_made_again_before_the_import() {
    made_again("cut", cut);
}

/// H4
#[test]
fn an_export_that_was_deleted_since_it_was_verified_is_made_again_before_the_import() {
    made_again("deleted", |path| std::fs::remove_file(path).unwrap());
}

/// One damage for each world: each new export takes one of the tenant's few places for dumps.
fn made_again(what: &str, damage: Damage) {
    let world = World::up(&[]);
    let export = world.dir.join("work/archives/before-production.dump");
    killed_at(&world, "last_window");
    let whole = || {
        let read = Command::new(postgres_program("pg_restore"))
            .args(["-f", "/dev/null"])
            .arg(&export)
            .output()
            .unwrap();
        read.status.success()
    };
    damage(&export);
    assert!(!whole(), "{what}");
    let args = ["run", "--resume"];
    dies_at(&world, &args, "last_window");
    // PostgreSQL reads the new one through, and nothing was sent meanwhile.
    assert!(whole(), "{what}");
    assert_eq!(site_imports(&world).len(), 1, "{what}");
    let output = world.run(&args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(site_imports(&world).len(), 2);
    assert!(whole());
}
