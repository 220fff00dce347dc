//! The table of guards fits the sources: what it switches off is there, and so is each test.

use std::path::Path;
use std::process::Command;

#[test]
fn every_hazard_has_a_guard_and_a_test_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output =
        Command::new("python3").arg(root.join("scripts/guards")).arg("--check").output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
}
