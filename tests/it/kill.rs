//! Runs that are killed, signalled or run twice, and what their journal may then say.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::{DECIDES, World};

/// Starts a run and signals it when the step with this title begins, or a moment later; gives
/// the exit status, if it ended by itself.
pub(crate) fn run_and_signal(
    world: &World,
    args: &[&str],
    title: &str,
    moment: Duration,
    signal: &str,
) -> Option<i32> {
    let mut child: Child =
        world.command(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut signalled = false;
    // The pipe is read to its end, or the run would wait for room in it.
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if !signalled && line.contains(&format!("▶ start  {title}")) {
            signalled = true;
            std::thread::sleep(moment);
            Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        }
    }
    child.wait().unwrap().code()
}

pub(crate) fn site_imports(world: &World) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(world.dir.join("site/state.json")).unwrap();
    let state: serde_json::Value = serde_json::from_str(&text).unwrap();
    state["imports"].as_array().cloned().unwrap_or_default()
}

pub(crate) fn journal(world: &World) -> Vec<serde_json::Value> {
    let script = "import sqlite3,sys\n\
                  for (e,) in sqlite3.connect(sys.argv[1]).execute(\"select event from records where run <> 'ledger' order by run, seq\"): print(e)";
    let output = Command::new("python3")
        .args(["-c", script])
        .arg(world.dir.join("work/journal.sqlite"))
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A person looks at the site's own record and says what became of the import in doubt.
pub(crate) fn settle(world: &World) {
    let status = world.status();
    let step = status["phases"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|phase| phase["steps"].as_array().unwrap())
        .find(|step| step["state"].to_string().contains("in-doubt"))
        .unwrap_or_else(|| panic!("nothing in doubt: {}", status["incidents"]))["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let wanted = if step == "test_import" { 1 } else { 2 };
    // Nobody answers while the site is still at work.
    let patience = std::time::Instant::now();
    while site_imports(world).iter().any(|import| import["status"] == "Running") {
        assert!(patience.elapsed() < Duration::from_secs(60), "the site does not end its import");
        std::thread::sleep(Duration::from_millis(50));
    }
    let landed = site_imports(world).len() >= wanted;
    let answer = if landed { "done" } else { "not-done" };
    let arguments = ["resolve", &step, "--as", answer, "--by", "test", "--reason", "site's record"];
    let output = world.run(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Reads the journal alone: an import never starts while one of its step is unsettled, and never
/// before an export of the tenant was done.
pub(crate) fn judge(events: &[serde_json::Value], wanted: std::ops::RangeInclusive<usize>) {
    let is = |event: &serde_json::Value, kind: &str, step: &str| {
        event["type"] == kind && event["step"] == step
    };
    for (import, export) in
        [("test_import", "test_before"), ("production_import", "production_before")]
    {
        let mut open = false;
        let mut exported = false;
        let mut done = 0;
        for event in events {
            if is(event, "step-done", export) {
                exported = true;
            }
            if is(event, "step-started", import) {
                assert!(!open, "{import} started while its last attempt was unsettled");
                assert!(exported, "{import} started before {export} was done");
                open = true;
            }
            if is(event, "step-done", import) || is(event, "step-failed", import) {
                open = false;
            }
            if is(event, "step-settled", import) {
                open = false;
            }
            done += usize::from(is(event, "step-done", import));
            done += usize::from(is(event, "step-settled", import) && event["done"] == true);
        }
        assert!(wanted.contains(&done), "{import} took effect {done} times");
    }
    assert_eq!(events.last().unwrap()["type"], "run-ended");
}

#[test]
fn an_import_whose_answer_was_lost_is_proved_and_never_sent_again() {
    let world = World::up(&["--fault", "answer-lost"]);
    let digest = world.digest();
    let first = world.run(&["run", &world.playbook(), "--approve", &digest, "--as", DECIDES]);
    assert_eq!(first.status.code(), Some(7), "{}", String::from_utf8_lossy(&first.stderr));
    // A new run is refused as well: it would send the import again.
    let second =
        world.run(&["run", &world.playbook(), "--approve", &world.digest(), "--as", DECIDES]);
    assert_eq!(second.status.code(), Some(4), "{}", String::from_utf8_lossy(&second.stderr));
    let resumed = world.run(&["run", "--resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", String::from_utf8_lossy(&resumed.stderr));
    assert_eq!(site_imports(&world).len(), 2);
    assert_eq!(crate::judge::judge(&crate::judge::of_world(&world)), []);
}

#[test]
fn two_processes_never_run_one_clinic() {
    let world = World::up(&[]);
    let digest = world.digest();
    let playbook = world.playbook();
    let mut first = world
        .command(&["run", &playbook, "--approve", &digest, "--as", DECIDES])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(first.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("▶ start")));
    assert_eq!(world.status()["interrupted"], serde_json::Value::Null, "somebody is at work");
    let second = world.run(&["run", "--resume"]);
    assert_eq!(second.status.code(), Some(4), "{}", String::from_utf8_lossy(&second.stderr));
    assert!(String::from_utf8_lossy(&second.stderr).contains("journal-locked"));
    for _ in lines {}
    assert_eq!(first.wait().unwrap().code(), Some(0));
}
