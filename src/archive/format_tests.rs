//! Archives that other programs wrote: every version, every compression, and their ruins.
//!
//! `tests/fixtures/archives/README.md` says who wrote which. What comes out is restored by a real
//! `pg_restore` and held against the same clinic, made by its own SQL.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::test_server::{Server, succeed};
use super::*;
use crate::diag::Explain;
use crate::progress::Progress;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/archives")
}

/// The fixtures whose names begin so, by name.
pub(super) fn fixtures(start: &str) -> Vec<(String, PathBuf)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut named: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "dump"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .filter(|(name, _)| name.starts_with(start))
        .collect();
    named.sort();
    assert!(!named.is_empty(), "no fixtures `{start}`");
    named
}

fn converted(path: &Path, out: &Path, server: &str) -> ConvertReport {
    let for_server = Some(server.parse().unwrap());
    let options = ConvertOptions { for_server, ..ConvertOptions::default() };
    let input = std::fs::File::open(path).unwrap();
    convert(input, out, &options, &Progress::default())
        .unwrap_or_else(|error| panic!("{}: {error:?}", path.display()))
}

fn restore(server: &Server, archive: &Path, database: &str, encoding: &str) {
    server.create(database, encoding);
    succeed(server.client("pg_restore").args(["-e", "-d", database]).arg(archive));
}

/// Everything the synthetic clinic holds that must survive.
const CLINIC: &str = r#"
    SELECT 'pt', concat_ws('|', hospnum, ptid, name, kananame, sex, birthday, md5(convert_to(memo, 'UTF8'))) FROM tbl_ptinf
    UNION ALL SELECT 'tensu', concat_ws('|', srycd, name) FROM tbl_tensu
    UNION ALL SELECT 'blob', concat_ws('|', id, filename, md5(file_data)) FROM monblob
    UNION ALL SELECT 'quoted', "氏名" FROM "患者 表"
    UNION ALL SELECT 'no rows', count(*)::text FROM no_rows
    UNION ALL SELECT 'lo', concat_ws('|', oid, md5(lo_get(oid)), lomacl::text) FROM pg_largeobject_metadata
    UNION ALL SELECT 'lo comment', obj_description(4711, 'pg_largeobject')
    UNION ALL SELECT 'comment', obj_description('tbl_ptinf'::regclass)
    UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'key', conname FROM pg_constraint WHERE contype = 'p' AND oid > 16383
    UNION ALL SELECT 'index', relname FROM pg_class WHERE relkind = 'i' AND relname LIKE 'by_%'
    UNION ALL SELECT 'limits', concat_ws('|', seqrelid::regclass, seqmin, seqmax) FROM pg_sequence
    UNION ALL SELECT 'grant', has_table_privilege('public', 'tbl_ptinf', 'SELECT')::text
    ORDER BY 1, 2
"#;

#[test]
fn dumps_of_every_server_are_restored_by_an_older_one() {
    let server = Server::start();
    server.create("expected", "EUC_JP");
    let mut psql = server.client("psql");
    psql.args(["-Xq", "-v", "ON_ERROR_STOP=1", "-d", "expected", "-f"]);
    succeed(psql.arg(folder().join("clinic.sql")));
    let expected = server.query("expected", CLINIC);
    assert!(expected.lines().count() > 40, "{expected}");
    let dir = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    for (name, path) in fixtures("1") {
        let info = inspect(&path).unwrap();
        seen.push((info.archive_version.minor, info.compression));
        let verified = verify(&path, &Progress::default()).unwrap();
        assert_eq!((verified.rows, verified.large_objects), (27, 4), "{name}");
        for (older, minor) in [("9.6", 12), ("11", 13), ("15", 14)] {
            let out = dir.path().join(format!("{name}-{older}"));
            let report = converted(&path, &out, older);
            assert_eq!(report.archive_version.minor, minor, "{name}");
            let database = format!("{name}-{older}");
            restore(&server, &out, &database, "UTF8");
            assert_eq!(server.query(&database, CLINIC), expected, "{database}");
        }
    }
    for minor_and_compression in [
        (14, Compression::Zlib),
        (14, Compression::None),
        (15, Compression::Zlib),
        (15, Compression::None),
        (16, Compression::Zlib),
        (16, Compression::None),
        (16, Compression::Lz4),
        (16, Compression::Zstd),
    ] {
        assert!(seen.contains(&minor_and_compression), "no fixture of {minor_and_compression:?}");
    }
}

#[test]
fn archives_of_old_servers_are_read_as_pg_restore_reads_them() {
    const ROWS: &str = "SELECT ptid, name FROM tbl_ptinf UNION ALL SELECT 0, a FROM master.\"表\" \
        UNION ALL SELECT oid::int, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY 1";
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let mut versions = Vec::new();
    for (name, path) in fixtures("made-") {
        let encoding = if name.contains("utf8") { "UTF8" } else { "EUC_JP" };
        restore(&server, &path, &name, encoding);
        let expected = server.query(&name, ROWS);
        assert_eq!(expected.lines().count(), 34);
        for (older, newest) in [("9.0", 12), ("18", 14)] {
            let out = dir.path().join(format!("{name}-{older}"));
            let report = converted(&path, &out, older);
            // The large objects of 1.10 and 1.11 are named by their data alone.
            let from = report.archive_version_from.minor;
            assert_eq!(report.archive_version.minor, from.clamp(11, newest));
            let database = format!("{name}-{older}");
            restore(&server, &out, &database, "UTF8");
            assert_eq!(server.query(&database, ROWS), expected, "{database}");
        }
        versions.push(inspect(&path).unwrap().archive_version.minor);
    }
    assert_eq!(versions, [10, 11, 12, 12, 13, 13, 14]);
    let info = inspect(&folder().join("made-1.13-name.dump")).unwrap();
    assert_eq!(info.database, "日レセ");
}

/// A source that hands over a few bytes at a time, as a pipe may.
struct Drip<R>(R);

impl<R: Read> Read for Drip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(7);
        self.0.read(&mut buffer[..length])
    }
}

#[test]
fn a_pipe_that_drips_gives_the_same() {
    for (name, path) in fixtures("") {
        let bytes = std::fs::read(&path).unwrap();
        let whole = read_through(Cursor::new(&bytes)).unwrap();
        assert_eq!(read_through(Drip(Cursor::new(&bytes))).unwrap(), whole, "{name}");
        assert!(whole.content_bytes > 500, "{name}");
    }
}

#[test]
fn every_cut_is_an_error_that_says_where() {
    for (name, path) in fixtures("") {
        let bytes = std::fs::read(&path).unwrap();
        for length in (0..bytes.len()).step_by(3) {
            let error = read_through(Cursor::new(&bytes[..length])).unwrap_err();
            let code = error.code();
            let said = error.facts().iter().any(|fact| fact.name == "offset");
            // A cut between two blocks leaves nothing half, but something is missing.
            let missing = matches!(code, "archive-data-missing" | "archive-is-unknown");
            assert!(said || missing || length == 0, "{name} at {length}: {code}");
        }
    }
}

#[test]
fn what_follows_or_is_missing_in_a_block_is_found() {
    for (name, path) in fixtures("17-") {
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.push(1);
        assert!(read_through(Cursor::new(&bytes)).is_err(), "{name}");
    }
    for (packer, end) in [("lz4", 4), ("zstd", 5)] {
        let path = folder().join(format!("17-{packer}.dump"));
        let bytes = std::fs::read(path).unwrap();
        // The archive ends with: a frame's last chunk, an empty chunk, the end of the objects.
        let frame_end = bytes.len() - 10;
        let magic: &[u8] = if packer == "lz4" { b"\x04\x22\x4d\x18" } else { b"\x28\xb5\x2f\xfd" };
        let start = bytes.windows(4).rposition(|window| window == magic).unwrap();
        // An LZ4 frame's header stands in a chunk of its own.
        let start = if packer == "lz4" { start + 7 + 5 } else { start };
        let length = frame_end - start;
        for (longer, what) in
            [(-end, "a compressed block has no end"), (1, "bytes follow a compressed block")]
        {
            let mut spoilt = bytes[..start - 4].to_vec();
            let new = usize::try_from(i64::try_from(length).unwrap() + longer).unwrap();
            spoilt.extend(u32::try_from(new).unwrap().to_le_bytes());
            let mut frame = bytes[start..frame_end].to_vec();
            frame.resize(new, 0);
            spoilt.extend(frame);
            spoilt.extend(&bytes[frame_end..]);
            let error = read_through(Cursor::new(&spoilt)).unwrap_err();
            let ArchiveError::Damaged { what: said, offset } = error else { panic!("{error}") };
            assert_eq!(said, what, "{packer}");
            assert!(offset > 1000);
        }
    }
}

#[test]
fn a_small_block_cannot_keep_the_program_busy() {
    // A frame of nothing but repeated bytes: 128 kB out of 4 bytes, as often as one likes.
    let mut frame = b"\x28\xb5\x2f\xfd\x00\x58".to_vec();
    for _ in 0..30_000 {
        frame.extend(b"\x02\x00\x10\x00");
    }
    let mut block = vec![0];
    block.extend(u32::try_from(frame.len()).unwrap().to_le_bytes());
    block.extend(frame);
    block.extend([0; 5]);
    let mut input = input::Input::new(&block[..], Path::new("-"), false, &Progress::default());
    let mut produced = 0_u64;
    let error = decode::content(&mut input, Compression::Zstd, |bytes| {
        produced += bytes.len() as u64;
        Ok(())
    });
    assert!(matches!(error, Err(ArchiveError::TooLarge { .. })), "{error:?}");
    assert!(produced <= limits::FREE_EXPANSION + 200_000 * limits::MAX_EXPANSION);
}

#[test]
fn other_dumps_are_called_by_their_names() {
    let server = Server::start();
    server.create("orca", "EUC_JP");
    let dir = tempfile::tempdir().unwrap();
    let dump = |format: &str, name: &str| {
        let path = dir.path().join(name);
        succeed(server.client("pg_dump").arg(format).arg("-f").arg(&path).arg("orca"));
        path
    };
    let code = |path: &Path| inspect(path).unwrap_err().code();
    let folder = dump("-Fd", "folder");
    assert_eq!(code(&folder), "archive-is-directory");
    assert_eq!(code(&folder.join("toc.dat")), "archive-is-directory");
    assert_eq!(code(dir.path()), "archive-is-folder");
    assert_eq!(code(&dump("-Ft", "tar")), "archive-is-tar");
    assert_eq!(code(&dump("-Fp", "plain.sql")), "archive-is-plain-sql");
    let all = dir.path().join("all.sql");
    succeed(server.client("pg_dumpall").arg("-f").arg(&all));
    assert_eq!(code(&all), "archive-is-cluster-sql");
    let custom = dump("-Fc", "custom");
    for (program, archive, sql) in [
        ("gzip", "archive-is-packed-archive", "archive-is-gzip"),
        ("xz", "archive-is-packed", "archive-is-packed"),
    ] {
        for (path, expected) in [(&custom, archive), (&dir.path().join("plain.sql"), sql)] {
            let packed = succeed(Command::new(program).arg("-kc").arg(path)).stdout;
            let to = dir.path().join("packed");
            std::fs::write(&to, packed).unwrap();
            assert_eq!(code(&to), expected, "{program}");
        }
    }
}

/// A small generator, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    const EXTREMES: [u32; 6] = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x00ff_ffff];
    match dice.roll(5) {
        0 => bytes.truncate(dice.roll(bytes.len())),
        1 => {
            // A length field: the place of any small number after a zero sign byte.
            let fields: Vec<_> = bytes
                .windows(5)
                .enumerate()
                .filter(|(_, window)| window[0] == 0 && window[2..] == [0; 3] && window[1] > 0)
                .map(|(at, _)| at)
                .collect();
            let at = fields[dice.roll(fields.len())];
            bytes[at + 1..at + 5].copy_from_slice(&EXTREMES[dice.roll(6)].to_le_bytes());
            bytes[at] = u8::try_from(dice.roll(3)).unwrap();
        }
        2 => {
            let (from, to) = (dice.roll(bytes.len()), dice.roll(bytes.len()));
            let piece = bytes[from..(from + dice.roll(64)).min(bytes.len())].to_vec();
            bytes.splice(to..to, piece);
        }
        _ => {
            for _ in 0..=dice.roll(4) {
                let at = dice.roll(bytes.len());
                bytes[at] ^= 1 << dice.roll(8);
            }
        }
    }
}

#[test]
fn ten_thousand_ruins_are_errors_or_the_same_content() {
    const EACH: Duration = Duration::from_secs(20);
    let originals: Vec<_> = fixtures("")
        .into_iter()
        .map(|(name, path)| {
            let bytes = std::fs::read(path).unwrap();
            let whole = read_through(Cursor::new(&bytes)).unwrap();
            (name, bytes, whole)
        })
        .collect();
    let mut dice = Dice(20_270_121);
    let (mut errors, mut same) = (0, 0);
    for turn in 0..10_000 {
        let (name, bytes, whole) = &originals[turn % originals.len()];
        let mut ruin = bytes.clone();
        mutate(&mut ruin, &mut dice);
        let begun = Instant::now();
        match read_through(Cursor::new(&ruin)) {
            Err(_) => errors += 1,
            Ok(read) if read.content == whole.content => same += 1,
            // The header may name another compression now, and only zlib has a checksum here:
            // elsewhere a flip is new content, but never much more of it. Up to 1.11, nothing
            // but the data names a large object.
            Ok(read) => {
                let checked = (read.compression, whole.compression)
                    == (Compression::Zlib, Compression::Zlib)
                    && whole.archive_version.minor >= 12;
                assert!(!checked, "{name} turn {turn}: zlib let a change pass");
                assert!(read.content_bytes < 1 << 20, "{name} turn {turn}");
            }
        }
        let server = ["9.0", "9.6", "14"][turn % 3].parse().ok();
        if let Ok(mut reader) =
            reader::Reader::new(Cursor::new(&ruin), Path::new("-"), false, &Progress::default())
        {
            let _ = retarget::retarget(&mut reader.header, &mut reader.entries, server);
        }
        assert!(begun.elapsed() < EACH, "{name} turn {turn}: {:?}", begun.elapsed());
    }
    assert!(errors > 3_000 && same > 1_000, "{errors} errors, {same} the same");
}
