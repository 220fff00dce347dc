//! The night of the cutover: nothing is sent on a dump that is no longer what the clinic has, or on
//! an export that is no longer what the tenant had.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::kill::{run_and_signal, site_imports};
use crate::support::{DECIDES, World, postgres_program};

/// A run that was killed when the step with this title began.
fn killed_at(world: &World, title: &str) {
    let digest = world.digest();
    let args = ["run", &world.playbook(), "--approve", &digest, "--as", DECIDES];
    assert_eq!(run_and_signal(world, &args, title, Duration::ZERO, "-9"), None);
}

/// `psql` as the owner of the clinic's database, whatever fence says that it is read-only.
fn sql(world: &World, database: &str, sql: &str) -> std::process::Output {
    Command::new("sudo")
        .args(["-n", "-u", "orca", "env", "PGOPTIONS=-c default_transaction_read_only=off"])
        .arg(postgres_program("psql"))
        .args(["-XAtq", "-p", "54329", "-d", database, "-c", sql, "-h"])
        .arg(world.dir.join("clinic/s"))
        .output()
        .unwrap()
}

fn service_runs(world: &World) -> bool {
    Command::new(world.dir.join("jma-receipt")).arg("status").status().unwrap().success()
}

fn refused(world: &World, status: i32, words: &str) {
    let output = world.run(&["run", "--resume"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert!(said.contains(words), "{words}: {said}");
    assert_eq!(site_imports(world).len(), 1, "only the test import: {said}");
    // The way back was taken by itself: the clinic opens with its own server.
    assert!(service_runs(world), "{said}");
    let open = sql(
        world,
        "postgres",
        "SELECT datallowconn AND NOT EXISTS (SELECT 1 FROM pg_db_role_setting s \
         WHERE s.setdatabase = d.oid \
         AND 'default_transaction_read_only=on' = ANY (s.setconfig)) FROM pg_database d WHERE datname = 'orca'",
    );
    assert_eq!(String::from_utf8_lossy(&open.stdout).trim(), "t", "the fence is lifted: {said}");
}

/// H3
#[test]
fn a_row_that_is_written_after_the_dump_stops_the_import() {
    let world = World::up(&[]);
    killed_at(&world, "Check that nothing was written since");
    // A client that knows how to get round a read-only fence.
    let written = sql(&world, "orca", "INSERT INTO tbl_lock (hospnum, lockid) VALUES (1, 4711)");
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    refused(&world, 6, "was written to after the dump");
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
    let late = sql(&world, "orca", "INSERT INTO tbl_lock (hospnum, lockid) VALUES (1, 4712)");
    assert!(!late.status.success());
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
    let title = "Check the window right before the import";
    killed_at(&world, title);
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
    assert_eq!(run_and_signal(&world, &args, title, Duration::ZERO, "-9"), None, "{what}");
    // PostgreSQL reads the new one through, and nothing was sent meanwhile.
    assert!(whole(), "{what}");
    assert_eq!(site_imports(&world).len(), 1, "{what}");
    let output = world.run(&args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(site_imports(&world).len(), 2);
    assert!(whole());
}
