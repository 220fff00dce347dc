//! Values and the columns that they have to fit into, seen by what PostgreSQL makes of the
//! converted archive.

use std::io::Cursor;
use std::path::Path;

use super::test_server::{Server, succeed};
use super::*;
use crate::charset::Reason;
use crate::progress::Progress;

/// `u('8eb6')`: text by its bytes in EUC-JP; `raw` in a database without an encoding.
const FUNCTIONS: &str = r"
    CREATE FUNCTION u(text) RETURNS text LANGUAGE sql AS
        $$ SELECT convert_from(decode($1, 'hex'), 'EUC_JP') $$;";
const RAW: &str = r"
    CREATE FUNCTION u(text) RETURNS text LANGUAGE sql AS
        $$ SELECT convert_from(decode($1, 'hex'), 'SQL_ASCII') $$;";

fn dumped(server: &Server, database: &str) -> Vec<u8> {
    succeed(server.client("pg_dump").args(["-Fc", database])).stdout
}

fn converted(dump: &[u8], out: &Path, mapping: &str) -> Result<ConvertReport, ArchiveError> {
    let mut options = ConvertOptions::default();
    if !mapping.is_empty() {
        options.mapping = mapping.parse().unwrap();
    }
    convert(Cursor::new(dump), out, &options, &Progress::default())
}

/// The table's rows in COPY text, sorted.
fn rows(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    let lines = text.lines().skip_while(|line| !line.starts_with("COPY ")).skip(1);
    let mut rows: Vec<_> = lines.take_while(|line| *line != "\\.").map(str::to_owned).collect();
    rows.sort();
    rows
}

/// The converted archive's rows of `t` must be those that a server dumps that restored it.
fn stored_alike(source: &str, setup: &str, mapping: &str) -> Vec<String> {
    let (server, dir) = (Server::start(), tempfile::tempdir().unwrap());
    server.create("orca", source);
    server.query("orca", setup);
    let out = dir.path().join("out.dump");
    converted(&dumped(&server, "orca"), &out, mapping).unwrap();
    server.create("new", "UTF8");
    succeed(server.client("pg_restore").args(["-e", "-d", "new"]).arg(&out));
    let written = succeed(server.client("pg_restore").args(["-a", "-f", "-", "-t", "t"]).arg(&out));
    let stored = succeed(server.client("pg_dump").args(["-a", "-t", "t", "new"]));
    let written = rows(&written.stdout);
    assert_eq!(written, rows(&stored.stdout));
    written
}

#[test]
fn a_padded_value_is_written_as_the_server_stores_it() {
    let setup = format!(
        "{FUNCTIONS} CREATE DOMAIN code AS char(6); CREATE DOMAIN codes AS code;
         CREATE TABLE t (id int PRIMARY KEY, c char(8), d codes, v varchar(20), memo text);
         INSERT INTO t VALUES (1, 'ｶﾞﾊﾟ', 'ｼﾞ', 'ｶﾞ ', 'ｶﾞ  '), (2, 'abc', '', 'あ', NULL),
           (3, NULL, 'ｶ ﾞ', 'x', 'ｱ'), (4, 'ガｶﾞガｶﾞア', 'ガｶﾞｶﾞア', 'x', ''),
           (5, E'ｶﾞ\\\\\\t', 'ｶﾞ', 'x', repeat('字', 600000)),
           (6, 'abc', 'x', 'x', repeat('ｶﾞ', 300000)), (7, NULL, NULL, NULL, repeat('字', 600000));"
    );
    let written = stored_alike("EUC_JP", &setup, "");
    assert_eq!(written[0], "1\tガパ      \tジ     \tガ \tガ  ");
    assert!(written[4].starts_with("5\tガ\\\\\\t     \tガ     \tx\t字"), "{}", &written[4][..80]);

    // Where values grow, only their blanks make room.
    let grows = format!(
        "{FUNCTIONS} CREATE TABLE t (id int PRIMARY KEY, c char(4), memo text);
         INSERT INTO t VALUES (1, u('a4f7'), NULL), (2, u('a4f7a4a2a4a2'), u('a4f7')),
           (3, u('a4f7') || ' x', 'x'), (4, u('a4f7'), repeat('字', 600000));"
    );
    let mapping = "rules: [{code: A4F7, to: U+304B U+309A}]";
    let written = stored_alike("EUC_JP", &grows, mapping);
    assert_eq!(
        written[..3],
        ["1\tか\u{309a}  \t\\N", "2\tか\u{309a}ああ\tか\u{309a}", "3\tか\u{309a} x\tx"]
    );
}

#[test]
fn a_padded_value_whose_blanks_counted_bytes_gets_as_many_as_it_needs() {
    let setup = format!(
        "{RAW} CREATE DOMAIN code AS char(6);
         CREATE TABLE t (id int PRIMARY KEY, c char(8), d code, v varchar(20), memo text);
         INSERT INTO t VALUES (1, u('b4c1bbfa'), u('b4c1bbfa'), u('b4c1bbfa20'), ''),
           (2, 'abc', u('b4c1bbfab4c1'), NULL, u('b4c1')), (3, NULL, u('616162b4c1bb'), 'x', 'x'),
           (4, u('b4c1bbfa'), u('6162636465b4'), 'x', repeat(u('b4c1bbfa'), 300000));"
    );
    for (mapping, cut) in [("cut_characters: geta", "〓"), ("cut_characters: drop", "")] {
        let mapping = format!("{mapping}\nencodings: [{{encoding: euc-jp}}]");
        let written = stored_alike("SQL_ASCII", &setup, &mapping);
        assert_eq!(written[0], "1\t漢字      \t漢字    \t漢字 \t");
        let blanks = if cut.is_empty() { " " } else { "" };
        assert!(written[3].contains(&format!("\tabcde{cut}{blanks}\tx\t漢字")), "{cut}");
    }
}

#[test]
fn composed_sound_marks_leave_room_for_blanks() {
    let setup = "CREATE TABLE t (id int PRIMARY KEY, c char(4), memo text);
         INSERT INTO t VALUES (1, E'か\\u3099', 'x'), (2, E'か\\u3099か\\u3099', NULL), (3, 'ｶﾞ', 'x'),
           (4, E'か\\u3099', repeat('字', 600000));";
    let written = stored_alike("UTF8", setup, "");
    assert_eq!(written[..3], ["1\tが   \tx", "2\tがが  \t\\N", "3\tガ   \tx"]);
}

const NARROW: &str = "
    CREATE DOMAIN d AS varchar(3); CREATE DOMAIN dd AS d[];
    CREATE TYPE c AS (id int, a varchar(2), b d);
    CREATE TABLE flat (id int, v varchar(3), p char(3), d d, l varchar(3)[], dd dd, c c, cs c[]);
    CREATE TABLE heir (more varchar(2)) INHERITS (flat);
    CREATE TABLE typed OF c;
    CREATE TABLE parted (id int, v varchar(3)) PARTITION BY LIST (id);
    CREATE TABLE part PARTITION OF parted FOR VALUES IN (1, 2);
    CREATE TABLE rowed (id int, f flat);";

/// `*` is one character in EUC-JP and two in UTF-8.
const VALUES: [(&str, &str); 18] = [
    ("flat", "(1, x('あ*'), x('あ*'), x('あ*'))"),
    ("flat", "(2, x('ああ*'))"),
    ("flat", "(3, 'あ', x('ああ*'))"),
    ("flat", "(4, NULL, x('* '), x('**'))"),
    ("flat", "(5, NULL, NULL, NULL, x('{あ*,\"a b\",NULL}')::varchar[])"),
    ("flat", "(6, NULL, NULL, NULL, x('{あ,\"あ *\"}')::varchar[])"),
    ("flat", "(7, NULL, NULL, NULL, NULL, x('{{あ,い},{う,ああ*}}')::dd)"),
    ("flat", "(8, NULL, NULL, NULL, NULL, NULL, x('(1,*,あ*)')::c)"),
    ("flat", "(9, NULL, NULL, NULL, NULL, NULL, x('(1,あ*,)')::c)"),
    ("flat", "(10, NULL, NULL, NULL, NULL, NULL, NULL, x('{\"(1,あ,\\\"あ *\\\")\"}')::c[])"),
    ("heir", "(1, x('**'))"),
    ("heir", "(2, 'x', NULL, NULL, NULL, NULL, NULL, NULL, x('あ*'))"),
    ("heir", "(3, 'x', NULL, NULL, NULL, NULL, NULL, NULL, x('*'))"),
    ("typed", "(1, x('*'), x('あ*'))"),
    ("typed", "(2, 'x', x('**'))"),
    ("part", "(1, x('あ*'))"),
    ("part", "(2, x('ああ*'))"),
    ("rowed", "(1, x('(1,ああ*,,,,,,)')::flat)"),
];

#[test]
fn what_outgrows_its_column_is_what_the_server_refuses() {
    let server = Server::start();
    for (database, encoding, text) in
        [("orca", "EUC_JP", "convert_from('\\xa4f7', 'EUC_JP')"), ("new", "UTF8", "E'か\\u309a'")]
    {
        server.create(database, encoding);
        server.query(
            database,
            &format!(
                "CREATE FUNCTION x(text) RETURNS text LANGUAGE sql \
            AS $$ SELECT replace($1, '*', {text}) $$; {NARROW}"
            ),
        );
    }
    let mut refused = Vec::new();
    let mut counts = std::collections::BTreeMap::<&str, u64>::new();
    for (table, values) in VALUES {
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
    assert!(refused.len() >= 10, "{refused:?}");
    let mapping = "rules: [{code: A4F7, to: U+304B U+309A, lossy: false}]";
    let dir = tempfile::tempdir().unwrap();
    let result = converted(&dumped(&server, "orca"), &dir.path().join("x"), mapping);
    let Err(ArchiveError::Unconvertible(found)) = result else { panic!("{result:?}") };
    assert!(
        found.findings.iter().all(|f| (f.reason, f.code.as_str()) == (Reason::TooWide, "A4F7"))
    );
    let mut told: Vec<_> = found.findings.iter().map(|f| (f.table.clone(), f.row)).collect();
    told.sort();
    assert_eq!(told, refused);
    assert_eq!(found.total as usize, refused.len());
}

#[test]
fn names_that_the_server_would_cut_are_found() {
    let server = Server::start();
    server.create("orca", "EUC_JP");
    let (fits, long) = ("あ".repeat(21), "い".repeat(22));
    server.query("orca", &format!("
        CREATE DOMAIN n AS name;
        CREATE TABLE t (id int PRIMARY KEY, a name, b n, c name[], memo text);
        INSERT INTO t VALUES (1, '{fits}', '{fits}', '{{{fits}}}', ''), (2, '{long}', '', NULL, ''), (3, 'a', '{long}', NULL, ''),
          (4, 'a', 'a', '{{a,{long}}}', NULL), (5, '{long}', 'a', NULL, repeat('字', 600000));
        CREATE TABLE \"表{long}\" (\"{fits}\" int, \"列{long}\" int CONSTRAINT \"検{long}\" CHECK (true));
        CREATE INDEX \"索{long}\" ON t (a);
        CREATE FUNCTION \"関{long}\"() RETURNS text LANGUAGE sql AS $$ SELECT '{long}{long}{long}' $$;
        CREATE TYPE e AS ENUM ('a', '{fits}', '値{long}');
        COMMENT ON TABLE t IS '{long}{long}{long}';"));
    let options = ScanOptions {
        policy: crate::charset::Policy::Orca,
        mapping: "rules: []".parse().unwrap(),
        show_values: true,
        spool_in: std::env::temp_dir(),
    };
    let dump = dumped(&server, "orca");
    let found = scan(Cursor::new(&dump), Path::new("-"), &options, &Progress::default()).unwrap();
    let report = found.report;
    let mut told: Vec<_> = report
        .listed
        .iter()
        .map(|f| &f.finding)
        .map(|f| (f.table.as_str(), f.column.as_str(), f.row, f.character.as_deref().unwrap_or("")))
        .collect();
    told.sort_unstable();
    let mut expected = [
        ("t", "a", 2, ""),
        ("t", "a", 5, ""),
        ("t", "b", 3, ""),
        ("t", "c", 4, ""),
        ("TABLE", "definition", 0, "U+8868"),
        ("TABLE", "definition", 0, "U+5217"),
        ("TABLE", "definition", 0, "U+691C"),
        ("INDEX", "definition", 0, "U+7D22"),
        ("FUNCTION", "definition", 0, "U+95A2"),
        ("TYPE", "definition", 0, "U+5024"),
    ];
    expected.sort_unstable();
    assert_eq!(told, expected);
    assert_eq!(report.reasons.get(&Reason::TooLong), Some(&10));
    // What the server makes of it: it cuts names without a word, and refuses the label.
    server.create("new", "UTF8");
    let cut = server.query("new", &format!("SELECT '{long}'::name <> '{long}'::text"));
    assert_eq!(cut.trim(), "t");
    let result = converted(&dump, &std::env::temp_dir().join("no-such-archive"), "");
    let Err(ArchiveError::Unconvertible(found)) = result else { panic!("{result:?}") };
    assert_eq!(found.total, 10);
}

#[test]
fn a_database_without_an_encoding_has_widths_too() {
    let server = Server::start();
    server.create("orca", "SQL_ASCII");
    server.query("orca", &format!("{RAW} CREATE TABLE t (id int PRIMARY KEY, v varchar(3), memo text);
        INSERT INTO t VALUES (1, u('b6'), ''), (2, u('b6b6'), ''), (3, 'abc', ''), (4, u('b6b661'), repeat(u('8abf'), 600000));"));
    let mapping =
        "{rules: [{code: U+FF76, to: U+304B U+309A}], encodings: [{encoding: shift-jis}]}";
    let dir = tempfile::tempdir().unwrap();
    let result = converted(&dumped(&server, "orca"), &dir.path().join("x"), mapping);
    let Err(ArchiveError::Unconvertible(found)) = result else { panic!("{result:?}") };
    let told: Vec<_> = found.findings.iter().map(|f| (f.reason, f.row, f.offset)).collect();
    assert_eq!(told, [(Reason::TooWide, 2, 0), (Reason::TooWide, 4, 0)]);
}
