//! Any text as a clinic file.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| orca_cutover_fuzz::clinic(data));
