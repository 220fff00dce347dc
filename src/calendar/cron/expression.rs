//! A whole expression: its fields, its `@name`s, and what of it the zone's rule must know.

use std::fmt;
use std::str::FromStr;

use super::CronError;
use super::fields::{DAY, HOUR, MINUTE, MONTH, SECOND, WEEKDAY};
use super::wall::Wall;

/// Longest expression, in bytes; the longest sensible one has a tenth of it.
const MAX_LENGTH: usize = 500;

/// An expression that was understood.
#[derive(Clone, Debug)]
pub struct Cron {
    pub(super) wall: Wall,
    /// True where it names fixed times: neither hour, minute nor second begins with `*`.
    pub(super) fixed: bool,
    text: String,
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(expression: &str) -> Result<Self, CronError> {
        let text = expression.trim();
        let not_fields = || CronError::Fields { expression: text.chars().take(80).collect() };
        let full = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            other => other,
        };
        if full.len() > MAX_LENGTH {
            return Err(not_fields());
        }
        let parts: Vec<&str> = full.split_ascii_whitespace().collect();
        let [second, minute, hour, day, month, weekday] = match *parts.as_slice() {
            [minute, hour, day, month, weekday] => ["0", minute, hour, day, month, weekday],
            [second, minute, hour, day, month, weekday] => {
                [second, minute, hour, day, month, weekday]
            }
            _ => return Err(not_fields()),
        };
        let times =
            [SECOND.values(second)?, MINUTE.values(minute)?, HOUR.values(hour)?].map(|v| join(&v));
        let days = join(&DAY.values(day)?);
        let months = join(&MONTH.values(month)?);
        // Sunday is 1 in the crate, and 0 or 7 here.
        let weekdays: Vec<u32> = WEEKDAY.values(weekday)?.iter().map(|day| day % 7 + 1).collect();
        let weekdays = join(&weekdays);
        // crontab(5): where neither field begins with `*`, a day that matches either counts.
        let wall = if day.starts_with('*') || weekday.starts_with('*') {
            Wall::new(&times, &months, &[(&days, &weekdays)])
        } else {
            Wall::new(&times, &months, &[(&days, "*"), ("*", &weekdays)])
        };
        let fixed = ![second, minute, hour].iter().any(|field| field.starts_with('*'));
        Ok(Self { wall: wall.ok_or_else(not_fields)?, fixed, text: text.to_owned() })
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn join(values: &[u32]) -> String {
    values.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}
