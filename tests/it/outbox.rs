//! `outbox` as its user has it: a mail's life of five days, a person's word, and what is told
//! where even the outbox fails. The clinic's scheduled work rests but for the delivery of mail.

use std::process::Command;

use chrono::{DateTime, TimeDelta, TimeZone};
use chrono_tz::{Asia::Tokyo, Tz};
use orca_cutover::action::{Told, WorkDir, tell};
use orca_cutover::diag::{Kind, Problem, SourceText};
use orca_cutover::rehearsal::mail_sink::MailFaults;

use crate::mail_desk::{Desk, Settings, letter, parsed, sink};

fn away(desk: &Desk) -> Settings {
    Settings { port: 1, security: "starttls", ca: desk.path("sink-ca.pem") }
}

/// All work but the delivery of mail is due on the first of January.
fn rest(desk: &Desk) {
    let path = desk.path("clinic.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let rest = |job: &str| format!("  - {{job: {job}, cron: \"0 0 1 1 *\", window: 1h}}\n");
    let jobs = ["preflight", "calendar", "portal-probe"].map(rest).concat();
    std::fs::write(path, format!("{text}\nschedules:\n{jobs}")).unwrap();
}

fn text(output: &std::process::Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// The ledger's events of this type, read by Python.
fn ledger(desk: &Desk, kind: &str) -> Vec<serde_json::Value> {
    const PROGRAM: &str = "
import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute('select event from records order by run, seq')
events = [json.loads(row[0]) for row in rows]
print(json.dumps([event for event in events if event['type'] == sys.argv[2]]))
";
    let journal = desk.path("work/journal.sqlite");
    let output =
        Command::new("python3").args(["-c", PROGRAM]).arg(journal).arg(kind).output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn set_clock(desk: &Desk, at: DateTime<Tz>) {
    desk.clock().set(&at).unwrap();
}

/// The server is away for five days in which somebody looks every 17 minutes, then every 65: the
/// mail is tried as the documents say, given up loudly, kept, and sent when a person asks for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_nobody_takes_for_five_days_is_given_up_loudly_and_is_not_lost() {
    let desk = Desk::new();
    let (sink, usual) = sink(&desk, MailFaults::default()).await;
    desk.settle(&away(&desk));
    rest(&desk);
    let start = Tokyo.with_ymd_and_hms(2026, 6, 1, 8, 0, 0).unwrap();
    set_clock(&desk, start);
    assert_eq!(desk.run(&["tick"]).status.code(), Some(0));
    let id = desk.spool(&letter(&["support@vendor.example", "clinic@clinic.example"]));
    let (mut now, mut next, mut attempts) = (start, start, 0_u32);
    let mut given_up_at = None;
    while given_up_at.is_none() {
        let minutes = if now - start < TimeDelta::hours(6) { 17 } else { 65 };
        now += TimeDelta::minutes(minutes);
        assert!(now - start < TimeDelta::days(6), "never given up");
        set_clock(&desk, now);
        let look = desk.run(&["tick"]);
        // Every single look says so.
        assert_eq!(look.status.code(), Some(9), "{now}: {}", text(&look));
        assert!(text(&look).contains("has not arrived"), "{}", text(&look));
        // 1, 2, 4, ... 32 minutes, then an hour.
        if now >= next {
            attempts += 1;
            next = now + TimeDelta::minutes(60.min(1 << (attempts - 1).min(6)));
            if now - start >= TimeDelta::days(5) {
                given_up_at = Some(now);
            }
        }
    }
    let (status, list) = desk.json(&["outbox", "list"]);
    let mail = &list["mails"][0];
    assert_eq!((status, &mail["place"]), (9, &"given-up".into()));
    assert_eq!(mail["attempts"], attempts);
    assert_eq!(mail["problem"]["code"], "mail-not-reachable");
    let (status, standing) = desk.json(&["status"]);
    assert_eq!((status, &standing["standing"]["mails_given_up"]), (9, &1.into()));
    let given_up = ledger(&desk, "mail-given-up");
    assert_eq!(given_up.len(), 1);
    assert_eq!(given_up[0]["message_id"], id.as_str());
    // It is not tried again by itself, and is not forgotten either.
    set_clock(&desk, now + TimeDelta::days(30));
    assert_eq!(desk.run(&["tick"]).status.code(), Some(9));
    assert_eq!(ledger(&desk, "mail-given-up").len(), 1);
    desk.settle(&usual);
    rest(&desk);
    let retried = desk.run(&["outbox", "retry", &id.stem(), "--by", "見本 太郎"]);
    assert_eq!(retried.status.code(), Some(0), "{}", text(&retried));
    assert_eq!(parsed(&sink.received())[0]["id"], id.as_str());
    assert_eq!(ledger(&desk, "mail-requeued")[0]["by"]["name"], "見本 太郎");
    assert_eq!(desk.run(&["status"]).status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_cancels_and_cannot_do_what_makes_no_sense() {
    let desk = Desk::new();
    let (sink, usual) = sink(&desk, MailFaults::default()).await;
    desk.settle(&usual);
    assert_eq!(desk.run(&["outbox", "list"]).status.code(), Some(0));
    let letter = letter(&["院長 <clinic@clinic.example>"]);
    let (first, second) = (desk.spool(&letter), desk.spool(&letter));
    // Headers, text and names of attachments; not the bytes between.
    let shown = text(&desk.run(&["outbox", "show", first.as_str()]));
    for part in [&letter.subject, "院長", "..二行目の点", "エラー.log", "インポート.log.gz"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("base64") && shown.lines().all(|line| line.len() < 200), "{shown}");
    let (_, json) = desk.json(&["outbox", "show", first.as_str()]);
    assert_eq!(json["text"], letter.body);
    // Two mails of one minute: a short id names both.
    let code = |args: &[&str]| {
        let (status, told) = desk.json(args);
        (status, told["problem"]["code"].as_str().unwrap_or("-").to_owned())
    };
    let short = &first.stem()[..4];
    assert_eq!(code(&["outbox", "retry", short]), (3, "mail-id-ambiguous".into()));
    assert_eq!(code(&["outbox", "show", "ffff"]), (3, "mail-none-such".into()));
    let cancel =
        ["outbox", "cancel", first.as_str(), "--by", "見本 太郎", "--reason", "電話で連絡済み"];
    let output = desk.run(&cancel);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("電話で連絡済み"));
    let events = ledger(&desk, "mail-cancelled");
    assert_eq!(events[0]["message_id"], first.as_str());
    assert_eq!(events[0]["reason"], "電話で連絡済み");
    assert_eq!(events[0]["by"]["name"], "見本 太郎");
    let kept = desk.path("work/outbox/cancelled").join(format!("{}.eml", first.stem()));
    assert!(kept.exists());
    assert_eq!(code(&cancel), (3, "mail-cancelled-already".into()));
    assert_eq!(code(&["outbox", "retry", first.as_str()]), (3, "mail-cancelled-already".into()));
    // Without a name or a reason nothing is taken out.
    let nameless = desk.run(&["outbox", "cancel", second.as_str(), "--reason", "x"]);
    assert_eq!(nameless.status.code(), Some(2));
    // Another process delivers.
    let held = desk.outbox().hold().await.unwrap();
    assert_eq!(code(&["outbox", "retry", "--all"]), (5, "mail-spool-busy".into()));
    drop(held);
    // A damaged envelope is told, and does not keep the others.
    std::fs::write(desk.path("work/outbox/queued/0.json"), "{}").unwrap();
    assert_eq!(code(&["outbox", "retry", "--all"]).0, 0);
    assert_eq!(parsed(&sink.received())[0]["id"], second.as_str());
    let list = desk.run(&["outbox", "list"]);
    assert_eq!(list.status.code(), Some(9));
    assert!(text(&list).contains("mail-entry-unreadable"), "{}", text(&list));
    assert_eq!(code(&["outbox", "retry", second.as_str()]), (3, "mail-sent-already".into()));
}

/// H14: the letter cannot even be put into the outbox. The status file and the exit status tell,
/// until a person says that it is known.
#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_cannot_be_spooled_is_told_until_a_person_knows() {
    let desk = Desk::new();
    desk.settle(&away(&desk));
    rest(&desk);
    set_clock(&desk, Tokyo.with_ymd_and_hms(2026, 6, 1, 8, 0, 0).unwrap());
    assert_eq!(desk.run(&["tick"]).status.code(), Some(0));
    let queued = desk.path("work/outbox/queued");
    desk.outbox();
    std::fs::remove_dir(&queued).unwrap();
    std::fs::write(&queued, "").unwrap();
    let name = desk.path("clinic.yaml");
    let source = SourceText {
        name: "clinic.yaml".into(),
        text: std::fs::read_to_string(&name).unwrap().into(),
    };
    let clinic = orca_cutover::playbook::load_clinic(&source).unwrap();
    let problem = Problem::new("run-work-missed", Kind::StepFailed);
    let told = Told {
        job: "cutover",
        what: "missed",
        due: desk.clock().now(),
        problem: &problem,
        command: None,
    };
    let untold = tell(&clinic, &desk.clock(), &WorkDir::of(&clinic), &told).await.unwrap_err();
    assert_eq!(untold.code, "mail-spool-unusable");
    // Not even once the outbox works again is it forgotten.
    for broken in [true, false] {
        if !broken {
            std::fs::remove_file(&queued).unwrap();
        }
        for command in [&["status"][..], &["outbox", "list"], &["tick"]] {
            let output = desk.run(command);
            let expected = if broken && command == ["tick"] { [5, 9] } else { [9, 9] };
            assert!(
                output.status.code().is_some_and(|code| expected.contains(&code)),
                "{command:?} {}",
                text(&output)
            );
        }
        assert!(text(&desk.run(&["status"])).contains("run-mail-unspooled"));
    }
    let known =
        desk.run(&["outbox", "cancel", "unspooled", "--by", "見本 太郎", "--reason", "電話済み"]);
    assert_eq!(known.status.code(), Some(0), "{}", text(&known));
    assert_eq!(desk.run(&["status"]).status.code(), Some(0));
    assert_eq!(ledger(&desk, "mail-cancelled")[0]["message_id"], "unspooled");
}
