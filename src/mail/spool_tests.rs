//! What a crash or a damaged file leaves in the spool: each state is made by hand, one for each
//! step between two operations of the disk.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::transport::SmtpConfig;
use super::{Letter, MailError, Outbox, Place};
use crate::clock::Clock;
use crate::playbook::MailSecurity;

const FROM: &str = "cutover@clinic.example";

fn letter() -> Letter {
    Letter {
        to: vec!["support@vendor.example".into()],
        subject: "件名".into(),
        body: "本文\n".into(),
        attachments: Vec::new(),
    }
}

/// A server that nobody can reach: what is tried stays in the queue.
fn nobody() -> SmtpConfig {
    SmtpConfig {
        host: "localhost".into(),
        port: 1,
        connect_to: Some([127, 0, 0, 1].into()),
        security: MailSecurity::Starttls,
        ca: None,
        user: None,
        password: None,
        timeout: std::time::Duration::from_secs(1),
        content_timeout: std::time::Duration::from_secs(1),
    }
}

struct Crashed {
    dir: tempfile::TempDir,
    outbox: Outbox,
    eml: PathBuf,
    json: PathBuf,
}

/// A spool with one letter, whole.
fn spooled() -> Crashed {
    let dir = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(&dir.path().join("spool")).unwrap();
    let id = outbox.enqueue(&letter(), FROM, &Clock::System.now()).unwrap();
    let file = |end: &str| dir.path().join("spool/queued").join(format!("{}.{end}", id.stem()));
    let (eml, json) = (file("eml"), file("json"));
    Crashed { dir, outbox, eml, json }
}

fn part(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// The letters that are tried after a new start.
async fn tried(crashed: &Crashed) -> usize {
    let outbox = Outbox::open(&crashed.dir.path().join("spool")).unwrap();
    outbox.deliver(&nobody(), &Clock::System.now()).await.unwrap().len()
}

#[tokio::test]
async fn a_crash_between_any_two_steps_of_spooling_loses_no_letter_that_was_whole() {
    // Both files whole under their temporary names; the mail renamed; both renamed.
    for renamed in 0..=2 {
        let crashed = spooled();
        if renamed < 2 {
            std::fs::rename(&crashed.json, part(&crashed.json)).unwrap();
        }
        if renamed < 1 {
            std::fs::rename(&crashed.eml, part(&crashed.eml)).unwrap();
        }
        assert_eq!(tried(&crashed).await, 1, "{renamed} renamed");
        assert!(crashed.eml.exists() && crashed.json.exists());
        assert_eq!(crashed.outbox.list().unwrap().mails.len(), 1);
    }
    // Before the envelope is whole nobody was told that there is a letter; nothing breaks.
    for length in [0, 10] {
        let crashed = spooled();
        let json = std::fs::read(&crashed.json).unwrap();
        std::fs::remove_file(&crashed.json).unwrap();
        std::fs::write(part(&crashed.json), &json[..length]).unwrap();
        std::fs::rename(&crashed.eml, part(&crashed.eml)).unwrap();
        assert_eq!(tried(&crashed).await, 0);
        assert!(crashed.outbox.list().unwrap().unreadable.is_empty());
    }
}

#[tokio::test]
async fn a_crash_while_an_envelope_is_written_anew_leaves_the_old_one() {
    let crashed = spooled();
    let json = std::fs::read_to_string(&crashed.json).unwrap();
    for cut in [0, json.len() / 2, json.len()] {
        std::fs::write(part(&crashed.json), &json[..cut]).unwrap();
        let (place, entry) = crashed.outbox.list().unwrap().mails.remove(0);
        assert_eq!((place, entry.attempts), (Place::Queued, 0));
    }
    assert_eq!(tried(&crashed).await, 1);
}

#[tokio::test]
async fn a_move_that_was_cut_in_two_is_finished_whatever_came_first() {
    for first in ["json", "eml"] {
        let crashed = spooled();
        let moved = if first == "json" { &crashed.json } else { &crashed.eml };
        let given_up = crashed.dir.path().join("spool/given-up");
        std::fs::rename(moved, given_up.join(moved.file_name().unwrap())).unwrap();
        tried(&crashed).await;
        let all = crashed.outbox.list().unwrap();
        assert!(all.unreadable.is_empty(), "{:?}", all.unreadable);
        let (place, entry) = &all.mails[0];
        assert_eq!(*place, if first == "json" { Place::GivenUp } else { Place::Queued });
        assert!(crashed.outbox.mail(*place, entry).is_ok(), "{first}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_holds_nothing_up() {
    let crashed = spooled();
    std::fs::write(&crashed.json, "{}").unwrap();
    let now = Clock::System.now();
    let good = crashed.outbox.enqueue(&letter(), FROM, &now).unwrap();
    let tried = crashed.outbox.deliver(&nobody(), &now).await.unwrap();
    assert_eq!(tried.len(), 1);
    assert_eq!(tried[0].entry.message_id, good);
    let unreadable = crashed.outbox.list().unwrap().unreadable;
    assert!(matches!(&unreadable[..], [MailError::Unreadable { path }] if *path == crashed.json));
    // A mail whose envelope is gone is told once it cannot be one that is being spooled.
    std::fs::remove_file(&crashed.json).unwrap();
    assert!(crashed.outbox.list().unwrap().unreadable.is_empty());
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(61);
    std::fs::File::options()
        .write(true)
        .open(&crashed.eml)
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    let unreadable = crashed.outbox.list().unwrap().unreadable;
    assert!(matches!(&unreadable[..], [MailError::NoEnvelope { path }] if *path == crashed.eml));
}

/// Somebody delivers while a letter is being spooled: neither takes the other's half for lost.
#[tokio::test(flavor = "multi_thread")]
async fn spooling_beside_a_delivery_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spool");
    let outbox = Outbox::open(&path).unwrap();
    let writer = {
        let outbox = outbox.clone();
        tokio::task::spawn_blocking(move || {
            (0..60).for_each(|_| {
                outbox.enqueue(&letter(), FROM, &Clock::System.now()).unwrap();
            });
        })
    };
    while !writer.is_finished() {
        // A letter's time comes whenever somebody looks.
        let later = Clock::System.now() + TimeDelta::hours(2);
        outbox.deliver(&nobody(), &later).await.unwrap();
    }
    writer.await.unwrap();
    let all = outbox.list().unwrap();
    assert_eq!((all.mails.len(), all.unreadable.len()), (60, 0));
}

#[tokio::test]
async fn a_clock_that_was_ahead_holds_no_letter_back() {
    let crashed = spooled();
    let ahead = Clock::System.now() + TimeDelta::days(1000);
    crashed.outbox.deliver(&nobody(), &ahead).await.unwrap();
    let now = Clock::System.now();
    let tried = crashed.outbox.deliver(&nobody(), &now).await.unwrap();
    // It was given up by that clock, or is tried by this one; it does not wait for years.
    let place = crashed.outbox.list().unwrap().mails[0].0;
    assert!(place == Place::GivenUp || tried.len() == 1);
    let id = crashed.outbox.enqueue(&letter(), FROM, &ahead).unwrap();
    let tried = crashed.outbox.deliver(&nobody(), &now).await.unwrap();
    assert_eq!(tried.len(), 1);
    assert_eq!(tried[0].entry.message_id, id);
    assert_eq!(tried[0].entry.queued_at, now);
}

#[tokio::test]
async fn an_id_may_be_cut_short_as_long_as_it_names_one_letter() {
    let crashed = spooled();
    let other = crashed.outbox.enqueue(&letter(), FROM, &Clock::System.now()).unwrap();
    let find = |id: &str| crashed.outbox.find(id);
    assert_eq!(find(other.as_str()).unwrap().1.message_id, other);
    assert_eq!(find(&other.stem()).unwrap().1.message_id, other);
    assert!(matches!(find(&other.stem()[..4]), Err(MailError::Ambiguous { count: 2, .. })));
    for wrong in ["", "<", "zz"] {
        assert!(matches!(find(wrong), Err(MailError::NoSuchMail { .. })), "{wrong}");
    }
}
