//! The proof of an import, counted: a clinic's EUC-JP dump is converted and restored into a
//! tenant's database; PostgreSQL itself changes one thing there and dumps it again. PostgreSQL
//! also says (`EXCEPT ALL`) whether that was a change at all.

use std::path::{Path, PathBuf};

use super::test_model::Dice;
use super::test_server::{Server, succeed};
use super::*;
use crate::figures::{figure, size};
use crate::progress::Progress;

/// The command that prints the figures.
const COMMAND: &str = "cargo nextest run --no-capture proof_count_tests";

/// Tables of the tenant; the last two have the same columns.
const TABLES: [(&str, &[&str]); 4] = [
    ("tbl_ptinf", &["name", "kananame", "memo"]),
    ("tbl_synonym", &["word", "kind"]),
    ("tbl_jyurrk", &["note"]),
    ("tbl_jyurrk_old", &["note"]),
];

const SCHEMA: &str = "
    CREATE TABLE tbl_ptinf (hospnum numeric(2), ptid numeric(10), name varchar(100),
        kananame varchar(100), memo text, PRIMARY KEY (hospnum, ptid));
    CREATE TABLE tbl_synonym (word text, kind text);
    CREATE TABLE tbl_jyurrk (ptid numeric(10), sryymd char(8), note text);
    CREATE TABLE tbl_jyurrk_old (ptid numeric(10), sryymd char(8), note text);
    INSERT INTO tbl_ptinf SELECT 1, 1000000 + n, '架空　患者～' || n, 'ｶｸｳ ｶﾝｼﾞﾔ' || n % 7,
        E'行1\\n行2\\tタブ\\\\ ①㈱－∥￣―' || repeat('漢', n % 20) FROM generate_series(1, 300) n;
    INSERT INTO tbl_synonym SELECT '同義語' || n % 5, NULLIF(n % 3, 0)::text
        FROM generate_series(1, 120) n;
    INSERT INTO tbl_jyurrk SELECT 1000000 + n, '20270101', '再診' || n FROM generate_series(1, 200) n;
    INSERT INTO tbl_jyurrk_old SELECT 1000000 + n, '20260101', '初診' || n FROM generate_series(1, 200) n;
    SELECT lo_from_bytea(4711, decode(repeat('a1c1', 1000), 'hex'));";

/// What is done to the tenant's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Delete,
    Alter,
    Duplicate,
    Swap,
    CodePoint,
}

const CHANGES: [Change; 5] =
    [Change::Delete, Change::Alter, Change::Duplicate, Change::Swap, Change::CodePoint];

/// A clinic's archive as it was sent, and the tenant that was made of it.
struct Tenant {
    server: Server,
    dir: tempfile::TempDir,
    sent: PathBuf,
}

impl Tenant {
    fn new() -> Self {
        let (server, dir) = (Server::start(), tempfile::tempdir().unwrap());
        server.create("orca", "EUC_JP");
        server.query("orca", SCHEMA);
        let (raw, sent) = (dir.path().join("raw"), dir.path().join("sent"));
        succeed(server.client("pg_dump").args(["-Fc", "-d", "orca", "-f"]).arg(&raw));
        let file = std::fs::File::open(raw).unwrap();
        convert(file, &sent, &ConvertOptions::default(), &Progress::default()).unwrap();
        let tenant = Self { server, dir, sent };
        tenant.restore("tenant", &tenant.sent);
        // What is as it was sent lies beside, and is in no dump.
        let keep: String = TABLES
            .iter()
            .map(|(table, _)| format!("CREATE TABLE keep.{table} AS TABLE public.{table};"))
            .collect();
        tenant.server.query("tenant", &format!("CREATE SCHEMA keep; {keep}"));
        tenant
    }

    fn restore(&self, database: &str, archive: &Path) {
        self.server.create(database, "UTF8");
        let mut restore = self.server.client("pg_restore");
        succeed(restore.args(["-e", "--no-owner", "-d", database]).arg(archive));
    }

    fn dump(&self, database: &str, level: usize) -> PathBuf {
        let path = self.dir.path().join("back");
        let mut dump = self.server.client("pg_dump");
        let level = format!("-Z{level}");
        succeed(dump.args(["-Fc", &level, "-N", "keep", "-d", database, "-f"]).arg(&path));
        path
    }

    fn proof(&self, back: &Path) -> CompareReport {
        compare(&self.sent, back, &CompareOptions::default(), &Progress::default()).unwrap()
    }
}

/// SQL that makes all tables what they were, in `order`.
fn reset(order: &str) -> String {
    TABLES
        .iter()
        .map(|(table, _)| {
            format!("TRUNCATE {table}; INSERT INTO {table} SELECT * FROM keep.{table} {order};")
        })
        .collect()
}

/// SQL that tells how many rows are not as they were, counted by PostgreSQL.
fn changed_rows() -> String {
    let both = |(table, _): &(&str, &[&str])| {
        let (now, was) = (format!("TABLE {table}"), format!("TABLE keep.{table}"));
        format!(
            "(SELECT count(*) FROM ({now} EXCEPT ALL {was}) a) + \
             (SELECT count(*) FROM ({was} EXCEPT ALL {now}) b)"
        )
    };
    let sums: Vec<String> = TABLES.iter().map(both).collect();
    format!("SELECT {}", sums.join(" + "))
}

/// SQL of one change.
fn sql(change: Change, dice: &mut Dice) -> String {
    let (table, columns) = TABLES[dice.roll(TABLES.len())];
    let column = columns[dice.roll(columns.len())];
    let row = format!(
        "ctid = (SELECT ctid FROM {table} ORDER BY ctid OFFSET {} LIMIT 1)",
        dice.roll(120)
    );
    let at = dice.roll(6) + 1;
    match change {
        Change::Delete => format!("DELETE FROM {table} WHERE {row}"),
        Change::Alter => {
            let value = match dice.roll(6) {
                0 => "NULL".to_owned(),
                1 => "''".to_owned(),
                2 => format!("{column} || ' '"),
                3 => format!("reverse({column})"),
                4 => format!("left({column}, -1)"),
                _ => format!("replace({column}, '1', '7')"),
            };
            format!("UPDATE {table} SET {column} = {value} WHERE {row}")
        }
        // The first table's key allows no second row.
        Change::Duplicate if table == "tbl_ptinf" => format!(
            "INSERT INTO {table} SELECT hospnum, ptid + 5000, name, kananame, memo FROM {table} \
             WHERE {row}"
        ),
        Change::Duplicate => format!("INSERT INTO {table} SELECT * FROM {table} WHERE {row}"),
        Change::Swap => "ALTER TABLE tbl_jyurrk RENAME TO tbl_x; \
             ALTER TABLE tbl_jyurrk_old RENAME TO tbl_jyurrk; \
             ALTER TABLE tbl_x RENAME TO tbl_jyurrk_old"
            .to_owned(),
        Change::CodePoint => format!(
            "UPDATE {table} SET {column} = overlay({column} PLACING \
             chr(ascii(substr({column}, {at}, 1)) + 1) FROM {at} FOR 1) \
             WHERE {row} AND length({column}) >= {at}"
        ),
    }
}

#[test]
fn every_change_to_the_tenants_rows_is_found() {
    let tenant = Tenant::new();
    let mut dice = Dice(20_270_122);
    let (count, mut made, mut found) = (size(60, 1_000), 0, 0);
    let mut by_change = std::collections::BTreeMap::<Change, usize>::new();
    while made < count {
        let change = CHANGES[dice.roll(CHANGES.len())];
        let sql = sql(change, &mut dice);
        let script = format!("{} {sql}; {}", reset(""), changed_rows());
        if tenant.server.query("tenant", &script).trim() == "0" {
            continue;
        }
        made += 1;
        *by_change.entry(change).or_default() += 1;
        let report = tenant.proof(&tenant.dump("tenant", dice.roll(7)));
        let tables = report.tables.iter().filter(|table| !table.verdict.is_good()).count();
        let expected = if change == Change::Swap { 2 } else { 1 };
        match report.result {
            Compared::Different if tables == expected => found += 1,
            result => println!("{change:?} was not found: {result:?}, {tables} tables: {sql}"),
        }
    }
    let kinds: Vec<String> =
        by_change.iter().map(|(change, count)| format!("{change:?} {count}")).collect();
    let value = format!("{found} of {count} ({})", kinds.join(", "));
    figure("R8", "changes found by the proof compare", value, COMMAND);
    assert_eq!(found, count);
    assert!(CHANGES.iter().all(|change| by_change.get(change).is_some_and(|n| *n >= 4)));
}

#[test]
fn tenants_that_hold_what_was_sent_raise_no_alarm() {
    let tenant = Tenant::new();
    let mut dice = Dice(20_270_123);
    let (count, mut alarms) = (size(12, 100), 0);
    for turn in 0..count {
        tenant.server.query("tenant", &reset("ORDER BY random()"));
        let mut back = tenant.dump("tenant", dice.roll(10));
        if turn % 2 == 0 {
            // And once more through a database that was made of it.
            tenant.restore("again", &back);
            back = tenant.dump("again", dice.roll(10));
            succeed(tenant.server.client("dropdb").arg("again"));
        }
        let report = tenant.proof(&back);
        if !report.same || report.result != Compared::Same {
            alarms += 1;
            println!("{:?}", report.tables);
        }
        assert_eq!((report.expected_rows, report.actual_rows), (820, 820));
    }
    figure("R8", "false alarms", format!("{alarms} in {count} clean pairs"), COMMAND);
    assert_eq!(alarms, 0);
}
