//! Archives that are sound in form and wrong in content: what a restore would stumble over.

use super::test_model::{Dice, Form, Model};
use super::test_server::{Server, succeed};
use super::*;
use crate::diag::Explain;
use crate::progress::Progress;

#[test]
fn a_row_that_copy_would_refuse_is_damage_in_every_reader() {
    let dir = tempfile::tempdir().unwrap();
    let (path, out) = (dir.path().join("a"), dir.path().join("out"));
    let mut dice = Dice(20_270_402);
    let model = Model::new(&mut dice);
    let long = model.tables.iter().position(|table| table.name == "tbl_prtdata").unwrap();
    for bad in ["\0", "a\rb", "a\\", "\\0", "a\\N", "\\Na", "\\x4"] {
        for (table, column) in [(0, 2), (long, 2)] {
            let mut changed = model.clone();
            changed.tables[table].rows[0][column] = bad.to_owned();
            let form = Form { level: 0, ..Form::PLAIN };
            changed.write(&path, form);
            let progress = Progress::default();
            let verified = verify(&path, &progress).unwrap_err();
            let options = ConvertOptions::default();
            let file = std::fs::File::open(&path).unwrap();
            let converted = convert(file, &out, &options, &progress).unwrap_err();
            let compared = compare(&path, &path, &CompareOptions::default(), &progress);
            for error in [verified, converted, compared.unwrap_err()] {
                // Half an escape swallows the separator behind it.
                let code = error.code();
                assert_eq!(code, "archive-not-copy-text", "{bad:?} in table {table}: {error}");
                assert!(error.to_string().contains("row 1"), "{error}");
            }
            assert!(!out.exists());
        }
    }
}

#[test]
fn a_large_object_that_is_missing_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let (path, out) = (dir.path().join("a"), dir.path().join("out"));
    for fixture in ["15-none"] {
        let whole =
            format!("{}/tests/fixtures/archives/{fixture}.dump", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(&whole).unwrap();
        std::fs::write(&path, cut_object(&bytes, 4712)).unwrap();
        let progress = Progress::default();
        verify(std::path::Path::new(&whole), &progress).unwrap();
        let verified = verify(&path, &progress).unwrap_err();
        let file = std::fs::File::open(&path).unwrap();
        let options = ConvertOptions::default();
        let converted = convert(file, &out, &options, &progress).unwrap_err();
        for error in [verified, converted] {
            assert_eq!(error.code(), "archive-data-missing", "{fixture}: {error}");
            assert!(error.to_string().contains("4712"), "{error}");
        }
        assert!(!out.exists());
    }
}

/// A row that is too long to be held must not lose what is special about short values in it.
#[test]
fn nulls_and_escapes_beside_a_long_value_stay_what_they_are() {
    let server = Server::start();
    server.create("orca", "SQL_ASCII");
    server.query(
        "orca",
        r"CREATE TABLE t (id int, before text, number int, long text, after text, part text);
          INSERT INTO t VALUES (1, NULL, NULL, repeat('x', 1100000), NULL, E'a\\\t\N\nb'),
            (NULL, '\N', 7, repeat('y', 1100000), '', NULL);",
    );
    let dir = tempfile::tempdir().unwrap();
    let (dump, out) = (dir.path().join("dump"), dir.path().join("out"));
    succeed(server.client("pg_dump").args(["-Fc", "-d", "orca", "-f"]).arg(&dump));
    let file = std::fs::File::open(&dump).unwrap();
    convert(file, &out, &ConvertOptions::default(), &Progress::default()).unwrap();
    server.create("new", "UTF8");
    succeed(server.client("pg_restore").args(["-e", "-d", "new"]).arg(&out));
    let sql = "SELECT id, before, number, md5(long), after, part, before IS NULL, after IS NULL, \
               part IS NULL FROM t ORDER BY id";
    assert_eq!(server.query("new", sql), server.query("orca", sql));
    assert!(server.query("new", sql).contains("|t|t|f"), "the rows are there");
}

/// The archive without the data of an empty large object: its number and an empty chunk.
fn cut_object(bytes: &[u8], oid: u32) -> Vec<u8> {
    let int = |value: u32| {
        let mut bytes = vec![0];
        bytes.extend_from_slice(&value.to_le_bytes());
        bytes
    };
    let data = [int(oid), int(0)].concat();
    let at = bytes.windows(data.len()).rposition(|window| window == data).unwrap();
    [&bytes[..at], &bytes[at + data.len()..]].concat()
}
