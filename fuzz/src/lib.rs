//! The rooms that read what may be hostile, and the leaves they use, built by themselves: the
//! whole program with sanitizers would take ten times as long.

#[path = "../../src/archive/mod.rs"]
pub mod archive;
#[path = "../../src/charset/mod.rs"]
pub mod charset;
#[path = "../../src/diag/mod.rs"]
pub mod diag;
#[path = "../../src/i18n/mod.rs"]
pub mod i18n;
#[path = "../../src/ids.rs"]
pub mod ids;
#[path = "../../src/progress.rs"]
pub mod progress;
