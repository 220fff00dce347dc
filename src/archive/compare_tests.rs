//! A comparison finds every change and raises no false alarm: counted.

use std::path::{Path, PathBuf};

use super::test_model::{Dice, Form, Model};
use super::test_server::{Server, succeed};
use super::*;
use crate::diag::Explain;
use crate::progress::Progress;

fn look(expected: &Path, actual: &Path) -> CompareReport {
    compare(expected, actual, &CompareOptions::default(), &Progress::default()).unwrap()
}

fn bad(report: &CompareReport) -> Vec<&TableComparison> {
    report.tables.iter().filter(|table| !table.verdict.is_good()).collect()
}

/// Kinds of change that [`mutate`] knows.
const KINDS: usize = 14;

/// Changes one thing; false where the dice met a place that cannot be changed so.
fn mutate(model: &mut Model, kind: usize, dice: &mut Dice) -> bool {
    if kind >= 12 {
        let at = dice.roll(model.objects.len());
        if kind == 12 {
            let (_, content) = &mut model.objects[at];
            let byte = dice.roll(content.len());
            content[byte] ^= 1 << dice.roll(8);
        } else {
            model.objects.remove(at);
        }
        return true;
    }
    let table = dice.roll(4);
    let table = &mut model.tables[table];
    let (row, other) = (dice.roll(table.rows.len()), dice.roll(table.rows.len()));
    let (column, second) = (dice.roll(table.columns.len()), dice.roll(table.columns.len()));
    match kind {
        0 => {
            // One byte of one value.
            let value = &mut table.rows[row][column];
            let digits = value.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric());
            let digits: Vec<_> = digits.map(|(at, _)| at).collect();
            if digits.is_empty() || value.contains('\\') {
                return false;
            }
            let at = digits[dice.roll(digits.len())];
            value.replace_range(at..=at, "@");
        }
        1 => {
            table.rows.remove(row);
        }
        2 => table.rows.push(table.rows[row].clone()),
        3 => {
            // Two values of a column change places.
            let value = table.rows[row][column].clone();
            table.rows[row][column] = std::mem::replace(&mut table.rows[other][column], value);
        }
        4 => {
            let value = &mut table.rows[row][column];
            *value = if value == "\\N" { String::new() } else { "\\N".to_owned() };
        }
        // COPY writes nothing beside a NULL.
        5 if table.rows[row][column] == "\\N" => return false,
        5 => table.rows[row][column].push(' '),
        6 => table.rows[row].swap(column, second),
        7 => table.rows.clear(),
        8 => {
            // One character becomes one that looks the same.
            let value = &mut table.rows[row][column];
            *value = value.replace('〜', "～").replace('長', "⻑").replacen('　', " ", 1);
        }
        9 => table.rows[row] = table.rows[other].clone(),
        10 => table.columns.swap(column, second),
        _ if [column, second].iter().any(|at| table.rows[row][*at] == "\\N") => return false,
        _ => {
            // A value moves into its neighbour.
            let value = std::mem::take(&mut table.rows[row][column]);
            table.rows[row][second].push_str(&value);
        }
    }
    true
}

#[test]
fn single_changes_are_all_found() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice(20_270_401);
    let model = Model::new(&mut dice);
    let before = dir.path().join("before");
    model.write(&before, Form::PLAIN);
    let (mut found, mut named, mut by_kind) = (0, 0, [0; KINDS]);
    let wanted = crate::figures::size(300, 1_000);
    while found < wanted {
        let kind = dice.roll(KINDS);
        let mut changed = model.clone();
        if !mutate(&mut changed, kind, &mut dice) {
            continue;
        }
        // The model itself says whether that was a change at all.
        let objects = changed.objects != model.objects;
        if !objects && changed.meaning() == model.meaning() {
            continue;
        }
        let after = dir.path().join("after");
        changed.write(&after, Form::any(&mut dice));
        let report = look(&before, &after);
        assert_eq!(report.result, Compared::Different, "change {kind} was not found");
        assert_eq!(
            (bad(&report).len(), report.large_objects.same),
            (usize::from(!objects), !objects)
        );
        if let [table] = bad(&report)[..] {
            assert_eq!(table.verdict, Verdict::RowsDiffer);
            named += usize::from(!table.differences.is_empty());
            assert!(table.differing_rows_at_least > 0);
        }
        found += 1;
        by_kind[kind] += 1;
    }
    assert!(by_kind.iter().all(|count| *count > wanted / 50), "{by_kind:?}");
    // All but the large objects' changes name rows.
    assert_eq!(named, wanted - by_kind[12] - by_kind[13]);
}

#[test]
fn the_same_rows_in_any_form_raise_no_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice(4711);
    for turn in 0..90 {
        let model = Model::new(&mut dice);
        let mut turned = model.clone();
        for table in &mut turned.tables {
            dice.shuffle(&mut table.rows);
            let mut order: Vec<usize> = (0..table.columns.len()).collect();
            if turn % 3 == 0 {
                dice.shuffle(&mut order);
            }
            let pick = |values: &[String]| order.iter().map(|at| values[*at].clone()).collect();
            table.columns = pick(&table.columns);
            table.rows = table.rows.iter().map(|row| pick(row)).collect();
        }
        dice.shuffle(&mut turned.tables);
        dice.shuffle(&mut turned.objects);
        assert_eq!(model.meaning(), turned.meaning());
        let (before, after) = (dir.path().join("before"), dir.path().join("after"));
        let forms = (Form::any(&mut dice), Form::any(&mut dice));
        model.write(&before, forms.0);
        turned.write(&after, forms.1);
        let report = look(&before, &after);
        assert!(report.same, "{forms:?}: {:?}", bad(&report));
    }
}

#[test]
fn the_models_archives_are_archives_to_pg_restore_and_verify() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let model = Model::new(&mut Dice(1));
    for minor in [12, 13, 14] {
        for (level, offsets) in [(0, true), (6, false), (6, true)] {
            let path = dir.path().join("model");
            model.write(&path, Form { minor, level, offsets, chunk_per_row: true });
            let restored = server.client("pg_restore").args(["-a", "-f", "-"]).arg(&path).output();
            let sql = String::from_utf8(restored.unwrap().stdout).unwrap();
            for row in model.tables.iter().flat_map(|table| &table.rows) {
                assert!(sql.contains(&format!("\n{}\n", row.join("\t"))));
            }
            let report = verify(&path, &Progress::default()).unwrap();
            let rows: usize = model.tables.iter().map(|table| table.rows.len()).sum();
            assert_eq!((report.rows, report.large_objects), (rows as u64, 2));
            let sum = succeed(std::process::Command::new("sha256sum").arg(&path)).stdout;
            assert!(sum.starts_with(report.sha256.0.as_bytes()));
            assert_eq!(report.bytes, std::fs::metadata(&path).unwrap().len());
        }
    }
}

/// A clinic's database in EUC-JP and its dumps.
struct Clinic {
    server: Server,
    dir: tempfile::TempDir,
}

const SCHEMA: &str = "
    CREATE TABLE tbl_ptinf (hospnum numeric(2), ptid numeric(10), name varchar(100),
        kananame varchar(100), memo text, PRIMARY KEY (hospnum, ptid));
    CREATE TABLE tbl_synonym (word text, kind text);
    CREATE TABLE monblob (id integer PRIMARY KEY, file_data bytea);
    INSERT INTO tbl_ptinf SELECT 1, 1000000 + n, '試験　患者～' || n, 'ｼｹﾝ ｶﾞﾊﾟｱ',
        E'行1\\n行2\\tタブ\\\\ ①㈱－∥￠￡￢￥￣―' || repeat('漢', n % 50) FROM generate_series(1, 2000) n;
    INSERT INTO tbl_synonym SELECT '同義語' || n % 5, NULLIF(n % 3, 0)::text FROM generate_series(1, 300) n;
    INSERT INTO monblob VALUES (1, decode(repeat('a1c1fcff', 400000), 'hex')), (2, '');
    SELECT lo_from_bytea(4711, decode(repeat('a1c1', 1000), 'hex'));";

impl Clinic {
    fn new() -> Self {
        let clinic = Self { server: Server::start(), dir: tempfile::tempdir().unwrap() };
        clinic.server.create("orca", "EUC_JP");
        clinic.server.query("orca", SCHEMA);
        clinic
    }

    fn dump(&self, name: &str, options: &[&str]) -> PathBuf {
        let path = self.dir.path().join(name);
        let mut dump = self.server.client("pg_dump");
        succeed(dump.arg("-Fc").args(options).arg("-f").arg(&path).arg("orca"));
        path
    }

    fn convert(&self, from: &Path, name: &str, mapping: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        let options = ConvertOptions { mapping: mapping.parse().unwrap(), ..Default::default() };
        convert(std::fs::File::open(from).unwrap(), &path, &options, &Progress::default()).unwrap();
        path
    }
}

#[test]
fn real_dumps_of_the_same_rows_are_the_same_in_either_encoding() {
    let clinic = Clinic::new();
    let before = clinic.dump("before", &["-Z6"]);
    let utf8 = clinic.convert(&before, "utf8", "rules: []");
    for (turn, level) in ["-Z0", "-Z1", "-Z9", "-Z0", "-Z6"].into_iter().enumerate() {
        clinic.server.query(
            "orca",
            "
            CREATE TABLE mixed AS SELECT * FROM tbl_ptinf ORDER BY random(); TRUNCATE tbl_ptinf;
            INSERT INTO tbl_ptinf SELECT * FROM mixed; DROP TABLE mixed;
            CREATE TABLE mixed AS SELECT * FROM tbl_synonym ORDER BY random();
            TRUNCATE tbl_synonym; INSERT INTO tbl_synonym SELECT * FROM mixed; DROP TABLE mixed;",
        );
        let after = clinic.dump("after", &[level]);
        for (a, b) in [(&before, &after), (&utf8, &after), (&after, &utf8)] {
            let report = look(a, b);
            assert!(report.same, "{turn}: {:?}", bad(&report));
            assert_eq!((report.expected_rows, report.large_objects.expected), (2302, 1));
        }
    }
    // PostgreSQL's own conversion gives other characters, and that is seen.
    let report = look(&before, &clinic.dump("wrong", &["-E", "UTF8"]));
    assert_eq!((report.result, bad(&report).len()), (Compared::Different, 1));
    // Some rows share a bucket with another one: the number is a lower bound.
    assert!((1900..=2000).contains(&bad(&report)[0].differing_rows_at_least));
}

#[test]
fn differing_rows_are_named_by_masked_keys_and_columns() {
    let clinic = Clinic::new();
    let before = clinic.dump("before", &[]);
    clinic.server.query(
        "orca",
        "UPDATE tbl_ptinf SET name = 'x', kananame = NULL WHERE ptid = 1000077;
         DELETE FROM tbl_ptinf WHERE ptid = 1000078;
         INSERT INTO tbl_ptinf VALUES (2, 3000099, '見本', '', '');
         UPDATE monblob SET file_data = set_byte(file_data, 1000000, 7) WHERE id = 1;
         DELETE FROM tbl_synonym WHERE ctid = (SELECT min(ctid) FROM tbl_synonym);
         SELECT lo_put(4711, 0, 'x')",
    );
    let after = clinic.dump("after", &["-Z0"]);
    // In one encoding, and with the first side transcoded on the way.
    for before in [&before, &clinic.convert(&before, "utf8", "rules: []")] {
        let report = look(before, &after);
        assert_eq!((report.result, bad(&report).len()), (Compared::Different, 3));
        assert!(!report.large_objects.same);
        let rows = |table: &str| {
            let of = report.tables.iter().find(|t| t.table == table).unwrap();
            assert_eq!(of.differing_rows_at_least, of.differences.len() as u64);
            of.differences.clone()
        };
        let told: Vec<_> = rows("tbl_ptinf")
            .into_iter()
            .map(|row| (row.kind, row.key, row.columns.join(",")))
            .collect();
        let key = |text: &str| text.to_owned();
        use RowDifferenceKind::{Changed, Extra, Missing};
        assert_eq!(
            told,
            [
                (Changed, key("hospnum=*,ptid=*77"), key("name,kananame")),
                (Missing, key("hospnum=*,ptid=*78"), key("")),
                (Extra, key("hospnum=*,ptid=*99"), key("")),
            ]
        );
        let [blob] = &rows("monblob")[..] else { panic!("one row") };
        assert_eq!((blob.kind, blob.columns.join(",")), (Changed, key("file_data")));
        let [word] = &rows("tbl_synonym")[..] else { panic!("one row") };
        assert_eq!((word.kind, word.key.as_str(), word.actual_row), (Missing, "", None));
    }
    let options = CompareOptions { show_keys: true, ..CompareOptions::default() };
    let report = compare(&before, &after, &options, &Progress::default()).unwrap();
    let told = serde_json::to_string(&report).unwrap();
    assert!(told.contains("hospnum=1,ptid=1000077"));
    for hidden in ["試験", "見本", "行1"] {
        assert!(!told.contains(hidden));
    }
}

#[test]
fn what_needs_a_decision_cannot_be_told_until_it_is_made() {
    let clinic = Clinic::new();
    clinic.server.query("orca", "UPDATE tbl_ptinf SET name = '髙橋' WHERE ptid = 1000005");
    let before = clinic.dump("before", &[]);
    let mapping = "rules: [{code: 8FF4FB, to: U+9AD8}]";
    let after = clinic.convert(&before, "after", mapping);
    for (a, b) in [(&before, &after), (&after, &before)] {
        let report = look(a, b);
        assert_eq!(report.result, Compared::CouldNotTell);
        let [table] = bad(&report)[..] else { panic!("{report:?}") };
        assert_eq!((table.verdict, table.undecided), (Verdict::CouldNotTell, 1));
        let mapping = mapping.parse().unwrap();
        let options = CompareOptions { mapping, ..CompareOptions::default() };
        assert!(compare(a, b, &options, &Progress::default()).unwrap().same);
    }
    // A difference elsewhere is a difference all the same.
    clinic.server.query("orca", "DELETE FROM monblob WHERE id = 2");
    assert_eq!(look(&clinic.dump("less", &[]), &after).result, Compared::Different);
}

#[test]
fn a_table_without_data_is_still_a_table() {
    let clinic = Clinic::new();
    clinic.server.query("orca", "CREATE TABLE tbl_more (a text); CREATE TABLE tbl_lock (a text)");
    let without = ["--exclude-table-data=tbl_more", "--exclude-table-data=tbl_lock"];
    let before = clinic.dump("before", &without);
    let verdict = |report: &CompareReport, name: &str| {
        report.tables.iter().find(|table| table.table == name).map(|table| table.verdict)
    };
    assert_eq!(verdict(&look(&before, &clinic.dump("all", &[])), "tbl_more"), Some(Verdict::Same));
    assert!(look(&before, &clinic.dump("data", &["-a"])).same);
    clinic.server.query("orca", "DROP TABLE tbl_more; INSERT INTO tbl_lock VALUES ('x')");
    let report = look(&before, &clinic.dump("after", &[]));
    assert_eq!(verdict(&report, "tbl_more"), Some(Verdict::Missing));
    assert_eq!(verdict(&report, "tbl_lock"), Some(Verdict::AsExpected));
    assert_eq!(report.result, Compared::Different);
}

#[test]
fn nothing_may_stand_between_the_blocks_or_behind_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("model");
    let model = Model::new(&mut Dice(1));
    for offsets in [true, false] {
        let form = Form { offsets, ..Form::PLAIN };
        model.write(&path, form);
        let sound = std::fs::read(&path).unwrap();
        let check = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            verify(&path, &Progress::default()).map_err(|error| error.code())
        };
        assert!(check(&sound).is_ok());
        assert!(check(&[&sound[..], &[0]].concat()).is_err());
        let behind = [&sound[..], &[1, 0, 1, 0, 0, 0]].concat();
        assert!(check(&behind).is_err());
        // Each cut ends in an error, whichever thread meets it.
        for at in (sound.len() - 9000..sound.len()).step_by(97) {
            assert!(check(&sound[..at]).is_err(), "cut at {at}");
        }
        // The last table's block is doubled: the second one belongs to nobody.
        let blocks = sound.windows(6).rposition(|bytes| bytes == [3, 0, 0x40, 0x1f, 0, 0]).unwrap();
        let doubled = [&sound[..blocks], &sound[blocks..], &sound[blocks..]].concat();
        assert!(check(&doubled).is_err());
    }
}

#[test]
fn the_first_fault_in_the_file_is_the_one_that_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("model");
    let mut model = Model::new(&mut Dice(1));
    model.tables[1].rows[50].push("one too many".to_owned());
    model.tables[3].rows[0].pop();
    for _ in 0..20 {
        for offsets in [true, false] {
            model.write(&path, Form { offsets, ..Form::PLAIN });
            let error = verify(&path, &Progress::default()).unwrap_err();
            assert!(
                matches!(&error, ArchiveError::RowShape { table, row: 51, .. } if table == "tbl_jyurrk"),
                "{error}"
            );
        }
    }
}
