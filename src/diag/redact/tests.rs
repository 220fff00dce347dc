//! Tests of the whole room: texts in, harmless texts out.

use std::io::{self, BufReader, Read};

use proptest::prelude::*;

use super::line::templates;
use super::slot::Slot;
use super::{postgres_reader, postgres_text};

fn shown(raw: &str) -> String {
    postgres_text(raw).as_str().to_owned()
}

#[test]
fn an_import_log_keeps_what_helps_and_loses_the_patient() {
    let log = "\
pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 3711; 0 16390 TABLE DATA tbl_ptinf orca
pg_restore: error: COPY failed for table \"tbl_ptinf\": ERROR:  invalid byte sequence for encoding \"UTF8\": 0xfc 0xe2
CONTEXT:  COPY tbl_ptinf, line 12, column name: \"架空　太郎\"
pg_restore: error: could not execute query: ERROR:  duplicate key value violates unique constraint \"tbl_ptinf_pkey\"
DETAIL:  Key (hospnum, ptid)=(1, 架空花子) already exists.
Command was: ALTER TABLE ONLY public.tbl_ptinf
    ADD CONSTRAINT tbl_ptinf_pkey PRIMARY KEY (hospnum, ptid);


pg_restore: warning: errors ignored on restore: 2";
    insta::assert_snapshot!(shown(log), @r#"
    pg_restore: while PROCESSING TOC:
    pg_restore: from TOC entry 3711; 0 16390 TABLE DATA tbl_ptinf …
    pg_restore: error: COPY failed for table "tbl_ptinf": ERROR: invalid byte sequence for encoding "UTF8": 0xfc 0xe2
    CONTEXT: COPY tbl_ptinf, line 12, column name: "…
    pg_restore: error: could not execute query: ERROR: duplicate key value violates unique constraint "tbl_ptinf_pkey"
    DETAIL: Key (hospnum, ptid)=(…) already exists.
    Command was: …
    [line masked: 62 characters]
    pg_restore: warning: errors ignored on restore: 2
    "#);
}

#[test]
fn japanese_messages_are_known() {
    let log = "\
pg_restore: エラー: テーブル\"tbl_ptinf\"へのコピーに失敗しました: ERROR:  符号化方式\"EUC_JP\"においてバイト列0x8f 0xf4 0xfbである文字は符号化方式\"UTF8\"で等価な文字を持ちません
文脈:  tbl_ptinfのCOPY、行 7、列 name: \"架空 次郎\"
コンテキスト: tbl_ptinfのCOPY、行 8: \"1\t架空 三郎\"
詳細:  失敗した行は(1, 架空 四郎)を含みます
詳細:  キー (ptid)=(00001) はすでに存在します。
pg_restore: 警告: リストア中に無視されたエラー数: 3
sudo: パスワードが必要です";
    insta::assert_snapshot!(shown(log), @r#"
    pg_restore: エラー: テーブル"tbl_ptinf"へのコピーに失敗しました: ERROR: 符号化方式"EUC_JP"においてバイト列0x8f 0xf4 0xfbである文字は符号化方式"UTF8"で等価な文字を持ちません
    文脈: tbl_ptinfのCOPY、行 7、列 name: "…
    コンテキスト: tbl_ptinfのCOPY、行 8: "…
    詳細: 失敗した行は(…
    詳細: キー (ptid)=(…) はすでに存在します。
    pg_restore: 警告: リストア中に無視されたエラー数: 3
    sudo: パスワードが必要です
    "#);
}

#[test]
fn unknown_lines_show_their_length_and_severity_only() {
    insta::assert_snapshot!(shown("架空太郎\nERROR:  架空太郎\npg_dump: error: 1234567\nplain words\nmore"), @r"
    [line masked: 4 characters]
    ERROR: [line masked: 4 characters]
    pg_dump: error: [line masked: 7 characters]
    [2 lines masked: 15 characters]
    ");
}

#[test]
fn users_hosts_and_paths_stay_here() {
    let log = "\
could not change directory to \"/home/kakuu\": Permission denied
pg_dump: error: connection to server at \"10.0.0.7\", port 5432 failed: FATAL:  password authentication failed for user \"kakuu\"
connection to server on socket \"/run/kakuu/.s.PGSQL.5432\" failed: No such file or directory
\tIs the server running locally and accepting connections on that socket?
psql:/home/kakuu/x.sql:12: ERROR:  22P02: invalid input syntax for type integer: \"kakuu\"
sudo: unknown user kakuu";
    insta::assert_snapshot!(shown(log), @r#"
    could not change directory to "…": Permission denied
    pg_dump: error: connection to server at "…", port 5432 failed: FATAL: password authentication failed for user "…"
    connection to server on socket "…" failed: No such file or directory
     Is the server running locally and accepting connections on that socket?
    psql:…:12: ERROR: 22P02: invalid input syntax for type integer: "…
    sudo: unknown user …
    "#);
}

#[test]
fn a_message_inside_a_value_of_several_lines_is_not_believed() {
    let log = "\
DETAIL:  Key (memo)=(見出し
ERROR:  relation \"kakuu_taro\" does not exist
relation \"kakuu_taro\" does not exist
終わり) already exists.
ERROR:  relation \"tbl_ptinf\" does not exist";
    insta::assert_snapshot!(shown(log), @r#"
    DETAIL: Key (memo)=(…
    ERROR: relation "…" does not exist
    [2 lines masked: 56 characters]
    ERROR: relation "tbl_ptinf" does not exist
    "#);
}

#[test]
fn a_huge_log_keeps_head_and_tail() {
    // 200 MB of lines, made as they are read.
    const LINE: &[u8] = b"CONTEXT:  COPY tbl_ptinf, line 5, column name: \"KAKUU HANAKO\"\n";
    let body = io::repeat(0).take(200_000_000);
    struct Repeat<R>(R, usize);
    impl<R: Read> Read for Repeat<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(buffer)?;
            for byte in buffer.iter_mut().take(read) {
                *byte = LINE[self.1 % LINE.len()];
                self.1 += 1;
            }
            Ok(read)
        }
    }
    let head: &[u8] = b"pg_restore: error: unsupported version (1.14) in file header\n";
    let tail: &[u8] = b"\npg_restore: warning: errors ignored on restore: 9\n";
    let log = BufReader::new(head.chain(Repeat(body, 0)).chain(tail));
    let text = postgres_reader(log).unwrap().to_string();
    assert!(text.starts_with("pg_restore: error: unsupported version (1.14) in file header\n"));
    assert!(text.ends_with("pg_restore: warning: errors ignored on restore: 9"), "{text}");
    assert!(text.contains(" lines left out: 19"));
    assert!(!text.contains("KAKUU") && text.len() < 1_000_000);
}

#[test]
fn one_endless_line_is_cut() {
    let log = BufReader::new(io::repeat(b'x').take(50_000_000));
    assert_eq!(postgres_reader(log).unwrap().as_str(), "[line masked: 8192 characters]");
}

#[test]
fn every_pattern_has_slots_that_can_be_told_apart() {
    for template in templates() {
        let filled = template.fill(harmless);
        assert!(template.find(&filled).is_some(), "does not find itself: {filled}");
        assert!(template.slots().len() <= 6, "{filled}");
    }
}

fn harmless(slot: Slot) -> String {
    match slot {
        Slot::Id | Slot::Ids => "tbl_x".into(),
        Slot::Number => "12".into(),
        Slot::Bytes => "0xfc 0xe2".into(),
        Slot::Version => "1.14".into(),
        Slot::Type => "integer".into(),
        Slot::OsError => "Permission denied".into(),
        Slot::TocEntry => "TABLE tbl_x orca".into(),
        Slot::TocKind => "TABLE".into(),
        Slot::Message => "out of memory".into(),
        Slot::Value => "value".into(),
    }
}

/// Things that must never come out: names in kanji, kana, romanised with a blank, numbers, dates.
const CANARIES: [&str; 8] = [
    "架空花子",
    "ｶｸｳﾊﾅｺ",
    "KAKUU HANAKO",
    "kakuu-hanako",
    "0900012345",
    "1950-01-02",
    "花子\"架空",
    "1) already exists.(架空花子",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_text_never_panics_and_stays_bounded(text in "\\PC*") {
        let seen = shown(&text);
        prop_assert!(seen.len() <= text.len() * 8 + 64);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(postgres_reader(bytes.as_slice()).is_ok());
    }
}

/// What may stand before a message.
const PREFIXES: [&str; 8] = [
    "",
    "ERROR:  ",
    "pg_restore: error: ",
    "エラー: ",
    "コンテキスト: ",
    "詳細: ",
    "pg_restore: [archiver (db)] could not execute query: ERROR:  ",
    "2027-01-21 19:30:03.123 JST [99] ERROR:  ",
];

/// Every canary in every slot of every message, and in all slots from one on: it does not come
/// out. Where PostgreSQL itself puts a number, a number is no canary.
#[test]
fn canaries_in_any_slot_never_survive() {
    const TRACES: [&str; 9] =
        ["架空", "花子", "ｶｸｳ", "KAKUU", "HANAKO", "kakuu", "hanako", "0900012345", "1950"];
    let mut cases = 0;
    for (at, template) in templates().iter().enumerate() {
        for (victim, slot) in template.slots().into_iter().enumerate() {
            for (which, canary) in CANARIES.iter().enumerate() {
                let prefix = PREFIXES[(at + victim + which) % PREFIXES.len()];
                let is_numeric = matches!(slot, Slot::Number | Slot::Version);
                if is_numeric && canary.starts_with(|c: char| c.is_ascii_digit()) {
                    continue;
                }
                for all_from_here in [false, true] {
                    let mut nth = 0;
                    let line = template.fill(|slot| {
                        nth += 1;
                        let is_numeric = matches!(slot, Slot::Number | Slot::Version);
                        let is_hit = nth == victim + 1 || (all_from_here && nth > victim);
                        if is_hit && (nth == victim + 1 || !is_numeric) {
                            (*canary).to_owned()
                        } else {
                            harmless(slot)
                        }
                    });
                    let seen = shown(&format!("{prefix}{line}"));
                    let trace = TRACES.iter().find(|trace| seen.contains(**trace));
                    assert_eq!(trace, None, "{prefix}{line}\n-> {seen}");
                    cases += 1;
                }
            }
        }
    }
    assert!(cases > 4_000, "{cases}");
}

/// A value of several lines, whatever they look like, keeps no names. A line with a parenthesis
/// of its own may look like the value's end, and is left out here.
#[test]
fn canaries_in_values_of_several_lines_never_survive() {
    for canary in ["kakuu_hanako", "架空花子"] {
        for template in templates() {
            let fake = template.fill(|slot| match slot {
                Slot::Id | Slot::Ids | Slot::Value => canary.to_owned(),
                other => harmless(other),
            });
            if fake.contains(')') || fake.contains("は重複") || fake.contains("すでに") {
                continue;
            }
            let seen = shown(&format!(
                "DETAIL:  Failing row contains (1, memo\n{fake}\nERROR:  {fake}\nend).\nERROR:  out of memory"
            ));
            assert!(!seen.contains(canary), "{fake} -> {seen}");
        }
    }
}

/// The real program's words, for files that are no archives.
#[test]
fn pg_restores_own_messages_are_kept_whole() {
    let dir = tempfile::tempdir().unwrap();
    let header = |minor: u8| [b"PGDMP\x01".as_slice(), &[minor, 0, 4, 8, 1]].concat();
    let text = b"plainly no archive, and long enough to be looked at by pg_restore".to_vec();
    for bytes in [text, b"PGD".to_vec(), header(99)] {
        let file = dir.path().join("kakuu.dump");
        std::fs::write(&file, bytes).unwrap();
        let output = std::process::Command::new("pg_restore")
            .env("LC_ALL", "C")
            .args(["--list"])
            .arg(&file)
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.starts_with("pg_restore: error: "), "{stderr}");
        assert_eq!(shown(&stderr), stderr.trim_end());
    }
}
