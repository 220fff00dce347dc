//! A UTF-8 database beside the clinic's: made, filled from an archive, and dropped again.
//!
//! Whether a database may be dropped is told by the server's own number for it (its OID), never by
//! its name alone: a name can be anybody's. The clinic's own database is never touched here.

use std::io::{self, Read};
use std::time::Duration;

use super::command::Command;
use super::feed::Feed;
use super::fence::{maintenance, version};
use super::psql::{self, identifier, literal, query, query_within};
use super::{SourceConfig, SourceError};
use crate::fault::{self, Point};
use crate::progress::Progress;

/// Longest time `CREATE DATABASE` and `DROP DATABASE` may take: they copy a template, or delete
/// files of many gigabytes, and both end with a checkpoint.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(10 * 60);
/// The database from which others are made, renamed and dropped, as a plan shows it.
pub const MAINTENANCE: &str = "postgres";
/// Since PostgreSQL 11 a dump leaves out the comments on `plpgsql` and `public`. Before, restoring
/// them fails for everybody but a superuser, so `pg_restore` must not stop at an error there.
const COMMENTS_LEFT_OUT_SINCE: u32 = 110_000;
/// What is read of an archive at once.
const CHUNK: usize = 256 * 1024;

/// The server's number for `database`; `None` where there is none of that name.
///
/// # Errors
/// When the server refuses.
pub fn oid(config: &SourceConfig, database: &str) -> Result<Option<u32>, SourceError> {
    let sql = format!("SELECT oid FROM pg_database WHERE datname = {};\n", literal(database));
    let rows = query(&maintenance(config)?, &sql)?;
    let Some(value) = rows.first().and_then(|row| row.first()) else { return Ok(None) };
    let unexpected = SourceError::AnswerUnexpected { question: "the number of a database" };
    value.parse().map(Some).map_err(|_| unexpected)
}

/// The statement that makes the database, as a plan shows it and as it is run. Locale C is what
/// 日レセ's own set-up asks for.
pub fn create_statement(database: &str) -> String {
    format!(
        "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'",
        identifier(database)
    )
}

/// Makes an empty UTF-8 database that belongs to the role that makes it; gives its number.
///
/// # Errors
/// When the server refuses, above all where the name is taken.
pub fn create(config: &SourceConfig, database: &str) -> Result<u32, SourceError> {
    let sql =
        format!("SET default_transaction_read_only = off;\n{};\n", create_statement(database));
    query_within(&maintenance(config)?, &sql, DATABASE_TIMEOUT)?;
    oid(config, database)?
        .ok_or_else(|| SourceError::DatabaseMissing { database: database.to_owned() })
}

/// Gives a database another name. Nobody may be connected to it.
///
/// # Errors
/// When the server refuses.
pub fn rename(config: &SourceConfig, from: &str, to: &str) -> Result<(), SourceError> {
    let sql = format!(
        "SET default_transaction_read_only = off;\nALTER DATABASE {} RENAME TO {};\n",
        identifier(from),
        identifier(to)
    );
    query(&maintenance(config)?, &sql).map(|_| ())
}

/// Drops `database` if its number is `made`, the one it was made with.
///
/// # Errors
/// When the name is another database's by now, or the server refuses; somebody is connected to
/// it then, as a rule.
pub fn drop_made(config: &SourceConfig, database: &str, made: u32) -> Result<(), SourceError> {
    match oid(config, database)? {
        None => return Ok(()),
        Some(found) if found == made && database != config.database => {}
        Some(_) => return Err(SourceError::OtherDatabase { database: database.to_owned() }),
    }
    let sql = format!(
        "SET default_transaction_read_only = off;\nDROP DATABASE {};\n",
        identifier(database)
    );
    query_within(&maintenance(config)?, &sql, DATABASE_TIMEOUT).map(|_| ())
}

/// `pg_restore` as a plan shows it and as it is run; the archive comes by its standard input,
/// since the database's user may not enter the folder in which it lies. `server` is the server's
/// version as a number.
pub fn restore_command_line(config: &SourceConfig, database: &str, server: u32) -> Vec<String> {
    restore_command(config, database, server, Duration::ZERO).argv()
}

fn restore_command(
    config: &SourceConfig,
    database: &str,
    server: u32,
    timeout: Duration,
) -> Command {
    let mut words = vec![config.program("pg_restore")];
    words.extend(config.connection_args());
    if server >= COMMENTS_LEFT_OUT_SINCE {
        words.push("--exit-on-error".to_owned());
    }
    // Every object belongs to the one role.
    words.extend(["--no-owner", "-d", database].map(str::to_owned));
    let subject = psql::subject(&config.in_database(database), "pg_restore");
    Command::new(words, timeout).as_user(&config.os_user).about(subject)
}

/// Restores an archive into `database` within `timeout`.
///
/// # Errors
/// When `pg_restore` fails; what is in the database then is of no use.
pub fn restore(
    config: &SourceConfig,
    database: &str,
    mut archive: impl Read,
    timeout: Duration,
    progress: &Progress,
) -> Result<(), SourceError> {
    let server = version(&maintenance(config)?)?;
    let mut feed = Feed::start(&restore_command(config, database, server, timeout))?;
    let fed = copy(&mut archive, &mut feed, progress);
    // A program that breaks off closes its pipe: what it says tells more than the broken pipe.
    feed.finish_unless(|stderr| server < COMMENTS_LEFT_OUT_SINCE && only_comments(stderr))?;
    fed.map_err(|error| SourceError::system("feed", &error))
}

/// True where nothing failed but the comments on what every database has and only a superuser
/// owns. `pg_restore` counts its errors in its last line; each one but these is a failure.
fn only_comments(stderr: &str) -> bool {
    const HARMLESS: [&str; 2] = [" COMMENT EXTENSION plpgsql", " COMMENT SCHEMA public"];
    let entries: Vec<&str> =
        stderr.lines().filter(|line| line.contains("rom TOC entry ")).collect();
    let counted = stderr
        .lines()
        .rev()
        .find_map(|line| line.split_once("errors ignored on restore: "))
        .and_then(|(_, count)| count.trim().parse::<usize>().ok());
    counted == Some(entries.len())
        && entries
            .iter()
            .all(|entry| HARMLESS.iter().any(|harmless| entry.trim_end().ends_with(harmless)))
}

fn copy(from: &mut impl Read, to: &mut impl io::Write, progress: &Progress) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    let mut begun = false;
    loop {
        if std::mem::replace(&mut begun, true) {
            fault::hit(Point::DatabaseHalfFilled)?;
        }
        let read = match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(chunk.get(..read).unwrap_or_default())?;
        progress.add_bytes(u64::try_from(read).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMENT: &str = "pg_restore: [archiver (db)] Error while PROCESSING TOC:\n\
        pg_restore: [archiver (db)] Error from TOC entry 3123; 0 0 COMMENT EXTENSION plpgsql \n\
        pg_restore: [archiver (db)] could not execute query: ERROR:  must be owner of extension \
        plpgsql\n    Command was: COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language';\n";

    #[test]
    fn only_the_comments_of_every_database_are_harmless() {
        let end = |count: u32| format!("WARNING: errors ignored on restore: {count}\n");
        assert!(only_comments(&format!("{COMMENT}{}", end(1))));
        // A second error that nobody named, a broken-off restore, or another entry is a failure.
        assert!(!only_comments(&format!("{COMMENT}{}", end(2))));
        assert!(!only_comments(COMMENT));
        let table = COMMENT.replace("COMMENT EXTENSION plpgsql \n", "TABLE DATA tbl_ptinf orca\n");
        assert!(!only_comments(&format!("{table}{}", end(1))));
        let lured = COMMENT.replace("EXTENSION plpgsql \n", "COLUMN COMMENT SCHEMA public x\n");
        assert!(!only_comments(&format!("{lured}{}", end(1))));
        assert!(!only_comments(""));
    }

    #[test]
    fn an_old_server_is_not_stopped_at_an_error_and_a_newer_one_is() {
        let config = SourceConfig {
            os_user: "orca".into(),
            database: "orca".into(),
            socket_dir: None,
            port: None,
            program_dir: None,
            data_dir: None,
            service: crate::source::ServiceCommands::default(),
        };
        let line = |server| restore_command_line(&config, "orca_utf8", server).join(" ");
        assert_eq!(
            line(140_000),
            "sudo -n -u orca -- pg_restore -w --exit-on-error --no-owner -d orca_utf8"
        );
        assert_eq!(line(90_325), "sudo -n -u orca -- pg_restore -w --no-owner -d orca_utf8");
    }
}
