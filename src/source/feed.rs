//! A program that is fed through a pipe for as long as it takes: `psql` reading a `COPY`.

use std::io::{self, PipeWriter, Write, pipe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::SourceError;
use super::command::{Command, MAX_STDERR, PIPE_PATIENCE, start_error, status_text};
use super::error::Subject;
use super::process::{Capture, Group, expression};

/// How often the watchdog looks.
const WATCH: Duration = Duration::from_millis(100);

/// A running program; write to it, then call [`Feed::finish`]. Dropping it ends the program.
#[derive(Debug)]
pub(crate) struct Feed {
    stdin: Option<PipeWriter>,
    handle: Arc<duct::Handle>,
    group: Group,
    stderr: Capture,
    signs: Arc<Signs>,
    subject: Subject,
    timeout: Duration,
}

#[derive(Debug, Default)]
struct Signs {
    over: AtomicBool,
    timed_out: AtomicBool,
}

impl Feed {
    /// Starts the command; its output is thrown away, its whole time is bounded.
    pub(crate) fn start(command: &Command) -> Result<Self, SourceError> {
        let refused = |error: io::Error| SourceError::system("pipe", &error);
        let argv = command.argv();
        let (stdin_end, stdin) = pipe().map_err(refused)?;
        let (stderr, stderr_end) = pipe().map_err(refused)?;
        let started = {
            // The expression holds the pipes' other ends; they must be the program's alone.
            let program =
                expression(&argv).stdin_file(stdin_end).stdout_null().stderr_file(stderr_end);
            program.start()
        };
        let handle = Arc::new(started.map_err(|error| start_error(&argv, &error))?);
        let (user, subject, timeout) = command.parts();
        let group = Group::of(&handle.pids(), user);
        let feed = Self {
            stdin: Some(stdin),
            handle,
            group,
            stderr: Capture::start(stderr, MAX_STDERR),
            signs: Arc::default(),
            subject: subject.clone(),
            timeout,
        };
        feed.watch();
        Ok(feed)
    }

    /// Closes the pipe and says how the program ended.
    pub(crate) fn finish(self) -> Result<(), SourceError> {
        self.finish_unless(|_| false)
    }

    /// Like [`Feed::finish`], but a status that is not 0 counts for nothing where `harmless` says
    /// so of what the program wrote on stderr.
    pub(crate) fn finish_unless(
        mut self,
        harmless: impl Fn(&str) -> bool,
    ) -> Result<(), SourceError> {
        drop(self.stdin.take());
        let status =
            self.handle.wait().map_err(|error| SourceError::system("wait", &error))?.status;
        if self.signs.timed_out.load(Ordering::Relaxed) {
            let program = self.subject.program.clone();
            return Err(SourceError::TimedOut { program, seconds: self.timeout.as_secs() });
        }
        if status.success() {
            return Ok(());
        }
        let stderr = self.stderr.take(PIPE_PATIENCE);
        let stderr = String::from_utf8_lossy(&stderr);
        if status.code().is_some() && harmless(&stderr) {
            return Ok(());
        }
        Err(SourceError::classify(&self.subject, status_text(status), &stderr))
    }

    fn watch(&self) {
        let (handle, group) = (Arc::clone(&self.handle), self.group.clone());
        let (signs, timeout) = (Arc::clone(&self.signs), self.timeout);
        let started = Instant::now();
        std::thread::spawn(move || {
            while !signs.over.load(Ordering::Relaxed) && !reaped(&handle) {
                if started.elapsed() > timeout {
                    signs.timed_out.store(true, Ordering::Relaxed);
                    group.end(|| reaped(&handle));
                    return;
                }
                std::thread::sleep(WATCH);
            }
        });
    }
}

impl Write for Feed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stdin {
            Some(stdin) => stdin.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.signs.over.store(true, Ordering::Relaxed);
        drop(self.stdin.take());
        if !reaped(&self.handle) {
            self.group.end(|| reaped(&self.handle));
        }
    }
}

fn reaped(handle: &duct::Handle) -> bool {
    !matches!(handle.try_wait(), Ok(None))
}
