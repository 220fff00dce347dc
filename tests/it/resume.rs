//! What a run may rely on when it is taken up again, and what it may not.

use std::process::Command;
use std::time::Duration;

use crate::clinic::service_runs;
use crate::kill::{journal, run_and_signal, site_imports};
use crate::schedule::{announce, at};
use crate::support::{DECIDES, World};

const HOUR_MILLIS: i64 = 3_600_000;

fn move_clock(world: &World, millis: i64) {
    let path = world.dir.join("clock");
    let shift: i64 = std::fs::read_to_string(&path).unwrap().trim().parse().unwrap();
    std::fs::write(path, (shift + millis).to_string()).unwrap();
}

fn started(world: &World, title: &str, signal: &str) -> Option<i32> {
    let digest = world.digest();
    let args = ["run", &world.playbook(), "--approve", &digest, "--as", DECIDES];
    run_and_signal(world, &args, title, Duration::ZERO, signal)
}

#[test]
fn a_run_resumed_the_next_day_does_not_import_on_yesterdays_checks() {
    let world = World::up(&[]);
    started(&world, "Close the database to everyone", "-9");
    assert!(!service_runs(&world), "the night had begun");
    move_clock(&world, 15 * HOUR_MILLIS);
    let output = world.run(&["run", "--resume"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(6), "{stderr}");
    assert_eq!(site_imports(&world).len(), 1, "only the test import: {stderr}");
    // The clinic opens in the morning with its own server.
    assert!(service_runs(&world), "{stderr}");
}

#[test]
fn a_door_that_was_opened_meanwhile_costs_a_fresh_dump() {
    let world = World::up(&[]);
    started(&world, "Close the database to everyone", "-9");
    // Somebody starts the service again, which is what the dump must not rest on.
    Command::new(world.dir.join("jma-receipt")).arg("start").status().unwrap();
    let output = world.run(&["run", "--resume"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("▶ start  Take the final dump"), "{stderr}");
    assert!(world.dir.join("work/archives/final.1.dump").exists(), "the first dump is kept");
    assert_eq!(site_imports(&world).len(), 2);
}

#[test]
fn a_renamed_step_does_not_hide_that_the_import_took_place() {
    let world = World::up(&[]);
    let clock = std::fs::read_to_string(world.dir.join("clock")).unwrap();
    let digest = world.digest();
    let first = world.run(&["run", &world.playbook(), "--approve", &digest, "--as", DECIDES]);
    assert_eq!(first.status.code(), Some(0), "{}", String::from_utf8_lossy(&first.stderr));
    // The next morning's way back is possible, but only by force.
    let refused = world.run(&["run", "--rollback"]);
    assert_eq!(refused.status.code(), Some(10));
    let again = world.run(&["run", "--resume"]);
    assert_eq!(again.status.code(), Some(0), "{}", String::from_utf8_lossy(&again.stderr));
    std::fs::write(world.dir.join("clock"), clock).unwrap();
    let text = std::fs::read_to_string(world.playbook()).unwrap();
    let renamed = text.replace("      - id: production_import\n", "      - id: renamed_import\n");
    assert_ne!(text, renamed);
    std::fs::write(world.playbook(), renamed).unwrap();
    let second =
        world.run(&["run", &world.playbook(), "--approve", &world.digest(), "--as", DECIDES]);
    let stderr = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(4), "{stderr}");
    assert!(stderr.contains("run-already-imported"), "{stderr}");
    assert_eq!(site_imports(&world).len(), 2);
    let forced = world.run(&["run", "--rollback", "--force"]);
    assert_eq!(forced.status.code(), Some(0), "{}", String::from_utf8_lossy(&forced.stderr));
    assert!(service_runs(&world));
}

#[test]
fn opening_the_clinics_server_approves_nothing() {
    let world = World::up(&[]);
    started(&world, "Take the final dump", "-9");
    let text = std::fs::read_to_string(world.playbook()).unwrap();
    let moved = text.replacen("level: auto", "level: 5", 1);
    assert_ne!(text, moved);
    std::fs::write(world.playbook(), moved).unwrap();
    assert_eq!(world.run(&["run", "--resume"]).status.code(), Some(10));
    let back = world.run(&["run", "--rollback"]);
    assert_eq!(back.status.code(), Some(0), "{}", String::from_utf8_lossy(&back.stderr));
    assert!(service_runs(&world));
    assert_eq!(world.run(&["run", "--resume"]).status.code(), Some(10));
}

/// A notice that comes after the import is no reason not to prove it, nor is one that comes while
/// nobody knows whether it took place.
#[test]
fn what_is_announced_after_the_import_does_not_keep_it_from_being_proved() {
    for place in ["before-intent/production_after=crash", "import-answered/production_import=crash"]
    {
        let world = World::up(&[]);
        let digest = world.digest();
        let mut run =
            world.command(&["run", &world.playbook(), "--approve", &digest, "--as", DECIDES]);
        run.env("ORCA_CUTOVER_FAULT", place).output().unwrap();
        assert_eq!(site_imports(&world).len(), 2, "{place}");
        announce(&world, at(22, 1, 0), at(22, 5, 0));
        let read = world.run(&["calendar", "read"]);
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        // Nothing of it is taken back: no import is to come any more.
        world.run(&["tick"]);
        assert!(world.status()["standing"]["plan"]["approval"].is_object(), "{place}");
        let resumed = world.run(&["run", "--resume"]);
        let said = String::from_utf8_lossy(&resumed.stderr);
        assert_eq!(resumed.status.code(), Some(0), "{place}: {said}");
        assert_eq!(site_imports(&world).len(), 2, "{place}");
    }
}

/// The only copy of what an import overwrites is of the same night.
#[test]
fn an_export_of_another_night_is_made_anew() {
    let world = World::up(&[]);
    let digest = world.digest();
    let mut run = world.command(&["run", &world.playbook(), "--approve", &digest, "--as", DECIDES]);
    run.env("ORCA_CUTOVER_FAULT", "before-intent/test_import=crash").output().unwrap();
    move_clock(&world, 13 * HOUR_MILLIS);
    let output = world.run(&["run", "--resume"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let anew = journal(&world).into_iter().any(|event| {
        event["type"] == "step-reopened"
            && event["step"] == "test_before"
            && event["reason"] == "must-be-fresh"
    });
    assert!(anew, "{said}");
}

#[test]
fn a_signal_in_the_night_leaves_the_clinic_open() {
    let world = World::up(&[]);
    let status = started(&world, "Take the final dump", "-TERM");
    assert_eq!(status, Some(6), "{}", world.status()["incidents"]);
    assert!(service_runs(&world));
    let resumed = world.run(&["run", "--resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", String::from_utf8_lossy(&resumed.stderr));
    assert_eq!(site_imports(&world).len(), 2);
}
