//! Two processes on one store: one runs the clinic, and whoever lost it does nothing more.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::kill::site_imports;
use crate::support::{DECIDES, World, program};
use crate::test_server::Server;

/// Two machines with working folders of their own, one clinic, and one PostgreSQL for records.
struct Two {
    world: World,
    records: Server,
    clinics: [PathBuf; 2],
    digests: [String; 2],
}

impl Two {
    /// Where the first process notes the fault points that it reaches.
    fn points(&self) -> PathBuf {
        self.world.dir.join("first.points")
    }

    /// The first process's run, with a fault.
    fn run_of_the_first(&self, fault: &str) -> Running {
        let playbook = self.world.playbook();
        let args = ["run", &playbook, "--approve", &self.digests[0], "--as", DECIDES];
        let mut first = command(&self.clinics[0], &args);
        let record = self.points();
        first.env("ORCA_CUTOVER_FAULT", format!("record:{},{fault}", record.display()));
        Running::of(first)
    }

    /// The English title of a step.
    fn title(&self, step: &str) -> String {
        let output = run_to_end(&self.clinics[0], &["plan", &self.world.playbook(), "--json"]);
        let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let phases = plan["phases"].as_array().unwrap();
        let mut steps = phases.iter().flat_map(|phase| phase["steps"].as_array().unwrap());
        let found = steps.find(|found| found["id"] == step).unwrap_or_else(|| panic!("{plan}"));
        found["title"]["en"].as_str().unwrap().to_owned()
    }
}

fn two(lease: &str) -> Two {
    let records = Server::start_with("-h ''");
    let world = World::up(&[]);
    let first = world.dir.join("clinic.yaml");
    let mut text = std::fs::read_to_string(&first).unwrap();
    text.push_str(&format!(
        "journal:\n  lease: {lease}\n  postgres:\n    socket_dir: {}\n    database: postgres\n    user: postgres\n",
        records.folder().display()
    ));
    std::fs::write(&first, &text).unwrap();
    let second = world.dir.join("clinic2.yaml");
    let lines = text.lines().map(|line| match line.starts_with("work_dir:") {
        true => format!("work_dir: {}\n", world.dir.join("work2").display()),
        false => format!("{line}\n"),
    });
    std::fs::write(&second, lines.collect::<String>()).unwrap();
    let clinics = [first, second];
    for command in [&["scan"][..], &["calendar", "read"]] {
        run_to_end(&clinics[0], command);
    }
    let digests = clinics.clone().map(|clinic| {
        let output = run_to_end(&clinic, &["plan", &world.playbook(), "--save", "--json"]);
        let plan: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        plan["digest"].as_str().unwrap_or_else(|| panic!("{plan}")).to_owned()
    });
    Two { world, records, clinics, digests }
}

fn command(clinic: &Path, args: &[&str]) -> Command {
    let mut command = program();
    command.args(args).arg("--clinic").arg(clinic);
    command
}

fn run_to_end(clinic: &Path, args: &[&str]) -> Output {
    command(clinic, args).output().unwrap()
}

/// Exit status, and what was said.
type Ended = (Option<i32>, String);

/// A run that goes on; its talk is read line by line.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStderr>>,
    said: String,
}

impl Running {
    fn start(clinic: &Path, args: &[&str]) -> Self {
        Self::of(command(clinic, args))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, lines, said: String::new() }
    }

    /// Reads on until a line holds `text`; false where it ended before.
    fn until(&mut self, text: &str) -> bool {
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            self.said.push_str(&line);
            self.said.push('\n');
            if line.contains(text) {
                return true;
            }
        }
        false
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    fn end(mut self) -> Ended {
        self.until("\u{0}");
        (self.child.wait().unwrap().code(), self.said)
    }
}

#[test]
fn two_processes_on_one_store_never_run_one_clinic() {
    let two = two("60s");
    let playbook = two.world.playbook();
    // At the same moment, from two machines, each with its own approved plan.
    let [first, second] = [0, 1].map(|number: usize| {
        let digest = &two.digests[number];
        let args = ["run", &playbook, "--approve", digest, "--as", DECIDES];
        Running::start(&two.clinics[number], &args)
    });
    let mut ends = [first, second].map(Running::end);
    ends.sort_by_key(|(status, _)| *status);
    let statuses = [ends[0].0, ends[1].0];
    assert_eq!(statuses, [Some(0), Some(4)], "{}\n{}", ends[0].1, ends[1].1);
    let refusals = ["journal-lease-held", "run-unfinished", "run-already-imported"];
    assert!(refusals.iter().any(|code| ends[1].1.contains(code)), "{}", ends[1].1);
    let imports = site_imports(&two.world);
    assert_eq!(imports.len(), 2, "{imports:?}");
}

/// Stops the first process when `step` begins, lets the second take over, and wakes the first.
fn taken_over_at(step: &str) -> (Two, Ended, Ended) {
    let two = two("8s");
    let title = two.title(step);
    // It falls asleep before its first byte, or before it acts at all.
    let mut first = two.run_of_the_first(&match step {
        "production_import" => "import-ready/production_import=delay:1500".to_owned(),
        step => format!("after-intent/{step}=delay:1500"),
    });
    assert!(first.until(&format!("▶ start  {title}")), "{}", first.said);
    first.signal("-STOP");
    let stopped = Instant::now();
    // While the lease runs, nobody else comes in, whatever is asked for.
    let (work, other) = (two.world.dir.join("work"), two.world.dir.join("work2"));
    let copied = Command::new("cp").args(["-a", "--", "."]).arg(&other).current_dir(&work).status();
    assert!(copied.unwrap().success());
    let resolve = ["resolve", step, "--as", "done", "--by", "見本", "--reason", "x"];
    let refused = run_to_end(&two.clinics[1], &resolve);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(4), "{said}");
    assert!(said.contains("journal-lease-held"), "{said}");
    let approved = run_to_end(&two.clinics[1], &["approve", &two.digests[1], "--as", DECIDES]);
    assert!(approved.status.success(), "{}", String::from_utf8_lossy(&approved.stderr));
    std::thread::sleep(Duration::from_millis(8_500).saturating_sub(stopped.elapsed()));
    let mut second = Running::start(&two.clinics[1], &["run", "--resume"]);
    second.until("▶ start");
    first.signal("-CONT");
    let woken = Instant::now();
    let first = first.end();
    assert!(woken.elapsed() < Duration::from_secs(20), "{:?}\n{}", woken.elapsed(), first.1);
    let second = second.end();
    (two, first, second)
}

#[test]
fn a_runner_that_lost_its_lease_stops_and_the_one_that_took_over_ends_the_run() {
    let (two, first, second) = taken_over_at("source");
    assert_eq!(first.0, Some(6), "{}", first.1);
    assert!(first.1.contains("journal-lease-lost"), "{}", first.1);
    assert_eq!(second.0, Some(0), "{}", second.1);
    let imports = site_imports(&two.world);
    assert_eq!(imports.len(), 2, "{imports:?}");
    let verified = run_to_end(&two.clinics[1], &["journal", "verify"]);
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// Its machine was suspended: the clocks that renew the lease stood still with it, and another
/// process took the clinic meanwhile.
#[test]
fn a_runner_whose_machine_was_suspended_does_not_stop_the_service() {
    let two = two("1h");
    // What runs beside it writes nothing meanwhile: a record would tell, too.
    let asleep = "after-intent/stop=delay:5000,after-intent/production_before=delay:12000";
    let mut first = two.run_of_the_first(asleep);
    let points = || std::fs::read_to_string(two.points()).unwrap_or_default();
    let both = ["stop after-intent delay", "production_before after-intent delay"];
    let begun = Instant::now();
    while !both.iter().all(|point| points().contains(point)) {
        let waits = begun.elapsed() < Duration::from_secs(120);
        assert!(waits && first.child.try_wait().unwrap().is_none(), "{}", points());
        std::thread::sleep(Duration::from_millis(50));
    }
    two.records.query("postgres", "UPDATE orca_cutover.leases SET token = token + 1");
    let first = first.end();
    assert_eq!(first.0, Some(6), "{}", first.1);
    assert!(first.1.contains("journal-lease-lost"), "{}", first.1);
    assert!(!points().contains("service-stopped"), "{}", points());
    let second = Running::start(&two.clinics[0], &["run", "--resume"]).end();
    assert_eq!(second.0, Some(0), "{}", second.1);
    assert_eq!(site_imports(&two.world).len(), 2);
}

#[test]
fn a_runner_that_slept_before_its_import_does_not_send_it() {
    let (two, first, second) = taken_over_at("production_import");
    assert_eq!(first.0, Some(6), "{}", first.1);
    assert!(first.1.contains("journal-lease-lost"), "{}", first.1);
    // What became of the import is found out by looking, or asked of a person.
    assert!(matches!(second.0, Some(0 | 7)), "{:?}\n{}", second.0, second.1);
    let imports = site_imports(&two.world);
    assert_eq!(imports.len(), 1, "only the test import: {imports:?}");
}
