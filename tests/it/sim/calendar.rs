//! People read the announcements.

use chrono::TimeDelta;
use orca_cutover::action::{self, StepCx, WorkDir};
use orca_cutover::clock::{Clock, Jst};
use orca_cutover::journal::ledger::{
    Announced, AnnouncedWindow, LedgerEvent, Reading, ReadingKind,
};

use super::fault::Fault;
use super::world::World;

/// Somebody reads the announcements and finds nothing new; or nobody does.
pub(crate) async fn read(world: &World, work: &WorkDir, clock: &Clock) {
    if world.fires(Fault::CalendarUnread) {
        return;
    }
    append(work, clock, ReadingKind::NothingNew, "people", Vec::new()).await;
}

/// Maintenance is announced over the production window, and read by somebody.
pub(crate) async fn announce(cx: &StepCx) {
    let cutover = &cx.clinic().cutover;
    let from = cutover.production_at + TimeDelta::hours(1);
    let window: (Jst, Jst) = (from, from + TimeDelta::hours(2));
    append(&cx.work, &cx.clock, ReadingKind::Notice, "notice", vec![window]).await;
}

async fn append(
    work: &WorkDir,
    clock: &Clock,
    kind: ReadingKind,
    source: &str,
    windows: Vec<(Jst, Jst)>,
) {
    let windows = windows
        .into_iter()
        .map(|(from, to)| AnnouncedWindow {
            from,
            to,
            status: Announced::Planned,
            title: "保守".to_owned(),
            words: String::new(),
        })
        .collect();
    let reading = Reading {
        kind,
        source: source.to_owned(),
        read_at: clock.now(),
        read_by: "見本 太郎".to_owned(),
        sha256: "0".repeat(64),
        windows,
    };
    // Where it cannot be written it was not read, and the rule about its age decides.
    if let Ok(ledger) = action::open_ledger(work, clock).await {
        let _ = ledger.append(LedgerEvent::CalendarRead { reading }).await;
    }
}
