//! The 日レセ service: stop, start, and whether it runs.
//!
//! The commands come from the clinic file. A stop or start counts only once the status command
//! agrees.

use std::time::{Duration, Instant};

use super::command::{Command, status_text};
use super::{SourceConfig, SourceError};
use crate::fault::{self, Point};

/// Longest time of the stop or start command: systemd gives a service 90 s to stop.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(150);
/// Longest time of the status command.
const STATUS_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the status may take to follow a stop or start.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(60);
/// How often the status is asked.
const POLL: Duration = Duration::from_millis(250);

/// Whether the service runs.
///
/// # Errors
/// When the status command cannot be run, is refused, or knows no answer. Such a failure is not
/// taken for "does not run": the dump would then be made under a running service.
pub fn is_running(config: &SourceConfig) -> Result<bool, SourceError> {
    let output = command(&config.service.status, "status", STATUS_TIMEOUT)?.run()?;
    match output.status.code() {
        Some(0) => Ok(true),
        // LSB and systemctl: 1 and 2 died, 3 not running; 4 and more unknown.
        Some(1..=3) => Ok(false),
        _ => Err(SourceError::ServiceStatusUnknown {
            program: config.service.status.first().cloned().unwrap_or_default(),
            status: status_text(output.status),
        }),
    }
}

/// Stops the service and waits until it no longer runs. Nothing happens where it does not run.
///
/// # Errors
/// When the command fails or the service still runs afterwards.
pub fn stop(config: &SourceConfig) -> Result<(), SourceError> {
    if is_running(config)? {
        command(&config.service.stop, "stop", COMMAND_TIMEOUT)?.run_checked()?;
    }
    // Also where a process that died before had stopped it.
    fault::hit(Point::ServiceStopped)?;
    if settles(config, false)? {
        return Ok(());
    }
    Err(SourceError::ServiceStillRunning { seconds: SETTLE_TIMEOUT.as_secs() })
}

/// Starts the service and waits until it runs. Nothing happens where it runs already.
///
/// # Errors
/// When the command fails or the service does not run afterwards.
pub fn start(config: &SourceConfig) -> Result<(), SourceError> {
    if is_running(config)? {
        return Ok(());
    }
    command(&config.service.start, "start", COMMAND_TIMEOUT)?.run_checked()?;
    fault::hit(Point::ServiceStarted)?;
    if settles(config, true)? {
        return Ok(());
    }
    Err(SourceError::ServiceNotRunning { seconds: SETTLE_TIMEOUT.as_secs() })
}

fn settles(config: &SourceConfig, running: bool) -> Result<bool, SourceError> {
    let deadline = Instant::now() + SETTLE_TIMEOUT;
    loop {
        if is_running(config)? == running {
            return Ok(true);
        }
        if Instant::now() >= deadline {
            return Ok(false);
        }
        std::thread::sleep(POLL);
    }
}

fn command(
    words: &[String],
    purpose: &'static str,
    timeout: Duration,
) -> Result<Command, SourceError> {
    if words.first().is_none_or(String::is_empty) {
        return Err(SourceError::CommandEmpty { purpose });
    }
    Ok(Command::new(words.to_vec(), timeout))
}
