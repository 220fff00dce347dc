//! Damage to a real `pg_dump` archive, counted: cut off at every 4 KiB, single bits flipped. What
//! a full read misses, the file's SHA-256 finds; both are what `verify` gives.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::test_model::Dice;
use super::test_server::{Server, succeed};
use super::*;
use crate::diag::SourceText;
use crate::figures::{figure, is_full, size};
use crate::progress::Progress;

/// The command that prints the figures.
const COMMAND: &str = "cargo nextest run --no-capture damage_count_tests";

/// Where the file is cut off.
const STEP: u64 = 4096;

/// A database whose text is hard to compress, dumped in `form`.
fn dump(server: &Server, dir: &Path, rows: usize, form: &[&str]) -> PathBuf {
    let name = format!("orca_{rows}");
    if server
        .query("postgres", &format!("SELECT 1 FROM pg_database WHERE datname = '{name}'"))
        .is_empty()
    {
        server.create(&name, "UTF8");
        server.query(
            &name,
            &format!(
                "CREATE TABLE tbl_ptinf (ptid int PRIMARY KEY, name text, memo text);
             COMMENT ON TABLE tbl_ptinf IS '患者基本情報';
             INSERT INTO tbl_ptinf SELECT n, '架空　患者' || n, md5(n::text) || md5((-n)::text)
                 FROM generate_series(1, {rows}) n;
             CREATE TABLE tbl_jyurrk (ptid int, sryymd text, note text);
             INSERT INTO tbl_jyurrk SELECT n, '20270122', '再診　' || md5((n * 7)::text)
                 FROM generate_series(1, {rows}) n;
             SELECT lo_from_bytea(4711, decode(repeat(md5('x'), 500), 'hex'));"
            ),
        );
    }
    let path = dir.join(format!("{name}{}.dump", form.concat()));
    let mut pg_dump = server.client("pg_dump");
    succeed(pg_dump.arg("-Fc").args(form).args(["-d", &name, "-f"]).arg(&path));
    path
}

/// The sum by another program.
fn sha256sum(path: &Path) -> String {
    let output = succeed(Command::new("sha256sum").arg(path));
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

fn flip(path: &Path, at: u64, bit: u8) {
    let mut file = std::fs::File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    byte[0] ^= 1 << bit;
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&byte).unwrap();
}

#[test]
fn an_archive_that_was_cut_off_anywhere_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start();
    let path = dump(&server, dir.path(), if is_full() { 100_000 } else { 12_000 }, &[]);
    let (whole, sum) = (std::fs::metadata(&path).unwrap().len(), sha256sum(&path));
    let sound = verify(&path, &Progress::default()).unwrap();
    assert_eq!(sound.sha256.as_str(), sum, "an archive that is whole is taken");
    let cuts: Vec<u64> = (0..whole).step_by(usize::try_from(STEP).unwrap()).collect();
    let mut found = 0;
    // Shorter and shorter, so that one file serves all.
    for cut in cuts.iter().rev() {
        std::fs::File::options().write(true).open(&path).unwrap().set_len(*cut).unwrap();
        match verify(&path, &Progress::default()) {
            Ok(report) => println!("cut at {cut} of {whole} was not seen: {report:?}"),
            Err(_) => found += 1,
        }
    }
    let value = format!("{found} of {} ({whole} bytes)", cuts.len());
    figure("R7", "truncations at every 4 KiB found by the full read", value, COMMAND);
    assert_eq!(found, cuts.len());
    assert!(cuts.len() > 100);
}

#[test]
fn every_flipped_bit_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start();
    let path = dump(&server, dir.path(), 2_000, &[]);
    let (whole, sum) = (std::fs::metadata(&path).unwrap().len(), sha256sum(&path));
    let (count, mut dice) = (size(1_500, 10_000), Dice(20_270_122));
    let (mut by_read, mut by_sum) = (0, 0);
    for _ in 0..count {
        let (at, bit) = (dice.roll(usize::try_from(whole).unwrap()) as u64, dice.roll(8));
        let bit = u8::try_from(bit).unwrap();
        flip(&path, at, bit);
        match verify(&path, &Progress::default()) {
            Err(_) => by_read += 1,
            Ok(report) if report.sha256.as_str() != sum => by_sum += 1,
            Ok(_) => println!("bit {bit} of byte {at} was not seen"),
        }
        flip(&path, at, bit);
    }
    assert_eq!(verify(&path, &Progress::default()).unwrap().sha256.as_str(), sum);
    let found = by_read + by_sum;
    let value = format!("{found} of {count} ({by_read} by the full read, {by_sum} by SHA-256)");
    figure("R7", "flipped bits found before an upload", value, COMMAND);
    assert_eq!(found, count);
}

/// A bit error in what is not compressed shows in nothing but the sum: no archive is made so.
#[test]
fn uncompressed_archives_hide_flipped_bits_and_are_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start();
    let count = size(200, 1_000);
    let missed = |form: &str| {
        let path = dump(&server, dir.path(), 2_000, &[form]);
        let whole = usize::try_from(std::fs::metadata(&path).unwrap().len()).unwrap();
        let mut dice = Dice(4);
        let hidden = (0..count).filter(|_| {
            let (at, bit) = (dice.roll(whole) as u64, u8::try_from(dice.roll(8)).unwrap());
            flip(&path, at, bit);
            let sound = verify(&path, &Progress::default()).is_ok();
            flip(&path, at, bit);
            sound
        });
        hidden.count()
    };
    let (none, usual) = (missed("-Z0"), missed("-Z6"));
    let value = format!("{none} of {count} with -Z0, {usual} of {count} with -Z6");
    figure("R7", "flipped bits that a full read alone misses", value, COMMAND);
    assert!(none > count / 2 && usual < count / 20);

    let clinic = SourceText {
        name: "clinic.yaml".to_owned(),
        text: include_str!("../../examples/clinic.yaml").into(),
    };
    let shipped = include_str!("../../playbooks/cutover.yaml");
    let load = |level: &str| {
        let text = shipped.replace("\n  level: auto\n", &format!("\n  level: {level}\n"));
        assert_ne!(text, shipped);
        let text = text.into();
        crate::playbook::load(&SourceText { name: "cutover.yaml".to_owned(), text }, &clinic)
    };
    assert!(load("1").is_ok());
    let refused = load("0").unwrap_err();
    figure("R7", "-Z0 refused in a playbook", refused.0[0].code, COMMAND);
}
