//! Records: an event with its number and time, bound to the record before it by a hash.

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

/// An event as it lies in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// 1 and up, without gaps.
    pub seq: u64,
    /// When it was written.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// What happened.
    pub event: Event,
    /// The chain's hash after this record.
    pub hash: ChainHash,
}

impl Record {
    /// Binds `event` to the record whose hash is `before`; also gives the JSON that is stored
    /// and hashed.
    ///
    /// # Errors
    /// Where the event cannot be written as JSON, which would be a defect.
    pub fn bind(
        seq: u64,
        at: Jst,
        event: Event,
        before: &ChainHash,
    ) -> Result<(Self, String), JournalError> {
        let json = serde_json::to_string(&event)
            .map_err(|error| JournalError::Unwritable { reason: error.to_string() })?;
        let hash = hash(seq, &rfc3339(&at), &json, before);
        Ok((Self { seq, at, event, hash }, json))
    }

    /// Reads a stored record and checks that it follows `before`.
    ///
    /// # Errors
    /// Where number, time, text or hash do not fit: the journal was damaged or changed.
    pub fn read(
        seq: u64,
        at: &str,
        json: &str,
        stored: &str,
        before: (u64, &ChainHash),
    ) -> Result<Self, JournalError> {
        let broken = || JournalError::Broken { seq };
        if seq != before.0 + 1 || hash(seq, at, json, before.1).0 != stored {
            return Err(broken());
        }
        let at = chrono::DateTime::parse_from_rfc3339(at).map_err(|_| broken())?;
        let event = serde_json::from_str(json).map_err(|_| broken())?;
        Ok(Self { seq, at: crate::clock::to_jst(at), event, hash: ChainHash(stored.to_owned()) })
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
