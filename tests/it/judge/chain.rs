//! Numbers, hashes, and that nothing acknowledged is missing.

use sha2::{Digest, Sha256};

use super::{Evidence, RawRow, Rule, Violation};

pub(super) fn check(evidence: &Evidence) -> Vec<Violation> {
    let mut found = Vec::new();
    for stream in &evidence.runs {
        let mut before = hex::encode(Sha256::digest(stream.run.as_bytes()));
        for (place, row) in stream.rows.iter().enumerate() {
            let wanted = u64::try_from(place).unwrap() + 1;
            if row.seq != wanted || row.hash != hash(row, &before) {
                found.push(Violation {
                    rule: Rule::Chain,
                    run: stream.run.clone(),
                    seq: row.seq,
                    what: format!("record {wanted} does not follow from the one before"),
                });
                break;
            }
            before.clone_from(&row.hash);
        }
    }
    for ack in &evidence.acknowledged {
        let is_there = evidence.runs.iter().any(|stream| {
            let row = usize::try_from(ack.seq).ok().and_then(|seq| stream.rows.get(seq - 1));
            stream.run == ack.run && row.is_some_and(|row| row.hash == ack.hash)
        });
        if !is_there {
            let (run, seq, what) = (ack.run.clone(), ack.seq, "it is gone".to_owned());
            found.push(Violation { rule: Rule::AcknowledgedLost, run, seq, what });
        }
    }
    found
}

/// SHA-256 over hash before, number, time and text, each with its length before it as eight
/// bytes, the most significant first.
pub(super) fn hash(row: &RawRow, before: &str) -> String {
    let seq = row.seq.to_string();
    let mut bytes = Vec::with_capacity(row.text.len() + 200);
    for part in [before, seq.as_str(), row.at.as_str(), row.text.as_str()] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    hex::encode(Sha256::digest(bytes))
}
