//! R5: the power goes at any moment; what was acknowledged is there and reads.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use orca_cutover::clock::Clock;
use orca_cutover::journal::store::{SqliteStore, Store};
use orca_cutover::journal::{Event, Journal, Record, fold};

use super::child;
use super::every_write::{acknowledged, lost, sink};
use super::image::{Disk, Op, lay, operations, sum, ways};
use super::shim::{Shim, run};
use crate::figures::figure;
use crate::support::scratch;

/// Every prefix, or one in so many: a prime, so that each kind of moment comes up.
fn stride(usual: usize) -> usize {
    crate::figures::size(usual, 1)
}

/// Power losses that were judged.
#[derive(Default)]
struct Judged {
    moments: usize,
    states: usize,
    different: usize,
    violations: Vec<String>,
}

/// Judges every way in which the disk may be found after every `stride`th operation. `judge` is
/// given the folder and what was acknowledged.
fn lose_power(
    mut disk: Disk,
    ops: &[Op],
    stride: usize,
    mut judge: impl FnMut(&Path, &[String]) -> Option<String>,
) -> Judged {
    let mut judged = Judged::default();
    let mut acks: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    // In memory where there is such a folder: the disk below is modelled, not used.
    let memory = Path::new("/dev/shm");
    let scratch = match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    };
    for (index, op) in ops.iter().enumerate() {
        disk.apply(op);
        if let Op::Acknowledge { text } = op {
            acks.push(text.clone());
        }
        // The last moments are the longest journal's.
        if index % stride != 0 && index + 8 < ops.len() {
            continue;
        }
        judged.moments += 1;
        for (data, names) in ways(index as u64) {
            judged.states += 1;
            let found = disk.found(data, names);
            if !seen.insert((sum(&found), acks.len())) {
                continue;
            }
            judged.different += 1;
            let folder = scratch.path().join("found");
            std::fs::create_dir(&folder).unwrap();
            lay(&found, &folder);
            if let Some(what) = judge(&folder, &acks) {
                judged.violations.push(format!("{index} {op:.80?} {data:?} {names:?}: {what}"));
            }
            std::fs::remove_dir_all(&folder).unwrap();
        }
    }
    judged
}

fn tell(judged: &Judged, what: &str, test: &str) {
    let value = format!(
        "{} of {} states at {} moments ({} different), {} violations",
        judged.states - judged.violations.len(),
        judged.states,
        judged.moments,
        judged.different,
        judged.violations.len(),
    );
    figure("R5", what, &value, &format!("cargo nextest run {test}"));
    let some = judged.violations.iter().take(20).map(String::as_str).collect::<Vec<_>>();
    assert!(judged.violations.is_empty(), "{}", some.join("\n"));
}

async fn records(file: &Path) -> Result<Vec<Record>, String> {
    let store = SqliteStore::open(file, false).await.map_err(|error| error.to_string())?;
    let records = store.load(&child::run_id()).await;
    store.close().await;
    records.map_err(|error| error.to_string())
}

#[test]
fn a_journal_of_500_events_keeps_what_it_acknowledged() {
    child::ran();
    let test = "disk::power::a_journal_of_500_events_keeps_what_it_acknowledged";
    let (shim, scratch) = (Shim::build(), scratch());
    let dir = scratch.path().join("d");
    std::fs::create_dir(&dir).unwrap();
    let before = Disk::of(&dir);
    let mut command = child::command(test, "journal", &dir);
    command.env("DISK_COUNT", "499");
    let (ended, log) = shim.log(command, &dir, &shim.file("ack"));
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let ops = operations(&log);
    assert_eq!(told(&ops), 500);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let last = runtime.block_on(records(&dir.join("work/journal.sqlite"))).unwrap();
    assert_eq!(last.len(), 500);
    let mut number = 0_usize;
    let judged = lose_power(before, &ops, stride(13), |folder, acks| {
        let wanted = acks.last().map_or(0, |ack| ack.parse::<usize>().unwrap());
        let file = folder.join("work/journal.sqlite");
        if wanted == 0 && !file.exists() {
            return None;
        }
        let found = match runtime.block_on(records(&file)) {
            Ok(found) => found,
            Err(error) => return Some(format!("{wanted} acknowledged, and it says {error}")),
        };
        if found.len() < wanted || found[..] != last[..found.len()] {
            return Some(format!("{} records, {wanted} acknowledged", found.len()));
        }
        if fold(&found).is_err() {
            return Some("they do not fold".to_owned());
        }
        number += 1;
        // Now and then the run goes on from there.
        if wanted > 0 && number.is_multiple_of(20) {
            return runtime.block_on(goes_on(&file)).err();
        }
        None
    });
    tell(&judged, "power lost while a journal of 500 events is written, ten ways", test);
}

/// Acknowledgements that the log holds: without them nothing could be missed.
fn told(ops: &[Op]) -> usize {
    ops.iter().filter(|op| matches!(op, Op::Acknowledge { .. })).count()
}

/// The next process appends to it.
async fn goes_on(file: &Path) -> Result<(), String> {
    let store = SqliteStore::open(file, true).await.map_err(|error| error.to_string())?;
    let store = std::sync::Arc::new(store);
    let run = child::run_id();
    let journal = Journal::take_up(store.clone(), Clock::System, run, None);
    let journal = journal.await.map_err(|error| error.to_string())?;
    let event =
        Event::MailQueued { message_id: "<a@b>".into(), about: "test".into(), recipients: 1 };
    journal.append(event).await.map_err(|error| error.to_string())?;
    store.close().await;
    Ok(())
}

#[test]
fn a_spool_keeps_the_letters_that_it_acknowledged() {
    child::ran();
    let test = "disk::power::a_spool_keeps_the_letters_that_it_acknowledged";
    let (shim, scratch) = (Shim::build(), scratch());
    let dir = scratch.path().join("d");
    std::fs::create_dir(&dir).unwrap();
    let before = Disk::of(&dir);
    let mut command = child::command(test, "enqueue", &dir);
    command.env("DISK_COUNT", "40");
    let (ended, log) = shim.log(command, &dir, &shim.file("ack"));
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let ops = operations(&log);
    assert_eq!(told(&ops), 40);
    let judged = lose_power(before, &ops, stride(1), |folder, acks| {
        if acks.is_empty() { None } else { lost(&folder.join("work/outbox"), acks) }
    });
    tell(&judged, "power lost while 40 letters are spooled, ten ways", test);
}

#[test]
fn a_delivery_loses_no_letter() {
    child::ran();
    let test = "disk::power::a_delivery_loses_no_letter";
    let (shim, server) = (Shim::build(), scratch());
    let scratch = scratch();
    let dir = scratch.path().join("d");
    std::fs::create_dir(&dir).unwrap();
    let mut command = child::command(test, "enqueue", &dir);
    let queued = acknowledged(&[&run(command.env("DISK_COUNT", "8"))]);
    assert_eq!(queued.len(), 8);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (sink, ca): (_, PathBuf) = runtime.block_on(sink(server.path()));
    let before = Disk::of(&dir);
    let mut command = child::command(test, "deliver", &dir);
    command.env("DISK_SMTP_PORT", sink.port.to_string()).env("DISK_SMTP_CA", &ca);
    let (ended, log) = shim.log(command, &dir, &shim.file("ack"));
    assert_eq!(acknowledged(&[&ended]).len(), 8, "{ended:?}");
    let ops = operations(&log);
    // Whatever is known of its delivery, each letter is there.
    let judged =
        lose_power(before, &ops, 1, |folder, _| lost(&folder.join("work/outbox"), &queued));
    tell(&judged, "power lost while 8 letters are delivered, ten ways", test);
}
