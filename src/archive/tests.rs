//! Real archives of a real pg_dump, read by a real pg_restore.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::test_model::Dice;
use super::test_server::{Server, succeed};
use super::*;
use crate::charset::Reason;
use crate::diag::Explain;
use crate::progress::Progress;

const SCHEMA: &str = r#"
    CREATE SCHEMA master;
    CREATE TABLE tbl_ptinf (hospnum numeric(2), ptid numeric(10), name varchar(100),
        kananame varchar(100), sex char(4), memo text, PRIMARY KEY (hospnum, ptid));
    CREATE TABLE master.tbl_tensu_master (srycd char(9) PRIMARY KEY, name varchar(100));
    CREATE VIEW tbl_tensu AS SELECT srycd, name FROM master.tbl_tensu_master WHERE name <> '～';
    CREATE TABLE monblob (id serial PRIMARY KEY, filename varchar(50), file_data bytea);
    CREATE TABLE "患者 表" ("氏名" text, "a ""(b" text);
    CREATE TABLE no_columns ();
    CREATE TABLE no_rows (a text);
    CREATE TABLE tbl_lock (a text);
    COMMENT ON TABLE tbl_ptinf IS '患者基本情報－１';
    INSERT INTO no_columns DEFAULT VALUES; INSERT INTO no_columns DEFAULT VALUES;
    INSERT INTO tbl_ptinf SELECT 1, n, '試験　患者～' || n, 'ｼｹﾝ ｶﾞﾊﾟｱ', '女',
        E'行1\n行2\tタブ\\ "引用" ①㈱－∥￠￡￢￥￣―' || repeat('漢', n % 50)
        FROM generate_series(1, 3000) n;
    INSERT INTO tbl_ptinf VALUES (2, 1, NULL, '', '', NULL), (2, 2, '\.', '\N', 'x', repeat('字', 400000));
    INSERT INTO master.tbl_tensu_master VALUES ('1', '初診'), ('2', '再診');
    INSERT INTO monblob (filename, file_data) SELECT 'f' || n, decode(repeat(md5(n::text), 20000), 'hex')
        FROM generate_series(1, 3) n;
    INSERT INTO "患者 表" VALUES ('あ', 'い'), (NULL, '');
    INSERT INTO tbl_lock VALUES ('x');
    SELECT lo_from_bytea(4711, decode(repeat('a1c1', 1000), 'hex'));
"#;

/// The published substitutions as SQL, applied to the side that PostgreSQL itself converted.
const FORMS: &str =
    r"'～－∥￠￡￢￥￣―', E'\u301c\u2212\u2016\u00a2\u00a3\u00ac\u00a5\u203e\u2014'";

/// The patients' rows; the model's substitutions are applied where `modelled`.
fn content(modelled: bool) -> String {
    let (text, kana) = if modelled {
        (format!("translate(COLUMN, {FORMS})"), "normalize(kananame, NFKC)")
    } else {
        ("COLUMN".to_owned(), "kananame")
    };
    let (name, memo) = (text.replace("COLUMN", "name"), text.replace("COLUMN", "memo"));
    format!(
        "SELECT hospnum, ptid, {name}, {kana}, sex, length(sex), md5({memo}) FROM tbl_ptinf \
         ORDER BY 1, 2"
    )
}

const OTHER_CONTENT: &str = r#"
    SELECT *, 'tensu' FROM master.tbl_tensu_master UNION ALL
    SELECT filename, md5(file_data), 'blob' FROM monblob UNION ALL
    SELECT "氏名", "a ""(b", 'quoted' FROM "患者 表" UNION ALL
    SELECT count(*)::text, '', 'no columns' FROM no_columns UNION ALL
    SELECT count(*)::text, '', 'no rows' FROM no_rows UNION ALL
    SELECT md5(lo_get(4711)), '', 'large object' UNION ALL
    SELECT COMMENT, '', 'comment'
    ORDER BY 3, 1;
"#;

fn other_content(modelled: bool) -> String {
    let comment = "obj_description('tbl_ptinf'::regclass)";
    let modelled =
        if modelled { format!("translate({comment}, {FORMS})") } else { comment.to_owned() };
    OTHER_CONTENT.replace("COMMENT", &modelled)
}

struct World {
    server: Server,
    dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { server: Server::start(), dir: tempfile::tempdir().unwrap() };
        world.server.create("orca", "EUC_JP");
        world.server.query("orca", SCHEMA);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn dump(&self, options: &[&str], name: &str) -> PathBuf {
        let path = self.path(name);
        succeed(self.server.client("pg_dump").args(options).arg("-f").arg(&path).arg("orca"));
        path
    }

    /// The production way: a live pipe, nothing compressed.
    fn convert_piped(&self, name: &str) -> Result<ConvertReport, ArchiveError> {
        let mut dump = self.server.client("pg_dump");
        let mut child = dump.args(["-Fc", "-Z0", "orca"]).stdout(Stdio::piped()).spawn().unwrap();
        let pipe = child.stdout.take().unwrap();
        let options = ConvertOptions::default();
        let report = convert(pipe, &self.path(name), &options, &Progress::default());
        let status = child.wait().unwrap();
        assert!(report.is_err() || status.success());
        report
    }

    fn restore(&self, archive: &Path, database: &str, options: &[&str]) {
        self.server.create(database, "UTF8");
        let mut restore = self.server.client("pg_restore");
        succeed(restore.args(["-e", "-d", database]).args(options).arg(archive));
    }
}

fn same_rows(report: &CompareReport, table: &str) -> Verdict {
    report.tables.iter().find(|t| t.table == table).unwrap().verdict
}

#[test]
fn a_clinics_dump_becomes_an_archive_that_pg_restore_takes() {
    let world = World::new();
    let report = world.convert_piped("out.dump").unwrap();
    let out = world.path("out.dump");
    assert!(!world.path("out.dump.part").exists());
    let sum = String::from_utf8(succeed(Command::new("sha256sum").arg(&out)).stdout).unwrap();
    assert!(sum.starts_with(&report.sha256.0));
    assert_eq!(report.bytes_out, std::fs::metadata(&out).unwrap().len());
    assert_eq!(report.rows, 3002 + 2 + 3 + 2 + 2 + 1);
    assert!(report.rules.iter().any(|rule| rule.rule == "kana-sound-mark-joined"));
    assert_eq!(report.lossy.total, 0);
    assert_eq!(report.shortened.by_column.get("public.tbl_ptinf.kananame"), Some(&6000));

    // The oracle is PostgreSQL's own conversion of the same dump, plus the substitutions.
    let plain = world.dump(&["-Fc"], "plain.dump");
    world.restore(&plain, "expected", &[]);
    world.restore(&out, "restored", &[]);
    world.restore(&out, "parallel", &["-j2"]);
    for database in ["restored", "parallel"] {
        for (model, plain) in
            [(content(true), content(false)), (other_content(true), other_content(false))]
        {
            let expected = world.server.query("expected", &model);
            assert!(!expected.is_empty());
            assert_eq!(world.server.query(database, &plain), expected);
        }
    }
    let list = succeed(world.server.client("pg_restore").arg("-l").arg(&out)).stdout;
    assert!(String::from_utf8(list).unwrap().contains("TABLE DATA public 患者 表"));
    let one = succeed(
        world.server.client("pg_restore").args(["-f", "-", "-a", "-t", "monblob"]).arg(&out),
    );
    assert!(String::from_utf8(one.stdout).unwrap().contains("COPY public.monblob"));

    let verified = verify(&out, &Progress::default()).unwrap();
    assert_eq!(verified.rows, report.rows);
    assert_eq!(verified.sha256, report.sha256);
    assert_eq!(verified.large_objects, 1);
    assert_eq!(verified.target_text, Some(TargetText::default()));
    // The dump that PostgreSQL itself makes in UTF-8 restores as well, and is wrong for ORCA.
    let wrong = world.dump(&["-Fc", "-E", "UTF8"], "wrong.dump");
    let wrong = verify(&wrong, &Progress::default()).unwrap().target_text.unwrap();
    assert_eq!((wrong.outside, wrong.other_forms.len()), (0, 9));
    assert_eq!(verified.encoding, crate::charset::SourceEncoding::Utf8);
    let info = inspect(&out).unwrap();
    assert_eq!(info.database, "orca");
    assert!(info.tables.iter().any(|t| t.table == "患者 表" && t.columns == ["氏名", "a \"(b"]));
}

#[test]
fn what_cannot_be_converted_is_named_and_leaves_no_file() {
    let world = World::new();
    world.server.query("orca", "INSERT INTO tbl_ptinf VALUES (3, 123456, '髙橋', 'x', '女', convert_from('\\xfce2', 'EUC_JP'))");
    let Err(ArchiveError::Unconvertible(found)) = world.convert_piped("out.dump") else {
        panic!("it was converted")
    };
    assert_eq!(found.total, 2);
    let first = &found.findings[0];
    assert_eq!((first.reason, first.code.as_str()), (Reason::Ambiguous, "8FF4FB"));
    assert_eq!(
        (first.table.as_str(), first.column.as_str(), first.row),
        ("tbl_ptinf", "name", 3003)
    );
    assert_eq!(first.key, "hospnum=*,ptid=*56");
    assert_eq!(found.findings[1].reason, Reason::Ambiguous);
    assert_eq!(std::fs::read_dir(world.dir.path()).unwrap().count(), 0);

    let mapping =
        "rules: [{code: 8FF4FB, to: U+9AD8}, {code: FCE2, to: U+3013, tables: [tbl_ptinf]}]";
    let options = ConvertOptions { mapping: mapping.parse().unwrap(), ..ConvertOptions::default() };
    let dump = std::fs::File::open(world.dump(&["-Fc", "-Z6"], "in.dump")).unwrap();
    let report = convert(dump, &world.path("out.dump"), &options, &Progress::default()).unwrap();
    assert_eq!(report.lossy.total, 2);
    assert_eq!(report.lossy.findings[0].rule.as_deref(), Some("map-8FF4FB"));
}

#[test]
fn compare_finds_every_kind_of_difference() {
    let world = World::new();
    let before = world.dump(&["-Fc"], "before.dump");
    let look = |name: &str| {
        let after = world.dump(&["-Fc", "-Z0"], name);
        compare(&before, &after, &CompareOptions::default(), &Progress::default()).unwrap()
    };
    world.server.query("orca", "UPDATE tbl_ptinf SET name = name; TRUNCATE tbl_lock");
    let report = look("same.dump");
    assert!(report.same, "{report:?}");
    assert_eq!(same_rows(&report, "tbl_lock"), Verdict::AsExpected);
    for (change, back) in [
        (
            "UPDATE tbl_ptinf SET sex = '男' WHERE ptid = 77",
            "UPDATE tbl_ptinf SET sex = '女' WHERE ptid = 77",
        ),
        (
            "INSERT INTO \"患者 表\" VALUES ('あ', 'い')",
            "DELETE FROM \"患者 表\" WHERE ctid = (SELECT max(ctid) FROM \"患者 表\")",
        ),
        ("DELETE FROM monblob WHERE id = 2", ""),
    ] {
        world.server.query("orca", change);
        let report = look("changed.dump");
        assert!(!report.same, "{change}");
        assert_eq!(report.tables.iter().filter(|t| !t.verdict.is_good()).count(), 1, "{change}");
        world.server.query("orca", back);
    }
    world.server.query("orca", "ALTER TABLE tbl_ptinf ADD extra text; CREATE TABLE more (a text); DROP VIEW tbl_tensu; DROP TABLE master.tbl_tensu_master");
    let report = look("schema.dump");
    assert_eq!(same_rows(&report, "tbl_ptinf"), Verdict::ColumnsDiffer);
    assert_eq!(same_rows(&report, "more"), Verdict::Extra);
    assert_eq!(same_rows(&report, "tbl_tensu_master"), Verdict::Missing);
    // The same columns in another order hold the same rows.
    world.server.query("orca", "ALTER TABLE tbl_ptinf DROP extra; ALTER TABLE tbl_ptinf RENAME name TO old; ALTER TABLE tbl_ptinf ADD name varchar(100); UPDATE tbl_ptinf SET name = old; ALTER TABLE tbl_ptinf DROP old");
    assert_eq!(same_rows(&look("order.dump"), "tbl_ptinf"), Verdict::Same);
}

#[test]
fn other_files_are_called_by_their_names() {
    let world = World::new();
    let code = |path: &Path| inspect(path).unwrap_err().code();
    assert_eq!(code(&world.dump(&["-Fp"], "a.sql")), "archive-is-plain-sql");
    assert_eq!(code(&world.dump(&["-Ft"], "a.tar")), "archive-is-tar");
    succeed(Command::new("gzip").arg(world.path("a.sql")));
    assert_eq!(code(&world.path("a.sql.gz")), "archive-is-gzip");
    std::fs::write(world.path("empty"), "").unwrap();
    assert_eq!(code(&world.path("empty")), "archive-is-empty");
    assert_eq!(code(&world.path("nowhere")), "archive-cannot-read");
    let inserts = world.dump(&["-Fc", "--inserts"], "inserts.dump");
    assert_eq!(verify(&inserts, &Progress::default()).unwrap_err().code(), "archive-not-copy-data");
}

#[test]
fn older_and_newer_versions_hold_the_same_rows() {
    let world = World::new();
    let dump = std::fs::read(world.dump(&["-Fc"], "in.dump")).unwrap();
    let expected = verify(&world.path("in.dump"), &Progress::default()).unwrap();
    let open = || {
        reader::Reader::new(Cursor::new(&dump), Path::new("-"), false, &Progress::default())
            .unwrap()
    };

    // 1.12 and 1.13: rewritten by our writer, accepted by pg_restore, and kept by a conversion.
    for minor in [12, 13] {
        let mut source = open();
        source.header.version.minor = minor;
        let path = world.path(&format!("old{minor}"));
        let mut old = writer::Writer::new(std::fs::File::create_new(&path).unwrap(), &path, 6);
        old.head(&source.header, &source.entries).unwrap();
        while let Some(block) = source.next_block().unwrap() {
            match block {
                reader::Block::Table(id) => {
                    old.part(compress::Part::Table(id)).unwrap();
                    source.content(|bytes, _| old.part(compress::alone(bytes))).unwrap();
                    old.part(compress::Part::End).unwrap();
                }
                reader::Block::Blobs(id) => {
                    old.part(compress::Part::Blobs(id)).unwrap();
                    while let Some(oid) = source.next_blob().unwrap() {
                        old.part(compress::Part::Blob(oid)).unwrap();
                        source.content(|bytes, _| old.part(compress::alone(bytes))).unwrap();
                        old.part(compress::Part::End).unwrap();
                    }
                    old.part(compress::Part::EndBlobs).unwrap();
                }
            }
        }
        old.finish().unwrap();
        assert_eq!(verify(&path, &Progress::default()).unwrap().tables, expected.tables);
        world.restore(&path, &format!("old{minor}"), &[]);
        let input = std::fs::File::open(&path).unwrap();
        let report =
            convert(input, &world.path("new"), &ConvertOptions::default(), &Progress::default());
        assert_eq!(report.unwrap().archive_version.minor, minor);
        world.restore(&world.path("new"), &format!("new{minor}"), &["-j2"]);
    }

    // 1.15: the level became an algorithm's number.
    let piped = succeed(world.server.client("pg_dump").args(["-Fc", "orca"])).stdout;
    let mut newer = piped[..11].to_vec();
    newer[6] = 15;
    newer.push(1);
    newer.extend_from_slice(&piped[16..]);
    std::fs::write(world.path("v15"), &newer).unwrap();
    assert_eq!(verify(&world.path("v15"), &Progress::default()).unwrap().tables, expected.tables);
    newer[11] = 4;
    std::fs::write(world.path("v15"), &newer).unwrap();
    let error = inspect(&world.path("v15")).unwrap_err();
    assert!(
        matches!(error, ArchiveError::UnsupportedCompression { algorithm } if algorithm == "4")
    );
    newer[6] = 17;
    std::fs::write(world.path("v17"), &newer).unwrap();
    assert_eq!(inspect(&world.path("v17")).unwrap_err().code(), "archive-unsupported-version");
}

#[test]
fn damaged_archives_are_errors_and_never_panics() {
    let world = World::new();
    world.server.query("orca", "DELETE FROM tbl_ptinf WHERE ptid > 20 OR hospnum = 2; DELETE FROM monblob WHERE id > 1; UPDATE monblob SET file_data = 'x'");
    let archives =
        ["-Z6", "-Z0"].map(|level| std::fs::read(world.dump(&["-Fc", level], level)).unwrap());
    let mut dice = Dice(20_270_121);
    let (mut caught, out) = ([0, 0], world.path("out"));
    for turn in 0..1000 {
        let mut bytes = archives[turn % 2].clone();
        if dice.roll(4) == 0 {
            bytes.truncate(dice.roll(bytes.len()));
            let path = world.path("mutant");
            std::fs::write(&path, &bytes).unwrap();
            assert!(verify(&path, &Progress::default()).is_err(), "a truncated archive passed");
        } else {
            for _ in 0..=dice.roll(3) {
                let at = dice.roll(bytes.len());
                bytes[at] = u8::try_from(dice.roll(256)).unwrap();
            }
        }
        let path = world.path("mutant");
        std::fs::write(&path, &bytes).unwrap();
        let _ = inspect(&path);
        if verify(&path, &Progress::default()).is_err() {
            caught[turn % 2] += 1;
        }
        let result =
            convert(Cursor::new(&bytes), &out, &ConvertOptions::default(), &Progress::default());
        assert_eq!(result.is_ok(), out.exists());
        assert!(!world.path("out.part").exists());
        let _ = std::fs::remove_file(&out);
    }
    assert!(caught[0] > 200 && caught[1] > 100, "{caught:?}");
}

#[test]
fn a_disk_that_is_full_or_a_folder_that_is_missing_is_an_error() {
    let world = World::new();
    let dump = std::fs::read(world.dump(&["-Fc"], "in.dump")).unwrap();
    let nowhere = world.path("nowhere").join("out");
    let options = ConvertOptions::default();
    let error = convert(Cursor::new(&dump), &nowhere, &options, &Progress::default()).unwrap_err();
    assert_eq!(error.code(), "archive-cannot-write");

    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut writer = writer::Writer::new(full, Path::new("/dev/full"), 6);
    let source =
        reader::Reader::new(Cursor::new(&dump), Path::new("-"), false, &Progress::default());
    let source = source.unwrap();
    let head = writer.head(&source.header, &source.entries);
    let error = head.and_then(|()| writer.finish()?.sync()).unwrap_err();
    let ArchiveError::Write { kind, .. } = error else { panic!("{error}") };
    assert_eq!(kind, std::io::ErrorKind::StorageFull);
}
