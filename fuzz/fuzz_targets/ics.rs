//! Any text as an iCalendar file.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| orca_cutover_fuzz::ics(data));
