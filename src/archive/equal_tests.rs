//! Values that become equal, against PostgreSQL: it refuses the row, or loses the key.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use super::test_server::{Server, succeed};
use super::*;
use crate::charset::{Policy, Reason};
use crate::progress::Progress;

const TABLES: &str = "
    CREATE TABLE pk (code text PRIMARY KEY, memo text);
    CREATE TABLE uq (a varchar(10), b char(4), memo text, id int PRIMARY KEY, UNIQUE (b, a));
    CREATE TABLE ix (id int, v text);
    CREATE UNIQUE INDEX ix_v ON ix USING btree (v DESC);
    CREATE TABLE no (id int PRIMARY KEY, v text, w text, n int);
    CREATE UNIQUE INDEX no_v ON no (lower(v));
    CREATE UNIQUE INDEX no_w ON no (w) WHERE n > 5;
    CREATE INDEX no_x ON no (v);";

const ROWS: [(&str, &str); 20] = [
    ("pk", "(x('ｱ'))"),
    ("pk", "(x('ア'), x('ｱ'))"),
    ("pk", "(x('ｶﾞ'), 'x')"),
    ("pk", "('x', x('ｶﾞ'))"),
    ("pk", "(x('ガ'))"),
    ("pk", "(x('～'))"),
    ("pk", "(x('漢字'), repeat('字', 600000))"),
    ("pk", "(x('ﾐ' || E'\\n'), repeat('字', 600000))"),
    ("pk", "(x('ミ' || E'\\n'), repeat('字', 600000))"),
    ("uq", "(x('ｱ'), x('ｶﾞ'), '', 1)"),
    ("uq", "(x('ア'), x('ｶﾞx'), '', 2)"),
    ("uq", "(x('ア'), x('ガ'), '', 3)"),
    ("uq", "(x('ｱ'), NULL, '', 4)"),
    ("uq", "(x('ア'), NULL, '', 5)"),
    ("uq", "(x('ｱ'), x('ガx'), repeat('字', 600000), 6)"),
    ("ix", "(1, x('ｶﾞ'))"),
    ("ix", "(2, x('カ'))"),
    ("ix", "(3, x('ガ'))"),
    ("no", "(1, x('ｱ'), x('ｱ'), 1)"),
    ("no", "(2, x('ｲ'), x('ア'), 2)"),
];

fn dumped(server: &Server) -> Vec<u8> {
    succeed(server.client("pg_dump").args(["-Fc", "orca"])).stdout
}

fn scanned(dump: &[u8], policy: Policy, mapping: &str) -> Vec<TextFinding> {
    let (mapping, spool_in) = (mapping.parse().unwrap(), std::env::temp_dir());
    let options = ScanOptions { policy, mapping, show_values: true, spool_in };
    let scan = scan(Cursor::new(dump), Path::new("-"), &options, &Progress::default()).unwrap();
    scan.report.listed.into_iter().map(|found| found.finding).collect()
}

fn converted(
    dump: &[u8],
    out: &Path,
    policy: Policy,
    mapping: &str,
) -> Result<ConvertReport, ArchiveError> {
    let options =
        ConvertOptions { policy, mapping: mapping.parse().unwrap(), ..Default::default() };
    convert(Cursor::new(dump), out, &options, &Progress::default())
}

/// A source, and a UTF8 database whose `x` does what the rules do.
fn servers(encoding: &str, tables: &str) -> Server {
    let server = Server::start();
    let model =
        "CASE WHEN $1 ~ '[ｦ-ﾟ]' THEN normalize($1, NFKC) ELSE translate($1, '～', E'\\u301c') END";
    for (database, encoding, text) in [("orca", encoding, "$1"), ("new", "UTF8", model)] {
        server.create(database, encoding);
        server.query(
            database,
            &format!(
                "CREATE FUNCTION x(text) RETURNS text LANGUAGE sql \
            AS $$ SELECT {text} $$; {tables}"
            ),
        );
    }
    server
}

#[test]
fn keys_that_become_equal_are_those_that_the_server_refuses() {
    for encoding in ["EUC_JP", "UTF8"] {
        let server = servers(encoding, TABLES);
        let mut refused = Vec::new();
        let mut counts = BTreeMap::<&str, u64>::new();
        let wave = ("pk", "(E'\\u301c')");
        let rows = ROWS.into_iter().chain((encoding == "UTF8").then_some(wave));
        for (table, values) in rows {
            let row = counts.entry(table).or_default();
            *row += 1;
            let insert = format!("INSERT INTO {table} VALUES {values}");
            server.query("orca", &insert);
            let mut psql = server.client("psql");
            psql.args(["-qX", "-v", "ON_ERROR_STOP=1", "-d", "new", "-c", &insert]);
            psql.env("PGCLIENTENCODING", "UTF8");
            if !psql.output().unwrap().status.success() {
                refused.push((table.to_owned(), *row));
            }
        }
        refused.sort();
        assert!(refused.len() >= 6, "{refused:?}");
        let dump = dumped(&server);
        let found = scanned(&dump, Policy::Orca, "rules: []");
        let mut told: Vec<_> = found
            .iter()
            .filter(|f| f.reason == Reason::BecameEqual)
            .map(|f| (f.table.clone(), f.row))
            .collect();
        told.sort();
        assert_eq!(told, refused, "{encoding}");
        let one = found.iter().find(|f| (f.table.as_str(), f.row) == ("uq", 3)).unwrap();
        assert_eq!(
            (one.column.as_str(), one.key.as_str(), one.rule.as_deref()),
            ("b", "id=3", None)
        );
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out.dump");
        let result = converted(&dump, &out, Policy::Orca, "rules: []");
        let Err(ArchiveError::Unconvertible(found)) = result else { panic!("{result:?}") };
        assert_eq!(found.total as usize, refused.len());
        // What is kept stays apart, and the archive restores.
        if encoding == "EUC_JP" {
            converted(&dump, &out, Policy::Orca, "half_width_kana: keep").unwrap();
            server.create("kept", "UTF8");
            succeed(server.client("pg_restore").args(["-e", "-d", "kept"]).arg(&out));
        }
    }
}

#[test]
fn keys_of_json_values_and_labels_that_become_equal_are_found() {
    let json = [
        r#"{"ｱ": 1, "ア": 2}"#,
        r#"{"ｱ": 1, "イ": 2, "big": 1e400}"#,
        r#"{"ガ": "ｶﾞ", "ギ": "ガ"}"#,
        r#"{"a\"ガ": 1, "b": 2, "a\"ｶﾞ": 3}"#,
    ];
    let server = servers(
        "EUC_JP",
        "CREATE DOMAIN j AS jsonb; CREATE TABLE t (id int PRIMARY KEY, v j, memo text);",
    );
    let mut lost = Vec::new();
    for (id, json) in (1..).zip(json) {
        for (id, memo) in [(id, "''"), (id + 10, "repeat('字', 600000)")] {
            server.query("orca", &format!("INSERT INTO t VALUES ({id}, '{json}', {memo})"));
            let keys = "(SELECT count(*) FROM NAME_object_keys(x(v)::NAME))";
            let [text, binary] = ["json", "jsonb"].map(|name| keys.replace("NAME", name));
            let sql = format!("SELECT {text} <> {binary} FROM (SELECT '{json}') AS t(v)");
            if server.query("new", &sql).trim() == "t" {
                lost.push(format!("id={id}"));
            }
        }
    }
    server.query(
        "orca",
        "CREATE TYPE e AS ENUM ('ｱ', 'b', 'ア'); CREATE TYPE f AS ENUM ('ｱ', 'ｲ');
        CREATE TABLE u (e e); INSERT INTO u VALUES ('ｱ'), ('ア');",
    );
    assert_eq!(lost.len(), 4);
    let dump = dumped(&server);
    let found = scanned(&dump, Policy::Orca, "rules: []");
    let rows: Vec<_> = found.iter().filter(|f| f.table == "t").collect();
    assert!(rows.iter().all(|f| f.reason == Reason::BecameEqual && f.column == "v"), "{rows:?}");
    assert_eq!(rows.iter().map(|f| f.row).collect::<Vec<_>>(), [1, 2, 7, 8]);
    assert_eq!((rows[0].code.as_str(), rows[0].offset, rows[0].key.as_str()), ("8EB1", 2, "id=1"));
    let labels: Vec<_> = found.iter().filter(|f| f.table == "TYPE").collect();
    assert_eq!(labels.len(), 1);
    assert_eq!((labels[0].key.as_str(), labels[0].code.as_str()), ("e", "A5A2"));
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.dump");
    let result = converted(&dump, &out, Policy::Orca, "rules: []");
    let Err(ArchiveError::Unconvertible(blocking)) = result else { panic!("{result:?}") };
    assert_eq!(blocking.total, 5);
    converted(&dump, &out, Policy::Orca, "half_width_kana: keep").unwrap();
}

#[test]
fn a_key_can_become_equal_to_one_in_ascii() {
    let server = servers("EUC_JP", TABLES);
    server.query(
        "orca",
        "INSERT INTO pk VALUES ('?'), (convert_from('\\xadf4', 'EUC_JP')), ('x'), ('y')",
    );
    let dump = dumped(&server);
    let found = scanned(&dump, Policy::OrcaVendor, "rules: []");
    let equal: Vec<_> = found.iter().filter(|f| f.reason == Reason::BecameEqual).collect();
    assert_eq!(equal.len(), 1, "{found:?}");
    assert_eq!(equal[0].rule.as_deref(), Some("vendor-sum-to-question-mark"));
}
