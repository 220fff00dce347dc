//! Any text as a file of maintenance windows.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| orca_cutover_fuzz::maintenance(data));
