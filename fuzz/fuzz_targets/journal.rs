//! Any lines as the rows of a journal, or as events that are to follow one another.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| orca_cutover_fuzz::journal_rows(data));
