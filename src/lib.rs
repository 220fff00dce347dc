//! orca-cutover moves a clinic's 日レセ (ORCA) database to 日レセクラウド.
//!
//! ```text
//! playbook.yaml + clinic.yaml
//!    │ playbook/  text -> Playbook          (pure; every error with its place)
//!    ▼
//! facts (probes of server, portal, mail) + calendar
//!    │ plan/      Playbook + Facts -> Plan  (pure; checks, times, digest)
//!    ▼
//! approval bound to the plan's digest
//!    │ run/       Plan -> events            (the only async driver)
//!    ▼
//! journal/        append-only, hash-chained events; state is a pure fold
//!    │
//!    ▼
//! report/         events -> terminal, HTML, JSON, Markdown, xlsx, ics   (pure)
//! ```
//! A run touches the world only through the rooms of [`action`]: [`source`] (the clinic's
//! server), [`archive`] and [`charset`] (the dump), [`portal`] (the management site),
//! [`feed`] (published texts) and [`mail`]. [`rehearsal`] builds that world on one machine.

pub mod playbook;

pub mod plan;

pub mod calendar;

pub mod action;

pub mod run;

pub mod journal;

pub mod report;

pub mod schedule;

pub mod source;

pub mod archive;

pub mod charset;

pub mod portal;

pub mod feed;

pub mod mail;

pub mod rehearsal;

pub mod cli;

pub mod clock;
pub mod diag;
pub mod disk;
pub mod effect;
pub mod fault;
pub mod i18n;
pub mod ids;
pub mod pg_version;
mod pipe;
pub mod progress;
pub mod secret;
mod tls;
mod yaml;

/// What tests inside and outside of the library measure is printed in one form.
#[cfg(test)]
#[path = "../tests/it/figures.rs"]
mod figures;
/// What fuzzing once found is replayed through fuzzing's own doors.
#[cfg(test)]
#[path = "../fuzz/src/doors.rs"]
#[expect(unreachable_pub, reason = "the crate that fuzzes makes them public")]
mod fuzz_doors;
#[cfg(test)]
mod fuzz_replay_tests;
