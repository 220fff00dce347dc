//! The produced archive, restored by PostgreSQL itself, holds the source's rows character for
//! character under ORCA's mapping. Judged by queries on both servers and a model in Python.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{World, postgres_program, program};

/// Both servers' tables by catalogue, all columns as text (char(n) padding is PostgreSQL's own
/// business), the source's text through the model: PostgreSQL's mapping, then the vendor's
/// published substitutions, then half-width kana by Unicode's own compatibility mapping.
const JUDGE: &str = r#"
import re, subprocess, sys, unicodedata
psql, source, target, port, database = sys.argv[1:]

def query(socket, db, sql):
    command = ['sudo', '-n', '-u', 'postgres', 'env', 'PGCLIENTENCODING=UTF8', psql, '-XAtq',
               '-h', socket, '-p', port, '-d', db, '-c', sql]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode('utf-8')

JIS = str.maketrans({
    '\uff5e': '\u301c', '\uff0d': '\u2212', '\u2225': '\u2016', '\uffe0': '\u00a2',
    '\uffe1': '\u00a3', '\uffe2': '\u00ac', '\uffe5': '\u00a5', '\uffe3': '\u203e',
    '\u2015': '\u2014'})

def model(text, packed=False):
    """In packed records a sound mark stays a character of its own, or all behind it would move."""
    kana = '[\uff61-\uff9f]' if packed else '[\uff61-\uff9f]+'
    text = text.translate(JIS)
    text = re.sub(kana, lambda run: unicodedata.normalize('NFKC', run.group()), text)
    return text.replace('\u3099', '\u309b').replace('\u309a', '\u309c')

TABLES = """select n.nspname || '.' || c.relname, string_agg(format('%I::text', a.attname), ', '
  order by a.attnum) from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
  group by 1 order by 1"""

def tables(socket, db):
    return dict(line.split('|', 1) for line in query(socket, db, TABLES).splitlines())

ours, theirs = tables(source, 'orca'), tables(target, database)
assert ours.keys() == theirs.keys(), ours.keys() ^ theirs.keys()
assert len(ours) >= 60, len(ours)
rows = changed = 0
for name, columns in ours.items():
    sql = f'copy (select {columns} from {name}) to stdout'
    raw = query(source, 'orca', sql).split('\n')
    packed = name == 'public.tbl_syskanri'
    want = sorted(model(line, packed) for line in raw)
    have = sorted(query(target, database, sql).split('\n'))
    assert len(want) == len(have), (name, len(want), len(have))
    for wanted, got in zip(want, have):
        assert wanted == got, (name, [(hex(ord(a)), hex(ord(b))) for a, b in zip(wanted, got) if a != b][:5])
    rows += len(have) - 1
    changed += sum(line != model(line, packed) for line in raw)
print(len(ours), rows, changed)
"#;

fn checked(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{command:?}: {stderr}");
    output.stdout
}

fn cloud(world: &World, name: &str) -> Command {
    let mut command = Command::new("sudo");
    command
        .args(["-n", "-u", "postgres"])
        .arg(postgres_program(name))
        .arg("-h")
        .arg(world.dir.join("cloud/s"))
        .args(["-p", &port(world)]);
    command
}

fn port(world: &World) -> String {
    let clinic = std::fs::read_to_string(world.dir.join("clinic.yaml")).unwrap();
    let line = clinic.lines().find(|line| line.starts_with("  port:")).unwrap();
    line.trim_start_matches("  port:").trim().to_owned()
}

/// `sudo -n -u orca pg_dump -Fc -Z0 orca | orca-cutover archive convert - OUT`
fn convert(world: &World, out: &Path) -> serde_json::Value {
    let mut dump = Command::new("sudo")
        .args(["-n", "-u", "orca"])
        .arg(postgres_program("pg_dump"))
        .arg("-h")
        .arg(world.dir.join("clinic/s"))
        .args(["-p", &port(world), "-Fc", "-Z0", "orca"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut convert = program();
    convert.args(["archive", "convert", "-", out.to_str().unwrap(), "--json", "--mapping"]);
    convert.arg(world.dir.join("characters.yaml"));
    let output = convert.stdin(dump.stdout.take().unwrap()).output().unwrap();
    assert!(dump.wait().unwrap().success());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_produced_archive_restores_without_an_error_and_holds_every_row_and_character() {
    let world = World::up(&[]);
    // Both sides are looked at one after the other: nothing may be written in between.
    checked(Command::new(world.dir.join("jma-receipt")).arg("stop"));
    let scratch = crate::support::scratch();
    let archive = scratch.path().join("orca.dump");
    let report = convert(&world, &archive);
    checked(cloud(&world, "createdb").args(["-E", "UTF8", "-T", "template0", "restored"]));
    // pg_restore runs as another user: the archive comes to it as a stream.
    let mut restore = cloud(&world, "pg_restore")
        .args(["--exit-on-error", "--no-owner", "-d", "restored"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    restore.stdin.take().unwrap().write_all(&std::fs::read(&archive).unwrap()).unwrap();
    let output = restore.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{stderr}");
    let judged = checked(
        Command::new("python3")
            .args(["-c", JUDGE])
            .arg(postgres_program("psql"))
            .arg(world.dir.join("clinic/s"))
            .arg(world.dir.join("cloud/s"))
            .args([&port(&world), "restored"]),
    );
    let judged = String::from_utf8(judged).unwrap();
    let numbers: Vec<u64> = judged.split_whitespace().map(|word| word.parse().unwrap()).collect();
    assert_eq!(numbers[1], report["rows"].as_u64().unwrap());
    assert!(numbers[2] > 100, "rows that the rules change are among them: {judged}");
}

#[test]
fn what_people_have_in_hand_can_be_inspected_verified_and_compared() {
    let world = World::up(&[]);
    let scratch = crate::support::scratch();
    let (first, second) = (scratch.path().join("a.dump"), scratch.path().join("b.dump"));
    convert(&world, &first);
    convert(&world, &second);
    let run = |args: &[&str]| {
        let output = program().arg("archive").args(args).arg("--json").output().unwrap();
        let json: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or(serde_json::Value::Null);
        (output.status.code().unwrap(), json)
    };
    let (a, b) = (first.to_str().unwrap(), second.to_str().unwrap());
    let (status, info) = run(&["inspect", a]);
    assert_eq!((status, info["encoding"].as_str()), (0, Some("UTF8")), "{info}");
    assert_eq!(run(&["verify", a]).0, 0);
    let (status, compared) = run(&["compare", a, b]);
    assert_eq!(status, 0, "{compared}");
    // One flipped bit in the middle of the data.
    let mut bytes = std::fs::read(&first).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(&first, bytes).unwrap();
    let (status, damaged) = run(&["verify", a]);
    assert_eq!(status, 1, "{damaged}");
    assert_eq!(run(&["compare", a, b]).0, 2);
}
