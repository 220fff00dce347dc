//! The manual's way: a UTF-8 database beside the clinic's, its dump, and the swap. Judged by the
//! server's own catalogue.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::clinic::{service_runs, sql};
use crate::kill::{run_and_signal, site_imports};
use crate::support::{DECIDES, World, postgres_program};

const SHIPPED: &str = "playbooks/cutover-database.yaml";

fn world(swap: bool, args: &[&str]) -> (World, tempfile::TempDir) {
    let scratch = crate::support::scratch();
    let text = std::fs::read_to_string(SHIPPED).unwrap();
    let text = if swap { text.replacen("swap: \"no\"", "swap: \"yes\"", 1) } else { text };
    let path: PathBuf = scratch.path().join("playbook.yaml");
    std::fs::write(&path, text).unwrap();
    let mut all = vec!["--playbook", path.to_str().unwrap()];
    all.extend(args);
    (World::up(&all), scratch)
}

/// Number and encoding of every database by name, the server's own left out.
fn databases(world: &World) -> BTreeMap<String, (String, String)> {
    let list = sql(
        world,
        "postgres",
        "SELECT datname, oid, pg_encoding_to_char(encoding) FROM pg_database \
         WHERE NOT datistemplate AND datname <> 'postgres'",
    );
    list.lines()
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            (words[0].to_owned(), (words[1].to_owned(), words[2].to_owned()))
        })
        .collect()
}

fn approved(world: &World) -> [String; 6] {
    let [approve, person] = ["--approve", "--as"].map(str::to_owned);
    ["run".to_owned(), world.playbook(), approve, world.digest(), person, DECIDES.to_owned()]
}

fn run(world: &World, args: &[&str], status: i32) -> String {
    let output = world.run(args);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    stderr
}

fn start(world: &World, status: i32) -> String {
    let args = approved(world);
    run(world, &args.each_ref().map(String::as_str), status)
}

#[test]
fn the_manuals_way_leaves_the_server_as_it_was() {
    let (world, _scratch) = world(false, &[]);
    let before = databases(&world);
    assert_eq!(before["orca"].1, "EUC_JP");
    let stderr = start(&world, 0);
    assert_eq!(stderr.matches("database made  orca_utf8").count(), 2, "{stderr}");
    assert_eq!(databases(&world), before);
    assert_eq!(site_imports(&world).len(), 2);
    // What was sent is pg_dump's own file: its compression is pg_dump's, and PostgreSQL reads it.
    let archive = world.dir.join("work/archives/final.dump");
    let listed = Command::new(postgres_program("pg_restore")).arg("-l").arg(&archive).output();
    let listed = String::from_utf8(listed.unwrap().stdout).unwrap();
    assert!(listed.contains("dbname: orca_utf8"), "{listed}");
    assert!(!world.dir.join("work/archives/final.dump.part").exists());
}

#[test]
fn a_swap_is_taken_back_after_a_failure_and_by_hand() {
    let (world, _scratch) = world(true, &["--fault", "import-log-production"]);
    let original = databases(&world)["orca"].clone();
    let stderr = start(&world, 6);
    assert!(stderr.contains("done  Put the UTF-8 database in place"), "{stderr}");
    let after = databases(&world);
    assert_eq!(after["orca"], original, "the clinic has its own database back");
    assert_eq!(after["orca_utf8"].1, "UTF8");
    assert_eq!(after.len(), 2, "{after:?}");
    assert!(service_runs(&world));
    assert!(sql(&world, "orca", "SHOW default_transaction_read_only") == "off");
    // What the failed run left is its own: it goes on, and replaces it.
    run(&world, &["run", "--resume"], 0);
    let after = databases(&world);
    assert_eq!(after["orca"].1, "UTF8");
    assert_eq!(after.len(), 2, "{after:?}");
    let (kept, old) = after.iter().find(|(name, _)| name.starts_with("orca_before_")).unwrap();
    assert_eq!(*old, original, "{kept} is the clinic's own database");
    assert!(!service_runs(&world));
    // The way back on the next morning.
    run(&world, &["run", "--rollback", "--force"], 0);
    assert_eq!(databases(&world)["orca"], original);
    assert!(service_runs(&world));
    run(&world, &["run", "--rollback", "--force"], 0);
    assert_eq!(databases(&world)["orca"], original);
}

#[test]
fn killed_in_the_middle_it_replaces_its_own_database_and_swaps_once() {
    let (world, _scratch) = world(true, &[]);
    let original = databases(&world)["orca"].clone();
    let first = approved(&world);
    let mut args: Vec<&str> = first.iter().map(String::as_str).collect();
    let mut kills = 0;
    // While it is made, filled, dumped and compared; then while names change.
    let moments = [
        ("Take the final dump", 300),
        ("Take the final dump", 1_600),
        ("Take the final dump", 2_400),
        ("Put the UTF-8 database in place", 100),
        ("Put the UTF-8 database in place", 400),
    ];
    for (title, millis) in moments {
        let ended = run_and_signal(&world, &args, title, Duration::from_millis(millis), "-9");
        args = vec!["run", "--resume"];
        kills += usize::from(ended.is_none());
        let found = databases(&world);
        let there = found.values().any(|found| *found == original);
        assert!(there, "the clinic's own database is there under some name: {found:?}");
    }
    assert!(kills >= 3, "only {kills} kills");
    if world.status()["outcome"] != "done" {
        run(&world, &["run", "--resume"], 0);
    }
    let found = databases(&world);
    assert_eq!(found.len(), 2, "nothing half made is left: {found:?}");
    assert_eq!(found["orca"].1, "UTF8");
    assert!(found.iter().any(|(name, of)| name.starts_with("orca_before_") && *of == original));
}

#[test]
fn somebody_elses_database_is_never_touched() {
    let (world, _scratch) = world(false, &[]);
    let args = approved(&world);
    let args = args.each_ref().map(String::as_str);
    let title = "Check the planned time of the test import";
    assert_eq!(run_and_signal(&world, &args, title, Duration::ZERO, "-9"), None);
    sql(&world, "postgres", "CREATE DATABASE orca_utf8 OWNER orca");
    sql(&world, "orca_utf8", "CREATE TABLE theirs AS SELECT 1 AS one");
    let before = databases(&world);
    let stderr = run(&world, &["run", "--resume"], 4);
    assert!(stderr.contains("there is a database `orca_utf8` already"), "{stderr}");
    assert_eq!(databases(&world), before);
    assert_eq!(sql(&world, "orca_utf8", "SELECT one FROM theirs"), "1");
    assert_eq!(site_imports(&world).len(), 0);
    // A plan says so beforehand.
    let output = world.run(&["plan", &world.playbook(), "--json"]);
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = plan["checks"].as_array().unwrap();
    let name = checks.iter().find(|check| check["code"] == "plan-database-name").unwrap();
    assert_eq!(name["verdict"], "block");
}
