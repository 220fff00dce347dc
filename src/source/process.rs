//! Process groups and bounded pipes under [`super::command`] and [`super::dump`].
//!
//! Nothing here knows what the programs are for.

use std::io::{PipeReader, Read};
use std::os::unix::process::CommandExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// The only PATH that programs see: an operator's own PATH must not choose another `pg_dump`.
pub(crate) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How long a group may take to end after SIGTERM before SIGKILL follows: `pg_dump` cancels its
/// query on the server first, which takes a round trip.
const TERM_GRACE: Duration = Duration::from_secs(3);
/// How often a group that is being ended is looked at.
const POLL: Duration = Duration::from_millis(20);
/// Pipe buffer; the kernel's pipes hold as much.
const CHUNK: usize = 64 * 1024;

/// A program that runs in a process group of its own, in `/`, with a bare environment. A status
/// other than 0 is not an error of duct's: the caller reads it.
pub(crate) fn expression(argv: &[String]) -> duct::Expression {
    let mut words = argv.iter();
    let program = words.next().cloned().unwrap_or_default();
    // The folder is `/`, since the database's user often may not enter the operator's.
    duct::cmd(program, words)
        .full_env([("PATH", PATH), ("LANG", "C"), ("LC_ALL", "C")])
        .dir("/")
        .unchecked()
        .before_spawn(|command| {
            command.process_group(0);
            Ok(())
        })
}

/// A process group whose leader this program started.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    leader: Option<Pid>,
    user: Option<String>,
}

impl Group {
    /// The group of the first of duct's `pids`; `user` is whom `sudo` runs it as.
    pub(crate) fn of(pids: &[u32], user: Option<&str>) -> Self {
        let leader = pids.first().and_then(|pid| i32::try_from(*pid).ok()).and_then(Pid::from_raw);
        Self { leader, user: user.map(str::to_owned) }
    }

    /// Ends the group: SIGTERM, a moment's grace, SIGKILL. `reaped` must wait for the leader
    /// without blocking and say whether it has ended; a zombie would keep the group alive.
    ///
    /// `sudo` with `use_pty` puts its program into a session of its own, which only the relayed
    /// SIGTERM reaches: that is why SIGKILL never comes first.
    pub(crate) fn end(&self, mut reaped: impl FnMut() -> bool) {
        let Some(leader) = self.leader else { return };
        self.signal(leader, Signal::TERM);
        let deadline = Instant::now() + TERM_GRACE;
        while Instant::now() < deadline {
            let leader_gone = reaped();
            if leader_gone && !alive(leader) {
                return;
            }
            std::thread::sleep(POLL);
        }
        self.signal(leader, Signal::KILL);
    }

    /// An ordinary user may not signal what `sudo` runs as another user; then that user's own
    /// `kill` does it, where sudoers allow it. Where they do not, the closed pipe ends the
    /// program at its next byte.
    fn signal(&self, leader: Pid, signal: Signal) {
        if kill_process_group(leader, signal) != Err(Errno::PERM) {
            return;
        }
        let Some(user) = &self.user else { return };
        let name = if signal == Signal::KILL { "-KILL" } else { "-TERM" };
        let group = format!("-{}", leader.as_raw_nonzero());
        let words = ["sudo", "-n", "-u", user, "kill", name, "--", &group].map(str::to_owned);
        let _ = expression(&words).stdin_null().stdout_null().stderr_null().run();
    }
}

fn alive(leader: Pid) -> bool {
    // "Not permitted" means that somebody is still there.
    test_kill_process_group(leader) != Err(Errno::SRCH)
}

/// A pipe's first bytes, read by a thread of its own so that the program never waits for us.
#[derive(Clone, Debug)]
pub(crate) struct Capture(Arc<Captured>);

#[derive(Debug, Default)]
struct Captured {
    bytes: Mutex<(Vec<u8>, bool)>,
    ended: Condvar,
    overflowed: AtomicBool,
}

impl Capture {
    /// Keeps at most `limit` bytes; the rest is read and thrown away.
    pub(crate) fn start(mut pipe: PipeReader, limit: usize) -> Self {
        let capture = Self(Arc::default());
        let captured = Arc::clone(&capture.0);
        std::thread::spawn(move || {
            let mut chunk = vec![0; CHUNK];
            loop {
                let read = match pipe.read(&mut chunk) {
                    Ok(0) => break,
                    Ok(read) => read,
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                    Err(_) => break,
                };
                let mut held = captured.bytes.lock().unwrap_or_else(PoisonError::into_inner);
                let room = limit.saturating_sub(held.0.len());
                held.0.extend_from_slice(chunk.get(..read.min(room)).unwrap_or_default());
                if read > room {
                    captured.overflowed.store(true, Ordering::Relaxed);
                }
            }
            captured.bytes.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
            captured.ended.notify_all();
        });
        capture
    }

    /// True once more than the limit has come.
    pub(crate) fn overflowed(&self) -> bool {
        self.0.overflowed.load(Ordering::Relaxed)
    }

    /// What has come. Waits at most `patience` for the pipe's end: a service that was started
    /// may keep it open for as long as it lives.
    pub(crate) fn take(&self, patience: Duration) -> Vec<u8> {
        let held = self.0.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut held, _) = self
            .0
            .ended
            .wait_timeout_while(held, patience, |held| !held.1)
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut held.0)
    }
}
