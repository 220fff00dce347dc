//! Dates: the cloud's maintenance (own files and iCalendar), the rules of an import's time, and
//! what crontab(5) means.
//!
//! Pure: whoever asks brings the time and the texts. It does not know playbooks or plans.

mod cron;
mod holiday_shim;
pub mod ics;
mod maintenance;
pub mod notice;
mod rules;

pub use self::cron::{Cron, CronError};
pub use holiday_shim::{Holiday, holiday, last_known_year};
pub use maintenance::{Maintenance, ReadBy, SourceReading, Window};
pub use rules::{ImportKind, RuleResult, Verdict, WindowQuestion, check_window};

#[cfg(test)]
mod border_tests;
