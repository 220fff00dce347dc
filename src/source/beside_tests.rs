//! Databases beside the clinic's, swaps and the folder of the server's data, against a real server.

use std::io::Read;
use std::time::Duration;

use super::fence::{FenceState, state};
use super::psql::query;
use super::swap::{Found, Names, exchange, exchange_back, look};
use super::{PgDump, SourceConfig, beside, data_dir, disk, fence};
use crate::diag::Explain;
use crate::progress::Progress;
use crate::rehearsal::clinic::fixture::clinic;

const LIMIT: Duration = Duration::from_secs(60);

/// Takes away what an earlier test left, so that each can run alone and after a failure.
fn clear(config: &SourceConfig, name: &str) {
    if let Some(oid) = beside::oid(config, name).unwrap() {
        fence::close(&config.in_database(name)).unwrap();
        beside::drop_made(config, name, oid).unwrap();
    }
}

fn one(config: &SourceConfig, sql: &str) -> String {
    query(config, sql).unwrap()[0][0].clone()
}

fn plain_dump(config: &SourceConfig) -> Vec<u8> {
    let mut dump = PgDump::start_plain(config, 6, LIMIT).unwrap();
    let mut bytes = Vec::new();
    dump.read_to_end(&mut bytes).unwrap();
    dump.finish().unwrap();
    bytes
}

#[test]
fn a_database_is_made_filled_and_dropped_by_its_number_alone() {
    let (_fixture, config) = clinic();
    clear(&config, "beside");
    // A fence on the clinic's database is no fence around what is made beside it.
    fence::read_only(&config).unwrap();
    let oid = beside::create(&config, "beside").unwrap();
    let made = config.in_database("beside");
    let asked = "SELECT pg_encoding_to_char(encoding) || datcollate || pg_get_userbyid(datdba)\
                 FROM pg_database WHERE datname = 'beside'";
    assert_eq!(one(&config, asked), "UTF8Corca");
    // ASCII rows restore as they are; the conversion is not this room's.
    let table = "CREATE TABLE t (a char(3) PRIMARY KEY); INSERT INTO t VALUES ('abc');";
    let other = beside::create(&config, "beside_from").unwrap();
    query(&config.in_database("beside_from"), table).unwrap();
    let archive = plain_dump(&config.in_database("beside_from"));
    let progress = Progress::default();
    beside::restore(&config, "beside", archive.as_slice(), LIMIT, &progress).unwrap();
    assert_eq!(one(&made, "SELECT a FROM t"), "abc");
    assert_eq!(progress.read().bytes, archive.len() as u64);
    // Twice is once too often: the table is there already.
    let error = beside::restore(&config, "beside", archive.as_slice(), LIMIT, &progress);
    assert_eq!(error.unwrap_err().code(), "source-program-failed");
    let error = beside::drop_made(&config, "beside", other).unwrap_err();
    assert_eq!(error.code(), "source-other-database");
    let clinics = beside::oid(&config, "orca").unwrap().unwrap();
    let error = beside::drop_made(&config, "orca", clinics).unwrap_err();
    assert_eq!(error.code(), "source-other-database", "the clinic's is never dropped");
    beside::drop_made(&config, "beside", oid).unwrap();
    beside::drop_made(&config, "beside", oid).unwrap();
    assert_eq!(beside::oid(&config, "beside").unwrap(), None);
    clear(&config, "beside_from");
    fence::open(&config).unwrap();
}

#[test]
fn names_change_at_once_and_change_back() {
    let (_fixture, config) = clinic();
    clear(&config, "swap_new");
    let old = beside::oid(&config, "orca").unwrap().unwrap();
    let new = beside::create(&config, "swap_new").unwrap();
    let names = Names { current: "orca".into(), kept: "orca_kept".into(), new: "swap_new".into() };
    let found = || look(&config, &names, new).unwrap();
    assert_eq!(found(), Found::Before);
    fence::close(&config).unwrap();
    exchange(&config, &names).unwrap();
    assert_eq!(found(), Found::Swapped);
    assert_eq!(state(&config).unwrap(), FenceState::Closed, "the new one is closed, too");
    assert_eq!(beside::oid(&config, "orca_kept").unwrap(), Some(old));
    // A name that is taken stops the first rename, and with it the second.
    assert!(exchange(&config, &names).is_err());
    assert_eq!(found(), Found::Swapped);
    exchange_back(&config, &names).unwrap();
    assert_eq!(found(), Found::Before);
    assert_eq!(beside::oid(&config, "orca").unwrap(), Some(old));
    assert_eq!(state(&config.in_database("swap_new")).unwrap(), FenceState::Open);
    assert_eq!(look(&config, &names, old).unwrap(), Found::Unclear);
    clear(&config, "swap_new");
    fence::open(&config).unwrap();
}

#[test]
fn the_servers_process_tells_where_its_data_lies() {
    let (fixture, config) = clinic();
    assert_eq!(data_dir::data_dir(&config).unwrap(), fixture.dir.join("c/data"));
    assert!(data_dir::free_bytes(&config).unwrap() > 0);
    assert!(disk::share_space(&fixture.dir, &fixture.dir.join("c/data")).unwrap());
    assert!(!disk::share_space(&fixture.dir, std::path::Path::new("/proc")).unwrap());
    let named = SourceConfig { data_dir: Some("/srv/data".into()), ..config };
    assert_eq!(data_dir::data_dir(&named).unwrap(), std::path::Path::new("/srv/data"));
}
