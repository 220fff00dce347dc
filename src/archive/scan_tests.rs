//! Scans of real databases, against a model in SQL that asks PostgreSQL about every code.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;

use super::test_server::{Server, succeed};
use super::*;
use crate::charset::{Form, Mapping, Policy, Reason, Verdict};
use crate::progress::Progress;

/// Every code of every value that the strict policy cannot convert, as PostgreSQL tells it:
/// EUC_JP to UTF8, the published substitutions, and whether EUC_JIS_2004 has the result.
const MODEL: &str = r"
    CREATE FUNCTION pg_temp.why(code bytea, enc name) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE c text; BEGIN
      IF enc = 'EUC_JP' AND substr(code, 1, 1) = '\x8f' AND get_byte(code, 1) IN (243, 244)
        THEN RETURN 'ambiguous'; END IF;
      BEGIN c := convert_from(code, enc); EXCEPTION WHEN OTHERS THEN RETURN 'ambiguous'; END;
      c := translate(c, '～－∥￠￡￢￥￣―', E'\u301c\u2212\u2016\u00a2\u00a3\u00ac\u00a5\u203e\u2014');
      BEGIN PERFORM convert_to(c, 'EUC_JIS_2004'); RETURN NULL;
      EXCEPTION WHEN OTHERS THEN RETURN 'outside-jis-x0213'; END;
    END $$;
    CREATE FUNCTION pg_temp.codes(v bytea, OUT at int, OUT code bytea) RETURNS SETOF record
    LANGUAGE plpgsql AS $$ DECLARE lead int; n int; BEGIN
      at := 0;
      WHILE at < length(v) LOOP
        lead := get_byte(v, at);
        n := CASE WHEN lead < 128 THEN 1 WHEN lead = 143 THEN 3 ELSE 2 END;
        code := substr(v, at + 1, n);
        RETURN NEXT;
        at := at + n;
      END LOOP; END $$;";

fn options(mapping: &str, show_values: bool) -> ScanOptions {
    ScanOptions {
        policy: Policy::Orca,
        mapping: mapping.parse::<Mapping>().unwrap(),
        show_values,
        spool_in: std::env::temp_dir(),
    }
}

fn dumped(server: &Server, database: &str) -> Vec<u8> {
    succeed(server.client("pg_dump").args(["-Fc", database])).stdout
}

fn scanned(dump: &[u8], options: &ScanOptions) -> (ScanReport, Vec<ScanFinding>) {
    let scan = scan(Cursor::new(dump), Path::new("-"), options, &Progress::default());
    let Scan { report, mut spool } = scan.unwrap();
    let all: Vec<_> = spool.findings().unwrap().map(Result::unwrap).collect();
    let again = spool.findings().unwrap().map(Result::unwrap);
    assert!(again.eq(all.iter().cloned()), "a spool can be read twice");
    (report, all)
}

/// `table|column|key|byte|code|reason`
fn told(all: &[ScanFinding]) -> BTreeSet<String> {
    let line = |found: &ScanFinding| {
        let f = &found.finding;
        let reason = serde_json::to_value(f.reason).unwrap();
        let (table, column, key) = (&f.table, &f.column, &f.key);
        format!("{table}|{column}|{key}|{}|{}|{}", f.offset, f.code, reason.as_str().unwrap())
    };
    all.iter().map(line).collect()
}

/// Sound EUC-JP of every plane and row, with ASCII and escapes between.
fn random_values(count: usize) -> Vec<Vec<u8>> {
    let mut state = 7_u64;
    let mut roll = move |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u8::try_from((state >> 33) % below).unwrap()
    };
    let value = |roll: &mut dyn FnMut(u64) -> u8| {
        let mut value = Vec::new();
        for _ in 0..roll(12) {
            match roll(6) {
                0 => value.extend(b"a\\\t\n 'z".get(usize::from(roll(7))..).unwrap()),
                1 => value.extend([0x8e, 0xa1 + roll(63)]),
                2 => value.extend([0x8f, 0xa1 + roll(94), 0xa1 + roll(94)]),
                3 => value.extend([0x8f, 0xf3 + roll(2), 0xa1 + roll(94)]),
                _ => value.extend([0xa1 + roll(94), 0xa1 + roll(94)]),
            }
        }
        value
    };
    (0..count).map(|_| value(&mut roll)).collect()
}

#[test]
fn every_finding_of_an_euc_jp_database_is_what_the_model_says() {
    let server = Server::start();
    server.create("orca", "EUC_JP");
    let mut sql = "CREATE TABLE tbl_ptinf (hospnum int, ptid int, name text, blob bytea, \
        memo varchar(400), PRIMARY KEY (hospnum, ptid));"
        .to_owned();
    for (n, pair) in random_values(1200).chunks(2).enumerate() {
        let [name, memo] = [&pair[0], &pair[1]].map(hex::encode);
        sql += &format!(
            "INSERT INTO tbl_ptinf VALUES (1, {n}, convert_from('\\x{name}', 'EUC_JP'), \
             '\\xfce2ff', convert_from('\\x{memo}', 'EUC_JP'));\n"
        );
    }
    let script = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(script.path(), sql).unwrap();
    succeed(
        server
            .client("psql")
            .args(["-qX", "-v", "ON_ERROR_STOP=1", "-d", "orca", "-f"])
            .arg(script.path()),
    );
    // The model runs in a UTF8 database over the bytes alone.
    let bytes = server.query("orca", "SELECT ptid, encode(convert_to(name, 'EUC_JP'), 'hex'), encode(convert_to(memo, 'EUC_JP'), 'hex') FROM tbl_ptinf");
    let rows = bytes.lines().map(|line| {
        let fields: Vec<&str> = line.split('|').collect();
        format!("({}, '\\x{}'::bytea, '\\x{}'::bytea)", fields[0], fields[1], fields[2])
    });
    let rows = rows.collect::<Vec<_>>().join(",");
    let model = format!(
        "{MODEL} CREATE TEMP TABLE v AS SELECT * FROM (VALUES {rows}) AS v(id, name, memo); \
         SELECT 'tbl_ptinf|' || col || '|hospnum=1,ptid=' || id || '|' || at || '|' || \
         upper(encode(code, 'hex')) || '|' || pg_temp.why(code, 'EUC_JP') FROM \
         (SELECT id, 'name' AS col, name AS v FROM v UNION ALL SELECT id, 'memo', memo FROM v) AS c, \
         LATERAL pg_temp.codes(v) WHERE get_byte(code, 0) > 127 AND pg_temp.why(code, 'EUC_JP') IS NOT NULL"
    );
    let script = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(script.path(), model).unwrap();
    let mut psql = server.client("psql");
    psql.env("PGCLIENTENCODING", "UTF8").args([
        "-XqAt",
        "-v",
        "ON_ERROR_STOP=1",
        "-d",
        "postgres",
        "-f",
    ]);
    let expected = String::from_utf8(succeed(psql.arg(script.path())).stdout).unwrap();
    let expected: BTreeSet<String> = expected.lines().map(str::to_owned).collect();
    assert!(expected.len() > 2000, "{}", expected.len());

    let (report, all) = scanned(&dumped(&server, "orca"), &options("rules: []", true));
    assert_eq!(told(&all), expected);
    assert_eq!(report.open as usize, expected.len());
    assert_eq!(report.codes.iter().map(|code| code.count).sum::<u64>(), report.open);
    assert_eq!(report.places.iter().map(|place| place.open).sum::<u64>(), report.open);
    assert_eq!(report.listed.len(), 1000);
    // Whoever converts meets the same findings.
    let (_, masked) = scanned(&dumped(&server, "orca"), &options("rules: []", false));
    assert!(masked.iter().all(|found| found.value.is_none() && found.finding.key.contains('*')));
    let dir = tempfile::tempdir().unwrap();
    let dump = dumped(&server, "orca");
    let converted = convert(
        Cursor::new(&dump),
        &dir.path().join("x"),
        &ConvertOptions::default(),
        &Progress::default(),
    );
    let Err(ArchiveError::Unconvertible(found)) = converted else { panic!("converted") };
    assert_eq!(found.total, report.open);
    assert!(masked.iter().zip(&found.findings).all(|(ours, theirs)| ours.finding == *theirs));
}

const PLACES: &str = r"
    CREATE TABLE tbl_syskanri (kanricd char(4) PRIMARY KEY, kanritbl varchar(500), name text);
    INSERT INTO tbl_syskanri VALUES ('1001', 'A' || U('8eb68ede') || U('8eb1'), U('8eb68ede'));
    CREATE TABLE t (id int PRIMARY KEY, three varchar(3), padded char(4), wide text);
    INSERT INTO t VALUES (1, U('a4a2a4a4a4f7'), U('a4a2a4f7'), U('a4f7')),
      (2, U('a4a2a4f7'), U('a4f7a4f7a4f7'), repeat(U('a4f7'), 300000));
    COMMENT ON TABLE t IS 'x';
    ALTER TABLE t ADD CONSTRAINT c CHECK (wide <> '髙');";

#[test]
fn packed_records_narrow_columns_and_definitions_are_looked_at() {
    let server = Server::start();
    server.create("orca", "EUC_JP");
    server.query("orca", "CREATE FUNCTION u(text) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(decode($1, 'hex'), 'EUC_JP') $$");
    server.query("orca", PLACES);
    let dump = dumped(&server, "orca");
    let mapping = "rules: [{code: A4F7, to: U+304B U+309A}, {code: U+9AD9, keep: true}]";
    let (report, all) = scanned(&dump, &options(mapping, true));
    let open: Vec<ScanFinding> =
        all.into_iter().filter(|found| found.finding.reason.blocks()).collect();
    let expected = [
        "tbl_syskanri|kanritbl|kanricd=1001|1|8EB68EDE|packed",
        "t|three|id=1|4|A4F7|too-wide",
        "t|padded|id=2|0|A4F7|too-wide",
    ];
    assert_eq!(told(&open), expected.map(str::to_owned).into());
    assert_eq!((report.open, report.joined), (3, 1));
    // Without a decision the code is one of 300,000 findings, and the table's check is one, too.
    let (report, all) =
        scanned(&dump, &options("packed_columns: {tbl_syskanri.kanritbl: apart}", true));
    assert_eq!(
        report.reasons[&Reason::Ambiguous],
        300_007 + report.codes.iter().filter(|c| c.code == "8FF4FB").map(|c| c.count).sum::<u64>()
    );
    assert!(
        all.iter()
            .any(|found| found.finding.schema.is_empty() && found.finding.column == "definition")
    );
    let last = all.iter().rfind(|found| found.finding.column == "wide").unwrap();
    assert_eq!((last.finding.key.as_str(), last.finding.offset), ("id=2", 599_998));
}

#[test]
fn an_unlabelled_database_shows_what_speaks_for_which_encoding() {
    let server = Server::start();
    server.create("orca", "SQL_ASCII");
    server.query("orca", r"CREATE TABLE t (id int PRIMARY KEY, euc text, sjis varchar(40), mixed text);
        CREATE FUNCTION pg_temp.raw(text) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(decode($1, 'hex'), 'SQL_ASCII') $$;
        INSERT INTO t VALUES (1, pg_temp.raw('b4c1bbfab0fe'), pg_temp.raw('8abf8e9a'), pg_temp.raw('b4c1bbfab0fe')),
          (2, pg_temp.raw('a4a2'), pg_temp.raw('835c5c0a8e9a'), pg_temp.raw('8abf8e9a')),
          (3, 'ascii', pg_temp.raw('8abf8e'), pg_temp.raw('ff')), (4, NULL, '\', NULL);");
    let dump = dumped(&server, "orca");
    let (report, all) = scanned(&dump, &options("rules: []", true));
    let expected =
        ["t|euc|id=2|0|A4A2|undecided", "t|sjis|id=3|2|SJIS:8E|cut", "t|mixed|id=3|0|FF|not-ascii"];
    assert_eq!(told(&all), expected.map(str::to_owned).into());
    let verdicts: Vec<_> =
        report.evidence.iter().map(|e| (e.place.column.as_str(), e.verdict)).collect();
    let expected = [
        ("euc", Verdict::Is(Form::EucJp)),
        ("sjis", Verdict::Is(Form::ShiftJis)),
        ("mixed", Verdict::Mixed),
    ];
    assert_eq!(verdicts, expected);
    let undecided = all.iter().find(|found| found.finding.column == "euc").unwrap();
    assert!(undecided.value.as_deref().unwrap().contains("あ (euc-jp)"), "{undecided:?}");

    let mapping = "{encodings: [{encoding: euc-jp, columns: [t.euc]}, {encoding: shift-jis, columns: [t.mixed]}], cut_characters: geta, rules: []}";
    let (report, _) = scanned(&dump, &options(mapping, false));
    assert_eq!((report.reasons.get(&Reason::Undecided), report.decided), (None, 1));
    // What is decided converts to the same text that PostgreSQL itself reads there.
    server.query("orca", "UPDATE t SET mixed = NULL WHERE id = 3");
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.dump");
    let mapping = mapping.replace("shift-jis, columns: [t.mixed]", "mixed, columns: [t.mixed]");
    let options = ConvertOptions { mapping: mapping.parse().unwrap(), ..ConvertOptions::default() };
    convert(Cursor::new(dumped(&server, "orca")), &out, &options, &Progress::default()).unwrap();
    server.create("new", "UTF8");
    succeed(server.client("pg_restore").args(["-e", "-d", "new"]).arg(&out));
    let rows =
        server.query("new", "SELECT euc, replace(sjis, E'\\n', '/'), mixed FROM t ORDER BY id");
    assert_eq!(rows, "漢字蔭|漢字|漢字蔭\nあ|ソ\\/字|漢字\nascii|漢〓|\n|\\|\n");
}

#[test]
fn a_utf8_database_is_held_to_the_same_characters() {
    let server = Server::start();
    server.create("orca", "UTF8");
    server.query("orca", "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES
        (1, E'～\u{9ad9}\u{20bb7}\u{20b9f}\u{fa11}'), (2, E'\u{e000}\u{e269}\u{a0}\u{1f600}か\u{3099}');");
    let codes = server.query("orca", &format!("{MODEL} SELECT 't|v|id=' || id || '|' || \
        octet_length(left(v, n - 1)) || '|' || upper(encode(convert_to(substr(v, n, 1), 'UTF8'), 'hex')) || '|' || \
        pg_temp.why(convert_to(substr(v, n, 1), 'UTF8'), 'UTF8') FROM t, generate_series(1, 6) n \
        WHERE substr(v, n, 1) NOT IN ('', E'\\u3099') AND \
        pg_temp.why(convert_to(substr(v, n, 1), 'UTF8'), 'UTF8') IS NOT NULL"));
    let (report, all) = scanned(&dumped(&server, "orca"), &options("rules: []", true));
    assert_eq!(told(&all), codes.lines().map(str::to_owned).collect());
    assert!(
        report.open >= 4 && all.iter().any(|found| found.value.as_deref().unwrap().contains('髙'))
    );
}
