//! The outbox against the rehearsal's mail server, and its mails against Python's `email`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use chrono::TimeDelta;

use super::{Attachment, Letter, MailError, Outbox, Place, RecipientState, SmtpConfig};
use crate::clock::{Clock, Jst};
use crate::playbook::MailSecurity;
use crate::rehearsal::mail_sink::{MailFaults, MailSink, tests::certificate};
use crate::secret::SecretRef;

const FROM: &str = "移行ツール <cutover@clinic.example>";

struct Bench {
    dir: tempfile::TempDir,
    sink: MailSink,
    outbox: Outbox,
    smtp: SmtpConfig,
    now: Jst,
}

async fn bench(name: &str, faults: MailFaults) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let mut config = certificate(dir.path(), name);
    config.faults = faults;
    let sink = MailSink::start(config).await.unwrap();
    let outbox = Outbox::open(&dir.path().join("spool")).unwrap();
    let smtp = smtp(dir.path(), sink.port, MailSecurity::Starttls);
    Bench { dir, sink, outbox, smtp, now: Clock::System.now() }
}

fn smtp(dir: &Path, port: u16, security: MailSecurity) -> SmtpConfig {
    SmtpConfig {
        host: "mail.clinic.example".into(),
        port,
        connect_to: Some([127, 0, 0, 1].into()),
        security,
        ca: Some(dir.join("ca.pem")),
        user: None,
        password: None,
        timeout: Duration::from_secs(10),
        content_timeout: Duration::from_secs(10),
    }
}

fn letter() -> Letter {
    Letter {
        to: vec!["Support <support@vendor.example>".into(), "院長 <clinic@clinic.example>".into()],
        subject:
            "【リハーサル】日レセクラウド移行の失敗について、長い件名が折り返されても同じであること"
                .into(),
        body: "一行目\n.\n..二行目の点\n終わり\n".into(),
        attachments: vec![
            Attachment::text("エラー.log", "ERROR: 見本\n"),
            Attachment {
                name: "import.log".into(),
                media_type: "text/plain; charset=utf-8".into(),
                bytes: "行\n".repeat(100_000).into_bytes(),
            },
        ],
    }
}

async fn requeue(bench: &Bench, id: &super::MessageId, now: &Jst) {
    let held = bench.outbox.hold().await.unwrap();
    let (_, entry) = bench.outbox.find(id.as_str()).unwrap();
    bench.outbox.requeue(&held, entry, now).unwrap();
}

/// What Python's `email` finds in a mail, as JSON.
fn parsed(mail: &Path) -> serde_json::Value {
    const PROGRAM: &str = r#"
import email, email.policy, gzip, json, sys
m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
out = {'subject': m['subject'], 'id': m['message-id'], 'to': [a.addr_spec for a in m['to'].addresses],
       'names': [a.display_name for a in m['to'].addresses], 'from': m['from'].addresses[0].display_name,
       'auto': m['auto-submitted'], 'date': m['date'].datetime.isoformat(), 'defects': len(m.defects),
       'body': m.get_body(('plain',)).get_content(), 'files': {}}
for part in m.iter_attachments():
    data = part.get_payload(decode=True)
    if part.get_content_type() == 'application/gzip': data = gzip.decompress(data)
    out['files'][part.get_filename()] = data.decode()
print(json.dumps(out))
"#;
    let output = Command::new("python3").args(["-c", PROGRAM]).arg(mail).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_arrives_as_it_was_written() {
    let bench = bench("mail.clinic.example", MailFaults::default()).await;
    let letter = letter();
    let id = bench.outbox.enqueue(&letter, FROM, &bench.now).unwrap();
    let deliveries = bench.outbox.deliver(&bench.smtp, &bench.now).await.unwrap();
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0].place, Place::Sent, "{:?}", deliveries[0].entry.problem);
    let received = bench.sink.received();
    assert_eq!(received.len(), 1);
    let mail = parsed(&received[0]);
    assert_eq!(mail["subject"], letter.subject);
    assert_eq!(mail["id"], id.as_str());
    assert_eq!(mail["to"][0], "support@vendor.example");
    assert_eq!(mail["names"][1], "院長");
    assert_eq!(mail["from"], "移行ツール");
    assert_eq!(mail["auto"], "auto-generated");
    assert_eq!(mail["defects"], 0);
    assert_eq!(mail["body"].as_str().unwrap().replace("\r\n", "\n"), letter.body);
    assert_eq!(mail["files"]["エラー.log"], "ERROR: 見本\n");
    assert_eq!(mail["files"]["import.log.gz"], "行\n".repeat(100_000));
    let sent_at = chrono::DateTime::parse_from_rfc3339(mail["date"].as_str().unwrap()).unwrap();
    assert_eq!(sent_at.timestamp(), bench.now.timestamp());
    // Nothing is due a second time.
    assert!(bench.outbox.deliver(&bench.smtp, &bench.now).await.unwrap().is_empty());
    let list = bench.outbox.list().unwrap().mails;
    assert_eq!((list.len(), list[0].0), (1, Place::Sent));
    let enclosed: Vec<&str> = list[0].1.enclosed.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(enclosed, ["エラー.log", "import.log.gz"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_was_put_off_keeps_its_id_and_waits() {
    let faults = MailFaults { later_4xx: 2, ..MailFaults::default() };
    let bench = bench("mail.clinic.example", faults).await;
    let id = bench.outbox.enqueue(&letter(), FROM, &bench.now).unwrap();
    let first = bench.outbox.deliver(&bench.smtp, &bench.now).await.unwrap();
    assert_eq!(first[0].place, Place::Queued);
    assert_eq!(first[0].entry.problem.as_ref().unwrap().code, "mail-put-off");
    let soon = bench.now + TimeDelta::seconds(59);
    assert!(bench.outbox.deliver(&bench.smtp, &soon).await.unwrap().is_empty());
    let later = bench.now + TimeDelta::minutes(1);
    let second = bench.outbox.deliver(&bench.smtp, &later).await.unwrap();
    assert_eq!((second[0].place, second[0].entry.attempts), (Place::Sent, 2));
    assert_eq!(parsed(&bench.sink.received()[0])["id"], id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_address_does_not_keep_the_letter_from_the_others() {
    let faults = MailFaults {
        refuse_addresses: vec!["clinic@clinic.example".into()],
        ..MailFaults::default()
    };
    let bench = bench("mail.clinic.example", faults).await;
    let id = bench.outbox.enqueue(&letter(), FROM, &bench.now).unwrap();
    let deliveries = bench.outbox.deliver(&bench.smtp, &bench.now).await.unwrap();
    let entry = &deliveries[0].entry;
    assert_eq!(deliveries[0].place, Place::GivenUp);
    assert_eq!(entry.in_state(RecipientState::Sent), ["support@vendor.example"]);
    assert_eq!(entry.in_state(RecipientState::Refused), ["clinic@clinic.example"]);
    assert_eq!(bench.sink.received().len(), 1);
    // Once the address works, only those who have not got it get it.
    bench.sink.set_faults(MailFaults::default());
    requeue(&bench, &id, &bench.now).await;
    let again = bench.outbox.deliver(&bench.smtp, &bench.now).await.unwrap();
    assert_eq!(again[0].place, Place::Sent);
    assert_eq!(bench.sink.received().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_brings_the_same_mail_again() {
    let faults = MailFaults { close_in_data: 1, close_before_reply: 1, ..MailFaults::default() };
    let bench = bench("mail.clinic.example", faults).await;
    bench.outbox.enqueue(&letter(), FROM, &bench.now).unwrap();
    let mut now = bench.now;
    for (place, stored) in [(Place::Queued, 0), (Place::Queued, 1), (Place::Sent, 2)] {
        let deliveries = bench.outbox.deliver(&bench.smtp, &now).await.unwrap();
        assert_eq!(deliveries[0].place, place, "{:?}", deliveries[0].entry.problem);
        assert_eq!(bench.sink.received().len(), stored);
        now += TimeDelta::hours(1);
    }
    let mails = bench.sink.received();
    assert_eq!(std::fs::read(&mails[0]).unwrap(), std::fs::read(&mails[1]).unwrap());
}

/// The process dies after the server's `250` and before anything is written down, or between the
/// two halves of the move.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_in_mid_send_loses_nothing_and_makes_no_second_id() {
    let bench = bench("mail.clinic.example", MailFaults::default()).await;
    bench.outbox.enqueue(&letter(), FROM, &bench.now).unwrap();
    let spool = bench.dir.path().join("spool");
    let copy = bench.dir.path().join("copy");
    let clone = |from: &Path, to: &Path| {
        assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
    };
    clone(&spool, &copy);
    bench.outbox.deliver(&bench.smtp, &bench.now).await.unwrap();
    // The spool as it was before the attempt: what a kill right after the `250` leaves.
    let killed = Outbox::open(&copy).unwrap();
    killed.deliver(&bench.smtp, &bench.now).await.unwrap();
    let ids: Vec<_> = bench.sink.received().iter().map(|mail| parsed(mail)["id"].clone()).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    // Envelope moved, mail not yet.
    let (_, entry) = bench.outbox.list().unwrap().mails.remove(0);
    let file = format!("{}.eml", entry.message_id.stem());
    std::fs::rename(spool.join("sent").join(&file), spool.join("queued").join(&file)).unwrap();
    assert!(bench.outbox.deliver(&bench.smtp, &bench.now).await.unwrap().is_empty());
    assert!(spool.join("sent").join(&file).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn five_days_without_a_server_lose_no_letter() {
    let bench = bench("mail.clinic.example", MailFaults::default()).await;
    for _ in 0..2 {
        bench.outbox.enqueue(&letter(), FROM, &bench.now).unwrap();
    }
    let nobody = SmtpConfig { port: 1, ..bench.smtp.clone() };
    let mut now = bench.now;
    let mut attempts = 0;
    while now - bench.now < TimeDelta::days(5) {
        for delivery in bench.outbox.deliver(&nobody, &now).await.unwrap() {
            assert_eq!(delivery.place, Place::Queued);
            assert_eq!(delivery.entry.problem.unwrap().code, "mail-not-reachable");
            attempts += 1;
        }
        now += TimeDelta::minutes(30);
    }
    assert!((240..=260).contains(&attempts), "{attempts}");
    // The last wait may end up to an hour after the five days.
    now += TimeDelta::hours(1);
    let last = bench.outbox.deliver(&nobody, &now).await.unwrap();
    assert!(last.iter().all(|delivery| delivery.place == Place::GivenUp) && last.len() == 2);
    let id = last[0].entry.message_id.clone();
    requeue(&bench, &id, &now).await;
    let sent = bench.outbox.deliver(&bench.smtp, &now).await.unwrap();
    assert_eq!((sent.len(), sent[0].place), (1, Place::Sent));
    assert_eq!(bench.outbox.list().unwrap().mails.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_deleted_does_not_hold_up_the_others() {
    let bench = bench("mail.clinic.example", MailFaults::default()).await;
    let first = bench.outbox.enqueue(&letter(), FROM, &bench.now).unwrap();
    bench.outbox.enqueue(&letter(), FROM, &bench.now).unwrap();
    let queued = bench.dir.path().join("spool/queued");
    std::fs::remove_file(queued.join(format!("{}.eml", first.stem()))).unwrap();
    let deliveries = bench.outbox.deliver(&bench.smtp, &bench.now).await.unwrap();
    assert_eq!(deliveries[0].place, Place::Queued);
    assert_eq!(deliveries[0].entry.problem.as_ref().unwrap().code, "mail-spool-unusable");
    assert_eq!(deliveries[1].place, Place::Sent);
    let days_later = bench.now + TimeDelta::days(6);
    let last = bench.outbox.deliver(&bench.smtp, &days_later).await.unwrap();
    assert_eq!((last.len(), last[0].place), (1, Place::GivenUp));
}

async fn only_problem(bench: &Bench, smtp: &SmtpConfig) -> String {
    bench.outbox.enqueue(&letter(), FROM, &bench.now).unwrap();
    let deliveries = bench.outbox.deliver(smtp, &bench.now).await.unwrap();
    assert_eq!(deliveries[0].place, Place::Queued);
    assert!(bench.sink.received().is_empty());
    deliveries[0].entry.problem.as_ref().unwrap().code.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_without_a_trusted_connection() {
    let bench = bench("mail.clinic.example", MailFaults::default()).await;
    let other_name = SmtpConfig { host: "other.clinic.example".into(), ..bench.smtp.clone() };
    assert_eq!(only_problem(&bench, &other_name).await, "mail-tls-failed");
    let other_root = SmtpConfig { ca: None, ..bench.smtp.clone() };
    assert_eq!(only_problem(&bench, &other_root).await, "mail-tls-failed");
    let no_file = SmtpConfig { ca: Some("/nonexistent/ca.pem".into()), ..bench.smtp.clone() };
    assert_eq!(only_problem(&bench, &no_file).await, "mail-ca-unreadable");
    bench.sink.set_faults(MailFaults { no_starttls: true, ..MailFaults::default() });
    assert_eq!(only_problem(&bench, &bench.smtp).await, "mail-no-starttls");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_from_the_first_byte_with_a_log_in() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = certificate(dir.path(), "mail.clinic.example");
    config.implicit_tls = true;
    config.login = Some(("user".into(), "secret".into()));
    let sink = MailSink::start(config).await.unwrap();
    let outbox = Outbox::open(&dir.path().join("spool")).unwrap();
    let now = Clock::System.now();
    let password = dir.path().join("password");
    let mut smtp = smtp(dir.path(), sink.port, MailSecurity::Tls);
    smtp.user = Some("user".into());
    smtp.password = Some(SecretRef::in_file(&password));
    outbox.enqueue(&letter(), FROM, &now).unwrap();
    let steps = [
        (None, Some("mail-password-unreadable")),
        (Some("wrong\n"), Some("mail-login-refused")),
        (Some("secret\n"), None),
    ];
    for (at, (text, code)) in steps.into_iter().enumerate() {
        if let Some(text) = text {
            std::fs::write(&password, text).unwrap();
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(&password, private).unwrap();
        }
        let due = now + TimeDelta::hours(i64::try_from(at).unwrap());
        let deliveries = outbox.deliver(&smtp, &due).await.unwrap();
        let problem = deliveries[0].entry.problem.as_ref().map(|problem| problem.code.as_ref());
        assert_eq!(problem, code);
    }
    assert_eq!(sink.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_do_not_send_a_letter_twice() {
    let bench = bench("mail.clinic.example", MailFaults::default()).await;
    for _ in 0..5 {
        bench.outbox.enqueue(&letter(), FROM, &bench.now).unwrap();
    }
    // A second opening has a lock of its own, as another process would.
    let other = Outbox::open(&bench.dir.path().join("spool")).unwrap();
    let (left, right) = tokio::join!(
        bench.outbox.deliver(&bench.smtp, &bench.now),
        other.deliver(&bench.smtp, &bench.now)
    );
    assert_eq!(left.unwrap().len() + right.unwrap().len(), 5);
    assert_eq!(bench.sink.received().len(), 5);
}

#[test]
fn a_spool_that_cannot_be_written_says_so() {
    let outbox = Outbox::open(Path::new("/proc/spool"));
    assert!(matches!(outbox, Err(MailError::Spool { .. })));
    let dir = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(&dir.path().join("spool")).unwrap();
    let mode = std::fs::metadata(dir.path().join("spool/queued")).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o700);
    std::fs::remove_dir(dir.path().join("spool/queued")).unwrap();
    std::fs::write(dir.path().join("spool/queued"), "").unwrap();
    assert!(matches!(outbox.list(), Err(MailError::Spool { .. })));
    let now = Clock::System.now();
    assert!(matches!(outbox.enqueue(&letter(), FROM, &now), Err(MailError::Spool { .. })));
}
