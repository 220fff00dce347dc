//! Any bytes as a password file.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

fn folder() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| tempfile::tempdir_in("/dev/shm").expect("memory for files"))
        .path()
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| orca_cutover_fuzz::pass(data, folder()));
