//! `pg_dump` as a stream.
//!
//! The stream's end is only given to the reader once `pg_dump` has ended well: a dump that broke
//! off must never look like a complete one. This file does not look into the archive.

use std::io::{self, PipeReader, Read, pipe};
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::command::{MAX_STDERR, PIPE_PATIENCE, start_error, status_text};
use super::process::{Capture, Group, expression};
use super::{SourceConfig, SourceError, psql};
use crate::fault::{self, Point, Spot};

/// How long `pg_dump` may give nothing while we wait for it. It waits for locks before its first
/// byte, and a `VACUUM FULL` or a backup job holds them for minutes, not longer.
pub const MAX_IDLE: Duration = Duration::from_secs(10 * 60);
/// The level of `pg_dump -Fc` where none is named.
const USUAL_LEVEL: u32 = 6;
/// How often the watchdog looks.
const WATCH: Duration = Duration::from_millis(100);
/// How long `pg_dump` may take to end after its last byte.
const END_PATIENCE: Duration = Duration::from_secs(60);
/// How often its end is looked for.
const END_POLL: Duration = Duration::from_millis(10);

/// A running `pg_dump`; read the archive from it, then call [`PgDump::finish`]. Dropping it
/// ends `pg_dump`.
#[derive(Debug)]
pub struct PgDump {
    stdout: PipeReader,
    child: Child,
    stderr: Capture,
    config: SourceConfig,
    status: Option<ExitStatus>,
    spot: Spot,
    begun: bool,
}

/// The process with its watchdog. Dropping it ends both.
#[derive(Debug)]
struct Child {
    handle: Arc<duct::Handle>,
    group: Group,
    watch: Arc<Mutex<Watch>>,
}

/// What the watchdog knows.
#[derive(Debug, Default)]
struct Watch {
    /// Since when the reader waits for a byte. A slow reader is not `pg_dump`'s fault.
    waiting_since: Option<Instant>,
    /// Why the dump was ended.
    verdict: Option<Verdict>,
    over: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Idle(Duration),
    TooLong(Duration),
}

/// The command as a plan shows it and as it is run: uncompressed, since the stream is made UTF-8
/// and compressed on its way.
pub fn command_line(config: &SourceConfig) -> Vec<String> {
    let mut words: Vec<String> =
        ["sudo", "-n", "-u", &config.os_user, "--"].map(str::to_owned).to_vec();
    words.push(config.program("pg_dump"));
    words.extend(config.connection_args());
    words.extend(["-Fc", "-Z0", config.database.as_str()].map(str::to_owned));
    words
}

/// The command of a dump that is kept as `pg_dump` writes it: compressed, its text as it stands.
/// The level is only named where it is not `pg_dump`'s own.
pub fn plain_command_line(config: &SourceConfig, level: u32) -> Vec<String> {
    let mut words = command_line(config);
    words.retain(|word| word != "-Z0");
    if level != USUAL_LEVEL {
        let database = words.pop();
        words.push(format!("-Z{level}"));
        words.extend(database);
    }
    words
}

impl PgDump {
    /// Starts the dump of [`plain_command_line`].
    ///
    /// # Errors
    /// As [`PgDump::start`].
    pub fn start_plain(
        config: &SourceConfig,
        level: u32,
        timeout: Duration,
    ) -> Result<Self, SourceError> {
        Self::spawn(&plain_command_line(config, level), config, timeout, MAX_IDLE)
    }

    /// Starts `pg_dump`; it must have ended within `timeout`.
    ///
    /// # Errors
    /// When `sudo` cannot be started. What `sudo` and `pg_dump` object to shows on reading.
    pub fn start(config: &SourceConfig, timeout: Duration) -> Result<Self, SourceError> {
        Self::start_with(config, timeout, MAX_IDLE)
    }

    fn start_with(
        config: &SourceConfig,
        timeout: Duration,
        idle: Duration,
    ) -> Result<Self, SourceError> {
        Self::spawn(&command_line(config), config, timeout, idle)
    }

    fn spawn(
        argv: &[String],
        config: &SourceConfig,
        timeout: Duration,
        idle: Duration,
    ) -> Result<Self, SourceError> {
        let refused = |error: io::Error| SourceError::system("pipe", &error);
        let (stdout, stdout_end) = pipe().map_err(refused)?;
        crate::pipe::widen(&stdout);
        let (stderr, stderr_end) = pipe().map_err(refused)?;
        let started = {
            // The expression holds the pipes' other ends; they must be the program's alone.
            let program =
                expression(argv).stdin_null().stdout_file(stdout_end).stderr_file(stderr_end);
            program.start()
        };
        let handle = Arc::new(started.map_err(|error| start_error(argv, &error))?);
        let group = Group::of(&handle.pids(), Some(&config.os_user));
        let watch = Arc::default();
        let child = Child { handle, group, watch };
        child.watch(timeout, idle);
        let stderr = Capture::start(stderr, MAX_STDERR);
        let spot = fault::here();
        spot.hit(Point::DumpStarted)?;
        Ok(Self { stdout, child, stderr, config: config.clone(), status: None, spot, begun: false })
    }

    /// Says how `pg_dump` ended. Call it after the stream's end, or after reading failed.
    ///
    /// # Errors
    /// When `pg_dump` was ended by a time-out, failed, or was not read to its end.
    pub fn finish(mut self) -> Result<(), SourceError> {
        // A reader that knows the archive's length may stop just before the stream's end.
        let read_through = !matches!(self.read(&mut [0]), Ok(1..));
        let status = if read_through { self.ended() } else { None };
        match self.child.verdict() {
            Some(Verdict::Idle(limit)) => {
                return Err(SourceError::DumpIdle { seconds: limit.as_secs() });
            }
            Some(Verdict::TooLong(limit)) => {
                let program = self.config.program("pg_dump");
                return Err(SourceError::TimedOut { program, seconds: limit.as_secs() });
            }
            None => {}
        }
        let Some(status) = status else {
            return Err(SourceError::AnswerUnexpected { question: "the end of the dump" });
        };
        if status.success() {
            return Ok(());
        }
        let stderr = self.stderr.take(PIPE_PATIENCE);
        let subject = psql::subject(&self.config, "pg_dump");
        Err(SourceError::classify(&subject, status_text(status), &String::from_utf8_lossy(&stderr)))
    }

    /// Waits a little for the process's end once its output has ended.
    fn ended(&mut self) -> Option<ExitStatus> {
        let deadline = Instant::now() + END_PATIENCE;
        while self.status.is_none() && Instant::now() < deadline {
            if let Ok(Some(output)) = self.child.handle.try_wait() {
                self.status = Some(output.status);
                break;
            }
            std::thread::sleep(END_POLL);
        }
        self.status
    }
}

impl Read for PgDump {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.child.set_waiting(Some(Instant::now()));
        crate::pipe::let_gather(&self.stdout);
        let read = self.stdout.read(buffer);
        self.child.set_waiting(None);
        if !matches!(read, Ok(0)) {
            if !std::mem::replace(&mut self.begun, true) {
                self.spot.hit(Point::DumpMidstream)?;
            }
            return read;
        }
        match self.ended() {
            Some(status) if status.success() && self.child.verdict().is_none() => Ok(0),
            _ => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "pg_dump broke off")),
        }
    }
}

impl Child {
    fn lock(&self) -> std::sync::MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn verdict(&self) -> Option<Verdict> {
        self.lock().verdict
    }

    fn set_waiting(&self, since: Option<Instant>) {
        self.lock().waiting_since = since;
    }

    /// Starts the watchdog: a thread that ends the group when the dump takes too long.
    fn watch(&self, timeout: Duration, idle: Duration) {
        let watch = Arc::clone(&self.watch);
        let handle = Arc::clone(&self.handle);
        let group = self.group.clone();
        let started = Instant::now();
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(WATCH);
                {
                    let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
                    if watch.over {
                        return;
                    }
                    let waits = watch.waiting_since.is_some_and(|since| since.elapsed() > idle);
                    if started.elapsed() > timeout {
                        watch.verdict = Some(Verdict::TooLong(timeout));
                    } else if waits {
                        watch.verdict = Some(Verdict::Idle(idle));
                    } else {
                        continue;
                    }
                }
                group.end(|| reaped(&handle));
                return;
            }
        });
    }
}

/// True where the process has ended; by then its number may belong to another.
fn reaped(handle: &duct::Handle) -> bool {
    !matches!(handle.try_wait(), Ok(None))
}

impl Drop for Child {
    fn drop(&mut self) {
        self.lock().over = true;
        if !reaped(&self.handle) {
            self.group.end(|| reaped(&self.handle));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Explain;

    const LONG: Duration = Duration::from_secs(60);

    fn config() -> SourceConfig {
        SourceConfig {
            os_user: "root".into(),
            database: "d".into(),
            socket_dir: None,
            port: None,
            program_dir: None,
            data_dir: None,
            service: crate::source::ServiceCommands::default(),
        }
    }

    fn shell(script: &str, timeout: Duration, idle: Duration) -> PgDump {
        let argv = ["sh", "-c", script].map(str::to_owned);
        PgDump::spawn(&argv, &config(), timeout, idle).unwrap()
    }

    #[test]
    fn a_stream_that_breaks_off_is_not_an_end() {
        let mut dump = shell("printf abc; echo 'No space left on device' >&2; exit 1", LONG, LONG);
        let mut bytes = Vec::new();
        let error = dump.read_to_end(&mut bytes).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(bytes, b"abc");
        assert_eq!(dump.finish().unwrap_err().code(), "source-disk-full");
    }

    #[test]
    fn a_silent_program_is_ended_by_the_idle_limit() {
        let mut dump = shell("printf abc; sleep 300", LONG, Duration::from_millis(300));
        assert!(dump.read_to_end(&mut Vec::new()).is_err());
        assert_eq!(dump.finish().unwrap_err().code(), "source-dump-idle");
    }

    #[test]
    fn a_slow_reader_is_not_idleness() {
        let mut dump = shell("yes | head -c 300000", LONG, Duration::from_millis(300));
        let mut first = [0; 10];
        dump.read_exact(&mut first).unwrap();
        std::thread::sleep(Duration::from_millis(700));
        assert_eq!(dump.read_to_end(&mut Vec::new()).unwrap(), 299_990);
        dump.finish().unwrap();
    }

    #[test]
    fn an_endless_stream_is_ended_by_the_time_out() {
        let mut dump = shell("yes", Duration::from_millis(500), LONG);
        assert!(io::copy(&mut dump, &mut io::sink()).is_err());
        assert_eq!(dump.finish().unwrap_err().code(), "source-timed-out");
    }

    #[test]
    fn dropping_ends_the_group() {
        let mut dump = shell("echo $$; sleep 300; echo", LONG, LONG);
        let mut pid = [0; 32];
        let read = dump.read(&mut pid).unwrap();
        let pid = String::from_utf8(pid[..read].to_vec()).unwrap();
        drop(dump);
        assert!(!std::path::Path::new(&format!("/proc/{}", pid.trim())).exists());
    }

    #[test]
    fn a_dump_that_was_not_read_through_is_not_finished() {
        let dump = shell("yes", LONG, LONG);
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(dump.finish().unwrap_err().code(), "source-answer-unexpected");
    }
}
