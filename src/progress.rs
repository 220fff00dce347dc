//! How far a long piece of work has come: counters that any thread may raise and a renderer reads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Counters of one step's work. Cheap to clone; clones share the counters.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    bytes: AtomicU64,
    rows: AtomicU64,
    total_bytes: AtomicU64,
    stage: Mutex<String>,
}

/// The counters at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Bytes of input handled so far.
    pub bytes: u64,
    /// Table rows handled so far.
    pub rows: u64,
    /// Bytes expected in all; 0 where it is not known.
    pub total_bytes: u64,
    /// What is being worked on, a table's or a file's name; never data.
    pub stage: String,
}

impl Progress {
    /// Says how many bytes are to come in all.
    pub fn expect_bytes(&self, total: u64) {
        self.0.total_bytes.store(total, Ordering::Relaxed);
    }

    /// Counts bytes of input.
    pub fn add_bytes(&self, bytes: u64) {
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts rows.
    pub fn add_rows(&self, rows: u64) {
        self.0.rows.fetch_add(rows, Ordering::Relaxed);
    }

    /// Names what is being worked on.
    pub fn stage(&self, name: &str) {
        let mut stage = self.0.stage.lock().unwrap_or_else(PoisonError::into_inner);
        name.clone_into(&mut stage);
    }

    /// The counters now.
    pub fn read(&self) -> Reading {
        Reading {
            bytes: self.0.bytes.load(Ordering::Relaxed),
            rows: self.0.rows.load(Ordering::Relaxed),
            total_bytes: self.0.total_bytes.load(Ordering::Relaxed),
            stage: self.0.stage.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}
