//! The journal as evidence: whatever an independent tool changes in it is found.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::figures::{figure, size};
use crate::support::{program, rehearse};

/// Makes damaged copies of a journal with Python's own SQLite and SHA-256; knows the chain's
/// rule from its description alone: SHA-256 over the hash before it, number, time and event,
/// each with its length as eight bytes before it.
const DAMAGE: &str = r#"
import hashlib, json, os, random, sqlite3, sys

source, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
rng = random.Random(20270121)

def digest(before, seq, at, event):
    sha = hashlib.sha256()
    for part in (before, str(seq), at, event):
        data = part.encode('utf-8')
        sha.update(len(data).to_bytes(8, 'big') + data)
    return sha.hexdigest()

def chain(run, events):
    before, rows = hashlib.sha256(run.encode()).hexdigest(), []
    for seq, (at, event) in enumerate(events, 1):
        before = digest(before, seq, at, event)
        rows.append((run, seq, at, event, before))
    return rows

def records(db, run):
    return db.execute('select seq, at, event, hash from records where run = ? order by seq', (run,)).fetchall()

def put(db, rows):
    db.executemany('insert into records (run, seq, at, event, hash) values (?, ?, ?, ?, ?)', rows)

# A second, shorter run beside the first one, written by this script alone.
base = os.path.join(folder, 'base.sqlite')
with sqlite3.connect(source) as old, sqlite3.connect(base) as new:
    old.backup(new)
db = sqlite3.connect(base)
first = db.execute("select run from records where run <> 'ledger'").fetchone()[0]
second = '00000000-0000-7000-8000-000000000001'
opened = [(at, event.replace(first, second)) for _, at, event, _ in records(db, first)[:1]]
ended = [(at, event) for _, at, event, _ in records(db, first)[-1:]]
put(db, chain(second, opened + ended))
db.commit()
streams = [first, second, 'ledger']
heads = {s: records(db, s)[-1][3] for s in streams}
for s in streams:
    rows = records(db, s)
    assert [r[3] for r in rows] == [r[4] for r in chain(s, [(at, e) for _, at, e, _ in rows])], s
lengths = {s: len(records(db, s)) for s in streams}
db.close()

def flip(text):
    place = rng.randrange(len(text))
    other = rng.choice([c for c in '0123456789abcdef"{}:,+-T ' if c != text[place]])
    return text[:place] + other + text[place + 1:]

def column(name):
    def change(db):
        s = rng.choice(streams)
        seq, at, event, hash_ = rng.choice(records(db, s))
        where = 'where run = ? and seq = ?'
        if name == 'run':
            value = rng.choice([x for x in streams if x != s] + [flip(s), ''])
        elif name == 'seq':
            value = rng.choice([seq + 1000, 0, -seq, seq + 2 ** 40])
        elif name == 'no text':
            field = rng.choice(['at', 'event', 'hash'])
            db.execute(f"update records set {field} = cast(x'ff' as text) {where}", (s, seq))
            return f'{field} of {s} {seq} is no text'
        else:
            value = flip({'at': at, 'event': event, 'hash': hash_}[name])
        db.execute(f'update records set {name} = ? {where}', (value, s, seq))
        return f'{name} of {s} {seq}'
    return change

def delete(db):
    s = rng.choice([s for s in streams if lengths[s] > 1])
    seq = rng.randrange(1, lengths[s])
    db.execute('delete from records where run = ? and seq = ?', (s, seq))
    return f'deleted {s} {seq}'

def reorder(db):
    s = rng.choice([s for s in streams if lengths[s] > 1])
    one, two = rng.sample(range(1, lengths[s] + 1), 2)
    for a, b in ((one, -1), (two, one), (-1, two)):
        db.execute('update records set seq = ? where run = ? and seq = ?', (b, s, a))
    return f'{s}: {one} and {two} have changed places'

def swap(db):
    a, b = rng.sample(streams, 2)
    seq = rng.randrange(1, min(lengths[a], lengths[b]) + 1)
    rows = {s: [r for r in records(db, s) if r[0] == seq][0] for s in (a, b)}
    for to, of in ((a, b), (b, a)):
        db.execute('update records set at = ?, event = ?, hash = ? where run = ? and seq = ?',
                   rows[of][1:] + (to, seq))
    return f'{a} and {b} have exchanged {seq}'

def insert(db):
    s = rng.choice(streams)
    row = rng.choice(records(db, s))
    put(db, [(s, lengths[s] + 1) + row[1:]])
    return f'{s}: {row[0]} once more at the end'

def illegal(db):
    # By somebody who knows how to reckon: a chain that holds, of what cannot have been.
    rows = [(at, event) for _, at, event, _ in records(db, first)]
    db.execute('delete from records where run = ?', (first,))
    put(db, chain(first, rows[:1] + rows[:1] + rows[1:]))
    return 'the run starts twice'

kinds = {'run': column('run'), 'seq': column('seq'), 'at': column('at'), 'event': column('event'),
         'hash': column('hash'), 'no text': column('no text'), 'delete': delete,
         'reorder': reorder, 'swap': swap, 'insert': insert, 'illegal': illegal}

anchors = [json.loads(r[2]) for r in records(sqlite3.connect(base), 'ledger')]
anchored = max(a['seq'] for a in anchors if a.get('type') == 'run-anchored' and a['run'] == first)

def cut(db):
    s = rng.choice(streams)
    left = rng.randrange(0, lengths[s])
    db.execute('delete from records where run = ? and seq > ?', (s, left))
    # What the ledger says of a run is missed, behind its last word only.
    return f'{s} is cut off behind {left}', heads[s], s == first and left < anchored

def replaced(db):
    rows = [(at, event) for _, at, event, _ in records(db, first)]
    rows[0] = (rows[0][0], rows[0][1].replace('"operator":"', '"operator":"not '))
    db.execute('delete from records where run = ?', (first,))
    put(db, chain(first, rows))
    return 'a chain of its own', heads[first], True

made = []
for number in range(count):
    name, change = list(kinds.items())[number % len(kinds)]
    made.append((name, change))
made += [('cut', cut)] * max(4, count // 10) + [('replaced', replaced)]
with open(os.path.join(folder, 'list.json'), 'w') as listing:
    out = []
    for number, (name, change) in enumerate(made):
        path = os.path.join(folder, f'{number}.sqlite')
        while True:
            with sqlite3.connect(base) as old, sqlite3.connect(path) as new:
                old.backup(new)
            db = sqlite3.connect(path)
            try:
                told = change(db)
            except sqlite3.IntegrityError:
                # Another record has that place: not a change that can be made.
                db.close(); os.remove(path); continue
            db.commit(); db.close()
            break
        what, head, seen = told if isinstance(told, tuple) else (told, None, True)
        out.append({'kind': name, 'what': what, 'head': head, 'seen': seen, 'file': path})
    json.dump({'heads': heads, 'lengths': lengths, 'damages': out}, listing)
"#;

/// `journal verify` on one file: exit status, what it gave as JSON, what it said.
fn verify(clinic: &Path, args: &[&str]) -> (i32, serde_json::Value, String) {
    let mut command = program();
    command.args(["journal", "verify", "--json", "--clinic"]).arg(clinic).args(args);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code().unwrap_or(-1), json, said)
}

/// A clinic file whose working folder holds this journal.
fn of_journal(clinic: &Path, work: &Path, journal: &Path) -> PathBuf {
    std::fs::create_dir_all(work).unwrap();
    for rest in ["journal.sqlite-wal", "journal.sqlite-shm"] {
        let _ = std::fs::remove_file(work.join(rest));
    }
    std::fs::copy(journal, work.join("journal.sqlite")).unwrap();
    let text = std::fs::read_to_string(clinic).unwrap();
    let lines = text.lines().map(|line| match line.starts_with("work_dir:") {
        true => format!("work_dir: {}\n", work.display()),
        false => format!("{line}\n"),
    });
    // Beside the old one: its paths are relative to it.
    let file = clinic.with_file_name(format!("{}.yaml", work.file_name().unwrap().display()));
    std::fs::write(&file, lines.collect::<String>()).unwrap();
    file
}

#[test]
fn every_change_of_the_journal_is_found() {
    let rehearsed = rehearse(&[]);
    assert_eq!(rehearsed.status, 0, "{}", rehearsed.all());
    let clinic = rehearsed.file("clinic.yaml");
    let (status, sound, said) = verify(&clinic, &[]);
    assert_eq!((status, sound["sound"].as_bool()), (0, Some(true)), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let count = size(110, 5_500);
    let output = Command::new("python3")
        .args(["-c", DAMAGE])
        .arg(rehearsed.file("work/journal.sqlite"))
        .arg(folder.path())
        .arg(count.to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let list = std::fs::read_to_string(folder.path().join("list.json")).unwrap();
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    // The whole of it, with a run that another program wrote by the rule, is sound, and ends as
    // Python reckons.
    let base = of_journal(&clinic, &folder.path().join("base"), &folder.path().join("base.sqlite"));
    let heads: Vec<(&String, &str)> =
        list["heads"].as_object().unwrap().iter().map(|(s, h)| (s, h.as_str().unwrap())).collect();
    let args: Vec<&str> = heads.iter().flat_map(|(_, head)| ["--head", head]).collect();
    let (status, sound, said) = verify(&base, &args);
    assert_eq!(status, 0, "{said}");
    for (stream, head) in &heads {
        let streams = sound["streams"].as_array().unwrap();
        let found = streams.iter().find(|found| found["stream"] == ***stream).unwrap();
        assert_eq!(found["head"], **head);
        assert_eq!(found["records"], list["lengths"][stream]);
    }
    let damages = list["damages"].as_array().unwrap().clone();
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for worker in 0..2 {
            let (damages, next, clinic, folder) = (&damages, &next, &clinic, folder.path());
            scope.spawn(move || {
                let work = folder.join(format!("work{worker}"));
                loop {
                    let number = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    let Some(damage) = damages.get(number) else { return };
                    judge(damage, clinic, &work);
                }
            });
        }
    });
    figure(
        "R16",
        "changed, lost, moved and exchanged records that `journal verify` finds",
        format!("{0} of {0}", damages.len()),
        "cargo nextest run every_change_of_the_journal_is_found",
    );
}

fn judge(damage: &serde_json::Value, clinic: &Path, work: &Path) {
    let file = of_journal(clinic, work, Path::new(damage["file"].as_str().unwrap()));
    let (status, json, said) = verify(&file, &[]);
    let Some(head) = damage["head"].as_str() else {
        assert_eq!(status, 1, "{damage}: {said}");
        assert_eq!(json["sound"], false, "{damage}");
        let named = json["streams"].as_array().unwrap().iter().any(|s| s["damage"].is_object());
        assert!(named, "{damage}: {json}");
        return;
    };
    // A chain cannot tell that its end is missing. The ledger can, of a run; and who kept the hash.
    assert_eq!(status, i32::from(damage["seen"] == true), "{damage}: {said}");
    let (status, json, said) = verify(&file, &["--head", head]);
    assert_eq!(status, 1, "{damage}: {said}");
    assert!(json["heads"][0]["found"].is_null(), "{json}");
    assert!(said.contains("journal-head-missing"), "{said}");
}

#[test]
fn the_head_stands_in_the_mail_and_in_the_report_and_a_torn_file_is_damage() {
    let rehearsed = rehearse(&["--fault", "import-log"]);
    let clinic = rehearsed.file("clinic.yaml");
    let mails = rehearsed.mails();
    let body = mails
        .iter()
        .filter_map(|mail| mail["parts"][0]["text"].as_str())
        .find(|text| text.contains("Head of the journal"))
        .unwrap_or_else(|| panic!("{mails:?}"));
    let head = body
        .lines()
        .find(|line| line.starts_with("Head of the journal"))
        .and_then(|line| line.split_whitespace().find(|word| word.len() == 64))
        .unwrap();
    let (status, json, said) = verify(&clinic, &["--head", head]);
    assert_eq!(status, 0, "{said}");
    assert!(json["heads"][0]["found"][1].as_u64().unwrap() > 10, "{json}");
    // The report's head is the journal's last record.
    let mut report = program();
    let output = report.args(["report", "--json", "--clinic"]).arg(&clinic).output().unwrap();
    let view: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let last = view["chain"]["head"].as_str().unwrap();
    let (status, json, said) = verify(&clinic, &["--head", last]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(json["heads"][0]["found"][0], view["info"]["run"]);
    // Told in Japanese as well, and without JSON.
    let mut told = program();
    told.args(["journal", "verify", "--lang", "ja", "--clinic"]).arg(&clinic);
    let output = told.output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("健全"), "{output:?}");
    // A file of which a part was overwritten.
    let journal = rehearsed.file("work/journal.sqlite");
    let mut bytes = std::fs::read(&journal).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    std::fs::write(&journal, bytes).unwrap();
    let (status, _, said) = verify(&clinic, &[]);
    assert_eq!(status, 1, "{said}");
    std::fs::write(&journal, b"no database at all, and long enough to be looked at").unwrap();
    let (status, _, said) = verify(&clinic, &[]);
    assert_eq!(status, 1, "{said}");
}
