//! H22: somebody still uses the clinic's database when the night begins.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use super::{judged, up};
use crate::kill::site_imports;
use crate::support::{DECIDES, World, postgres_program};

/// A client of the clinic's own user.
fn client(world: &World, shell: &str) -> Child {
    let psql = postgres_program("psql");
    let connect = format!(
        "P='{} -Xq -v ON_ERROR_STOP=1 -p 54329 -d orca -h {}'\n",
        psql.display(),
        world.dir.join("clinic/s").display()
    );
    Command::new("sudo")
        .args(["-n", "-u", "orca", "bash", "-c", &format!("{connect}{shell}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A patient's row as it stands in an archive.
fn row(world: &World, archive: &str, patient: u32) -> String {
    let output = Command::new(postgres_program("pg_restore"))
        .args(["-a", "-t", "tbl_ptinf", "-f", "-"])
        .arg(world.dir.join("work/archives").join(archive))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let begins = format!("{patient}\t");
    text.lines().find(|line| line.starts_with(&begins)).unwrap().to_owned()
}

#[test]
fn clients_in_the_way_are_ended_and_no_write_that_was_acknowledged_is_left_behind() {
    let world = up(("cutover.yaml", &[]));
    let run = ["run", &world.playbook(), "--approve", &world.digest(), "--as", DECIDES];
    // One holds a transaction open, the other connects again and again to write, and is never told
    // to stop: it says each number that the server has acknowledged.
    let mut idle = client(&world, "exec $P");
    let open = b"BEGIN; UPDATE tbl_ptinf SET fax = 'held' WHERE ptid = 3;\n";
    let mut held = idle.stdin.take().unwrap();
    held.write_all(open).unwrap();
    held.flush().unwrap();
    let writer = client(
        &world,
        "for n in $(seq 100000 999999); do read -t 0.05 -r _ && break\n\
         $P -c \"UPDATE tbl_ptinf SET fax = '$n' WHERE ptid = 2\" && echo $n; done",
    );
    let output = world.run(&run);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(site_imports(&world).len(), 2);
    judged(&world);
    // The transaction was ended with its session, not waited for.
    let _ = held.write_all(b"SELECT 1;\n");
    drop(held);
    assert_ne!(idle.wait().unwrap().code(), Some(0));
    let mut writer = writer;
    writer.stdin.take().unwrap().write_all(b"stop\n").unwrap();
    let written = writer.wait_with_output().unwrap();
    let written = String::from_utf8(written.stdout).unwrap();
    let last: u32 = written.lines().last().unwrap().parse().unwrap();
    // One more may have been written whose acknowledgement was cut off with its session.
    let found = row(&world, "final.dump", 2);
    let is = |number: u32| found.contains(&format!("\t{number}\t"));
    assert!(is(last) || is(last + 1), "{last}");
    assert!(!row(&world, "final.dump", 3).contains("held"));
}
