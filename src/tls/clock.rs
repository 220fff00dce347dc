//! Server certificates are judged by the run's clock, so that a rehearsal of a later day is one.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

use crate::clock::Clock;

#[derive(Debug)]
struct RunClock(Clock);

impl TimeProvider for RunClock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().timestamp()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// The time that certificates are held against.
pub(crate) fn by_clock(clock: &Clock) -> Arc<dyn TimeProvider> {
    Arc::new(RunClock(clock.clone()))
}
