//! kill -9 at the start of every step, and resume: nothing twice, nothing lost.

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
    told_and_signalled(world, args, &[title], moment, signal).0
}

/// The same for the first of several titles, with what the run said.
fn told_and_signalled(
    world: &World,
    args: &[&str],
    titles: &[&str],
    moment: Duration,
    signal: &str,
) -> (Option<i32>, String) {
    let mut child: Child =
        world.command(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let mut signalled = false;
    // The pipe is read to its end, or the run would wait for room in it.
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        let begins = |title: &&str| line.contains(&format!("▶ start  {title}"));
        if !signalled && titles.iter().any(begins) {
            signalled = true;
            std::thread::sleep(moment);
            Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        }
        said.push_str(&line);
        said.push('\n');
    }
    (child.wait().unwrap().code(), said)
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

#[test]
fn killed_at_every_step_and_resumed_it_imports_each_archive_once() {
    let world = World::up(&[]);
    let (playbook, digest) = (world.playbook(), world.digest());
    let first = ["run", &playbook, "--approve", &digest, "--as", DECIDES, "--operator", "test"];
    let titles = titles(&world);
    assert!(titles.len() >= 25, "{titles:?}");
    let mut kills = 0;
    let mut stops = Vec::new();
    let mut args: Vec<&str> = first.to_vec();
    let names: Vec<&str> = titles.iter().map(|(_, title)| title.as_str()).collect();
    for (index, (id, _)) in titles.iter().enumerate() {
        if kills > 0 && is_done(&world, id) {
            continue;
        }
        // Right at the intent, or in the middle of the effect; an import is a matter of seconds.
        let moment = match (id.contains("import"), index % 2) {
            (true, _) => 300,
            (false, 0) => 0,
            (false, _) => 40,
        };
        let moment = Duration::from_millis(moment);
        // A step that was in doubt and is settled by proof does not start again: the one behind
        // it is as good.
        let left = names.get(index..).unwrap_or_default();
        let (ended, said) = told_and_signalled(&world, &args, left, moment, "-9");
        eprintln!("{id}: {ended:?}");
        args = vec!["run", "--resume"];
        match ended {
            None => kills += 1,
            Some(7) => settle(&world),
            Some(0) => {
                stops.push(format!("{id}: ended\n{said}"));
                break;
            }
            // A stop with a known state, such as two dumps of one second: going on is a person's
            // decision, and the next round is that person. What came of it is judged below.
            Some(status) => stops.push(format!("{id}: {status}\n{said}")),
        }
    }
    let mut last = world.run(&["run", "--resume"]);
    for _ in 0..5 {
        match last.status.code() {
            Some(0) => break,
            Some(7) => settle(&world),
            _ => {}
        }
        last = world.run(&["run", "--resume"]);
    }
    let said = String::from_utf8_lossy(&last.stderr);
    let imports = site_imports(&world);
    // An export killed before its row on the site was noted leaves a dump there that only a
    // person may delete; where that took all five places, the run has to stop, and twice is
    // still never.
    if said.contains("free places for dumps") {
        assert!(imports.len() <= 2, "no archive twice: {imports:?}");
        return judge(&journal(&world), 0..=1);
    }
    assert!(last.status.success() || world.status()["outcome"] == "done", "{said}");
    assert!(kills >= 15, "only {kills} kills; the other ends:\n{}", stops.join("\n"));
    // The clinic of a rehearsal does not change in the week: killed before its upload, the
    // production import may be settled by the proof that the tenant holds its rows already.
    let by_proof = journal(&world).iter().any(|event| {
        event["type"] == "step-settled"
            && event["step"] == "production_import"
            && event["by"]["proof"].is_string()
    });
    let wanted = if by_proof { 1..=2 } else { 2..=2 };
    assert!(wanted.contains(&imports.len()), "no archive twice: {imports:?}");
    assert!(imports.iter().all(|import| import["status"] == "Done"), "{imports:?}");
    judge(&journal(&world), 1..=1);
}

fn is_done(world: &World, id: &str) -> bool {
    let status = world.status();
    let phases = status["phases"].as_array().unwrap();
    phases
        .iter()
        .flat_map(|phase| phase["steps"].as_array().unwrap())
        .any(|step| step["id"] == id && step["state"] == "done")
}

/// Ids and English titles of all steps, in the playbook's order.
fn titles(world: &World) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let output = world.run(&["plan", &world.playbook(), "--json"]);
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let phases = plan["phases"].as_array().unwrap();
    phases
        .iter()
        .flat_map(|phase| phase["steps"].as_array().unwrap())
        .map(|step| (text(&step["id"]), text(&step["title"]["en"])))
        .collect()
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
    let second = world.run(&["run", "--resume"]);
    assert_eq!(second.status.code(), Some(4), "{}", String::from_utf8_lossy(&second.stderr));
    assert!(String::from_utf8_lossy(&second.stderr).contains("journal-locked"));
    for _ in lines {}
    assert_eq!(first.wait().unwrap().code(), Some(0));
}
