//! Reads everything that a store holds and says which record of which stream is wrong.
//!
//! A chain of hashes shows every change, loss, exchange and insertion within it. That a run is gone
//! as a whole, or the end of one that had ended, is seen by the ledger, which names both. What the
//! journal cannot show by itself is an end of the ledger that was cut off as well, or a journal that
//! was replaced as a whole: for that a hash is needed that somebody outside kept, from a mail or a
//! report.

use serde::Serialize;

use super::chain::{ChainHash, Record, Row};
use super::error::JournalError;
use super::event::Event;
use super::ledger::{Ledger, LedgerEvent};
use super::state;
use super::store::{LEDGER, Store};
use crate::diag::{Fact, Kind, Problem};
use crate::ids::RunId;

/// What was found in one stream: a run, or the ledger.
#[derive(Clone, Debug, Serialize)]
pub struct Stream {
    /// The run's id, or `ledger`.
    pub stream: String,
    /// Records that follow from one another, from the first one on.
    pub sound: u64,
    /// Records that are there.
    pub records: u64,
    /// The hash of the last sound record; the stream's seed where there is none.
    pub head: ChainHash,
    /// The first record that is wrong, and how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<Problem>,
    /// The hashes of the sound records.
    #[serde(skip)]
    hashes: Vec<ChainHash>,
}

/// Where a hash that was kept outside stands.
#[derive(Clone, Debug, Serialize)]
pub struct Kept {
    /// The hash.
    pub head: String,
    /// The stream that it is of, and the number of the record.
    pub found: Option<(String, u64)>,
}

/// What the whole journal is worth as evidence.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// True where nothing is wrong.
    pub sound: bool,
    /// The ledger and every run, oldest first.
    pub streams: Vec<Stream>,
    /// The hashes that were to be found.
    pub heads: Vec<Kept>,
}

impl Verified {
    /// Everything that is wrong.
    pub fn damages(&self) -> Vec<Problem> {
        let missing = self.heads.iter().filter(|kept| kept.found.is_none()).map(|kept| {
            Problem::new("journal-head-missing", Kind::Data).with(Fact::open("head", &kept.head))
        });
        self.streams.iter().filter_map(|stream| stream.damage.clone()).chain(missing).collect()
    }
}

/// Verifies a journal; each of `heads` is the hash of a record that must be in it.
///
/// # Errors
/// Where the store cannot be read at all. What is wrong in it is in the result.
pub async fn verify(store: &dyn Store, heads: &[String]) -> Result<Verified, JournalError> {
    let mut anchors = Vec::new();
    let mut streams = vec![stream(store, &RunId::from(LEDGER), &mut anchors).await?];
    for run in store.runs().await? {
        streams.push(stream(store, &run, &mut anchors).await?);
    }
    for anchor in &anchors {
        hold(anchor, &mut streams);
    }
    let heads: Vec<Kept> = heads.iter().map(|head| find(&streams, head)).collect();
    let mut verified = Verified { sound: true, streams, heads };
    verified.sound = verified.damages().is_empty();
    Ok(verified)
}

fn find(streams: &[Stream], head: &str) -> Kept {
    let found = streams.iter().find_map(|stream| {
        let place = stream.hashes.iter().position(|hash| hash.0 == head)?;
        Some((stream.stream.clone(), place as u64 + 1))
    });
    Kept { head: head.to_owned(), found }
}

/// What the ledger says of a run: the number and the hash of a record that it had.
struct Anchor {
    run: RunId,
    seq: u64,
    head: ChainHash,
}

/// Holds a run against what the ledger says of it.
fn hold(anchor: &Anchor, streams: &mut Vec<Stream>) {
    let name = anchor.run.as_str();
    let place = streams.iter().position(|stream| stream.stream == name);
    let place = place.unwrap_or_else(|| {
        streams.push(Stream::of(&anchor.run));
        streams.len() - 1
    });
    let Some(stream) = streams.get_mut(place) else { return };
    let at = anchor.seq.checked_sub(1).and_then(|at| usize::try_from(at).ok());
    let code = match at.and_then(|at| stream.hashes.get(at)) {
        Some(hash) if *hash == anchor.head => return,
        Some(_) => "journal-damage-changed",
        None => "journal-damage-missing",
    };
    let seq = anchor.seq.min(stream.sound + 1);
    stream.damage.get_or_insert_with(|| damage(code, &anchor.run, seq));
}

async fn stream(
    store: &dyn Store,
    name: &RunId,
    anchors: &mut Vec<Anchor>,
) -> Result<Stream, JournalError> {
    let mut read = Stream::of(name);
    match store.rows(name, 0).await {
        Ok(rows) => {
            read.records = rows.len() as u64;
            if name.as_str() == LEDGER {
                let mut ledger = Ledger::default();
                read.all(&rows, |record: &Record<LedgerEvent>| {
                    ledger = std::mem::take(&mut ledger).next(record)?;
                    if let LedgerEvent::RunAnchored { run, seq, head } = record.event.clone() {
                        anchors.push(Anchor { run, seq, head });
                    }
                    Ok(())
                });
            } else {
                let mut folded = None;
                read.all(&rows, |record: &Record<Event>| {
                    is_of(record, name)?;
                    folded = Some(state::next(folded.take(), record)?);
                    Ok(())
                });
            }
        }
        // A value that is no text, or a number below one.
        Err(JournalError::Broken { seq }) => {
            read.damage = Some(damage("journal-damage-unreadable", name, seq))
        }
        Err(error) => return Err(error),
    }
    Ok(read)
}

/// A run's first record names the run: the whole of another one under its name is no run.
fn is_of(record: &Record<Event>, name: &RunId) -> Result<(), JournalError> {
    match &record.event {
        Event::RunStarted { run, .. } if run != name => {
            Err(JournalError::Broken { seq: record.seq })
        }
        _ => Ok(()),
    }
}

impl Stream {
    fn of(name: &RunId) -> Self {
        Self {
            stream: name.to_string(),
            sound: 0,
            records: 0,
            head: ChainHash::seed(name),
            damage: None,
            hashes: Vec::new(),
        }
    }

    /// Reads the rows up to the first one that is wrong.
    fn all<E>(
        &mut self,
        rows: &[Row],
        mut follows: impl FnMut(&Record<E>) -> Result<(), JournalError>,
    ) where
        E: Serialize + serde::de::DeserializeOwned,
    {
        let name = RunId(self.stream.clone());
        for row in rows {
            if row.seq != self.sound + 1 {
                // The record before it is missing, or it stands in a wrong place.
                self.damage = Some(damage("journal-damage-missing", &name, self.sound + 1));
                return;
            }
            let record = match Record::<E>::read(row, (self.sound, &self.head)) {
                Ok(record) => record,
                Err(_) => {
                    self.damage = Some(damage("journal-damage-changed", &name, row.seq));
                    return;
                }
            };
            if follows(&record).is_err() {
                self.damage = Some(damage("journal-damage-illegal", &name, row.seq));
                return;
            }
            self.sound = record.seq;
            self.head = record.hash.clone();
            self.hashes.push(record.hash);
        }
    }
}

fn damage(code: &'static str, stream: &RunId, seq: u64) -> Problem {
    Problem::new(code, Kind::Data).with(Fact::open("stream", stream)).with(Fact::open("seq", seq))
}
