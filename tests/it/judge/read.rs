//! Reads what a history is judged from out of a rehearsal's world.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Evidence, Landed, Outline, RawRow, SourceAtEnd, Stream, Twin, TwinImport, When};
use crate::clinic::{service_runs, sql};
use crate::support::World;

/// SQLite as Python reads it: the product's store is not asked.
const ROWS: &str = "
import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute(
    \"select run, seq, at, event, hash from records where run <> 'ledger' order by run, seq\")
for row in rows: print(json.dumps(row))
";

/// Everything that a world's journal and its site's own record say.
pub(crate) fn of_world(world: &World) -> Evidence {
    let text = |name: &str| std::fs::read_to_string(world.dir.join(name)).unwrap();
    let runs = streams(&world.dir.join("work/journal.sqlite"));
    let site: Value = serde_json::from_str(&text("site/state.json")).unwrap();
    let intact = exports_intact(&runs);
    let imports = site["imports"].as_array().cloned().unwrap_or_default();
    let imports = imports.iter().map(|row| import(row, intact)).collect();
    let ends = at_end(world, &runs).into_iter().collect();
    Evidence {
        outline: Outline::read(&text("cutover.yaml"), &text("clinic.yaml")),
        runs,
        acknowledged: Vec::new(),
        twin: Twin { imports, ends, ..Twin::default() },
    }
}

/// How the clinic's server stands by its own catalogue and service, where the last record is the end
/// of a run.
fn at_end(world: &World, runs: &[Stream]) -> Option<SourceAtEnd> {
    const OPEN: &str = "SELECT d.datallowconn AND d.datconnlimit < 0 AND NOT EXISTS (SELECT 1 FROM \
         pg_db_role_setting s WHERE s.setdatabase = d.oid) FROM pg_database d WHERE d.datname = 'orca'";
    let stream = runs.last()?;
    let row = stream.rows.last().filter(|row| row.text.contains("\"type\":\"run-ended\""))?;
    let open = sql(world, "postgres", OPEN) == "t" && service_runs(world);
    Some(SourceAtEnd { run: stream.run.clone(), seq: row.seq, open })
}

/// The runs of a journal's file, oldest first: their names are UUIDs that sort by time.
fn streams(journal: &Path) -> Vec<Stream> {
    if !journal.exists() {
        return Vec::new();
    }
    let output = Command::new("python3").args(["-c", ROWS]).arg(journal).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut streams: Vec<Stream> = Vec::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let (run, seq, at, text, hash): (String, u64, String, String, String) =
            serde_json::from_str(line).unwrap();
        if streams.last().is_none_or(|stream| stream.run != run) {
            streams.push(Stream { run, rows: Vec::new() });
        }
        let row = RawRow { seq, at, text, hash, order: None };
        streams.last_mut().unwrap().rows.push(row);
    }
    streams
}

fn import(row: &Value, intact: bool) -> TwinImport {
    let began = row["at"].as_str().unwrap();
    let began = chrono::DateTime::parse_from_rfc3339(began).unwrap().timestamp_millis();
    let sha256 = row["sha256"].as_str().filter(|sum| !sum.is_empty()).map(str::to_owned);
    TwinImport {
        began: When { millis: began, order: None },
        bytes: row["bytes"].as_u64(),
        sha256,
        landed: match row["status"].as_str().unwrap() {
            "Done" => Landed::Yes,
            "Running" => Landed::Running,
            _ => Landed::No,
        },
        exports_intact: Some(intact),
        ..TwinImport::default()
    }
}

/// True where every export of the tenant that a step is done with lies as it was downloaded.
fn exports_intact(runs: &[Stream]) -> bool {
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    for row in runs.iter().flat_map(|stream| &stream.rows) {
        let event: Value = serde_json::from_str(&row.text).unwrap_or_default();
        let path = match event["type"].as_str() {
            Some("file-registered") if event["contents"] == "cloud-dump" => &event["path"],
            Some("file-completed") => &event["path"],
            _ => continue,
        };
        let path = path.as_str().unwrap_or_default().to_owned();
        match event["sha256"].as_str() {
            // Registered: it is about to be written.
            None => drop(wanted.insert(path, String::new())),
            Some(sum) if wanted.contains_key(&path) => {
                wanted.insert(path, sum.to_owned());
            }
            Some(_) => {}
        }
    }
    wanted.iter().filter(|(_, sum)| !sum.is_empty()).all(|(path, sum)| {
        std::fs::read(path).is_ok_and(|bytes| hex::encode(Sha256::digest(bytes)) == *sum)
    })
}
