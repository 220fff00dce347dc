//! Any bytes as a page of the management site.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| orca_cutover_fuzz::page(data));
