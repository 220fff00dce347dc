//! Looks at the clock by itself: under systemd with notification, watchdog and a graceful stop.
//!
//! The two runs and everything else go side by side, so that a calendar is read again, and mail
//! sent, while an import takes its hours.

use std::time::{Duration, Instant};

use sd_notify::NotifyState;
use tokio::sync::{Notify, watch};

use super::tick::{Tick, Ticked, Which, tick};
use crate::diag::Problem;

/// Time between two looks. Work that is due by crontab(5) is due at whole minutes.
const EVERY: Duration = Duration::from_secs(20);

/// More than so much clock time beside the monotonic time means that the machine slept.
const SLEPT: Duration = Duration::from_secs(60);

/// What the daemon says as it goes.
pub enum News {
    /// Work ended, waits or was missed.
    Ticked(Box<Ticked>),
    /// A look failed; the next one follows.
    Failed(Problem),
    /// The machine slept, or its clock was set: seconds.
    Slept(i64),
}

/// Looks until `stop` is notified; what runs then is waited for.
pub async fn daemon(cx: &Tick, stop: &Notify, news: impl Fn(News) + Sync) {
    let (end, ended) = watch::channel(false);
    notify(&[NotifyState::Ready]);
    let runs = looks(cx, Which::Runs, ended.clone(), &news);
    let others = looks(cx, Which::Others, ended, &news);
    let stopper = async {
        stop.notified().await;
        notify(&[NotifyState::Stopping]);
        // The run that this process carries stops in good order, too.
        cx.stop.notify_one();
        let _ = end.send(true);
    };
    tokio::join!(runs, others, stopper);
}

async fn looks(cx: &Tick, which: Which, mut ended: watch::Receiver<bool>, news: &impl Fn(News)) {
    let mut told: Vec<Ticked> = Vec::new();
    let mut last = (Instant::now(), cx.clock.now());
    while !*ended.borrow() {
        if which == Which::Others {
            let (monotonic, wall) = (last.0.elapsed(), cx.clock.now() - last.1);
            let beside = wall - chrono::TimeDelta::from_std(monotonic).unwrap_or_default();
            if beside.abs().to_std().is_ok_and(|beside| beside > SLEPT) {
                news(News::Slept(beside.num_seconds()));
            }
            last = (Instant::now(), cx.clock.now());
            notify(&[NotifyState::Watchdog]);
        }
        match tick(cx, which).await {
            Ok(ticked) => {
                for one in ticked {
                    // What waits, or runs elsewhere, is said once and not at every look.
                    let known = |other: &Ticked| {
                        (other.job, other.due, other.outcome) == (one.job, one.due, one.outcome)
                    };
                    if !told.iter().any(known) {
                        news(News::Ticked(Box::new(one.clone())));
                        told.retain(|other| other.job != one.job);
                        told.push(one);
                    }
                }
            }
            Err(problem) => news(News::Failed(problem)),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = ended.changed() => {}
        }
    }
}

/// Outside of systemd there is nobody to be told.
fn notify(states: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}
