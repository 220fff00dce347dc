//! The bundle is judged by `unzip`, `sha256sum` and its own script under Python.

use std::path::Path;

use super::*;
use crate::clock::Jst;
use crate::figures::figure;
use crate::ids::{PlanDigest, RunId};
use crate::journal::ledger::{Actor, LedgerEvent};
use crate::journal::{ChainHash, Record, Row};
use crate::plan::{Plan, SavedPlan, Snapshot};
use crate::report::sample;

fn rows<E>(stream: &RunId, events: &[(Jst, E)]) -> StreamRows
where
    E: Clone + serde::Serialize + serde::de::DeserializeOwned,
{
    let mut head = ChainHash::seed(stream);
    let mut rows: Vec<Row> = Vec::new();
    for (at, event) in events {
        let seq = rows.len() as u64 + 1;
        let (record, row) = Record::bind(seq, *at, event.clone(), &head).unwrap();
        head = record.hash;
        rows.push(row);
    }
    StreamRows { stream: stream.clone(), rows }
}

/// A clinic whose cutover is done: a run, the ledger, the plan.
fn clinic() -> (Streams, Vec<PlanFile>) {
    let snapshot = Snapshot::default();
    let plan = Plan { digest: snapshot.digest(), ..sample::plan() };
    let events: Vec<_> = sample::finished(&plan)
        .records
        .into_iter()
        .map(|record| (record.at, record.event))
        .collect();
    let at = events[0].0;
    let digest = plan.digest.clone();
    let by = Actor { name: "見本 花子".into(), host: "sample".into(), tool: "0.1.0".into() };
    let saved =
        LedgerEvent::PlanSaved { digest: digest.clone(), file: "p.json".into(), by: by.clone() };
    let approved = LedgerEvent::PlanApproved {
        digest: digest.clone(),
        by,
        role: "decides".into(),
        overrides: Vec::new(),
    };
    let streams = Streams {
        ledger: rows(&RunId::from("ledger"), &[(at, saved), (at, approved)]),
        runs: vec![rows(&RunId::from("0199aaaa-0000-7000-8000-000000000001"), &events)],
    };
    let file = SavedPlan::new("p".into(), "c".into(), plan, snapshot);
    let bytes = serde_json::to_vec_pretty(&file).unwrap();
    let gone = PlanFile { digest: PlanDigest("9".repeat(64)), bytes: None };
    (streams, vec![PlanFile { digest, bytes: Some(bytes) }, gone])
}

fn unpacked(bundle: &Bundle) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("evidence.zip");
    std::fs::write(&zip, &bundle.bytes).unwrap();
    duct::cmd!("python3", "-m", "zipfile", "-e", &zip, folder.path()).run().unwrap();
    std::fs::remove_file(zip).unwrap();
    folder
}

/// Both checks of `VERIFY.md`: sha256sum's, the script's.
fn checks(folder: &Path) -> [bool; 2] {
    let folder = folder.join("orca-cutover-evidence");
    [["sha256sum", "-c", "MANIFEST.sha256"].as_slice(), &["python3", "-B", "verify.py"]].map(
        |words| {
            let run = duct::cmd(words[0], &words[1..]).dir(&folder).stdout_null().stderr_null();
            run.unchecked().run().unwrap().status.success()
        },
    )
}

#[test]
fn others_verify_it_and_the_same_journal_gives_the_same_bytes() {
    let (streams, plans) = clinic();
    let made = bundle(&streams, &plans).unwrap();
    assert_eq!(made.bytes, bundle(&streams, &plans).unwrap().bytes);
    assert_eq!(made.missing, [format!("plans/{}.json", "9".repeat(64))]);
    let folder = unpacked(&made);
    assert_eq!(checks(folder.path()), [true, true]);
    let list = duct::cmd!("find", "orca-cutover-evidence", "-type", "f").dir(folder.path());
    let list = list.read().unwrap();
    assert_eq!(list.lines().count(), made.files);
    let run = "0199aaaa-0000-7000-8000-000000000001";
    for name in [
        "MANIFEST.sha256".to_owned(),
        "VERIFY.md".to_owned(),
        "approvals.json".to_owned(),
        format!("journal/{run}.jsonl"),
        "journal/ledger.jsonl".to_owned(),
        format!("reports/{run}.ja.html"),
        format!("reports/{run}.en.html"),
        format!("reports/{run}.json"),
    ] {
        assert!(list.contains(&name), "{name}: {list}");
    }
    let approvals = folder.path().join("orca-cutover-evidence/approvals.json");
    assert!(std::fs::read_to_string(approvals).unwrap().contains("見本 花子"));
}

/// A byte that is changed, a file that is added, taken away or emptied.
#[test]
fn each_change_of_a_byte_of_any_file_is_found() {
    const SCRIPT: &str = r#"
import pathlib, runpy, subprocess, sys, hashlib, io, contextlib
root = pathlib.Path(sys.argv[1])
script = (root / "verify.py").read_bytes()
# The pristine script judges, as a reader who has looked at it would keep it.
judge = compile(script, str(root / "verify.py"), "exec")
def judged():
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            exec(judge, {"__file__": str(root / "verify.py"), "__name__": "__main__"})
    except SystemExit as end:
        return end.code == 0
    except Exception:
        return False
    return True
assert judged(), "the untouched bundle must pass"
files = sorted(p for p in root.rglob("*") if p.is_file())
tried = missed = 0
for path in files:
    whole = path.read_bytes()
    step = max(1, len(whole) // int(sys.argv[2]))
    for place in list(range(0, len(whole), step)) + [len(whole) - 1]:
        for flip in (0x01, 0x20):
            changed = bytearray(whole); changed[place] ^= flip
            path.write_bytes(changed); tried += 1
            if judged(): missed += 1; print("missed", path, place, flip)
    for other in (b"", whole[:-1], whole + b"\n"):
        path.write_bytes(other); tried += 1
        if judged(): missed += 1; print("missed", path, len(other))
    path.unlink(); tried += 1
    if judged(): missed += 1; print("missed without", path)
    path.write_bytes(whole)
(root / "more.txt").write_bytes(b"x"); tried += 1
if judged(): missed += 1; print("missed an added file")
(root / "more.txt").unlink()
assert judged()
print(tried, missed)
"#;
    let (streams, plans) = clinic();
    let made = bundle(&streams, &plans).unwrap();
    let folder = unpacked(&made);
    let root = folder.path().join("orca-cutover-evidence");
    let places = if std::env::var("ORCA_FIGURES").as_deref() == Ok("full") { "2000" } else { "40" };
    let said = duct::cmd!("python3", "-B", "-c", SCRIPT, &root, places).read().unwrap();
    let last = said.lines().last().unwrap();
    let (tried, missed) = last.split_once(' ').unwrap();
    assert!(tried.parse::<u32>().unwrap() > 500, "{said}");
    assert_eq!(missed, "0", "{said}");
    let what = "changed bytes of an evidence bundle found without the program";
    figure("R16", what, format!("{tried} of {tried}"), "cargo nextest run evidence");
}

#[test]
fn a_record_that_was_changed_with_the_manifest_made_to_fit_is_found_by_its_chain() {
    let (streams, plans) = clinic();
    let folder = unpacked(&bundle(&streams, &plans).unwrap());
    let root = folder.path().join("orca-cutover-evidence");
    let journal = root.join("journal/ledger.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    let forged = text.replace("見本 花子", "見本 太郎");
    assert_ne!(text, forged);
    std::fs::write(&journal, forged).unwrap();
    let remake = "find . -type f ! -name MANIFEST.sha256 | sed 's|^\\./||' | LC_ALL=C sort | \
                  xargs -d '\\n' sha256sum > MANIFEST.sha256";
    duct::cmd!("sh", "-c", remake).dir(&root).run().unwrap();
    assert_eq!(checks(folder.path()), [true, false]);
}

#[test]
fn a_journal_that_does_not_follow_gives_no_evidence() {
    let (mut streams, plans) = clinic();
    streams.runs[0].rows[3].at.replace_range(0..4, "2031");
    assert!(matches!(bundle(&streams, &plans), Err(NoBundle::Journal(_))));
}
