//! What happens where a point is come by.

use std::future::Future;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Point;
use super::arm::{Armed, armed};
use super::rule::Act;
use crate::diag::{Explain, Fact, Kind};
use crate::ids::StepId;

tokio::task_local! {
    /// The step that is carried out by this task or thread.
    static STEP: Option<Arc<str>>;
}

/// The failure that a fault stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("fault point {}", point.name())]
pub struct Injected {
    /// Where.
    pub point: Point,
}

impl Explain for Injected {
    fn code(&self) -> &'static str {
        "fault-injected"
    }

    /// As what it stands for: something outside of the program that may be better next time.
    fn kind(&self) -> Kind {
        Kind::Environment
    }

    fn facts(&self) -> Vec<Fact> {
        vec![Fact::open("point", self.point.name())]
    }
}

impl From<Injected> for io::Error {
    fn from(injected: Injected) -> Self {
        Self::other(injected)
    }
}

/// Where in the run something is: remembered by what is carried on in other tasks and threads.
#[derive(Clone, Debug, Default)]
pub struct Spot(Option<Arc<str>>);

/// The spot of the present task or thread. Free of cost where no faults are set.
pub fn here() -> Spot {
    match armed() {
        Some(_) => Spot(STEP.try_with(Clone::clone).ok().flatten()),
        None => Spot(None),
    }
}

/// Comes by `point` in a thread that may wait.
///
/// # Errors
/// Where a fault says so.
pub fn hit(point: Point) -> Result<(), Injected> {
    here().hit(point)
}

/// Comes by `point` in a task.
///
/// # Errors
/// Where a fault says so.
pub async fn reach(point: Point) -> Result<(), Injected> {
    here().reach(point).await
}

impl Spot {
    /// The spot of a step.
    pub fn of(step: &StepId) -> Self {
        match armed() {
            Some(_) => Self(Some(step.as_str().into())),
            None => Self(None),
        }
    }

    /// Comes by `point` in a thread that may wait.
    ///
    /// # Errors
    /// Where a fault says so.
    pub fn hit(&self, point: Point) -> Result<(), Injected> {
        let Some(armed) = armed() else { return Ok(()) };
        match self.act(armed, point) {
            Some(Act::Delay(delay)) => std::thread::sleep(delay),
            Some(Act::Error) => return Err(Injected { point }),
            _ => {}
        }
        Ok(())
    }

    /// Comes by `point` in a task.
    ///
    /// # Errors
    /// Where a fault says so.
    pub async fn reach(&self, point: Point) -> Result<(), Injected> {
        let Some(armed) = armed() else { return Ok(()) };
        match self.act(armed, point) {
            Some(Act::Delay(delay)) => tokio::time::sleep(delay).await,
            Some(Act::Error) => return Err(Injected { point }),
            _ => {}
        }
        Ok(())
    }

    /// Comes by [`Point::AfterEffect`]: true where the effect is to be done once more.
    ///
    /// # Errors
    /// Where a fault says so.
    pub async fn after_effect(&self) -> Result<bool, Injected> {
        let Some(armed) = armed() else { return Ok(false) };
        match self.act(armed, Point::AfterEffect) {
            Some(Act::Repeat) => return Ok(true),
            Some(Act::Delay(delay)) => tokio::time::sleep(delay).await,
            Some(Act::Error) => return Err(Injected { point: Point::AfterEffect }),
            _ => {}
        }
        Ok(false)
    }

    /// Carries `work` on in another thread, with the step it belongs to.
    pub fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        match armed() {
            Some(_) => STEP.sync_scope(self.0.clone(), work),
            None => work(),
        }
    }

    fn act(&self, armed: &Armed, point: Point) -> Option<Act> {
        self.write_down(armed, point, "");
        let of_this = |step: &Option<String>| {
            step.as_ref().is_none_or(|step| self.0.as_deref() == Some(step.as_str()))
        };
        let mut due = None;
        for (rule, times) in &armed.rules {
            if rule.point != point || !of_this(&rule.step) {
                continue;
            }
            let time = times.fetch_add(1, Ordering::SeqCst).saturating_add(1);
            if rule.at.is_none_or(|at| at == time) {
                due = due.or(Some(rule.act));
            }
        }
        if let Some(act) = due {
            // Steps beside this one may come by something more before a process is gone.
            self.write_down(armed, point, act.word());
        }
        match due {
            Some(Act::Crash) => crash(),
            Some(Act::Panic) => break_off(point),
            other => other,
        }
    }

    fn write_down(&self, armed: &Armed, point: Point, act: &str) {
        let Some(path) = &armed.record else { return };
        let step = self.0.as_deref().unwrap_or("-");
        let words = [step, point.name(), act].join(" ");
        let line = format!("{}\n", words.trim_end());
        // What cannot be written down is missing there, and whoever reads it will see.
        let file = std::fs::File::options().create(true).append(true).open(path);
        let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
    }
}

/// Ends the process as `kill -9` does: nothing is cleaned up, nothing is flushed.
fn crash() -> ! {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    loop {
        std::thread::sleep(Duration::from_secs(1));
    }
}

#[expect(clippy::panic, reason = "a panic is what was asked for")]
fn break_off(point: Point) -> ! {
    panic!("fault point {}", point.name())
}

/// Carries `work` out as part of `step`.
pub async fn within<F: Future>(step: &StepId, work: F) -> F::Output {
    let Spot(step) = Spot::of(step);
    STEP.scope(step, work).await
}

/// `work` for another task, as part of the same step as this one.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let Spot(step) = here();
    STEP.scope(step, work)
}
