//! SQL in the table of contents that a rule changes, seen by what it does after a restore.

use std::io::Cursor;
use std::path::Path;

use super::test_server::{Server, succeed};
use super::*;
use crate::charset::{Policy, Reason};
use crate::progress::Progress;

const CODE: &str = "
    CREATE FUNCTION wide(text) RETURNS text LANGUAGE sql IMMUTABLE
        AS $$ SELECT translate($1, 'ｱｲ', 'アイ') $$;
    CREATE DOMAIN kana AS text DEFAULT 'ｳ' CONSTRAINT half CHECK (VALUE <> 'ｴﾞ');
    CREATE TABLE t (id int PRIMARY KEY, v text DEFAULT 'ｵ', w text CONSTRAINT c CHECK (w <> 'ｶﾞ'));
    CREATE TABLE plain (v text);
    ALTER TABLE t ADD CONSTRAINT later CHECK (v <> 'ｷ') NOT VALID;
    CREATE VIEW seen AS SELECT id FROM t WHERE v = 'ｸ';
    CREATE MATERIALIZED VIEW kept AS SELECT id FROM t WHERE v = 'ｹ';
    CREATE INDEX i ON t ((v || 'ｺ'));
    CREATE RULE r AS ON INSERT TO plain WHERE new.v = 'ｻ' DO INSTEAD NOTHING;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE TRIGGER g BEFORE INSERT ON plain FOR EACH ROW WHEN (new.v = 'ｼ') EXECUTE PROCEDURE f();
    CREATE TYPE e AS ENUM ('ｽ');
    COMMENT ON TABLE t IS 'ｾ～'; COMMENT ON FUNCTION f() IS 'ｿ';
    INSERT INTO t VALUES (1, 'ﾀ', '漢～');";

#[test]
fn every_character_that_a_rule_changes_in_code_is_listed() {
    let server = Server::start();
    server.create("orca", "EUC_JP");
    server.query("orca", CODE);
    let dump = succeed(server.client("pg_dump").args(["-Fc", "orca"])).stdout;
    let options = ScanOptions {
        policy: Policy::Orca,
        mapping: "rules: []".parse().unwrap(),
        show_values: false,
        spool_in: std::env::temp_dir(),
    };
    let scan = scan(Cursor::new(&dump), Path::new("-"), &options, &Progress::default()).unwrap();
    let report = scan.report;
    assert!(report.is_clean() && report.decided == 0);
    let line = |f: &TextFinding| {
        assert_eq!((f.reason, f.column.as_str()), (Reason::DefinitionChanged, "definition"));
        let (character, rule) = (f.character.as_deref().unwrap(), f.rule.as_deref().unwrap());
        format!("{} {} {character} {rule}", f.table, f.key)
    };
    let mut told: Vec<_> = report.listed.iter().map(|found| line(&found.finding)).collect();
    told.sort();
    let expected = [
        "CHECK CONSTRAINT t later U+FF77 kana-full-width",
        "DOMAIN kana U+FF73 kana-full-width",
        "DOMAIN kana U+FF74 kana-full-width",
        "DOMAIN kana U+FF9E kana-full-width",
        "FUNCTION wide(text) U+FF71 kana-full-width",
        "FUNCTION wide(text) U+FF72 kana-full-width",
        "INDEX i U+FF7A kana-full-width",
        "MATERIALIZED VIEW kept U+FF79 kana-full-width",
        "RULE plain r U+FF7B kana-full-width",
        "TABLE t U+FF75 kana-full-width",
        "TABLE t U+FF76 kana-sound-mark-joined",
        "TRIGGER plain g U+FF7C kana-full-width",
        "VIEW seen U+FF78 kana-full-width",
    ];
    assert_eq!(told, expected);
    assert_eq!(report.definitions, expected.len() as u64);

    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.dump");
    let converted =
        convert(Cursor::new(&dump), &out, &ConvertOptions::default(), &Progress::default());
    let definitions = converted.unwrap().definitions;
    let mut listed: Vec<_> = definitions.findings.iter().map(line).collect();
    listed.sort();
    assert_eq!(listed, expected);
    // Why a person must look: the function that made kana full-width does nothing any more.
    server.create("new", "UTF8");
    succeed(server.client("pg_restore").args(["-e", "-d", "new"]).arg(&out));
    let sql = "SELECT wide('ｱ')";
    assert_eq!((server.query("orca", sql).trim(), server.query("new", sql).trim()), ("ア", "ｱ"));
}
