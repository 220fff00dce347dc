//! Work that starts by itself: what is due, what was missed, what waits. One look at the clock is
//! a [`tick`]; crontab, a daemon or systemd's timers look, and the ledger says what was done.
//!
//! It decides when; what a run does is [`run`](crate::run)'s. It never turns silence into a yes.

mod calendar;
mod daemon;
mod decide;
mod export;
mod heartbeat;
mod jobs;
mod standing;
mod tick;

pub use calendar::{CalendarNews, read_calendar, tell_news};
pub use daemon::{News, daemon};
pub use decide::{Decision, Over, decide};
pub use export::{Export, export};
pub use heartbeat::Heartbeat;
pub use standing::standing;
pub use tick::{Outcome, Tick, Ticked, Which, release, tick};
