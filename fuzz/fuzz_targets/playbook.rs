//! Any text as a playbook for the sample clinic.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| orca_cutover_fuzz::steps(data));
