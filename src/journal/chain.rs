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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{PlanDigest, StepId};
    use crate::journal::ledger::{Actor, LedgerEvent};

    fn approval() -> LedgerEvent {
        LedgerEvent::PlanApproved {
            digest: PlanDigest("0123456789abcdef".repeat(4)),
            by: Actor { name: "見本 花子".into(), host: "host".into(), tool: "0.1.0".into() },
            role: "decides".into(),
            overrides: vec!["calendar-billing-days".into()],
        }
    }

    fn bound() -> (Record<LedgerEvent>, Row, ChainHash) {
        let before = ChainHash("0".repeat(64));
        let at = crate::clock::Clock::System.now();
        let (record, row) = Record::bind(7, at, approval(), &before).unwrap();
        (record, row, before)
    }

    fn reads(row: &Row, before: (u64, &ChainHash)) -> Option<Record<LedgerEvent>> {
        Record::read(row, before).ok()
    }

    #[test]
    fn every_bit_of_an_approval_in_the_journal_counts() {
        let (record, row, before) = bound();
        let read = reads(&row, (6, &before)).unwrap();
        assert_eq!((read.event, read.seq), (record.event, 7));
        let mut flips = 0;
        type Part = fn(&mut Row) -> &mut String;
        let parts: [(&str, Part); 3] = [
            ("at", |row| &mut row.at),
            ("event", |row| &mut row.json),
            ("hash", |row| &mut row.hash),
        ];
        for (name, part) in parts {
            for place in 0..part(&mut row.clone()).len() {
                for bit in 0..8 {
                    let mut other = row.clone();
                    let mut bytes = part(&mut other).clone().into_bytes();
                    bytes[place] ^= 1 << bit;
                    // A store of text gives back text: what is none it refuses itself.
                    *part(&mut other) = String::from_utf8_lossy(&bytes).into_owned();
                    assert!(reads(&other, (6, &before)).is_none(), "{name} {place} {bit}");
                    flips += 1;
                }
            }
        }
        assert!(flips > 1_000);
        let what = "flipped bits of an approval's record that are found";
        let command = "cargo nextest run every_bit_of_an_approval";
        crate::figures::figure("R16", what, format!("{flips} of {flips}"), command);
    }

    #[test]
    fn a_record_follows_one_number_and_one_hash() {
        let (_, row, before) = bound();
        for number in [0, 5, 7, 8] {
            assert!(reads(&row, (number, &before)).is_none(), "{number}");
        }
        assert!(reads(&row, (6, &ChainHash("1".repeat(64)))).is_none());
        let mut other = row.clone();
        other.seq = 8;
        assert!(reads(&other, (7, &before)).is_none());
    }

    #[test]
    fn records_are_read_in_order_and_the_first_that_does_not_fit_ends_it() {
        let run = RunId::fresh();
        let (at, mut before) = (crate::clock::Clock::System.now(), ChainHash::seed(&run));
        assert_eq!(before.0, hex::encode(Sha256::digest(run.as_str())));
        let mut rows = Vec::new();
        for seq in 1..=4 {
            let event = Event::StepSkipped { step: StepId::from("a") };
            let (record, row) = Record::bind(seq, at, event, &before).unwrap();
            before = record.hash;
            rows.push(row);
        }
        let seed = || (0, ChainHash::seed(&run));
        assert_eq!(Record::<Event>::read_all(&rows, seed()).unwrap().len(), 4);
        let mut swapped = rows.clone();
        swapped.swap(1, 2);
        assert!(Record::<Event>::read_all(&swapped, seed()).is_err());
        let mut short = rows.clone();
        short.remove(1);
        assert!(Record::<Event>::read_all(&short, seed()).is_err());
        assert!(Record::<Event>::read_all(&rows[1..], seed()).is_err());
    }

    #[test]
    fn texts_that_move_from_one_part_into_the_next_hash_otherwise() {
        let before = ChainHash("ab".into());
        assert_ne!(hash(1, "2", "3", &before).0, hash(12, "", "3", &before).0);
        assert_ne!(hash(1, "2", "3", &before).0, hash(1, "23", "", &before).0);
        // The sum as another program finds it: sha256 over lengths and parts.
        let mut bytes = Vec::new();
        for part in ["ab", "1", "2", "3"] {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.bytes());
        }
        let theirs = duct::cmd!("sha256sum").stdin_bytes(bytes).read().unwrap();
        assert!(theirs.starts_with(&hash(1, "2", "3", &before).0), "{theirs}");
    }
}
