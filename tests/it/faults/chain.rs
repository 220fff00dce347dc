//! A run that is made to die at one point after the other, and is resumed each time.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use super::targets::Target;
use crate::kill::settle;
use crate::support::{DECIDES, World};

/// What the processes of a chain came by and how they ended.
pub(crate) struct Chain<'w> {
    world: &'w World,
    pub(crate) remaining: Vec<Target>,
    pub(crate) hit: Vec<Target>,
    /// From the start of a resumption to what it decided: its first step, or its end.
    pub(crate) decided: Vec<Duration>,
    /// Processes that ended by themselves, with what they said.
    pub(crate) ends: Vec<String>,
    /// Called after each death.
    pub(crate) between: Between<'w>,
    record: PathBuf,
    begun: bool,
    first: Vec<String>,
}

/// What is done between a death and the resumption.
type Between<'w> = Box<dyn FnMut(&World, &Target) + 'w>;

/// Most processes of one chain.
const MOST: usize = 2_000;

impl<'w> Chain<'w> {
    pub(crate) fn new(world: &'w World, targets: Vec<Target>) -> Self {
        let (playbook, digest) = (world.playbook(), world.digest());
        let first = ["run", &playbook, "--approve", &digest, "--as", DECIDES, "--operator", "test"];
        Self {
            world,
            remaining: targets,
            hit: Vec::new(),
            decided: Vec::new(),
            ends: Vec::new(),
            between: Box::new(|_, _| {}),
            record: world.dir.join("come-by"),
            begun: false,
            first: first.map(str::to_owned).to_vec(),
        }
    }

    /// Dies at every target that can be reached, until the run has ended well.
    pub(crate) fn die_everywhere(&mut self) {
        for _ in 0..MOST {
            let output = self.process("crash");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            if output.status.signal() == Some(9) {
                let target = self.last_come_by();
                let place = self.remaining.iter().position(|wanted| *wanted == target);
                let place = place.unwrap_or_else(|| panic!("died at {target:?}\n{said}"));
                self.hit.push(self.remaining.remove(place));
                (self.between)(self.world, &target);
                continue;
            }
            match output.status.code() {
                Some(0) => return,
                Some(7) => settle(self.world),
                status => {
                    self.ends.push(format!("{status:?}\n{said}"));
                    assert!(self.ends.len() < 10, "does not go on:\n{}", self.ends.join("\n"));
                }
            }
        }
        panic!("more than {MOST} processes");
    }

    /// One process with all that is left to be hit.
    pub(crate) fn process(&mut self, action: &str) -> Output {
        let _ = std::fs::remove_file(&self.record);
        let mut rules: Vec<String> =
            self.remaining.iter().map(|target| target.rule(action)).collect();
        rules.push(format!("record:{}", self.record.display()));
        let resumes = std::mem::replace(&mut self.begun, true);
        let words: Vec<&str> = match resumes {
            true => vec!["run", "--resume"],
            false => self.first.iter().map(String::as_str).collect(),
        };
        let mut command = self.world.command(&words);
        command.env("ORCA_CUTOVER_FAULT", rules.join(","));
        let started = Instant::now();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (said, decided) = listen(child.stderr.take().unwrap(), started);
        let status = child.wait().unwrap();
        // A process may die before its very first record is durable: it did not begin then.
        self.begun = self.world.dir.join("work/reports/run.json").exists();
        if resumes {
            self.decided.push(decided.unwrap_or_else(|| started.elapsed()));
        }
        Output { status, stdout: Vec::new(), stderr: said.into_bytes() }
    }

    /// The last line of what was come by, and how often it stands there.
    fn last_come_by(&self) -> Target {
        let lines = self.come_by();
        let last = lines.last().cloned().unwrap_or_default();
        let time = lines.iter().filter(|line| **line == last).count();
        let (step, point) = last.split_once(' ').unwrap_or_default();
        let known = self.remaining.iter().find(|target| target.point == point);
        let point = known.map_or("?", |target| target.point);
        Target { step: step.to_owned(), point, time }
    }

    /// Step and point of everything that the last process came by.
    pub(crate) fn come_by(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.record).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// Reads what a process says to its end; gives when it said that a step starts.
fn listen(stderr: impl std::io::Read, started: Instant) -> (String, Option<Duration>) {
    use std::io::BufRead;
    let (mut said, mut decided) = (String::new(), None);
    for line in std::io::BufReader::new(stderr).lines() {
        let line = line.unwrap();
        if decided.is_none() && line.contains("▶ start") {
            decided = Some(started.elapsed());
        }
        said.push_str(&line);
        said.push('\n');
    }
    (said, decided)
}
