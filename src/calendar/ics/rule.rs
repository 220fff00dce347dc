//! RRULE: which times a rule names. The crate `rrule` finds them; here a rule is checked, its
//! cost is bounded, and it is asked about a clock that is never moved.

use chrono::{DateTime, NaiveDateTime, Utc};
use icalendar::rrule::{Frequency, RRule, RRuleSet, Tz, Unvalidated};

use super::time::{self, Value};

/// How much searching one file may cause. One unit is a day of a daily rule, an hour of an hourly
/// one, a second of one that comes every second; a thousand take about a millisecond.
const MAX_UNITS: u64 = 2_000_000;

/// What is left of the searching that a file may cause.
pub(super) struct Budget(u64);

impl Budget {
    pub(super) fn new() -> Self {
        Self(MAX_UNITS)
    }

    fn spend(&mut self, units: u64) -> Result<(), Trouble> {
        self.0 = self.0.checked_sub(units).ok_or(Trouble::Dense)?;
        Ok(())
    }
}

/// Why a rule gives no times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It is not understood.
    Wrong(String),
    /// It names no time within reach: 30 February.
    Never,
    /// It names so many times that the search would not end.
    Dense,
}

/// A rule that was understood.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// Where it ends; the crate is not told.
    pub(super) until: Option<Value>,
    rule: RRule<Unvalidated>,
    freq: Frequency,
    interval: u64,
    count: Option<u32>,
    /// How many times of day it names for each of its days, hours or minutes.
    times: u64,
    /// The names of its BY parts.
    by: Vec<String>,
}

impl Rule {
    /// # Errors
    /// [`Trouble::Wrong`] with a word about what is not understood.
    pub(super) fn parse(text: &str) -> Result<Self, Trouble> {
        let text = text.trim().trim_end_matches(';').to_ascii_uppercase();
        let (mut until, mut kept, mut by, mut times) = (None, Vec::new(), Vec::new(), 1_u64);
        let (mut interval, mut count) = (1, None);
        for part in text.split(';') {
            let wrong = || Trouble::Wrong(super::report::shorten(part));
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            if !is_clean(name, value) {
                return Err(wrong());
            }
            match name {
                "UNTIL" if until.is_some() => return Err(wrong()),
                "UNTIL" => {
                    until = Some(time::value(value).ok_or_else(wrong)?);
                    continue;
                }
                "INTERVAL" => {
                    interval = time::digits(value).filter(|n| *n > 0).ok_or_else(wrong)?
                }
                "COUNT" => count = Some(time::digits(value).filter(|n| *n > 0).ok_or_else(wrong)?),
                "BYHOUR" | "BYMINUTE" | "BYSECOND" => {
                    times = times.saturating_mul(value.split(',').count() as u64);
                }
                _ => {}
            }
            if name.starts_with("BY") {
                by.push(name.to_owned());
            }
            kept.push(part);
        }
        if until.is_some() && count.is_some() {
            return Err(Trouble::Wrong("UNTIL, COUNT".to_owned()));
        }
        let rule: RRule<Unvalidated> =
            kept.join(";").parse().map_err(|_| Trouble::Wrong(super::report::shorten(&text)))?;
        let freq = rule.get_freq();
        Ok(Self { until, rule, freq, interval: u64::from(interval), count, times, by })
    }

    /// True for a yearly rule that says its days without the help of its beginning.
    pub(super) fn stands_alone(&self) -> bool {
        let has = |name: &str| self.by.iter().any(|by| by == name);
        self.freq == Frequency::Yearly
            && self.interval == 1
            && self.count.is_none()
            && has("BYMONTH")
            && (has("BYDAY") || has("BYMONTHDAY"))
    }

    /// The times of the rule from `start` on, ascending, until `beyond` says so; at the latest
    /// where they pass `end`.
    pub(super) fn walls(
        &self,
        start: NaiveDateTime,
        end: NaiveDateTime,
        budget: &mut Budget,
        beyond: impl Fn(NaiveDateTime) -> bool,
    ) -> Result<Vec<NaiveDateTime>, Trouble> {
        budget.spend(self.units(start, end))?;
        let dt_start: DateTime<Tz> = start.and_utc().with_timezone(&Tz::UTC);
        let rule = self.rule.clone().validate(dt_start);
        let rule =
            rule.map_err(|error| Trouble::Wrong(super::report::shorten(&error.to_string())))?;
        if start > end {
            return Ok(Vec::new());
        }
        let mut walls: Vec<NaiveDateTime> = Vec::new();
        // `limit` ends a search that finds nothing in a hundred thousand steps.
        for at in &RRuleSet::new(dt_start).rrule(rule).limit() {
            let wall = at.with_timezone(&Utc).naive_utc();
            if wall > end || beyond(wall) {
                return Ok(walls);
            }
            walls.push(wall);
        }
        let all = self.count.is_some_and(|count| usize::try_from(count) == Ok(walls.len()));
        if all { Ok(walls) } else { Err(Trouble::Never) }
    }

    /// What searching from `start` to `end` costs.
    fn units(&self, start: NaiveDateTime, end: NaiveDateTime) -> u64 {
        let seconds = u64::try_from((end - start).num_seconds()).unwrap_or(0);
        let steps = match self.freq {
            Frequency::Yearly | Frequency::Monthly | Frequency::Weekly | Frequency::Daily => {
                seconds / 86_400
            }
            Frequency::Hourly => seconds / 3_600 / self.interval,
            Frequency::Minutely => seconds / 60 / self.interval,
            Frequency::Secondly => seconds / self.interval,
        };
        // Without a filter, every step counts towards COUNT.
        let most = if self.by.is_empty() { self.count.map(u64::from) } else { None };
        let steps = steps.min(most.unwrap_or(u64::MAX)).saturating_add(1);
        steps.saturating_mul(self.times)
    }
}

/// The crate takes a weekday that it does not understand for one without a number, so the parts'
/// spelling is checked here.
fn is_clean(name: &str, value: &str) -> bool {
    let number = |text: &str| {
        let text = text.strip_prefix(['+', '-']).unwrap_or(text);
        time::digits(text).is_some()
    };
    let weekday = |text: &str| {
        let Some(at) = text.len().checked_sub(2) else { return false };
        let (count, day) = (text.get(..at).unwrap_or("?"), text.get(at..).unwrap_or("?"));
        ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].contains(&day)
            && (count.is_empty() || number(count))
    };
    match name {
        "BYDAY" => value.split(',').all(weekday),
        "WKST" => weekday(value) && value.len() == 2,
        "FREQ" | "UNTIL" => !value.is_empty(),
        "COUNT" | "INTERVAL" => time::digits(value).is_some(),
        "BYSECOND" | "BYMINUTE" | "BYHOUR" | "BYMONTHDAY" | "BYYEARDAY" | "BYWEEKNO"
        | "BYMONTH" | "BYSETPOS" => value.split(',').all(number),
        _ => false,
    }
}
