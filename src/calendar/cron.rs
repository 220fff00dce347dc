//! crontab(5): five fields in Asia/Tokyo, which has no summer time.
//!
//! The crate `cron` counts days of the week from Sunday = 1, wants seconds, and takes day of
//! month AND day of week. Here an expression is read as crontab(5) says, and handed over as
//! plain lists of numbers.

use std::str::FromStr;

use cron::Schedule;

use crate::clock::Jst;
use crate::diag::{Explain, Fact, Kind};

/// Longest expression, in bytes; the longest sensible one has a tenth of it.
const MAX_LENGTH: usize = 500;

/// An expression that was understood.
#[derive(Clone, Debug)]
pub struct Cron {
    /// One schedule, or two where day of month and day of week are both restricted: either counts.
    schedules: Vec<Schedule>,
}

/// Why an expression was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Not five fields and no known `@name`.
    #[error("`{expression}` has not five fields")]
    Fields {
        /// The expression.
        expression: String,
    },
    /// A field is wrong.
    #[error("`{part}` is no {field}")]
    Part {
        /// Which field: `minute`, `hour`, `day`, `month`, `weekday`.
        field: &'static str,
        /// The part of the field that is wrong.
        part: String,
    },
}

impl Explain for CronError {
    fn code(&self) -> &'static str {
        match self {
            Self::Fields { .. } => "calendar-cron-fields",
            Self::Part { .. } => "calendar-cron-part",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::Fields { expression } => vec![Fact::open("expression", expression)],
            Self::Part { field, part } => {
                vec![Fact::open("field", field), Fact::open("part", part)]
            }
        }
    }
}

/// A field: its name, its bounds, and names for numbers from `first_name`.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
    first_name: u32,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, most: 59, names: &[], first_name: 0 },
    Field { name: "hour", least: 0, most: 23, names: &[], first_name: 0 },
    Field { name: "day", least: 1, most: 31, names: &[], first_name: 0 },
    Field { name: "month", least: 1, most: 12, names: &MONTHS, first_name: 1 },
    // 0 and 7 are both Sunday.
    Field { name: "weekday", least: 0, most: 7, names: &DAYS, first_name: 0 },
];

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(expression: &str) -> Result<Self, CronError> {
        let shown: String = expression.chars().take(80).collect();
        let not_fields = || CronError::Fields { expression: shown.clone() };
        let full = match expression.trim() {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            other => other,
        };
        let parts: Vec<&str> = full.split_ascii_whitespace().collect();
        let [_, _, day, _, weekday] = *parts.as_slice() else { return Err(not_fields()) };
        if full.len() > MAX_LENGTH {
            return Err(not_fields());
        }
        let mut lists = Vec::new();
        for (field, part) in FIELDS.iter().zip(&parts) {
            lists.push(field.values(part)?);
        }
        let [minutes, hours, days, months, weekdays] = lists.as_slice() else {
            return Err(not_fields());
        };
        // Sunday is 1 in the crate, and 7 is Sunday here.
        let weekdays: Vec<u32> = weekdays.iter().map(|day| day % 7 + 1).collect();
        let schedule = |days: &str, weekdays: &str| {
            let text =
                format!("0 {} {} {days} {} {weekdays}", join(minutes), join(hours), join(months));
            Schedule::from_str(&text).map_err(|_| not_fields())
        };
        // crontab(5): where neither field begins with `*`, a day that matches either counts.
        let schedules = if day.starts_with('*') || weekday.starts_with('*') {
            vec![schedule(&join(days), &join(&weekdays))?]
        } else {
            vec![schedule(&join(days), "*")?, schedule("*", &join(&weekdays))?]
        };
        Ok(Self { schedules })
    }
}

impl Cron {
    /// The first time strictly after `at`; `None` where there is none, as for 30 February.
    pub fn next_after(&self, at: Jst) -> Option<Jst> {
        self.schedules.iter().filter_map(|schedule| schedule.after(&at).next()).min()
    }
}

impl Field {
    /// Every number that a field names, ascending.
    fn values(&self, text: &str) -> Result<Vec<u32>, CronError> {
        let mut values = std::collections::BTreeSet::new();
        for part in text.split(',') {
            let wrong =
                || CronError::Part { field: self.name, part: part.chars().take(40).collect() };
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(digits(step).ok_or_else(wrong)?)),
                None => (part, None),
            };
            let (first, last) = match (range, range.split_once('-')) {
                // 7 is Sunday once more and would make steps count it twice.
                ("*", _) => (self.least, self.most.min(if self.most == 7 { 6 } else { 59 })),
                (_, Some((first, last))) => {
                    (self.value(first).ok_or_else(wrong)?, self.value(last).ok_or_else(wrong)?)
                }
                (_, None) => {
                    let value = self.value(range).ok_or_else(wrong)?;
                    // A step without a range is no crontab(5).
                    if step.is_some() {
                        return Err(wrong());
                    }
                    (value, value)
                }
            };
            let step = step.unwrap_or(1);
            if first > last || step == 0 {
                return Err(wrong());
            }
            values.extend((first..=last).step_by(usize::try_from(step).map_err(|_| wrong())?));
        }
        Ok(values.into_iter().collect())
    }

    fn value(&self, text: &str) -> Option<u32> {
        let number = match self.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            Some(at) => u32::try_from(at).ok()?.checked_add(self.first_name)?,
            None => digits(text)?,
        };
        (self.least..=self.most).contains(&number).then_some(number)
    }
}

/// Digits alone: no sign.
fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn join(values: &[u32]) -> String {
    values.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::rfc3339;
    use chrono::{TimeDelta, TimeZone};
    use chrono_tz::Asia::Tokyo;
    use proptest::prelude::*;

    fn next(expression: &str, after: (i32, u32, u32, u32, u32)) -> Option<String> {
        let (year, month, day, hour, minute) = after;
        let at = Tokyo.with_ymd_and_hms(year, month, day, hour, minute, 0).unwrap();
        expression.parse::<Cron>().unwrap().next_after(at).map(|at| rfc3339(&at)[..16].to_owned())
    }

    #[test]
    fn expressions_mean_what_crontab_5_says() {
        // 2027-01-21 is a Thursday.
        let cases = [
            ("0 19 * * *", "2027-01-21T19:00"),
            ("0 12 * * *", "2027-01-22T12:00"),
            ("*/15 * * * *", "2027-01-21T12:15"),
            ("0 0 * * 0", "2027-01-24T00:00"),
            ("0 0 * * 7", "2027-01-24T00:00"),
            ("0 0 * * sun", "2027-01-24T00:00"),
            ("0 0 * * 5-7", "2027-01-22T00:00"),
            ("0 0 1 FEB *", "2027-02-01T00:00"),
            // Both restricted: the 25th or a Friday.
            ("0 0 25 * 5", "2027-01-22T00:00"),
            // A field that begins with `*`: an odd day of the month that is a Monday.
            ("0 0 */2 * 1", "2027-01-25T00:00"),
            ("0 0 29 2 *", "2028-02-29T00:00"),
            ("@daily", "2027-01-22T00:00"),
            ("@hourly", "2027-01-21T13:00"),
            ("5-50/20 12 * * *", "2027-01-21T12:05"),
        ];
        for (expression, expected) in cases {
            let found = next(expression, (2027, 1, 21, 12, 0));
            assert_eq!(found.as_deref(), Some(expected), "{expression}");
        }
        assert_eq!(next("0 0 30 2 *", (2027, 1, 21, 12, 0)), None);
    }

    #[test]
    fn what_crontab_5_does_not_know_is_refused() {
        for wrong in [
            "",
            "* * * *",
            "0 0 * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "5/10 * * * *",
            "*/0 * * * *",
            "9-5 * * * *",
            "@reboot",
            "1,,2 * * * *",
            "+1 * * * *",
            "* * L * *",
            "* * * foo *",
            "- * * * *",
        ] {
            assert!(wrong.parse::<Cron>().is_err(), "{wrong}");
        }
    }

    fn field(least: u32, most: u32) -> impl Strategy<Value = String> {
        let number = least..=most;
        let range = (number.clone(), number.clone())
            .prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b)));
        let part = prop_oneof![
            number.prop_map(|n| n.to_string()),
            range.clone(),
            (range, 1_u32..7).prop_map(|(range, step)| format!("{range}/{step}")),
        ];
        prop_oneof![
            3 => Just("*".to_owned()),
            4 => prop::collection::vec(part, 1..4).prop_map(|parts| parts.join(",")),
        ]
    }

    proptest! {
        #[test]
        fn the_next_time_is_the_one_croner_finds(
            fields in (field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7)),
            minutes in 0_i64..(2 * 366 * 24 * 60),
            seconds in 0_i64..60,
        ) {
            let (minute, hour, day, month, weekday) = fields;
            let text = format!("{minute} {hour} {day} {month} {weekday}");
            let start = Tokyo.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).unwrap();
            let at = start + TimeDelta::minutes(minutes) + TimeDelta::seconds(seconds);
            let ours = text.parse::<Cron>().unwrap().next_after(at);
            let theirs = croner::Cron::from_str(&text).unwrap();
            prop_assert_eq!(ours, theirs.find_next_occurrence(&at, false).ok(), "{}", text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-0-9a-z*,/@ ]{0,30}") {
            let _ = text.parse::<Cron>();
        }
    }
}
