//! The product's tests from outside: structure, texts, commands, whole rehearsals.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by panicking")]

mod architecture;
mod calendar;
mod canaries;
mod clinic;
mod commands;
mod database;
mod disk;
mod evidence;
mod faults;
mod figures;
mod guards;
mod journal_kills;
mod judge;
mod kill;
mod lease;
mod mail_desk;
mod mail_figures;
mod mail_server;
mod outbox;
mod plan_files;
mod postfix;
mod rehearsal;
mod restore;
mod resume;
mod scan;
mod schedule;
mod sim;
mod support;
mod texts;
mod time_rules;

#[expect(dead_code, reason = "the library's own tests use the rest")]
#[path = "../../src/archive/test_server.rs"]
mod test_server;
