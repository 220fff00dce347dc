//! Values and the columns that they have to fit into, seen by what PostgreSQL makes of the
//! converted archive.

use std::io::Cursor;
use std::path::Path;

use super::test_server::{Server, succeed};
use super::*;
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
           (2, 'abc', u('b4c1bbfab4c1'), NULL, u('b4c1')), (3, NULL, u('6162b4c1bb'), 'x', 'x'),
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
