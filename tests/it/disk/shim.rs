//! The shim between a program and the C library (`shim.c`): built here, and told what to do.

use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longest time that a program may take whose disk fails.
const LIMIT: Duration = Duration::from_secs(180);

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No space once, then there is some again.
    Full,
    /// No space from then on.
    FullForGood,
    /// The disk fails once.
    Eio,
    /// Half of the bytes are written, then there is no space.
    Short,
    /// The disk cannot bring a file to rest, and says so once only.
    Fsync,
}

impl Fault {
    pub(crate) const ALL: [Self; 5] =
        [Self::Full, Self::FullForGood, Self::Eio, Self::Short, Self::Fsync];

    fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::FullForGood => "full-for-good",
            Self::Eio => "eio",
            Self::Short => "short",
            Self::Fsync => "fsync",
        }
    }
}

/// A call that the shim saw: what it needs (1 space, 2 bytes, 4 sync, 8 a name), and its size.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    kinds: u32,
    size: u64,
    pub(crate) line: String,
}

impl Call {
    /// True where the fault can meet the call, as `judge` in `shim_judge.h` has it.
    pub(crate) fn meets(&self, fault: Fault) -> bool {
        match fault {
            Fault::Full | Fault::FullForGood => self.kinds & 1 != 0,
            Fault::Short => self.kinds & 2 != 0 && self.size > 1,
            Fault::Fsync => self.kinds & 4 != 0,
            Fault::Eio => true,
        }
    }
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None` where a signal ended it, or its time was up.
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The built shim.
pub(crate) struct Shim {
    object: PathBuf,
    scratch: tempfile::TempDir,
}

impl Shim {
    pub(crate) fn build() -> Self {
        let scratch = crate::support::scratch();
        let object = scratch.path().join("shim.so");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o"])
            .arg(&object)
            .arg("tests/it/disk/shim.c")
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        Self { object, scratch }
    }

    /// A file of the shim's own.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn over(&self, command: &mut Command, dir: &Path) {
        command.env("LD_PRELOAD", &self.object).env("DISK_DIR", dir);
    }

    /// Runs without a fault and lists the calls.
    pub(crate) fn list(&self, mut command: Command, dir: &Path) -> (Ended, Vec<Call>) {
        let list = self.file("list");
        let _ = std::fs::remove_file(&list);
        self.over(&mut command, dir);
        let ended = run(command.env("DISK_LIST", &list));
        let text = String::from_utf8_lossy(&std::fs::read(&list).unwrap()).into_owned();
        let calls = text.lines().map(|line| {
            let mut words = line.splitn(3, ' ');
            let mut number = || words.next().unwrap().parse::<u64>().unwrap();
            let (kinds, size) = (u32::try_from(number()).unwrap(), number());
            Call { kinds, size, line: words.next().unwrap_or_default().to_owned() }
        });
        (ended, calls.collect())
    }

    /// Runs with the fault at the `at`th call that it can meet.
    pub(crate) fn fail(&self, mut command: Command, dir: &Path, fault: Fault, at: usize) -> Ended {
        self.over(&mut command, dir);
        run(command.env("DISK_FAULT", fault.name()).env("DISK_AT", at.to_string()))
    }

    /// Runs without a fault and writes every operation down, with what is written to `ack`.
    pub(crate) fn log(&self, mut command: Command, dir: &Path, ack: &Path) -> (Ended, Vec<u8>) {
        let log = self.file("log");
        let _ = std::fs::remove_file(&log);
        self.over(&mut command, dir);
        let ended = run(command.env("DISK_LOG", &log).env("DISK_ACK", ack));
        (ended, std::fs::read(&log).unwrap())
    }
}

/// Runs to the end, or to the time limit.
pub(crate) fn run(command: &mut Command) -> Ended {
    let begun = Instant::now();
    // Files take all that it says, however much it is.
    let (mut out, mut err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::from(out.try_clone().unwrap()))
        .stderr(Stdio::from(err.try_clone().unwrap()))
        .spawn()
        .unwrap();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > LIMIT {
            child.kill().unwrap();
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let text = |file: &mut std::fs::File| {
        let mut bytes = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let status = child.wait().unwrap().code();
    Ended { status, stdout: text(&mut out), stderr: text(&mut err) }
}
