//! The borders of the run itself: its approval, its plan, its first records.

use std::os::unix::process::ExitStatusExt;

use super::{judged, up};
use crate::kill::site_imports;
use crate::support::DECIDES;

#[test]
fn a_run_that_dies_while_it_begins_is_begun_again_or_resumed() {
    let world = up(("cutover.yaml", &[]));
    let (playbook, digest) = (world.playbook(), world.digest());
    let first = ["run", &playbook, "--approve", &digest, "--as", DECIDES];
    let resumption = ["run", "--resume"];
    let dies = |args: &[&str], fault: &str| {
        let output = world.command(args).env("ORCA_CUTOVER_FAULT", fault).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), Some(9), "{fault}: {said}");
    };
    // Up to the run's first record there is no run: its plan saved and approved, and no more.
    for fault in [
        "ledger-before=crash",
        "ledger-after=crash",
        "ledger-before=crash@2",
        "ledger-after=crash@2",
        "file-complete=crash",
        "file-renamed=crash",
        "file-renamed=crash@2",
        "journal-before=crash",
    ] {
        dies(&first, fault);
        assert_eq!(world.run(&resumption).status.code(), Some(3), "{fault}");
    }
    // From then on there is one, and it goes on, however often it dies before it does anything.
    dies(&first, "journal-after=crash");
    let second = world.run(&first);
    assert_eq!(second.status.code(), Some(4), "{}", String::from_utf8_lossy(&second.stderr));
    for fault in ["journal-before=crash", "journal-after=crash", "journal-after=crash@2"] {
        dies(&resumption, fault);
    }
    let last = world.run(&resumption);
    assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stderr));
    assert_eq!(site_imports(&world).len(), 2);
    judged(&world);
}
