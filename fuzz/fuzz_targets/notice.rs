//! Any text as an announcement of maintenance.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| orca_cutover_fuzz::notice(data));
