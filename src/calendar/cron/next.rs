//! The next and the previous moment of an expression.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Timelike};
use chrono_tz::Tz;

use super::Cron;
use super::zone::{Half, Moments, half, moments};

impl Cron {
    /// The first moment strictly after `at`, in the zone of `at`; `None` where there is none, as
    /// for 30 February.
    pub fn next_after(&self, at: DateTime<Tz>) -> Option<DateTime<Tz>> {
        let ahead = self.forward(at, whole_second(at.naive_local()));
        // The first time round a repeated hour, the second still lies ahead.
        let Some(Half::First(set_back)) = half(at) else { return ahead };
        let again = self.forward(at, set_back.naive_local().checked_sub_signed(SECOND)?);
        ahead.into_iter().chain(again).min()
    }

    /// The last moment strictly before `at`, in the zone of `at`.
    pub fn previous_before(&self, at: DateTime<Tz>) -> Option<DateTime<Tz>> {
        let wall = at.naive_local();
        let floor = whole_second(wall);
        let ceiling = if floor == wall { wall } else { floor.checked_add_signed(SECOND)? };
        let behind = self.backward(at, ceiling);
        // The second time round a repeated hour, all of the first lies behind.
        let Some(Half::Second(set_back)) = half(at) else { return behind };
        let last = set_back.checked_sub_signed(SECOND)?.naive_local();
        let again = self.backward(at, last.checked_add_signed(SECOND)?);
        behind.into_iter().chain(again).max()
    }

    /// Every moment from `from` (inclusive) to `to` (exclusive), in the zone of `from`.
    pub fn between(
        &self,
        from: DateTime<Tz>,
        to: DateTime<Tz>,
    ) -> impl Iterator<Item = DateTime<Tz>> + '_ {
        let before = from.checked_sub_signed(TimeDelta::nanoseconds(1));
        let first = before.and_then(|before| self.next_after(before));
        std::iter::successors(first, |at| self.next_after(*at)).take_while(move |at| *at < to)
    }

    /// The first moment after `at` among the wall-clock times after `wall`, in their order.
    fn forward(&self, at: DateTime<Tz>, wall: NaiveDateTime) -> Option<DateTime<Tz>> {
        let mut wall = wall;
        loop {
            wall = self.wall.next(wall)?;
            match moments(wall, at.timezone(), self.fixed) {
                Moments::At(found) => {
                    if let Some(found) = found.into_iter().find(|found| *found > at) {
                        return Some(found);
                    }
                }
                Moments::Skipped { to, .. } => wall = to.checked_sub_signed(SECOND)?,
            }
        }
    }

    /// The last moment before `at` among the wall-clock times before `wall`, in their order.
    fn backward(&self, at: DateTime<Tz>, wall: NaiveDateTime) -> Option<DateTime<Tz>> {
        let mut wall = wall;
        loop {
            wall = self.wall.previous(wall)?;
            match moments(wall, at.timezone(), self.fixed) {
                Moments::At(found) => {
                    if let Some(found) = found.into_iter().rev().find(|found| *found < at) {
                        return Some(found);
                    }
                }
                Moments::Skipped { from, .. } => wall = from,
            }
        }
    }
}

const SECOND: TimeDelta = TimeDelta::seconds(1);

/// Cut down to the whole second.
pub(super) fn whole_second(wall: NaiveDateTime) -> NaiveDateTime {
    wall.with_nanosecond(0).unwrap_or(wall)
}
