//! From wall-clock times to moments: what a zone skips and repeats.

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{GapInfo, Tz};

/// Fixed times within a jump of at most this length are made up for right after it: cron(8) takes
/// longer ones for corrections of the clock.
const MOST_MADE_UP: TimeDelta = TimeDelta::hours(3);

/// What a wall-clock time of an expression comes to in a zone.
pub(super) enum Moments {
    /// These moments, ascending: one, or two where the time comes twice and counts twice.
    At(Vec<DateTime<Tz>>),
    /// None: the clock jumps over it. It reads `from` when it jumps, and then `to`.
    Skipped {
        /// The first wall-clock time that is skipped.
        from: NaiveDateTime,
        /// The first one that is not.
        to: NaiveDateTime,
    },
}

/// The moments at which work due at `wall` is done.
pub(super) fn moments(wall: NaiveDateTime, zone: Tz, fixed: bool) -> Moments {
    match zone.from_local_datetime(&wall) {
        MappedLocalTime::Single(at) => Moments::At(vec![at]),
        MappedLocalTime::Ambiguous(first, _) if fixed => Moments::At(vec![first]),
        MappedLocalTime::Ambiguous(first, second) => Moments::At(vec![first, second]),
        MappedLocalTime::None => skipped(wall, zone, fixed).unwrap_or(Moments::At(Vec::new())),
    }
}

fn skipped(wall: NaiveDateTime, zone: Tz, fixed: bool) -> Option<Moments> {
    let gap = GapInfo::new(&wall, &zone)?;
    let (from, end) = (gap.begin?.0, gap.end?);
    let to = end.naive_local();
    let made_up = fixed && to - from <= MOST_MADE_UP;
    Some(if made_up { Moments::At(vec![end]) } else { Moments::Skipped { from, to } })
}

/// Which half of a repeated hour a moment lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    /// The first time round; the clock is set back at the moment given.
    First(DateTime<Tz>),
    /// The second time round; the clock was set back at the moment given.
    Second(DateTime<Tz>),
}

/// The half of a repeated hour that `at` lies in; `None` at any other time.
pub(super) fn half(at: DateTime<Tz>) -> Option<Half> {
    let zone = at.timezone();
    let wall = super::next::whole_second(at.naive_local());
    let MappedLocalTime::Ambiguous(first, second) = zone.from_local_datetime(&wall) else {
        return None;
    };
    // The clock is set back once between the two: halve the span until it is found.
    let (mut before, mut after) = (first.naive_utc(), second.naive_utc());
    let old = first.offset().fix();
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if zone.offset_from_utc_datetime(&middle).fix() == old {
            before = middle;
        } else {
            after = middle;
        }
    }
    let set_back = zone.from_utc_datetime(&after);
    Some(if at < second { Half::First(set_back) } else { Half::Second(set_back) })
}
