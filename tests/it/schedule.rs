//! Work that starts by itself, by real processes in virtual time: what a crontab line runs.

use std::process::{Command, Output};
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{Asia::Tokyo, Tz};

use crate::kill::site_imports;
use crate::support::{DECIDES, World};

type At = DateTime<Tz>;

pub(crate) fn at(day: u32, hour: u32, minute: u32) -> At {
    Tokyo.with_ymd_and_hms(2027, 1, day, hour, minute, 0).unwrap()
}

/// Sets the rehearsal's clock.
fn set_clock(world: &World, at: At) {
    let shift = at.timestamp_millis() - Utc::now().timestamp_millis();
    let part = world.dir.join("clock.test");
    std::fs::write(&part, shift.to_string()).unwrap();
    std::fs::rename(part, world.dir.join("clock")).unwrap();
}

/// One look at the clock at this time.
fn tick(world: &World, at: At) -> Output {
    set_clock(world, at);
    world.run(&["tick"])
}

fn said(output: &Output) -> String {
    format!(
        "{:?} {}{}",
        output.status.code(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Saves a plan; gives its digest.
fn save(world: &World) -> String {
    world.prepare();
    let output = world.run(&["plan", &world.playbook(), "--save", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    plan["digest"].as_str().unwrap().to_owned()
}

fn approve(world: &World, digest: &str) {
    let output = world.run(&["approve", digest, "--as", DECIDES]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

fn approved(world: &World) -> String {
    let digest = save(world);
    approve(world, &digest);
    digest
}

/// Subjects and texts of the mails that arrived.
fn mails(world: &World) -> Vec<String> {
    const SCRIPT: &str = "
import email, email.policy, glob, sys
for f in sorted(glob.glob(sys.argv[1] + '/*.eml')):
    m = email.message_from_binary_file(open(f, 'rb'), policy=email.policy.default)
    print((m['subject'] + ' ' + m.get_body().get_content()).replace('\\n', ' '))
";
    let output =
        Command::new("python3").args(["-c", SCRIPT]).arg(world.dir.join("mail")).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn told(world: &World, words: &[&str]) -> bool {
    mails(world).iter().any(|mail| words.iter().all(|word| mail.contains(word)))
}

/// Announces maintenance beside what the site announces already.
pub(crate) fn announce(world: &World, from: At, to: At) {
    let path = world.dir.join("site/maintenance.ics");
    let text = std::fs::read_to_string(&path).unwrap();
    let utc = |at: At| at.to_utc().format("%Y%m%dT%H%M%SZ").to_string();
    let event = format!(
        "BEGIN:VEVENT\r\nUID:late@test\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:{}\r\nDTEND:{}\r\n\
         SUMMARY:緊急メンテナンス\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        utc(from),
        utc(to)
    );
    std::fs::write(path, text.replace("END:VCALENDAR\r\n", &event)).unwrap();
}

fn work<'s>(status: &'s serde_json::Value, job: &str) -> &'s serde_json::Value {
    let all = status["standing"]["work"].as_array().unwrap();
    all.iter().find(|work| work["job"] == job).unwrap()
}

/// The crontab line that the program exports is run as cron would run it, by an independent
/// reader of crontab(5), through two weeks: after one approval the test import and the cutover
/// start by themselves, and everything else at its times.
#[test]
fn two_weeks_of_a_crontab_line_carry_the_cutover_out() {
    let world = World::up(&[]);
    approved(&world);
    let export = world.run(&["schedule", "export", "--crontab", "--every", "10"]);
    let text = String::from_utf8(export.stdout).unwrap();
    let line = text.lines().find(|line| !line.starts_with('#')).unwrap();
    let fields: Vec<&str> = line.splitn(6, ' ').collect();
    let cron = croner::Cron::from_str(&fields[..5].join(" ")).unwrap();
    let command = fields[5].replace("\\%", "%");
    let (mut now, end) = (at(12, 12, 31), at(26, 12, 31));
    let mut looks = 0;
    loop {
        now = cron.find_next_occurrence(&now, false).unwrap();
        if now > end {
            break;
        }
        set_clock(&world, now);
        let output = Command::new("sh")
            .args(["-c", &command])
            .env("ORCA_CUTOVER_LANG", "en")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{now}: {}", said(&output));
        looks += 1;
    }
    assert_eq!(looks, 14 * 24 * 6);
    let status = world.status();
    assert_eq!(status["outcome"], "done", "{status}");
    assert_eq!(status["clinic_state"], "in-cloud");
    let imports = site_imports(&world);
    assert_eq!(imports.len(), 2, "{imports:?}");
    // Begun at their times, and not by anybody's hand.
    let begun = |job: &str| work(&status, job)["entry"]["last"]["due"].as_str().unwrap().to_owned();
    assert_eq!(begun("test-import"), "2027-01-12T13:00:00.000+09:00");
    assert_eq!(begun("cutover"), "2027-01-21T19:00:00.000+09:00");
    assert_eq!(begun("preflight"), "2027-01-26T02:30:00.000+09:00");
    for job in ["calendar", "portal-probe", "mail-retry", "purge"] {
        assert_eq!(work(&status, job)["entry"]["last"]["outcome"], "done", "{job}: {status}");
        assert!(work(&status, job)["entry"]["missed"].is_null(), "{job}: {status}");
    }
    assert!(told(&world, &["finished"]) || told(&world, &["完了"]), "{:?}", mails(&world));
}

#[test]
fn work_without_an_approval_waits_says_so_and_starts_once_it_is_given() {
    let world = World::up(&[]);
    let digest = save(&world);
    let looks = [at(12, 12, 45), at(12, 13, 0), at(12, 13, 5), at(12, 13, 30)];
    let outputs: Vec<Output> = looks.iter().map(|look| tick(&world, *look)).collect();
    for output in &outputs[1..] {
        assert_eq!(output.status.code(), Some(10), "{}", said(output));
        let short = &digest[..12];
        assert!(said(output).contains(&format!("orca-cutover approve {short} --as PERSON")));
    }
    assert!(site_imports(&world).is_empty(), "time alone is no approval");
    assert_eq!(work(&world.status(), "test-import")["entry"]["state"]["is"], "waiting");
    let waiting = |mail: &String| mail.contains("waits for a person");
    assert_eq!(mails(&world).iter().filter(|mail| waiting(mail)).count(), 1, "told once");
    approve(&world, &digest);
    let output = tick(&world, at(12, 13, 40));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(site_imports(&world).len(), 1);
}

#[test]
fn an_approval_that_never_comes_is_no_yes_when_the_window_is_over() {
    let world = World::up(&[]);
    let digest = save(&world);
    for look in [at(12, 12, 50), at(12, 13, 0), at(12, 14, 29)] {
        tick(&world, look);
    }
    let over = tick(&world, at(12, 14, 31));
    assert!(said(&over).contains("MISSED"), "{}", said(&over));
    // Too late is too late.
    approve(&world, &digest);
    for look in [at(12, 14, 35), at(12, 19, 0), at(13, 13, 0), at(21, 19, 0)] {
        tick(&world, look);
    }
    assert!(site_imports(&world).is_empty());
    assert!(told(&world, &["test-import was missed"]), "{:?}", mails(&world));
}

#[test]
fn maintenance_announced_after_the_approval_takes_it_back_and_is_told() {
    let world = World::up(&[]);
    let digest = approved(&world);
    for look in [at(12, 12, 50), at(12, 13, 0)] {
        assert_eq!(tick(&world, look).status.code(), Some(0));
    }
    assert_eq!(site_imports(&world).len(), 1);
    // Far away: nothing is asked again.
    announce(&world, at(17, 9, 0), at(17, 12, 0));
    assert_eq!(tick(&world, at(13, 0, 0)).status.code(), Some(0));
    assert!(world.status()["standing"]["plan"]["approval"].is_object());
    // It touches the end of the window by its first second.
    announce(&world, at(22, 1, 0), at(22, 5, 0));
    set_clock(&world, at(20, 19, 0));
    let day_before = world.run(&["tick"]);
    let plan = world.status()["standing"]["plan"].clone();
    assert!(plan["approval"].is_null() && plan["digest"] == digest.as_str(), "{plan}");
    assert!(plan["revoked"]["problem"]["code"] == "run-approval-overlap", "{}", said(&day_before));
    assert!(told(&world, &["approval counts no more"]), "{:?}", mails(&world));
    // Nobody approves: the night comes and goes.
    for look in [at(21, 18, 0), at(21, 19, 0), at(21, 20, 30), at(21, 20, 31), at(22, 3, 0)] {
        tick(&world, look);
    }
    assert_eq!(site_imports(&world).len(), 1, "only the test import");
}

#[test]
fn a_machine_that_slept_through_the_night_says_so_and_starts_nothing() {
    let world = World::up(&[]);
    approved(&world);
    for look in [at(12, 12, 50), at(12, 13, 0), at(21, 18, 30)] {
        tick(&world, look);
    }
    // 20:30 is the last moment; a second later is too late.
    let woke = tick(&world, at(21, 20, 30) + TimeDelta::seconds(1));
    assert!(said(&woke).contains("MISSED") && said(&woke).contains("18:30"), "{}", said(&woke));
    assert_eq!(woke.status.code(), Some(6), "{}", said(&woke));
    tick(&world, at(21, 21, 0));
    assert_eq!(site_imports(&world).len(), 1);
    assert!(told(&world, &["cutover was missed"]), "{:?}", mails(&world));
    let status = world.status();
    assert!(work(&status, "cutover")["entry"]["missed"].is_object(), "{status}");
    // An hour without a look is told by status itself.
    set_clock(&world, at(21, 22, 30));
    assert_eq!(world.status()["standing"]["nobody_looks"], true);
}

#[test]
fn a_late_start_inside_its_window_is_made_up_for_once() {
    let world = World::up(&[]);
    approved(&world);
    for look in [at(12, 12, 50), at(12, 14, 29)] {
        assert_eq!(tick(&world, look).status.code(), Some(0));
    }
    assert_eq!(site_imports(&world).len(), 1);
    for look in [at(12, 14, 30), at(12, 15, 0), at(13, 13, 0)] {
        tick(&world, look);
    }
    assert_eq!(site_imports(&world).len(), 1);
}

#[test]
fn of_many_looks_at_the_same_moment_one_begins_the_work() {
    let world = World::up(&[]);
    approved(&world);
    tick(&world, at(12, 12, 50));
    set_clock(&world, at(12, 13, 0));
    let looks: Vec<_> = (0..6)
        .map(|_| {
            let mut command = world.command(&["tick"]);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let outputs: Vec<Output> =
        looks.into_iter().map(|look| look.wait_with_output().unwrap()).collect();
    let begun = outputs.iter().filter(|output| said(output).contains("test import: done"));
    assert_eq!(begun.count(), 1, "{:?}", outputs.iter().map(said).collect::<Vec<_>>());
    assert_eq!(site_imports(&world).len(), 1);
}

/// The process of the look dies in the production import: the next look takes the run up in its
/// own window, and the archive is not sent twice.
#[test]
fn a_look_that_is_killed_in_the_cutover_is_taken_up_by_the_next_one() {
    let world = World::up(&[]);
    approved(&world);
    for look in [at(12, 12, 50), at(12, 13, 0), at(21, 18, 50)] {
        tick(&world, look);
    }
    set_clock(&world, at(21, 19, 0));
    let mut look = world.command(&["tick"]).spawn().unwrap();
    let start = std::time::Instant::now();
    while site_imports(&world).len() < 2 {
        assert!(start.elapsed() < Duration::from_secs(120), "the import never began");
        std::thread::sleep(Duration::from_millis(5));
    }
    Command::new("kill").args(["-9", &look.id().to_string()]).status().unwrap();
    look.wait().unwrap();
    let next = tick(&world, at(21, 19, 10));
    assert_eq!(next.status.code(), Some(0), "{}", said(&next));
    assert_eq!(site_imports(&world).len(), 2, "{}", said(&next));
    assert_eq!(world.status()["outcome"], "done");
}

/// Looks at the clock until the night; there this command runs, with a fault in it.
fn night_with(world: &World, command: &[&str], fault: &str) -> Output {
    approved(world);
    for look in [at(12, 12, 50), at(12, 13, 0), at(21, 18, 50)] {
        tick(world, look);
    }
    set_clock(world, at(21, 19, 0));
    world.command(command).env("ORCA_CUTOVER_FAULT", fault).output().unwrap()
}

/// The site says that the production import failed, and the process dies before the way back: the
/// next look takes back what was closed, and sends nothing.
#[test]
fn an_import_that_the_site_called_failed_is_sent_again_by_a_person_alone() {
    let world = World::up(&["--fault", "import-log-production"]);
    let original = crate::clinic::original(&world);
    let killed = night_with(&world, &["tick"], "after-outcome/production_import=crash");
    assert_eq!(killed.status.code(), None, "{}", said(&killed));
    let sent = site_imports(&world).len();
    assert_eq!(sent, 2);
    let next = tick(&world, at(21, 19, 10));
    assert_ne!(next.status.code(), Some(0), "{}", said(&next));
    assert_eq!(site_imports(&world).len(), sent, "{}", said(&next));
    assert_eq!(world.status()["outcome"], "failed", "{}", said(&next));
    crate::clinic::assert_open(&world, &original, &said(&next));
    for minute in [20, 30] {
        tick(&world, at(21, 19, minute));
    }
    assert_eq!(site_imports(&world).len(), sent);
    assert_eq!(crate::judge::judge(&crate::judge::of_world(&world)), []);
    // A person may have it sent once more.
    world.run(&["run", "--resume"]);
    assert_eq!(site_imports(&world).len(), sent + 1);
}

/// A process that dies with the clinic closed, whoever began it, and nobody looks until the window
/// is over: the next look opens the clinic again, and the letter says so.
#[test]
fn a_clinic_that_was_left_closed_is_opened_by_the_next_look_at_the_clock() {
    for command in [&["tick"][..], &["run", "--resume"]] {
        left_closed(command);
    }
}

fn left_closed(command: &[&str]) {
    let world = World::up(&[]);
    let original = crate::clinic::original(&world);
    let killed = night_with(&world, command, "after-outcome/close=crash");
    assert_eq!(killed.status.code(), None, "{}", said(&killed));
    crate::clinic::assert_closed(&world, "after the death");
    let next = tick(&world, at(22, 6, 0));
    assert_ne!(next.status.code(), Some(0), "{}", said(&next));
    crate::clinic::assert_open(&world, &original, &said(&next));
    assert_eq!(site_imports(&world).len(), 1);
    let words = ["run-left-closed", "its service started again", "ORCAMO ID"];
    assert!(told(&world, &words), "{:?}", mails(&world));
    assert_eq!(crate::judge::judge(&crate::judge::of_world(&world)), []);
}

/// Where even the way back cannot be begun, people learn of it: at the first look, and the next day.
#[test]
fn a_clinic_that_cannot_be_opened_is_told_once_a_day() {
    let world = World::up(&[]);
    let original = crate::clinic::original(&world);
    let killed = night_with(&world, &["run", "--resume"], "after-outcome/close=crash");
    assert_eq!(killed.status.code(), None, "{}", said(&killed));
    let away = world.dir.join("away.yaml");
    std::fs::rename(world.playbook(), &away).unwrap();
    let letters = |when: At| {
        let next = tick(&world, when);
        assert_ne!(next.status.code(), Some(0), "{}", said(&next));
        mails(&world).iter().filter(|mail| mail.contains("run --resume")).count()
    };
    let before = mails(&world).iter().filter(|mail| mail.contains("run --resume")).count();
    // A daemon's other work has looked at the clock a moment ago.
    std::fs::write(world.dir.join("work/heartbeat"), "2027-01-22T05:59:00+09:00").unwrap();
    assert_eq!(letters(at(22, 6, 0)), before + 1, "{:?}", mails(&world));
    assert_eq!(letters(at(22, 7, 0)), before + 1);
    assert_eq!(letters(at(23, 7, 0)), before + 2);
    crate::clinic::assert_closed(&world, "without a playbook");
    std::fs::rename(&away, world.playbook()).unwrap();
    let next = tick(&world, at(23, 7, 10));
    crate::clinic::assert_open(&world, &original, &said(&next));
}

/// Maintenance the evening before is over when the night comes: the approval that was given with
/// it in view still counts. And a first look that comes after the time starts what its window
/// still allows.
#[test]
fn what_is_over_moves_no_plan_and_a_first_look_may_come_late() {
    let world = World::up(&[]);
    announce(&world, at(20, 22, 0), at(20, 23, 0));
    approved(&world);
    let first = tick(&world, at(12, 13, 1));
    assert!(said(&first).contains("test import: done"), "{}", said(&first));
    for look in [at(21, 0, 0), at(21, 18, 0)] {
        tick(&world, look);
    }
    let night = tick(&world, at(21, 19, 0));
    assert!(said(&night).contains("cutover: done"), "{}", said(&night));
    assert_eq!(site_imports(&world).len(), 2);
}

/// A plan that is made anew after its time, inside the start window, can still be approved; the
/// test import that is proved is not planned again.
#[test]
fn a_plan_made_anew_in_the_evening_can_be_approved() {
    let world = World::up(&[]);
    approved(&world);
    for look in [at(12, 12, 50), at(12, 13, 0), at(21, 18, 50)] {
        tick(&world, look);
    }
    let path = world.dir.join("clinic.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let moved = text.replace("window_end: \"2027-01-22T01:00", "window_end: \"2027-01-22T02:00");
    std::fs::write(&path, moved).unwrap();
    let waits = tick(&world, at(21, 19, 5));
    assert_eq!(waits.status.code(), Some(10), "{}", said(&waits));
    set_clock(&world, at(21, 19, 20));
    let output = world.run(&["plan", &world.playbook(), "--save", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let phases = plan["phases"].as_array().unwrap();
    let done = |phase: usize| phases[phase]["steps"][0]["done"] == true;
    assert!(done(0) && done(1) && !done(2), "{plan}");
    approve(&world, plan["digest"].as_str().unwrap());
    let night = tick(&world, at(21, 19, 25));
    assert!(said(&night).contains("cutover: done"), "{}", said(&night));
    assert_eq!(site_imports(&world).len(), 2);
}

#[test]
fn a_changed_clinic_file_asks_again_and_shows_what_moved() {
    let world = World::up(&[]);
    approved(&world);
    let path = world.dir.join("clinic.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    // A comment moves nothing.
    std::fs::write(&path, format!("# 注記\n{text}")).unwrap();
    let digest = world.status()["standing"]["plan"]["digest"].clone();
    assert_eq!(world.digest(), digest.as_str().unwrap());
    let moved = text.replace("window_end: \"2027-01-22T01:00", "window_end: \"2027-01-22T02:00");
    assert_ne!(moved, text);
    std::fs::write(&path, &moved).unwrap();
    let refused = world.run(&["run", &world.playbook()]);
    let all = said(&refused);
    assert_eq!(refused.status.code(), Some(10), "{all}");
    let moved = "医院ファイル / clinic file  cutover.window_end: 2027-01-22 01:00:00 JST → \
                 2027-01-22 02:00:00 JST";
    assert!(all.contains(moved), "{all}");
    assert!(site_imports(&world).is_empty());
    // Back to what was approved: the approval still counts.
    std::fs::write(&path, text).unwrap();
    for look in [at(12, 12, 55), at(12, 13, 0)] {
        let output = tick(&world, look);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
    assert_eq!(site_imports(&world).len(), 1);
}

#[test]
fn only_a_person_who_decides_approves_and_a_plan_file_that_was_altered_is_none() {
    let world = World::up(&[]);
    let digest = save(&world);
    let output = world.run(&["approve", &digest, "--as", "見本 太郎"]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let file = world.dir.join(format!("work/plans/{digest}.json"));
    let text = std::fs::read_to_string(&file).unwrap();
    let altered = text.replace("2027-01-22T01:00:00.000+09:00", "2027-01-22T03:00:00.000+09:00");
    std::fs::write(&file, altered).unwrap();
    let output = world.run(&["approve", &digest, "--as", DECIDES]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    std::fs::write(&file, text).unwrap();
    approve(&world, &digest);
    let revoked = world.run(&["revoke", &digest, "--as", DECIDES, "--reason", "日程を見直すため"]);
    assert_eq!(revoked.status.code(), Some(0), "{}", said(&revoked));
    let waits = {
        tick(&world, at(12, 12, 55));
        tick(&world, at(12, 13, 0))
    };
    assert_eq!(waits.status.code(), Some(10), "{}", said(&waits));
    assert!(site_imports(&world).is_empty());
}

/// The daemon under systemd: ready, alive, stopping; work begins at its time; SIGTERM ends it in
/// good order.
#[test]
fn the_daemon_tells_systemd_and_begins_what_is_due() {
    let world = World::up(&[]);
    approved(&world);
    tick(&world, at(12, 12, 50));
    set_clock(&world, at(12, 12, 59) + TimeDelta::seconds(50));
    let socket = world.dir.join("notify");
    let notes = std::os::unix::net::UnixDatagram::bind(&socket).unwrap();
    notes.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut daemon = world.command(&["daemon"]).env("NOTIFY_SOCKET", &socket).spawn().unwrap();
    let mut said = String::new();
    let hear = |said: &mut String| {
        let mut bytes = [0; 1024];
        while let Ok(length) = notes.recv(&mut bytes) {
            said.push_str(&String::from_utf8_lossy(&bytes[..length]));
            said.push('\n');
        }
    };
    let start = std::time::Instant::now();
    while work(&world.status(), "test-import")["entry"]["last"].is_null() {
        assert!(start.elapsed() < Duration::from_secs(120), "{said}");
        hear(&mut said);
    }
    Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status().unwrap();
    assert_eq!(daemon.wait().unwrap().code(), Some(0));
    hear(&mut said);
    for state in ["READY=1", "WATCHDOG=1", "STOPPING=1"] {
        assert!(said.contains(state), "{state}: {said}");
    }
    assert_eq!(site_imports(&world).len(), 1);
}
