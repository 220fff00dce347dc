//! The model of everything that a run touches, and its own record of what was done to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use orca_cutover::clock::VirtualTime;
use tokio::sync::Notify;

use super::fault::{Fault, Faults, Rng};
use super::site::Site;
use crate::judge::{Acknowledged, Effect, Twin, When};

/// Rows of the tenant or of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// The clinic's rows when they were read; they only become more.
    pub(crate) rows: u64,
    /// False where some are missing or half an import stands.
    pub(crate) whole: bool,
    /// Nothing of the clinic's: what was in the tenant before, or somebody else's.
    pub(crate) foreign: u64,
}

/// An archive in the working folder.
#[derive(Clone, Debug)]
pub(crate) struct SimFile {
    pub(crate) sha256: String,
    pub(crate) content: Content,
    /// True where it is the tenant's, not the clinic's.
    pub(crate) export: bool,
    /// True where its bytes are no more what was written.
    pub(crate) damaged: bool,
}

impl SimFile {
    /// The hash of what lies there now.
    pub(crate) fn sum(&self) -> String {
        if self.damaged { format!("damaged {}", self.sha256) } else { self.sha256.clone() }
    }
}

/// How far the clinic's database is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fence {
    Open,
    ReadOnly,
    Closed,
}

/// The clinic's server.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) service: bool,
    pub(crate) fence: Fence,
    pub(crate) swapped: bool,
    pub(crate) rows: u64,
    /// Until when the writers' rows are counted.
    counted: i64,
}

/// One row in so many milliseconds while the service may write.
const ROW_MILLIS: i64 = 97_000;

impl Source {
    /// Everything that is needed in the morning.
    pub(crate) fn is_open(&self) -> bool {
        self.service && self.fence == Fence::Open && !self.swapped
    }

    fn settle(&mut self, passed: i64) {
        let rows = (passed / ROW_MILLIS - self.counted / ROW_MILLIS).max(0);
        if self.service && self.fence == Fence::Open {
            self.rows += rows.unsigned_abs();
        }
        self.counted = passed;
    }
}

/// The world behind its lock.
pub(crate) struct Inner {
    pub(crate) rng: Rng,
    pub(crate) faults: Faults,
    pub(crate) source: Source,
    pub(crate) site: Site,
    pub(crate) files: BTreeMap<String, SimFile>,
    pub(crate) mapping_edited: bool,
    pub(crate) profile_edited: bool,
    pub(crate) certificate_ended: bool,
    pub(crate) twin: Twin,
    pub(crate) acknowledged: Vec<Acknowledged>,
    pub(crate) trace: Option<Vec<String>>,
    order: u64,
    names: u64,
    /// Milliseconds by which the clock on the wall is wrong.
    pub(crate) skew: i64,
    crash: Arc<Notify>,
}

/// The world. Clones are the same one.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) time: VirtualTime,
    inner: Arc<Mutex<Inner>>,
}

impl World {
    pub(crate) fn of_seed(seed: u64, time: VirtualTime, traced: bool) -> Self {
        let mut rng = Rng::of_seed(seed);
        let faults = Faults::of_seed(&mut rng);
        let source =
            Source { service: true, fence: Fence::Open, swapped: false, rows: 1_000, counted: 0 };
        let inner = Inner {
            site: Site::beginning(&mut rng),
            rng,
            faults,
            source,
            files: BTreeMap::new(),
            mapping_edited: false,
            profile_edited: false,
            certificate_ended: false,
            twin: Twin::default(),
            acknowledged: Vec::new(),
            trace: traced.then(Vec::new),
            order: 0,
            names: 0,
            skew: 0,
            crash: Arc::default(),
        };
        Self { time, inner: Arc::new(Mutex::new(inner)) }
    }

    /// The world as it is now: what went on by itself has happened.
    pub(crate) fn now(&self) -> MutexGuard<'_, Inner> {
        // A fault panics in an action, never in here: nothing is half done.
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = self.time.passed();
        inner.source.settle(passed);
        let wall = self.time.now().timestamp_millis();
        inner.settle_site(passed, wall);
        inner
    }

    pub(crate) fn fires(&self, fault: Fault) -> bool {
        let mut inner = self.now();
        let fires = inner.faults.fires(fault);
        if fires {
            inner.say(&self.time, || format!("FAULT {fault:?}"));
        }
        fires
    }

    pub(crate) fn say(&self, what: impl FnOnce() -> String) {
        self.now().say(&self.time, what);
    }

    pub(crate) fn when(&self) -> When {
        let millis = self.time.now().timestamp_millis();
        When { millis, order: Some(self.now().tick()) }
    }

    /// Notes an effect of the program at the clinic or on the site.
    pub(crate) fn effect(&self, kind: &str, undo: bool) {
        let when = self.when();
        self.now().twin.effects.push(Effect { kind: kind.to_owned(), undo, when });
    }

    /// Some seconds pass.
    pub(crate) async fn moment(&self, most_secs: u64) {
        let millis = self.now().rng.below(most_secs * 1_000 + 1);
        self.time.sleep(Duration::from_millis(millis)).await;
    }

    /// So much time passes, whatever the clock on the wall does.
    pub(crate) async fn pass(&self, millis: i64) {
        let end = self.time.passed().saturating_add(millis.max(0));
        while self.time.passed() < end {
            let left = (end - self.time.passed()).unsigned_abs();
            self.time.sleep(Duration::from_millis(left)).await;
        }
    }

    /// The process dies here: nothing after this happens.
    pub(crate) async fn crash(&self) -> ! {
        let crash = self.now().crash.clone();
        crash.notify_one();
        loop {
            std::future::pending::<()>().await;
        }
    }

    pub(crate) async fn crash_if(&self, fault: Fault) {
        if self.fires(fault) {
            self.crash().await
        }
    }

    /// For a new process: notified when it dies.
    pub(crate) fn new_process(&self) -> Arc<Notify> {
        let crash = Arc::new(Notify::new());
        self.now().crash = crash.clone();
        crash
    }

    /// Moves the clock on the wall, which is then wrong by so much more.
    pub(crate) fn jump(&self, by: TimeDelta) {
        self.now().skew += by.num_milliseconds();
        self.time.jump(by);
    }
}

impl Inner {
    pub(crate) fn tick(&mut self) -> u64 {
        self.order += 1;
        self.order
    }

    /// A Message-ID that no other mail has.
    pub(crate) fn fresh_mail(&mut self) -> String {
        self.names += 1;
        format!("mail-{}", self.names)
    }

    /// A hash that no other file has.
    pub(crate) fn fresh_sha(&mut self) -> String {
        self.names += 1;
        format!("{:064x}", self.names)
    }

    pub(crate) fn say(&mut self, time: &VirtualTime, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            let at = time.now().format("%m-%d %H:%M:%S%.3f");
            trace.push(format!("{at}  {}", what()));
        }
    }
}
