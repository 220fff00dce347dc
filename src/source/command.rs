//! The one way in which this program runs another program.
//!
//! Its own process group, no stdin but what is given, a bare environment, bounded output, a
//! time-out that ends the whole group. What the program says on stderr is read here to tell
//! failures apart and enters an error only redacted.

use std::io::pipe;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use super::SourceError;
use super::error::Subject;
use super::process::{Capture, Group, expression};

/// Longest answer on stdout: the largest query of this program lists tables, some 100 bytes each.
const MAX_STDOUT: usize = 4 * 1024 * 1024;
/// How much of stderr is kept: enough for the first messages, which name the cause.
pub(crate) const MAX_STDERR: usize = 64 * 1024;
/// How long a pipe may stay open after its program has ended. Services keep theirs.
pub(crate) const PIPE_PATIENCE: Duration = Duration::from_secs(1);
/// How often a running program is looked at for too much output.
const POLL: Duration = Duration::from_millis(50);

/// A program with its arguments and limits.
#[derive(Clone, Debug)]
pub struct Command {
    argv: Vec<String>,
    user: Option<String>,
    stdin: Input,
    timeout: Duration,
    subject: Subject,
}

#[derive(Clone, Debug)]
enum Input {
    Nothing,
    Bytes(Vec<u8>),
}

/// What a program left behind.
#[derive(Debug)]
pub struct Output {
    /// Its exit status.
    pub status: ExitStatus,
    /// Its output.
    pub stdout: Vec<u8>,
    /// What it said; raw, so it must never leave this room unredacted.
    stderr: String,
}

impl Command {
    /// A program by its words; it must end within `timeout`.
    pub fn new(argv: Vec<String>, timeout: Duration) -> Self {
        let program = argv.first().cloned().unwrap_or_default();
        let subject = Subject { program, ..Subject::default() };
        Self { argv, user: None, stdin: Input::Nothing, timeout, subject }
    }

    /// Runs it as `user` by `sudo -n`.
    #[must_use]
    pub fn as_user(mut self, user: &str) -> Self {
        self.user = Some(user.to_owned());
        user.clone_into(&mut self.subject.user);
        self
    }

    /// Gives it something to read.
    #[must_use]
    pub fn with_stdin(mut self, bytes: Vec<u8>) -> Self {
        self.stdin = Input::Bytes(bytes);
        self
    }

    pub(crate) fn about(mut self, subject: Subject) -> Self {
        self.subject = subject;
        self
    }

    pub(crate) fn parts(&self) -> (Option<&str>, &Subject, Duration) {
        (self.user.as_deref(), &self.subject, self.timeout)
    }

    /// The words as the operating system sees them, `sudo` included.
    pub fn argv(&self) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(user) = &self.user {
            words.extend(["sudo", "-n", "-u", user, "--"].map(str::to_owned));
        }
        words.extend(self.argv.iter().cloned());
        words
    }

    /// Runs it and gives its output whatever its status.
    ///
    /// # Errors
    /// When it cannot be started, takes too long, writes too much, or `sudo` refuses it.
    pub fn run(&self) -> Result<Output, SourceError> {
        let refused = |error: &std::io::Error| SourceError::system("pipe", error);
        let (stdout, stdout_end) = pipe().map_err(|error| refused(&error))?;
        let (stderr, stderr_end) = pipe().map_err(|error| refused(&error))?;
        let argv = self.argv();
        let started = {
            // The expressions hold the pipes' other ends; they must be the program's alone, or
            // the pipes would never end.
            let program = expression(&argv).stdout_file(stdout_end).stderr_file(stderr_end);
            match &self.stdin {
                Input::Nothing => program.stdin_null().start(),
                Input::Bytes(bytes) => program.stdin_bytes(bytes.clone()).start(),
            }
        };
        let handle = started.map_err(|error| start_error(&argv, &error))?;
        let group = Group::of(&handle.pids(), self.user.as_deref());
        let stdout = Capture::start(stdout, MAX_STDOUT);
        let stderr = Capture::start(stderr, MAX_STDERR);
        let outcome = self.wait(&handle, &stdout);
        if outcome.is_err() {
            group.end(|| handle.try_wait().is_ok_and(|ended| ended.is_some()));
        }
        let status = outcome?;
        let stderr = String::from_utf8_lossy(&stderr.take(PIPE_PATIENCE)).into_owned();
        let stdout = stdout.take(PIPE_PATIENCE);
        if !status.success()
            && let Some(refusal) = SourceError::of_sudo(&self.subject, &stderr)
        {
            return Err(refusal);
        }
        Ok(Output { status, stdout, stderr })
    }

    /// Runs it and gives its output where its status is 0.
    ///
    /// # Errors
    /// As [`Command::run`], and when the status is not 0.
    pub fn run_checked(&self) -> Result<Vec<u8>, SourceError> {
        let output = self.run()?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let status = status_text(output.status);
        Err(SourceError::classify(&self.subject, status, &output.stderr))
    }

    fn wait(&self, handle: &duct::Handle, stdout: &Capture) -> Result<ExitStatus, SourceError> {
        let program = || self.subject.program.clone();
        let deadline = Instant::now() + self.timeout;
        loop {
            if stdout.overflowed() {
                return Err(SourceError::OutputTooLarge { program: program(), limit: MAX_STDOUT });
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let ended = handle
                .wait_timeout(left.min(POLL))
                .map_err(|error| SourceError::system("wait", &error))?;
            if let Some(output) = ended {
                return Ok(output.status);
            }
            if left.is_zero() {
                let seconds = self.timeout.as_secs();
                return Err(SourceError::TimedOut { program: program(), seconds });
            }
        }
    }
}

/// `1`, or `signal 9`.
pub(crate) fn status_text(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => code.to_string(),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown status".to_owned(),
    }
}

pub(crate) fn start_error(argv: &[String], error: &std::io::Error) -> SourceError {
    let program = argv.first().cloned().unwrap_or_default();
    match error.kind() {
        std::io::ErrorKind::NotFound => SourceError::ProgramMissing { program },
        _ => SourceError::system("start", error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Explain;

    fn shell(script: &str, timeout: Duration) -> Command {
        Command::new(["sh", "-c", script].map(str::to_owned).to_vec(), timeout)
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn output_status_and_stdin_come_through() {
        let output =
            shell("cat; echo no >&2; exit 3", LONG).with_stdin(b"yes".to_vec()).run().unwrap();
        assert_eq!(output.stdout, b"yes");
        assert_eq!(output.stderr, "no\n");
        assert_eq!(status_text(output.status), "3");
    }

    #[test]
    fn the_environment_is_bare() {
        let output = shell("env | cut -d= -f1 | sort | tr '\\n' ' '; pwd", LONG).run().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        for name in text.split_whitespace().filter(|word| word.chars().all(char::is_uppercase)) {
            assert!(["PATH", "LANG", "PWD", "OLDPWD", "SHLVL"].contains(&name), "{name}");
        }
        assert!(text.ends_with("/\n"), "{text}");
    }

    #[test]
    fn a_time_out_ends_grandchildren_too() {
        let folder = tempfile::tempdir().unwrap();
        let pid_file = folder.path().join("pid");
        let script = format!("sleep 300 & echo $! > {}; wait", pid_file.display());
        let started = Instant::now();
        let error = shell(&script, Duration::from_secs(1)).run().unwrap_err();
        assert_eq!(error.code(), "source-timed-out");
        assert!(started.elapsed() < Duration::from_secs(10));
        let pid = std::fs::read_to_string(pid_file).unwrap();
        let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        assert!(state.is_err() || state.unwrap().contains(") Z "), "the grandchild lives");
    }

    #[test]
    fn endless_output_is_stopped() {
        let error = shell("yes", LONG).run().unwrap_err();
        assert_eq!(error.code(), "source-output-too-large");
    }

    #[test]
    fn a_daemon_that_keeps_the_pipes_does_not_hold_us() {
        let started = Instant::now();
        let output = shell("sleep 30 & echo started", LONG).run().unwrap();
        assert_eq!(output.stdout, b"started\n");
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn the_end_of_a_program_is_seen_at_once() {
        let started = Instant::now();
        shell("true", LONG).run().unwrap();
        assert!(started.elapsed() < PIPE_PATIENCE, "a pipe was kept open");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Command::new(vec!["no-such-program".into()], LONG).run().unwrap_err();
        assert_eq!(error.code(), "source-program-missing");
    }

    /// The words that the operating system would see, with a stub in `sudo`'s place: it asks for a
    /// password unless it is told not to, as `sudo` does where sudoers say nothing.
    fn by_stub(script: &str, timeout: Duration) -> Result<Vec<u8>, SourceError> {
        let folder = tempfile::tempdir().unwrap();
        let stub = folder.path().join("sudo");
        std::fs::write(&stub, script).unwrap();
        let words = Command::new(vec!["true".to_owned()], LONG).as_user("orca").argv();
        assert_eq!(words, ["sudo", "-n", "-u", "orca", "--", "true"]);
        let stub = ["sh".to_owned(), stub.display().to_string()];
        let words = stub.into_iter().chain(words.into_iter().skip(1)).collect();
        Command::new(words, timeout).run_checked()
    }

    const ASKS: &str = "case \" $* \" in\n\
        *' -n '*) echo 'sudo: a password is required' >&2; exit 1;;\n\
        *) printf '[sudo] password for operator: ' >&2; sleep 30; exit 1;;\nesac\n";

    #[test]
    fn a_sudo_that_asks_denies_or_dawdles_is_told_apart_and_never_waited_for() {
        let started = Instant::now();
        let code = |script: &str, timeout| by_stub(script, timeout).unwrap_err().code();
        assert_eq!(code(ASKS, Duration::from_secs(5)), "source-sudo-password");
        let denies = "echo \"Sorry, user operator is not allowed to execute '/usr/bin/true' as \
                      orca on clinic.\" >&2; exit 1";
        assert_eq!(code(denies, LONG), "source-sudo-refused");
        assert_eq!(code("sleep 30", Duration::from_secs(1)), "source-timed-out");
        // What sudo lets through after a while is what the program itself says.
        assert!(by_stub("sleep 0.3; shift 4; exec \"$@\"", LONG).is_ok());
        assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    }
}
