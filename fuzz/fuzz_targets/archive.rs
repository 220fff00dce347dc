//! Any bytes as an archive: read in full, converted, compared with themselves. An error is an
//! answer; a panic, a hang or memory without bound is not.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use orca_cutover_fuzz::archive::{ConvertOptions, convert, verify};
use orca_cutover_fuzz::progress::Progress;

fn folder() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| tempfile::tempdir_in("/dev/shm").expect("memory for files"))
        .path()
}

fuzz_target!(|data: &[u8]| {
    let progress = Progress::default();
    let (input, output) = (folder().join("in"), folder().join("out"));
    std::fs::write(&input, data).expect("memory for files");
    let sound = verify(&input, &progress);
    let converted = convert(data, &output, &ConvertOptions::default(), &progress);
    if let Ok(report) = converted {
        // What was written must be sound, and hold as many rows as were read.
        let written = verify(&output, &progress).expect("a converted archive is sound");
        assert_eq!(written.rows, report.rows);
        assert!(written.text_checked);
        if let Ok(sound) = sound {
            assert_eq!(sound.rows, report.rows);
        }
    }
});
