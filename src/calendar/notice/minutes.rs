//! From when to when a range is, in minutes after its day's midnight.

use chrono::{Days, NaiveDate};

use super::code::Code;
use super::reader::{End, Range};
use super::resolve::agree;
use super::token::TimeLit;

/// Longest night that is read into `22:00～5:00`. A longer one (`10:00～9:00`) is likelier a slip.
pub(super) const LONGEST_NIGHT: i64 = 16 * 60;

pub(super) const DAY: i64 = 24 * 60;

/// Start and end in minutes after the date's midnight, and how they were read.
pub(super) struct Span {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) notes: Vec<Code>,
}

/// The end of a rule's range, where a day of the week may stand: `毎週土曜22:00～月曜6:00`.
pub(super) fn rule_end(rule: &super::rule::Rule, range: &Range) -> Result<End, Code> {
    use super::rule::Rule;
    let End::At(mut lit, found) = range.end.clone() else { return Ok(range.end.clone()) };
    if found.is_some() || range.start.weekday.is_some() {
        return Err(Code::RuleUnread);
    }
    let Some(weekday) = lit.weekday.take() else { return Ok(End::At(lit, None)) };
    let first = match rule {
        Rule::Weekly { days, .. } => days.as_slice().first().filter(|_| days.len() == 1),
        Rule::MonthlyByWeekday { days, .. } => days.first().map(|(_, day)| day),
        _ => None,
    };
    let first = first.ok_or(Code::RuleUnread)?;
    let days = (i64::from(weekday) - i64::from(*first)).rem_euclid(7);
    lit.shift = Some(days).filter(|days| *days > 0).or(lit.shift);
    Ok(End::At(lit, None))
}

/// The minutes of a range that begins on `date`.
pub(super) fn span_on(date: NaiveDate, range: &Range) -> Result<Span, Code> {
    let mut notes = Vec::new();
    let shift = range.start.shift.unwrap_or(0);
    let before = |lit: TimeLit| lit.shift.is_some_and(|days| days < 0);
    if before(range.start) || matches!(range.end, End::At(lit, _) if before(lit)) {
        return Err(Code::Unclear);
    }
    let early = range.start.minutes + shift * DAY;
    let mut start = early + if range.start.late { DAY } else { 0 };
    let end = match &range.end {
        End::OfDay => DAY,
        End::After { minutes, .. } => start + minutes,
        End::At(lit, Some(found)) => {
            if lit.shift.is_some_and(|days| days > 0) {
                return Err(Code::NextDayContradiction);
            }
            let end = (found.date - date).num_days() * DAY + lit.minutes;
            // `16日深夜1時～16日5時`: only the morning of the 16th can be meant.
            if range.start.late && end <= start {
                start = early;
            }
            end
        }
        End::At(lit, None) => implied_end(range.start, *lit, start, &mut notes)?,
    };
    if range.start.late {
        notes.push(Code::LateNight);
    }
    if end <= start {
        return Err(Code::EndBeforeStart);
    }
    let weekday = |minutes: i64, weekday| {
        let days = u64::try_from(minutes.div_euclid(DAY)).unwrap_or(0);
        date.checked_add_days(Days::new(days)).map_or(Ok(()), |date| agree(date, weekday))
    };
    weekday(start, range.start.weekday)?;
    if let End::At(lit, _) = &range.end {
        // 24:00 is still the day it ends.
        weekday(end, lit.weekday)
            .or_else(|code| weekday(end - 1, lit.weekday).map_err(|_| code))?;
    }
    Ok(Span { start, end, notes })
}

/// The end of a range whose end has no date.
pub(super) fn implied_end(
    first: TimeLit,
    lit: TimeLit,
    start: i64,
    notes: &mut Vec<Code>,
) -> Result<i64, Code> {
    if let Some(days) = lit.shift.filter(|days| *days > 0) {
        return Ok(lit.minutes + days * DAY);
    }
    let midnight = start.div_euclid(DAY) * DAY;
    let mut end = if lit.minutes >= DAY { lit.minutes } else { midnight + lit.minutes };
    if end > start && !lit.late {
        return Ok(end);
    }
    if lit.late {
        return Ok(if end > start { end } else { end + DAY });
    }
    if lit.shift == Some(0) {
        return Err(Code::EndBeforeStart);
    }
    // `午後1時～3時`: the second has the half of the first where that makes sense.
    if first.afternoon == Some(true) && lit.afternoon.is_none() && lit.minutes < 12 * 60 {
        let later = end + 12 * 60;
        if later > start {
            notes.push(Code::HalfDayInherited);
            return Ok(later);
        }
    }
    if first.afternoon == Some(false) && lit.afternoon.is_none() {
        return Err(Code::AmbiguousTime);
    }
    end += DAY;
    if end <= start || end - start > LONGEST_NIGHT || lit.minutes >= DAY {
        return Err(Code::EndBeforeStart);
    }
    notes.push(Code::NextDayAssumed);
    Ok(end)
}
