//! Figure R12: a mail server that does everything that mail servers do, by a seed; no mail is
//! lost, a mail that arrives twice is seen to be one, and what has not arrived is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use orca_cutover::rehearsal::mail_sink::MailFaults;

use crate::figures::{figure, size};
use crate::mail_desk::{Desk, Settings, certificate, sink};

/// What happens to one delivery.
#[derive(Clone, Copy, Debug)]
enum Way {
    Taken,
    PutOff,
    Refused,
    CutInText,
    CutBeforeReply,
    Silent,
    NoStarttls,
    OtherRoot,
    Away,
    Killed,
}

const WAYS: [Way; 10] = [
    Way::Taken,
    Way::PutOff,
    Way::Refused,
    Way::CutInText,
    Way::CutBeforeReply,
    Way::Silent,
    Way::NoStarttls,
    Way::OtherRoot,
    Way::Away,
    Way::Killed,
];

/// Deliveries of one outbox: a longer list takes longer to read, and each that the server is silent
/// about keeps one of the sink's sixteen connections for a minute.
const OF_ONE_DESK: usize = 40;

/// xorshift64*: the same seed makes the same nights.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % limit
    }
}

#[derive(Default)]
struct Tally {
    mails: usize,
    lost: usize,
    twice: usize,
    other_id: usize,
    undelivered: usize,
    seen: usize,
}

fn faults(way: Way) -> MailFaults {
    let mut faults = MailFaults::default();
    match way {
        Way::PutOff => faults.later_4xx = 1,
        Way::Refused => faults.refuse_5xx = 1,
        Way::CutInText => faults.close_in_data = 1,
        Way::CutBeforeReply => faults.close_before_reply = 1,
        Way::Silent => faults.hang = 1,
        Way::NoStarttls => faults.no_starttls = true,
        Way::Taken | Way::OtherRoot | Way::Away | Way::Killed => {}
    }
    faults
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mail_is_lost_or_told_twice_under_two_ids_whatever_the_server_does() {
    let count = size(200, 5000);
    let mut tally = Tally::default();
    let mut dice = Dice(20_270_121);
    while tally.mails < count {
        let left = count - tally.mails;
        one_desk(&mut tally, &mut dice, OF_ONE_DESK.min(left)).await;
    }
    let command = "cargo nextest run mail_figures";
    figure("R12", "mails lost", format!("{} of {}", tally.lost, tally.mails), command);
    let other = format!("{} of {}", tally.other_id, tally.twice);
    figure("R12", "mails that arrived twice under another Message-ID", other, command);
    let seen = format!("{} of {}", tally.seen, tally.undelivered);
    figure("R12", "undelivered mails seen in list and exit status", seen, command);
    assert_eq!((tally.lost, tally.other_id), (0, 0));
    assert_eq!(tally.seen, tally.undelivered);
    assert!(tally.twice > 0 && tally.undelivered > tally.mails / 2);
}

async fn one_desk(tally: &mut Tally, dice: &mut Dice, count: usize) {
    let desk = Desk::new();
    let (sink, usual) = sink(&desk, MailFaults::default()).await;
    certificate(desk.dir.path(), "other", false);
    let other_root = Settings { ca: desk.path("other-ca.pem"), ..usual.clone() };
    // Nothing listens on the port of `tcpmux`.
    let away = Settings { port: 1, ..usual.clone() };
    desk.settle(&usual);
    let outbox = desk.outbox();
    // What must be undelivered now, as far as it can be known from outside.
    let mut open = BTreeSet::new();
    let mut killed = BTreeSet::new();
    let mut all = Vec::new();
    for _ in 0..count {
        let id = desk.spool(&crate::mail_desk::letter(&["support@vendor.example"]));
        let way = WAYS[usize::try_from(dice.below(10)).unwrap()];
        sink.set_faults(faults(way));
        let settings = match way {
            Way::OtherRoot => &other_root,
            Way::Away => &away,
            _ => &usual,
        };
        if matches!(way, Way::Killed) {
            let mut child = desk.command(&["outbox", "retry", id.as_str()]).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(dice.below(120)));
            let _ = child.kill();
            child.wait().unwrap();
            killed.insert(id.as_str().to_owned());
        } else {
            let mut smtp = desk.smtp(settings, Duration::from_secs(30));
            if matches!(way, Way::Silent) {
                smtp.content_timeout = Duration::from_millis(200);
            }
            let held = outbox.hold().await.unwrap();
            let now = desk.clock().now();
            let wanted = |entry: &orca_cutover::mail::Entry| entry.message_id == id;
            let done = outbox.deliver_those(&held, &smtp, &now, wanted).await.unwrap();
            assert_eq!(done.len(), 1, "{way:?}");
        }
        if !matches!(way, Way::Taken | Way::Killed) {
            open.insert(id.as_str().to_owned());
        }
        all.push(id.as_str().to_owned());
    }
    // Everything that is known not to have been taken is seen, in the list and the exit status.
    let list = desk.run(&["outbox", "list", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    let undelivered: BTreeSet<String> = told["mails"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|mail| mail["place"] == "queued" || mail["place"] == "given-up")
        .map(|mail| mail["message_id"].as_str().unwrap().to_owned())
        .filter(|id| !killed.contains(id))
        .collect();
    let falsely: Vec<&String> = undelivered.difference(&open).collect();
    assert!(falsely.is_empty(), "told as undelivered, and was taken: {falsely:?} in {told:#}");
    tally.undelivered += open.len();
    if list.status.code() == Some(9) {
        tally.seen += open.intersection(&undelivered).count();
    }
    // The server works again, and everything is sent.
    sink.set_faults(MailFaults::default());
    let retried = desk.run(&["outbox", "retry", "--all"]);
    assert_eq!(retried.status.code(), Some(0), "{}", String::from_utf8_lossy(&retried.stdout));
    assert_eq!(desk.run(&["outbox", "list"]).status.code(), Some(0));
    let mut arrived: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for mail in sink.received() {
        let bytes = std::fs::read(&mail).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let line = text.lines().find(|line| line.starts_with("Message-ID: ")).unwrap();
        arrived.entry(line["Message-ID: ".len()..].to_owned()).or_default().push(bytes);
    }
    let known: BTreeSet<&String> = all.iter().collect();
    tally.mails += all.len();
    tally.lost += all.iter().filter(|id| !arrived.contains_key(*id)).count();
    tally.other_id += arrived.keys().filter(|id| !known.contains(id)).count();
    for copies in arrived.values() {
        tally.twice += usize::from(copies.len() > 1);
        assert!(copies.windows(2).all(|two| two[0] == two[1]), "the same id, another mail");
    }
}
