//! What the evidence holds, file by file.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::i18n::Lang;
use crate::ids::{PlanDigest, RunId};
use crate::journal::ledger::LedgerEvent;
use crate::journal::{ChainHash, Event, JournalError, Record, Row};
use crate::plan::SavedPlan;
use crate::report::{RunView, html};

const SCRIPT: &str = include_str!("verify.py");
const HOW_TO: &str = include_str!("VERIFY.md");

/// The records of a stream as they are stored.
#[derive(Clone, Debug)]
pub struct StreamRows {
    /// The stream: a run, or the ledger.
    pub stream: RunId,
    /// Its records.
    pub rows: Vec<Row>,
}

/// Every record of a clinic.
#[derive(Clone, Debug)]
pub struct Streams {
    /// The clinic's ledger.
    pub ledger: StreamRows,
    /// Its runs, oldest first.
    pub runs: Vec<StreamRows>,
}

/// A plan's file as it was saved.
#[derive(Clone, Debug)]
pub struct PlanFile {
    /// Its digest.
    pub digest: PlanDigest,
    /// The file's bytes; `None` where it is not there any more.
    pub bytes: Option<Vec<u8>>,
}

/// Files by their names in the archive.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// Every file but the manifest, and the names of what is missing.
pub(super) fn files(
    streams: &Streams,
    plans: &[PlanFile],
) -> Result<(Files, Vec<String>), JournalError> {
    let mut files = Files::new();
    let mut missing = Vec::new();
    let mut chains = serde_json::Map::new();
    let ledger = streams.ledger.records::<LedgerEvent>()?;
    for stream in streams.runs.iter().chain([&streams.ledger]) {
        // It becomes a file's name.
        if !stream.stream.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(JournalError::Broken { seq: 0 });
        }
        files.insert(format!("journal/{}.jsonl", stream.stream), stream.lines());
        chains.insert(stream.stream.to_string(), stream.chain());
    }
    for plan in plans {
        let name = format!("plans/{}.json", plan.digest);
        match &plan.bytes {
            Some(bytes) => drop(files.insert(name, bytes.clone())),
            None => missing.push(name),
        }
    }
    for run in &streams.runs {
        match report(run, plans)? {
            Some(made) => files.extend(made),
            None => missing.push(format!("reports/{}.json", run.stream)),
        }
    }
    files.insert("approvals.json".to_owned(), pretty(&approvals(&ledger)));
    let about = json!({
        "format": 1,
        "program": "orca-cutover",
        "version": env!("CARGO_PKG_VERSION"),
        "journal": chains,
        "missing": missing,
    });
    files.insert("about.json".to_owned(), pretty(&about));
    files.insert("verify.py".to_owned(), SCRIPT.into());
    files.insert("VERIFY.md".to_owned(), HOW_TO.into());
    Ok((files, missing))
}

impl StreamRows {
    /// Checks that each record follows the one before it.
    fn records<E: serde::Serialize + serde::de::DeserializeOwned>(
        &self,
    ) -> Result<Vec<Record<E>>, JournalError> {
        Record::read_all(&self.rows, (0, ChainHash::seed(&self.stream)))
    }

    /// One record a line. The event stays the text that was hashed.
    fn lines(&self) -> Vec<u8> {
        let line = |row: &Row| {
            let Row { seq, at, json, hash } = row;
            let stream = &self.stream;
            json!({"stream": stream, "seq": seq, "at": at, "event": json, "hash": hash})
        };
        self.rows.iter().map(|row| format!("{}\n", line(row))).collect::<String>().into_bytes()
    }

    fn chain(&self) -> Value {
        let head = self.rows.last().map(|row| row.hash.clone());
        let head = head.unwrap_or_else(|| ChainHash::seed(&self.stream).0);
        json!({"records": self.rows.len(), "head": head})
    }
}

/// The reports of a run, made again with its plan; `None` where the plan is not there any more.
fn report(run: &StreamRows, plans: &[PlanFile]) -> Result<Option<Files>, JournalError> {
    let records = run.records::<Event>()?;
    let Some(state) = crate::journal::fold(&records)? else { return Ok(None) };
    let plan = plans.iter().find(|plan| plan.digest == state.info.plan);
    let saved = plan.and_then(|plan| plan.bytes.as_deref());
    let saved = saved.and_then(|bytes| SavedPlan::read(bytes).ok());
    let Some(SavedPlan { plan, .. }) = saved else { return Ok(None) };
    // Without the present time: the report of the journal, not of the day of its export.
    let view = RunView::new(&plan, &records, None)?;
    let json = pretty(&serde_json::to_value(&view).unwrap_or_default());
    let mut files = Files::from([(format!("reports/{}.json", run.stream), json)]);
    for lang in [Lang::Ja, Lang::En] {
        let name = format!("reports/{}.{}.html", run.stream, lang.tag());
        files.insert(name, html::report(&view, &plan, lang).into_bytes());
    }
    Ok(Some(files))
}

/// Who said yes to what, and who took it back.
fn approvals(ledger: &[Record<LedgerEvent>]) -> Value {
    let entry = |record: &Record<LedgerEvent>| {
        let at = crate::clock::rfc3339(&record.at);
        match &record.event {
            LedgerEvent::PlanApproved { digest, by, role, overrides } => Some(json!({
                "record": record.seq, "at": at, "approved": digest, "by": by, "role": role,
                "overrides": overrides,
            })),
            LedgerEvent::ApprovalRevoked { digest, by, problem } => Some(json!({
                "record": record.seq, "at": at, "revoked": digest, "by": by,
                "reason": problem.code,
            })),
            _ => None,
        }
    };
    ledger.iter().filter_map(entry).collect()
}

fn pretty(value: &Value) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text.into_bytes()
}
