//! Mail through Debian's Postfix by the program's own commands: what arrives, what is kept, and
//! what a person learns. See `postfix.rs`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::mail_desk::{Desk, letter, parsed};
use crate::postfix::{Postfix, Way};

const SUPPORT: &str = "サポート <support@vendor.example>";
const CLINIC: &str = "clinic@clinic.example";
const OPERATOR: &str = "operator@vendor.example";

fn desk(server: &Postfix, way: Way) -> Desk {
    let desk = Desk::new();
    desk.settle(&server.settings(way));
    desk
}

/// `outbox retry --all`: its exit status, and place and last problem of each mail.
fn retry(desk: &Desk) -> (i32, Vec<(String, String)>) {
    let (status, tried) = desk.json(&["outbox", "retry", "--all"]);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let mails = tried["tried"].as_array().unwrap().iter();
    (status, mails.map(|mail| (text(&mail["place"]), text(&mail["problem"]["code"]))).collect())
}

fn ids(mails: &[PathBuf]) -> Vec<String> {
    parsed(mails).iter().map(|mail| mail["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_debian_server_takes_mail_with_starttls_or_tls_a_private_root_and_a_log_in() {
    let server = Postfix::up();
    for (way, count) in [(Way::Usual, 1), (Way::Wrapped, 2)] {
        let desk = desk(&server, way);
        let letter = letter(&[SUPPORT, CLINIC, OPERATOR]);
        let id = desk.spool(&letter);
        let (status, tried) = retry(&desk);
        assert_eq!(
            (status, &tried[..]),
            (0, &[("sent".into(), "-".into())][..]),
            "{}",
            server.log()
        );
        for name in ["support", "clinic", "operator"] {
            let mails = server.mailbox(name);
            assert_eq!(mails.len(), count, "{name}: {}", server.log());
            let mails = parsed(&mails);
            let mail = mails.iter().find(|mail| mail["id"] == id.as_str()).unwrap();
            assert_eq!(mail["subject"], letter.subject);
            assert_eq!(mail["from"], "移行ツール");
            assert_eq!(mail["to"][0], "support@vendor.example");
            assert_eq!(mail["text"], letter.body);
            assert_eq!(mail["defects"], 0);
            assert_eq!(mail["files"]["エラー.log"], "ERROR: 見本\n");
            assert_eq!(mail["files"]["インポート.log.gz"], "行\n".repeat(60_000));
        }
        // What arrived is not sent again.
        assert_eq!(retry(&desk), (0, Vec::new()));
        let log = server.log();
        assert!(log.contains(&format!("sasl_username={}", crate::mail_desk::USER)), "{log}");
    }
}

#[test]
fn a_server_that_puts_off_refuses_or_is_away_loses_no_mail() {
    let mut server = Postfix::up();
    // Put off, then taken: once.
    let desk = desk(&server, Way::Defers);
    let put_off = desk.spool(&letter(&[SUPPORT]));
    assert_eq!(retry(&desk), (9, vec![("queued".into(), "mail-put-off".into())]));
    let (status, list) = desk.json(&["outbox", "list"]);
    assert_eq!((status, &list["mails"][0]["attempts"]), (9, &1.into()));
    assert_eq!(list["mails"][0]["recipients"][0]["state"], "waiting");
    desk.settle(&server.settings(Way::Usual));
    assert_eq!(retry(&desk).0, 0);
    assert_eq!(ids(&server.mailbox("support")), [put_off.as_str()]);
    // One of three is refused for good: the others get it, and the refusal is told.
    let nobody = "nobody@vendor.example";
    let refused = desk.spool(&letter(&[SUPPORT, nobody, CLINIC]));
    assert_eq!(retry(&desk), (9, vec![("given-up".into(), "mail-refused".into())]));
    assert_eq!(ids(&server.mailbox("clinic")), [refused.as_str()]);
    assert_eq!(server.mailbox("support").len(), 2);
    let (status, list) = desk.json(&["outbox", "list"]);
    let states: BTreeMap<&str, &str> = list["mails"][1]["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|to| (to["address"].as_str().unwrap(), to["state"].as_str().unwrap()))
        .collect();
    assert_eq!((status, states[nobody], states[CLINIC]), (9, "refused", "sent"));
    // Asked for again, it goes to nobody who has it.
    assert_eq!(retry(&desk).0, 9);
    assert_eq!(server.mailbox("support").len(), 2);
    assert_eq!(
        desk.run(&["outbox", "cancel", refused.as_str(), "--by", "見本 太郎", "--reason", "退職"])
            .status
            .code(),
        Some(0)
    );
    assert_eq!(desk.run(&["outbox", "list"]).status.code(), Some(0));
    // Away, and back again.
    server.stop();
    let away = desk.spool(&letter(&[OPERATOR]));
    assert_eq!(retry(&desk), (9, vec![("queued".into(), "mail-not-reachable".into())]));
    server.start();
    assert_eq!(retry(&desk).0, 0);
    assert_eq!(ids(&server.mailbox("operator")), [away.as_str()]);
}

/// Another root, a certificate that has expired, STARTTLS taken away: not one command that says
/// who writes to whom, and no password, is sent.
#[test]
fn without_a_trusted_connection_a_debian_server_hears_nothing() {
    let server = Postfix::up();
    let mut wrong_root = server.settings(Way::Usual);
    wrong_root.ca = server.file("other-ca.pem");
    let ways = [
        (wrong_root, "mail-tls-failed"),
        (server.settings(Way::Expired), "mail-tls-failed"),
        (server.settings(Way::Stripped), "mail-no-starttls"),
    ];
    let desk = Desk::new();
    let id = desk.spool(&letter(&[SUPPORT]));
    for (settings, code) in ways {
        desk.settle(&settings);
        assert_eq!(retry(&desk), (9, vec![("queued".into(), code.into())]), "{}", server.log());
    }
    assert!(server.mailbox("support").is_empty());
    let log = server.log();
    let talks =
        log.lines().filter(|line| line.contains(" disconnect from") && line.contains(" ehlo="));
    let talks = talks.count();
    assert_eq!(talks, 3, "{log}");
    for word in [" mail=", " rcpt=", " auth=", "sasl_username"] {
        assert!(!log.contains(word), "{word}: {log}");
    }
    desk.settle(&server.settings(Way::Usual));
    assert_eq!(retry(&desk).0, 0);
    assert_eq!(ids(&server.mailbox("support")), [id.as_str()]);
}

/// The program is killed at many moments of a delivery that takes two seconds: before the text,
/// after it, before the answer. Every mail arrives, and what arrives twice is seen to be one.
#[test]
fn a_program_that_is_killed_in_mid_send_delivers_at_least_once_under_one_id() {
    let server = Postfix::up();
    let desk = desk(&server, Way::Slow);
    let mut sent = Vec::new();
    for tenths in (1..=23).step_by(2) {
        sent.push(desk.spool(&letter(&[SUPPORT])).as_str().to_owned());
        let id = sent.last().unwrap();
        let mut child = desk.command(&["outbox", "retry", id]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(100 * tenths));
        let _ = child.kill();
        child.wait().unwrap();
        // Killed or not, it is in the list, under its id.
        assert!(desk.places().contains_key(id), "{id}");
    }
    let places = desk.places();
    let open = places.values().filter(|place| *place == "queued").count();
    assert!(open >= 6, "{places:?}");
    desk.settle(&server.settings(Way::Usual));
    assert_eq!(retry(&desk).0, 0);
    let arrived = parsed(&server.mailbox("support"));
    let mut copies: BTreeMap<&str, usize> = BTreeMap::new();
    for mail in &arrived {
        *copies.entry(mail["id"].as_str().unwrap()).or_default() += 1;
        assert_eq!(mail["text"], letter(&[]).body);
    }
    assert_eq!(copies.len(), sent.len(), "{}", server.log());
    assert!(sent.iter().all(|id| copies.contains_key(id.as_str())));
    // At least one was killed after the server had it and before that was known.
    assert!(arrived.len() > sent.len(), "{copies:?}");
    assert!(desk.places().values().all(|place| place == "sent"));
}
