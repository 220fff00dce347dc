//! Time that passes only when nothing else can happen, for simulations.
//!
//! What sleeps is woken in the order of its time; whoever drives the simulation calls
//! [`VirtualTime::advance`] when no task can run. The clock that people read is that time plus a
//! shift, which can be moved by hand as a machine's clock can.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use chrono::{DateTime, TimeDelta};

use super::{Jst, to_jst};

/// Time that passes only when nothing else can happen. Clones share it.
#[derive(Clone)]
pub struct VirtualTime(Arc<Inner>);

struct Inner {
    /// Milliseconds that have passed.
    passed: AtomicI64,
    /// Milliseconds between 1970 and the begin, as the clock on the wall has it.
    shift: AtomicI64,
    sleepers: Mutex<Sleepers>,
}

#[derive(Default)]
struct Sleepers {
    /// By the time at which they wake, and their number.
    wakers: BTreeMap<(i64, u64), Waker>,
    last: u64,
}

impl VirtualTime {
    /// Time that begins at `at`.
    pub fn beginning_at(at: &Jst) -> Self {
        Self(Arc::new(Inner {
            passed: AtomicI64::new(0),
            shift: AtomicI64::new(at.timestamp_millis()),
            sleepers: Mutex::default(),
        }))
    }

    /// What the clock on the wall shows.
    pub fn now(&self) -> Jst {
        let millis = self.passed().saturating_add(self.0.shift.load(Ordering::SeqCst));
        to_jst(DateTime::from_timestamp_millis(millis).unwrap_or_default())
    }

    /// Milliseconds that have passed, whatever the clock on the wall shows.
    pub fn passed(&self) -> i64 {
        self.0.passed.load(Ordering::SeqCst)
    }

    /// Moves the clock on the wall. What sleeps is woken to look at it.
    pub fn jump(&self, by: TimeDelta) {
        self.0.shift.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
        let woken = std::mem::take(&mut self.sleepers().wakers);
        woken.into_values().for_each(Waker::wake);
    }

    /// Lets time pass up to the next one that sleeps, and wakes it; false where nobody sleeps.
    pub fn advance(&self) -> bool {
        let next = self.sleepers().wakers.pop_first();
        let Some(((at, _), waker)) = next else { return false };
        self.0.passed.fetch_max(at, Ordering::SeqCst);
        waker.wake();
        true
    }

    /// Lets time pass while nobody is there to see it.
    pub fn pass(&self, time: TimeDelta) {
        self.0.passed.fetch_add(time.num_milliseconds().max(0), Ordering::SeqCst);
    }

    /// Returns once so much time has passed, or the clock on the wall was moved.
    pub fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send + use<> {
        let millis = i64::try_from(time.as_micros().div_ceil(1_000)).unwrap_or(i64::MAX);
        let until = self.passed().saturating_add(millis);
        Sleep { time: self.clone(), until, place: None }
    }

    fn sleepers(&self) -> MutexGuard<'_, Sleepers> {
        self.0.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for VirtualTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VirtualTime({})", self.now())
    }
}

struct Sleep {
    time: VirtualTime,
    until: i64,
    place: Option<(i64, u64)>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut sleepers = self.time.sleepers();
        if self.time.passed() >= self.until {
            return Poll::Ready(());
        }
        let place = match self.place {
            Some(place) if sleepers.wakers.contains_key(&place) => place,
            // Woken before its time: the clock on the wall was moved.
            Some(_) => return Poll::Ready(()),
            None => {
                sleepers.last = sleepers.last.saturating_add(1);
                (self.until, sleepers.last)
            }
        };
        sleepers.wakers.insert(place, cx.waker().clone());
        drop(sleepers);
        self.place = Some(place);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.time.sleepers().wakers.remove(&place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use chrono_tz::Asia::Tokyo;

    /// The time as it is after each sleeper has woken, and whether each had slept it out.
    #[test]
    fn sleepers_wake_in_their_order_and_a_moved_clock_wakes_all() {
        let start = Tokyo.with_ymd_and_hms(2027, 1, 21, 19, 0, 0).unwrap();
        let time = VirtualTime::beginning_at(&start);
        let clock = time.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .on_thread_park(move || {
                clock.advance();
            })
            .build()
            .unwrap();
        runtime.block_on(async {
            let (long, short) =
                (time.sleep(Duration::from_secs(3_600)), time.sleep(Duration::from_secs(60)));
            let first = tokio::select! { () = long => "long", () = short => "short" };
            assert_eq!((first, time.now()), ("short", start + TimeDelta::minutes(1)));
            let sleeper = tokio::spawn(time.sleep(Duration::from_secs(3_600)));
            tokio::task::yield_now().await;
            time.jump(TimeDelta::days(-1));
            sleeper.await.unwrap();
            assert_eq!(time.now(), start + TimeDelta::minutes(1) - TimeDelta::days(1));
            assert_eq!(time.passed(), 60_000);
        });
        assert!(!time.advance(), "nobody sleeps any more");
    }
}
