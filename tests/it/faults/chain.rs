//! A run that is made to die at one point after the other, and is taken up each time.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use super::targets::Target;
use crate::kill::settle;
use crate::support::{DECIDES, World};

/// What is done between a death and the next process.
type Between<'w> = Box<dyn FnMut(&World, &Target) + 'w>;

/// What the processes of a chain came by and how they ended.
pub(crate) struct Chain<'w> {
    world: &'w World,
    pub(crate) remaining: Vec<Target>,
    pub(crate) hit: Vec<Target>,
    /// Other faults that every process has.
    pub(crate) also: Vec<String>,
    /// How the run is taken up.
    pub(crate) resumption: &'static [&'static str],
    /// From the start of a resumption to what it decided: its first step, a doubt, or its end.
    pub(crate) decided: Vec<Duration>,
    /// Processes that ended by themselves, with what they said.
    pub(crate) ends: Vec<String>,
    pub(crate) between: Between<'w>,
    record: PathBuf,
    begun: bool,
    first: Vec<String>,
}

/// Most processes of one chain.
const MOST: usize = 2_000;
/// What is told of a decision that took longer.
const SLOW: Duration = Duration::from_secs(1);
/// Most of them that end by themselves, before something is wrong.
const MOST_ENDS: usize = 10;

impl<'w> Chain<'w> {
    pub(crate) fn new(world: &'w World, targets: Vec<Target>) -> Self {
        let (playbook, digest) = (world.playbook(), world.digest());
        let first = ["run", &playbook, "--approve", &digest, "--as", DECIDES, "--operator", "test"];
        Self {
            world,
            remaining: targets,
            hit: Vec::new(),
            also: Vec::new(),
            resumption: &["--resume"],
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
            if self.died(&output) {
                continue;
            }
            match output.status.code() {
                Some(0) => return,
                // All is done, and a mail waits.
                Some(9) if self.world.status()["outcome"] == "done" => return,
                Some(7) => settle(self.world),
                status => {
                    let said = String::from_utf8_lossy(&output.stderr);
                    self.ends.push(format!("{status:?}\n{said}"));
                    let ends = self.ends.join("\n");
                    assert!(self.ends.len() < MOST_ENDS, "does not go on:\n{ends}");
                }
            }
        }
        panic!("more than {MOST} processes");
    }

    /// True where the process died at one of the targets, which is then struck out.
    pub(crate) fn died(&mut self, output: &Output) -> bool {
        if output.status.signal() != Some(9) {
            return false;
        }
        let target = self.died_at();
        let place = self.remaining.iter().position(|wanted| *wanted == target);
        let said = String::from_utf8_lossy(&output.stderr);
        let place = place.unwrap_or_else(|| panic!("died at {target:?}\n{said}"));
        self.hit.push(self.remaining.remove(place));
        (self.between)(self.world, &target);
        true
    }

    /// One process in which every target that is left is set off by `action`.
    pub(crate) fn process(&mut self, action: &str) -> Output {
        let _ = std::fs::remove_file(&self.record);
        let mut rules = self.also.clone();
        rules.extend(self.remaining.iter().map(|target| target.rule(action)));
        rules.push(format!("record:{}", self.record.display()));
        let resumes = self.begun;
        let words: Vec<&str> = match resumes {
            true => ["run"].iter().chain(self.resumption).copied().collect(),
            false => self.first.iter().map(String::as_str).collect(),
        };
        let mut command = self.world.command(&words);
        command.env("ORCA_CUTOVER_FAULT", rules.join(","));
        let started = Instant::now();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (said, decided) = listen(child.stderr.take().unwrap(), started);
        let status = child.wait().unwrap();
        // A step's intent comes after the run's own first record.
        self.begun |= self.come_by().iter().any(|line| line.ends_with("before-intent"));
        if resumes {
            let decided = decided.unwrap_or_else(|| started.elapsed());
            if decided > SLOW {
                eprintln!("decided after {decided:?}, taken up after {:?}", self.hit.last());
            }
            self.decided.push(decided);
        }
        Output { status, stdout: Vec::new(), stderr: said.into_bytes() }
    }

    /// Where the process ended itself, and how often it had come by there.
    fn died_at(&self) -> Target {
        let lines = self.come_by();
        let line = lines.iter().find_map(|line| line.strip_suffix(" crash")).unwrap_or_default();
        let time = lines.iter().filter(|other| *other == line).count();
        let (step, point) = line.split_once(' ').unwrap_or_default();
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
        // That an import is in doubt is decided before the site is asked for a proof of it.
        if decided.is_none() && (line.contains("▶ start") || line.contains("? in doubt")) {
            decided = Some(started.elapsed());
        }
        said.push_str(&line);
        said.push('\n');
    }
    (said, decided)
}
