//! VTIMEZONE: a zone as a file defines it.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};

use super::rule::{Budget, Rule};
use super::time::{self, Value};
use super::tree::Block;
use crate::clock::Jst;

/// Most moves of the clock that one definition may come to.
const MAX_MOVES: usize = 2_000;

/// The clock is moved at `at`, as a clock shows it that was not moved yet.
#[derive(Clone, Copy, Debug)]
struct Move {
    at: NaiveDateTime,
    /// Seconds east of UTC before and after.
    from: i32,
    to: i32,
}

/// A zone: when its clock is moved, ascending; at least once.
#[derive(Debug)]
pub(super) struct Definition(Vec<Move>);

impl Definition {
    /// `None` where the definition is not understood. `until` is the last moment of interest.
    pub(super) fn read(block: &Block, budget: &mut Budget, until: Jst) -> Option<Self> {
        let mut moves = Vec::new();
        for part in &block.blocks {
            if matches!(part.name.as_str(), "STANDARD" | "DAYLIGHT") {
                moves.extend(observance(part, budget, until)?);
            }
        }
        moves.sort_by_key(|each| each.at);
        (!moves.is_empty() && moves.len() <= MAX_MOVES).then_some(Self(moves))
    }

    /// Seconds east of UTC where a clock shows `wall`: before the move where it shows that twice or
    /// never.
    pub(super) fn offset(&self, wall: NaiveDateTime) -> i32 {
        let passed = |each: &&Move| {
            let skipped = i64::from(each.to - each.from).max(0);
            each.at + TimeDelta::seconds(skipped) <= wall
        };
        match (self.0.iter().rev().find(passed), self.0.first()) {
            (Some(last), _) => last.to,
            (None, Some(first)) => first.from,
            (None, None) => 0,
        }
    }
}

fn observance(part: &Block, budget: &mut Budget, until: Jst) -> Option<Vec<Move>> {
    let one = |name: &str| {
        let mut all = part.properties.iter().filter(|property| property.name == name);
        let first = all.next();
        if all.next().is_some() { None } else { first }
    };
    let (from, to) = (offset(&one("TZOFFSETFROM")?.value)?, offset(&one("TZOFFSETTO")?.value)?);
    let Value::Local(start) = time::value(&one("DTSTART")?.value)? else { return None };
    let mut times = vec![start];
    for rdate in part.all("RDATE") {
        for text in rdate.value.split(',') {
            let Value::Local(at) = time::value(text)? else { return None };
            times.push(at);
        }
    }
    let last = until.naive_utc() + TimeDelta::days(370);
    for property in part.all("RRULE") {
        let rule = Rule::parse(&property.value).ok()?;
        // UNTIL is in UTC; here the offset is known.
        let until = match rule.until {
            Some(Value::Utc(at)) => at + TimeDelta::seconds(i64::from(from)),
            Some(Value::Local(at)) => at,
            Some(Value::Date(day)) => day.and_hms_opt(23, 59, 59)?,
            None => last,
        };
        let end = until.min(last);
        times.extend(rule.walls(modern(start, &rule), end, budget, |at| at > end).ok()?);
    }
    Some(times.into_iter().map(|at| Move { at, from, to }).collect())
}

/// Outlook's rules begin in 1601. A yearly rule that names its month and day needs no beginning;
/// from 1970 on is enough, and all that the crate for rules is asked about.
fn modern(start: NaiveDateTime, rule: &Rule) -> NaiveDateTime {
    if start.year() >= 1970 || !rule.stands_alone() {
        return start;
    }
    NaiveDate::from_ymd_opt(1970, 1, 1).map_or(start, |day| day.and_time(start.time()))
}

/// `+0900`, `-033000`.
fn offset(text: &str) -> Option<i32> {
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let number = |range: std::ops::Range<usize>| time::digits(text.get(range)?);
    let (hours, minutes) = (number(1..3)?, number(3..5)?);
    let seconds = match text.len() {
        5 => 0,
        7 => number(5..7)?,
        _ => return None,
    };
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    i32::try_from(hours * 3_600 + minutes * 60 + seconds).ok().map(|seconds| sign * seconds)
}
