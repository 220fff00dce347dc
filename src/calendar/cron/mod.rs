//! Cron expressions as crontab(5) has them, in the zone of the time that is asked about.
//!
//! Five fields (minute, hour, day of month, month, day of week) or six, with the second first.
//! Names, ranges, lists and steps are known; Sunday is 0 and 7; where day of month and day of
//! week are both restricted, either counts, and a field that begins with `*` is not restricted.
//!
//! # When the clock is moved
//!
//! The rule is the one of Debian's cron(8). An expression whose hour, minute or second begins
//! with `*` follows the wall clock: what was skipped is not made up, what comes twice is done
//! twice. Any other names fixed times: what falls into a skipped hour is done once, at the first
//! moment after it, and what falls into a repeated hour is done once, the first time. A clock that
//! jumps ahead by more than three hours was corrected, or its zone changed its day
//! (Pacific/Apia had no 30 December 2011): nothing is made up.
//!
//! Pure: it knows no clock. It does not decide what becomes of missed work.

mod error;
mod expression;
mod fields;
mod next;
mod wall;
mod zone;

#[cfg(test)]
mod judged_tests;
#[cfg(test)]
mod tests;

pub use error::CronError;
pub use expression::Cron;
