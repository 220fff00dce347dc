//! Reads the maintenance calendars again, and takes an approval back where what they say now
//! meets a planned import.

use chrono::TimeDelta;

use super::tick::Tick;
use crate::action::{self, Told, actor};
use crate::calendar::{Maintenance, Window};
use crate::clock::{Jst, show};
use crate::diag::{Fact, Kind, Problem};
use crate::ids::PlanDigest;
use crate::journal::ledger::LedgerEvent;
use crate::plan::{Plan, is_overridden};
use crate::run::{self, gate, plan_file};

/// This long before an import people are asked to read the announcements again where nobody has.
const ASK_BEFORE: TimeDelta = TimeDelta::days(8);

/// The rule that an overlap breaks.
const OVERLAP: &str = "calendar-maintenance-overlap";

/// What a reading brought.
#[derive(Clone, Debug, Default)]
pub struct CalendarNews {
    /// Calendars that were read.
    pub read: usize,
    /// Approvals that count no more, with why.
    pub revoked: Vec<(PlanDigest, Problem)>,
    /// What could not be read, or has not been read for too long.
    pub problem: Option<Problem>,
}

/// Reads every calendar of the clinic file, and holds every approved plan against what is known.
pub async fn read_calendar(cx: &Tick) -> CalendarNews {
    let mut news = CalendarNews::default();
    for read in action::read_feeds(&cx.clinic, &cx.clock, &cx.ledger).await {
        match read {
            Ok(()) => news.read = news.read.saturating_add(1),
            Err(problem) => news.problem = Some(problem),
        }
    }
    if let Err(problem) = hold_against(cx, &mut news).await {
        news.problem = Some(problem);
    }
    news
}

async fn hold_against(cx: &Tick, news: &mut CalendarNews) -> Result<(), Problem> {
    let ledger = cx.ledger.now().await?;
    let maintenance = action::known_maintenance(&cx.clinic, &ledger)?;
    let now = cx.clock.now();
    // No import is to come any more.
    let is_over = run::latest_state(&cx.work).await?.as_ref().is_some_and(run::past_no_return);
    for (digest, entry) in &ledger.plans {
        if entry.approval.is_none() || is_over {
            continue;
        }
        let plan = gate::load(&plan_file(&cx.work, digest))?.plan;
        if let Some(window) = overlap(&plan, &maintenance, now) {
            let problem = Problem::new("run-approval-overlap", Kind::Blocked)
                .with(Fact::open("from", show(&window.from)))
                .with(Fact::open("to", show(&window.to)))
                .with(Fact::open("title", &window.title));
            cx.ledger
                .append(LedgerEvent::ApprovalRevoked {
                    digest: digest.clone(),
                    by: actor(&cx.name),
                    problem: problem.clone(),
                })
                .await?;
            news.revoked.push((digest.clone(), problem));
        }
    }
    if news.problem.is_none() {
        news.problem = stale(cx, &maintenance, now);
    }
    Ok(())
}

/// The first window that meets an import of the plan which is still to come.
fn overlap<'m>(plan: &Plan, maintenance: &'m Maintenance, now: Jst) -> Option<&'m Window> {
    let cutover = &plan.clinic.cutover;
    if is_overridden(OVERLAP, &plan.clinic.overrides) {
        return None;
    }
    let test_end = plan.test_proved_at().unwrap_or(cutover.test_import_at);
    let imports = [
        (cutover.test_import_at, test_end.max(cutover.test_import_at)),
        (cutover.production_at, cutover.window_end.max(plan.ends_at)),
    ];
    let to_come = imports.iter().filter(|(_, end)| *end >= now);
    let mut windows = maintenance.windows().map(|(_, window)| window);
    windows.find(|window| to_come.clone().any(|(start, end)| window.touches(start, end)))
}

/// A source that has not been read for too long, when an import comes near.
fn stale(cx: &Tick, maintenance: &Maintenance, now: Jst) -> Option<Problem> {
    let cutover = &cx.clinic.cutover;
    let near = |at: Jst| at >= now && at - now <= ASK_BEFORE;
    if !near(cutover.test_import_at) && !near(cutover.production_at) {
        return None;
    }
    action::stale(&cx.clinic, maintenance, now)
}

/// Tells the people of every approval that counts no more.
pub async fn tell_news(cx: &Tick, news: &CalendarNews) {
    for (_, problem) in &news.revoked {
        let due = cx.clinic.cutover.production_at;
        let told = Told { job: "approval", what: "revoked", due, problem, command: None };
        // A mail that cannot be spooled is no reason to leave work undone.
        let _ = action::tell(&cx.clinic, &cx.clock, &cx.work, &told).await;
    }
}
