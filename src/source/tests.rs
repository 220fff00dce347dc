//! The source room against a real server, through real `sudo`.

use std::io::Read;
use std::time::Duration;

use super::command::Command;
use super::feed::Feed;
use super::psql::{argv, query, subject};
use super::{FenceState, PgDump, SourceConfig, SourceError, fence, probe, service, write_stamp};
use crate::diag::{Explain, Problem};
use crate::i18n::{self, Lang};
use crate::rehearsal::clinic::fixture::clinic;

const LIMIT: Duration = Duration::from_secs(60);

fn dump(config: &SourceConfig) -> Result<Vec<u8>, SourceError> {
    let mut dump = PgDump::start(config, LIMIT)?;
    let mut bytes = Vec::new();
    let read = dump.read_to_end(&mut bytes);
    dump.finish()?;
    read.map_err(|error| SourceError::system("read", &error))?;
    Ok(bytes)
}

/// A session of `user` that sits in the database.
fn sitting(config: &SourceConfig, user: &str) -> Feed {
    let config = SourceConfig { os_user: user.into(), ..config.clone() };
    let before = sessions(&config);
    let command = Command::new(argv(&config), LIMIT).as_user(user).about(subject(&config, "psql"));
    let feed = Feed::start(&command).unwrap();
    while sessions(&config) == before {
        std::thread::sleep(Duration::from_millis(50));
    }
    feed
}

fn sessions(config: &SourceConfig) -> String {
    let sql =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = 'orca' AND usename IS NOT NULL";
    query(&config.in_database("postgres"), sql).unwrap()[0][0].clone()
}

const WRITE: &str = "UPDATE tbl_lock SET lockkbn = '01' WHERE lockid = 2";

#[test]
fn the_probe_tells_the_facts() {
    let (fixture, config) = clinic();
    let facts = probe(&config).unwrap();
    assert_eq!(facts.encoding, "EUC_JP");
    assert_eq!(facts.lc_collate, "C");
    assert_eq!(facts.clinic_id.as_deref(), Some("JPN000000000452"));
    assert_eq!(facts.schema_version.as_deref(), Some("050200-1"));
    assert_eq!(facts.practices, Some(1));
    assert_eq!(facts.tables, fixture.summary.tables);
    assert_eq!(facts.service_running, Some(false));
    assert!(facts.database_bytes > 1_000_000);
    assert!(facts.server_version_num >= 90_300);
    assert_eq!(facts.identity.len(), 64);
    assert_eq!(facts.other_sessions, 0);
    // The header of a real dump is the oracle for the archive version.
    let bytes = dump(&config).unwrap();
    assert_eq!(facts.archive_version.unwrap(), format!("{}.{}", bytes[5], bytes[6]));
    let _session = sitting(&config, "orca");
    // On a busy machine it takes a moment before the session stands in the server's list.
    let patience = std::time::Instant::now();
    while sessions(&config) == "0" && patience.elapsed().as_secs() < 30 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(probe(&config).unwrap().other_sessions, 1);
}

#[test]
fn a_dump_is_what_pg_restore_reads() {
    let (fixture, config) = clinic();
    let file = fixture.dir.join("test.dump");
    std::fs::write(&file, dump(&config).unwrap()).unwrap();
    let restore = fixture.cluster.program_dir.join("pg_restore");
    let list = duct::cmd!(&restore, "-l", &file).read().unwrap();
    let tables = list.lines().filter(|line| line.contains(" TABLE DATA ")).count();
    assert_eq!(u64::try_from(tables).unwrap(), fixture.summary.tables);
    duct::cmd!(&restore, "-f", "/dev/null", &file).run().unwrap();
}

#[test]
fn failures_are_told_apart() {
    let (fixture, config) = clinic();
    let code = |config: &SourceConfig| {
        let (dumped, probed) = (dump(config).unwrap_err(), probe(config).unwrap_err());
        assert_eq!(dumped.code(), probed.code());
        dumped.code()
    };
    let elsewhere = SourceConfig { socket_dir: Some(fixture.dir.clone()), ..config.clone() };
    assert_eq!(code(&elsewhere), "source-server-unreachable");
    assert_eq!(code(&config.in_database("nothing")), "source-database-missing");
    let nobody = SourceConfig { os_user: "nobody".into(), ..config.clone() };
    assert_eq!(code(&nobody), "source-login-refused");
    let unknown = SourceConfig { os_user: "no-such-user".into(), ..config.clone() };
    assert_eq!(code(&unknown), "source-user-unknown");
    let missing = SourceConfig { program_dir: Some("/no/where".into()), ..config };
    assert_eq!(code(&missing), "source-program-missing");
    // `nobody` may not use sudo.
    let inner = ["sudo", "-n", "-u", "orca", "true"].map(str::to_owned).to_vec();
    let error = Command::new(inner, LIMIT).as_user("nobody").run_checked().unwrap_err();
    assert_eq!(error.code(), "source-sudo-password");
}

#[test]
fn a_read_only_fence_stops_writers_and_lets_the_dump_through() {
    let (_fixture, config) = clinic();
    assert_eq!(fence::state(&config).unwrap(), FenceState::Open);
    query(&config, WRITE).unwrap();
    let session = sitting(&config, "orca");
    assert_eq!(fence::read_only(&config).unwrap(), 1);
    assert_eq!(fence::state(&config).unwrap(), FenceState::ReadOnly);
    assert!(session.finish().is_err() || sessions(&config) == "0");
    assert_eq!(query(&config, WRITE).unwrap_err().code(), "source-program-failed");
    assert!(dump(&config).unwrap().starts_with(b"PGDMP"));
    fence::read_only(&config).unwrap();
    fence::open(&config).unwrap();
    fence::open(&config).unwrap();
    assert_eq!(fence::state(&config).unwrap(), FenceState::Open);
    query(&config, WRITE).unwrap();
}

#[test]
fn a_client_idle_in_a_transaction_is_ended_and_what_it_wrote_is_not_there() {
    let (_fixture, config) = clinic();
    let before = write_stamp(&config).unwrap();
    let mut idle = sitting(&config, "orca");
    let written = "BEGIN; UPDATE tbl_lock SET lockkbn = '77' WHERE lockid = 2;\n";
    std::io::Write::write_all(&mut idle, written.as_bytes()).unwrap();
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'";
    let patience = std::time::Instant::now();
    while query(&config.in_database("postgres"), sql).unwrap()[0][0] != "1" {
        assert!(patience.elapsed() < LIMIT, "the client does not sit in its transaction");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(fence::read_only(&config).unwrap(), 1);
    assert_eq!(sessions(&config), "0");
    let left = query(&config, "SELECT count(*) FROM tbl_lock WHERE lockkbn = '77'").unwrap();
    assert_eq!(left[0][0], "0");
    // PostgreSQL counts what was rolled back, too: the stamp can only be too careful.
    let after = write_stamp(&config).unwrap();
    assert_eq!(after.newest_update, before.newest_update);
    assert!(after.writes >= before.writes);
    fence::open(&config).unwrap();
}

#[test]
fn a_closed_fence_refuses_everyone() {
    let (_fixture, config) = clinic();
    let _session = sitting(&config, "orca");
    fence::read_only(&config).unwrap();
    let _session = sitting(&config, "orca");
    assert_eq!(fence::close(&config).unwrap(), 1);
    assert_eq!(fence::state(&config).unwrap(), FenceState::Closed);
    assert_eq!(query(&config, "SELECT 1").unwrap_err().code(), "source-database-closed");
    let superuser = SourceConfig { os_user: "postgres".into(), ..config.clone() };
    assert_eq!(query(&superuser, "SELECT 1").unwrap_err().code(), "source-database-closed");
    assert_eq!(dump(&config).unwrap_err().code(), "source-database-closed");
    fence::open(&config).unwrap();
    query(&config, WRITE).unwrap();
}

#[test]
fn a_session_of_another_role_is_reported() {
    let (_fixture, config) = clinic();
    let session = sitting(&config, "postgres");
    let error = fence::read_only_within(&config, Duration::from_secs(1)).unwrap_err();
    assert!(
        matches!(&error, SourceError::SessionsLeft { count: 1, roles, .. } if roles == "postgres"),
        "{error}"
    );
    drop(session);
    fence::open(&config).unwrap();
}

#[test]
fn a_write_moves_the_stamp_and_reading_does_not() {
    let (_fixture, config) = clinic();
    query(&config, WRITE).unwrap();
    let before = write_stamp(&config).unwrap();
    dump(&config).unwrap();
    assert_eq!(write_stamp(&config).unwrap(), before);
    assert_eq!(before.newest_update.len(), 14);
    query(&config, WRITE).unwrap();
    let after = write_stamp(&config).unwrap();
    assert_eq!(after.writes, before.writes + 1);
    query(&config, "UPDATE tbl_lock SET upymd = '99999999', uphms = '235959'").unwrap();
    assert_eq!(write_stamp(&config).unwrap().newest_update, "99999999235959");
    query(&config, "UPDATE tbl_lock SET upymd = '20260101'").unwrap();
    // What no row's counter shows: a table that is made, rewritten or emptied; a large object.
    let mut before = write_stamp(&config).unwrap();
    for sql in [
        "CREATE TABLE stamp_probe AS SELECT 1 AS one",
        "TRUNCATE stamp_probe",
        "SELECT lo_from_bytea(0, 'x')",
        "DROP TABLE stamp_probe",
    ] {
        query(&config, sql).unwrap();
        let after = write_stamp(&config).unwrap();
        assert_ne!(after, before, "{sql}");
        before = after;
    }
}

/// A session that commits twice in a moment and then sits there has told of the first alone; the
/// server counts the other when it ends.
#[test]
fn what_an_idle_session_holds_back_is_counted_once_it_is_ended() {
    let (_fixture, config) = clinic();
    fence::read_only(&config).unwrap();
    let before = write_stamp(&config).unwrap();
    let mut idle = sitting(&config, "orca");
    let written = "SET default_transaction_read_only = off;\n\
                   UPDATE tbl_lock SET lockkbn = '77' WHERE lockid = 2;\n\
                   UPDATE tbl_lock SET lockkbn = '78' WHERE lockid = 2;\n";
    std::io::Write::write_all(&mut idle, written.as_bytes()).unwrap();
    let patience = std::time::Instant::now();
    let seen = "SELECT count(*) FROM tbl_lock WHERE lockkbn = '78'";
    while query(&config, seen).unwrap()[0][0] != "1" {
        assert!(patience.elapsed() < LIMIT, "nothing was written");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(fence::end_others(&config).unwrap(), 1);
    assert_eq!(write_stamp(&config).unwrap().writes, before.writes + 2);
    fence::open(&config).unwrap();
    // Where nothing is fenced, nobody is sent away.
    let _session = sitting(&config, "orca");
    assert_eq!(fence::end_others(&config).unwrap(), 0);
    assert_eq!(sessions(&config), "1");
}

#[test]
fn the_service_starts_writes_and_stops() {
    let (_fixture, config) = clinic();
    assert!(!service::is_running(&config).unwrap());
    service::start(&config).unwrap();
    service::start(&config).unwrap();
    assert!(service::is_running(&config).unwrap());
    let count =
        || query(&config, "SELECT cnt FROM tbl_jobkanri WHERE jobid = 1").unwrap()[0][0].clone();
    let (before, started) = (count(), std::time::Instant::now());
    while count() == before {
        assert!(started.elapsed() < Duration::from_secs(10), "the service does not write");
        std::thread::sleep(Duration::from_millis(100));
    }
    // A session that is ended comes back; under a fence it cannot write.
    assert!(fence::read_only(&config).unwrap() >= 1);
    let fenced = count();
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(count(), fenced);
    fence::open(&config).unwrap();
    service::stop(&config).unwrap();
    assert!(!service::is_running(&config).unwrap());
    assert_eq!(probe(&config).unwrap().other_sessions, 0);
}

#[test]
fn a_status_that_knows_nothing_is_not_a_stopped_service() {
    let (_fixture, mut config) = clinic();
    config.service.status = ["sh", "-c", "exit 4"].map(str::to_owned).to_vec();
    assert_eq!(service::stop(&config).unwrap_err().code(), "source-service-status-unknown");
    config.service.status =
        ["sudo", "-n", "-u", "nobody", "sudo", "-n", "true"].map(str::to_owned).to_vec();
    assert_eq!(service::stop(&config).unwrap_err().code(), "source-sudo-password");
    config.service.status = Vec::new();
    assert_eq!(service::stop(&config).unwrap_err().code(), "source-command-empty");
}

#[test]
fn texts_exist_in_both_languages() {
    let own = include_str!("error.rs").split("#[cfg(test)]").next().unwrap();
    let codes: Vec<&str> = own.split('"').filter(|word| word.starts_with("source-")).collect();
    assert!(codes.len() >= 20);
    for code in codes {
        for lang in [Lang::Ja, Lang::En] {
            assert!(i18n::find(lang, code, &[]).is_some(), "{code} {lang:?}");
            assert!(i18n::find(lang, &format!("{code}.hint"), &[]).is_some(), "{code} {lang:?}");
        }
    }
    let problem = Problem::from(SourceError::DatabaseMissing { database: "orca".into() });
    assert!(problem.message(Lang::Ja).contains("orca"), "{}", problem.message(Lang::Ja));
}
