//! One field of an expression: `*`, numbers, names, ranges, lists and steps, to a list of numbers.

use std::collections::BTreeSet;

use super::CronError;

/// A field: its name, its bounds, and names for numbers from `first_name`.
pub(super) struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
    first_name: u32,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

pub(super) const SECOND: Field = Field::numbers("second", 0, 59);
pub(super) const MINUTE: Field = Field::numbers("minute", 0, 59);
pub(super) const HOUR: Field = Field::numbers("hour", 0, 23);
pub(super) const DAY: Field = Field::numbers("day", 1, 31);
pub(super) const MONTH: Field =
    Field { name: "month", least: 1, most: 12, names: &MONTHS, first_name: 1 };
/// 0 and 7 are both Sunday; [`Field::values`] gives what was written.
pub(super) const WEEKDAY: Field =
    Field { name: "weekday", least: 0, most: 7, names: &DAYS, first_name: 0 };

impl Field {
    const fn numbers(name: &'static str, least: u32, most: u32) -> Self {
        Self { name, least, most, names: &[], first_name: 0 }
    }

    /// Every number that a field names, ascending.
    pub(super) fn values(&self, text: &str) -> Result<Vec<u32>, CronError> {
        let mut values = BTreeSet::new();
        for part in text.split(',') {
            let wrong =
                || CronError::Part { field: self.name, part: part.chars().take(40).collect() };
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(digits(step).ok_or_else(wrong)?)),
                None => (part, None),
            };
            let (first, last) = match (range, range.split_once('-')) {
                // 7 is Sunday once more.
                ("*", _) => (self.least, if self.most == 7 { 6 } else { self.most }),
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
