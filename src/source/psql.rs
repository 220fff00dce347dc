//! Queries to the clinic's server: `sudo -n -u orca psql`, peer authentication, no driver.
//!
//! Statements travel by stdin, never in argv. Answers are unaligned rows without header.

use std::time::Duration;

use super::command::Command;
use super::error::Subject;
use super::{SourceConfig, SourceError};

/// Longest time an ordinary query may take. They read catalogues and small tables.
pub(crate) const QUERY_TIMEOUT: Duration = Duration::from_secs(60);
/// What stands between columns; no catalogue name holds it.
const SEPARATOR: char = '\u{1f}';

/// Runs statements in the configured database and gives the rows of all of them, split into
/// columns. The first error ends the script.
///
/// # Errors
/// When the server cannot be reached, refuses, or answers with an error.
pub fn query(config: &SourceConfig, sql: &str) -> Result<Vec<Vec<String>>, SourceError> {
    query_within(config, sql, QUERY_TIMEOUT)
}

/// Like [`query`] with a time-out of its own.
///
/// # Errors
/// As [`query`].
pub fn query_within(
    config: &SourceConfig,
    sql: &str,
    timeout: Duration,
) -> Result<Vec<Vec<String>>, SourceError> {
    let command = Command::new(argv(config), timeout)
        .as_user(&config.os_user)
        .about(subject(config, "psql"))
        .with_stdin(sql.as_bytes().to_vec());
    let stdout = command.run_checked()?;
    let text = String::from_utf8_lossy(&stdout);
    Ok(text.lines().map(|line| line.split(SEPARATOR).map(str::to_owned).collect()).collect())
}

/// Like [`query`], for an answer of one row and one column.
///
/// # Errors
/// As [`query`], and where the answer has another shape; `question` names it then.
pub fn query_one(
    config: &SourceConfig,
    question: &'static str,
    sql: &str,
) -> Result<String, SourceError> {
    match query(config, sql)?.as_slice() {
        [row] => match row.as_slice() {
            [value] => Ok(value.clone()),
            _ => Err(SourceError::AnswerUnexpected { question }),
        },
        _ => Err(SourceError::AnswerUnexpected { question }),
    }
}

/// The words of `psql` without `sudo`.
pub(crate) fn argv(config: &SourceConfig) -> Vec<String> {
    let mut words = vec![config.program("psql"), "-XAtq".to_owned()];
    words.extend(["-v", "ON_ERROR_STOP=1", "-F"].map(str::to_owned));
    words.push(SEPARATOR.to_string());
    words.extend(config.connection_args());
    words.extend(["-d", config.database.as_str(), "-f", "-"].map(str::to_owned));
    words
}

/// The words of `psql` with `sudo`, as a plan shows them.
pub fn shown_argv(config: &SourceConfig) -> Vec<String> {
    let mut words: Vec<String> =
        ["sudo", "-n", "-u", &config.os_user, "--"].map(str::to_owned).to_vec();
    words.push(config.program("psql"));
    words.extend(config.connection_args());
    words.extend(["-d".to_owned(), config.database.clone()]);
    words
}

pub(crate) fn subject(config: &SourceConfig, program: &str) -> Subject {
    Subject {
        program: config.program(program),
        user: config.os_user.clone(),
        database: config.database.clone(),
        place: config.place(),
    }
}

/// A text as an SQL literal. Standard-conforming strings are on since PostgreSQL 9.1.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name as an SQL identifier.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
