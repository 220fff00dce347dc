//! Records: an event with its number and time, bound to the record before it by a hash.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::JournalError;
use super::event::Event;
use crate::clock::{Jst, rfc3339};
use crate::ids::RunId;

/// SHA-256 over a record and the hash before it, 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChainHash(pub String);

impl ChainHash {
    /// What stands before a run's first record: the hash of the run's id.
    pub fn seed(run: &RunId) -> Self {
        Self(hex::encode(Sha256::digest(run.as_str().as_bytes())))
    }
}

/// A record as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// 1 and up, without gaps.
    pub seq: u64,
    /// RFC 3339.
    pub at: String,
    /// The event as JSON.
    pub json: String,
    /// The chain's hash after it.
    pub hash: String,
}

/// An event as it lies in the journal: a run's, or the ledger's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record<E = Event> {
    /// 1 and up, without gaps.
    pub seq: u64,
    /// When it was written.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// What happened.
    pub event: E,
    /// The chain's hash after this record.
    pub hash: ChainHash,
}

impl<E: Serialize + DeserializeOwned> Record<E> {
    /// Binds `event` to the record whose hash is `before`; also gives the row that is stored.
    ///
    /// # Errors
    /// Where the event cannot be written as JSON, which would be a defect.
    pub fn bind(
        seq: u64,
        at: Jst,
        event: E,
        before: &ChainHash,
    ) -> Result<(Self, Row), JournalError> {
        let json = serde_json::to_string(&event)
            .map_err(|error| JournalError::Unwritable { reason: error.to_string() })?;
        let written = rfc3339(&at);
        let hash = hash(seq, &written, &json, before);
        let row = Row { seq, at: written, json, hash: hash.0.clone() };
        Ok((Self { seq, at, event, hash }, row))
    }

    /// Reads a stored row and checks that it follows `before`.
    ///
    /// # Errors
    /// Where number, time, text or hash do not fit: the journal was damaged or changed.
    pub fn read(row: &Row, before: (u64, &ChainHash)) -> Result<Self, JournalError> {
        let broken = || JournalError::Broken { seq: row.seq };
        if row.seq != before.0 + 1 || hash(row.seq, &row.at, &row.json, before.1).0 != row.hash {
            return Err(broken());
        }
        let at = chrono::DateTime::parse_from_rfc3339(&row.at).map_err(|_| broken())?;
        let event = serde_json::from_str(&row.json).map_err(|_| broken())?;
        let (at, hash) = (crate::clock::to_jst(at), ChainHash(row.hash.clone()));
        Ok(Self { seq: row.seq, at, event, hash })
    }

    /// Reads rows that follow the record `before`, the last of which has this number and hash.
    ///
    /// # Errors
    /// As [`Record::read`].
    pub fn read_all(rows: &[Row], before: (u64, ChainHash)) -> Result<Vec<Self>, JournalError> {
        let mut before = before;
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            let record = Self::read(row, (before.0, &before.1))?;
            before = (record.seq, record.hash.clone());
            records.push(record);
        }
        Ok(records)
    }
}

fn hash(seq: u64, at: &str, json: &str, before: &ChainHash) -> ChainHash {
    let mut sha = Sha256::new();
    for part in [before.0.as_str(), &seq.to_string(), at, json] {
        // A length before each part: no two different records hash the same text.
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part.as_bytes());
    }
    ChainHash(hex::encode(sha.finalize()))
}
