//! One zlib stream compressed by several threads.
//!
//! The converting thread cuts the data into batches; each is compressed as raw deflate, primed
//! with the 32 kB before it, and ends at a byte's border (a sync flush), so that the batches
//! joined in order are one stream (RFC 1951, RFC 1950). The writing thread takes them in order.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::ArchiveError;
use super::deflate::{Effort, Encoder, adler32};
use super::limits::{BATCH, BATCHES_UNDER_WAY, MAX_COMPRESSORS};

/// How far back a deflate match may reach.
const WINDOW: usize = 32 << 10;

/// A step of the data that follows the table of contents.
pub(super) enum Part {
    /// A table's data begins.
    Table(i32),
    /// A block of large objects begins.
    Blobs(i32),
    /// One large object begins.
    Blob(i32),
    /// Content of a table or a large object, which a thread is compressing.
    Batch(Receiver<Batch>),
    /// The table's data or the large object is complete.
    End,
    /// The block of large objects is complete.
    EndBlobs,
}

/// A compressed batch.
pub(super) struct Batch {
    /// Raw deflate blocks, none of them the last.
    pub(super) deflated: Vec<u8>,
    /// Adler-32 of the plain bytes, and their number.
    pub(super) adler: u32,
    pub(super) length: u64,
}

/// Bytes on their way to a compressing thread.
pub(super) struct Plain {
    /// What stands before the batch in the same stream, then the batch.
    pub(super) bytes: Vec<u8>,
    start: usize,
}

impl Plain {
    /// Length of the batch itself.
    pub(super) fn len(&self) -> usize {
        self.bytes.len().saturating_sub(self.start)
    }

    /// Forgets the batch.
    pub(super) fn clear(&mut self) {
        self.bytes.truncate(self.start);
    }
}

struct Job {
    plain: Plain,
    done: SyncSender<Batch>,
}

/// Buffers that have done their work, for the next batch.
type Spares = Arc<Mutex<Vec<Vec<u8>>>>;

/// Where the converting thread sends its data.
pub(super) struct Outlet {
    parts: SyncSender<Part>,
    jobs: Sender<Job>,
    spares: Spares,
}

/// What the compressing threads need; clone it for each.
#[derive(Clone)]
pub(super) struct Compressor {
    jobs: Arc<Mutex<Receiver<Job>>>,
    spares: Spares,
    effort: Effort,
}

/// The two ends, and what stands between them. `level` is 1 to 9.
pub(super) fn pipeline(level: u32) -> (Outlet, Compressor, Receiver<Part>) {
    // The bound of the parts bounds the jobs too: each has a part.
    let (parts, receiver) = sync_channel(BATCHES_UNDER_WAY);
    let (jobs, waiting) = channel();
    let (spares, jobs_out) = (Spares::default(), Arc::new(Mutex::new(waiting)));
    let compressor =
        Compressor { jobs: jobs_out, spares: Arc::clone(&spares), effort: effort(level) };
    (Outlet { parts, jobs, spares }, compressor, receiver)
}

/// zlib's nine levels on the three efforts there are: 6 is about zlib's 6 in size.
fn effort(level: u32) -> Effort {
    match level {
        0..=3 => Effort::Fast,
        4..=6 => Effort::Default,
        _ => Effort::Small,
    }
}

/// How many threads compress.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MAX_COMPRESSORS)
}

impl Outlet {
    /// For the first batch of a stream.
    pub(super) fn first(&self) -> Plain {
        Plain { bytes: self.buffer(), start: 0 }
    }

    /// Sends a step that is no content.
    pub(super) fn step(&mut self, part: Part) -> Result<(), ArchiveError> {
        self.parts.send(part).map_err(|_| ArchiveError::Stopped)
    }

    /// Sends a batch of the stream that was begun, and makes `plain` ready for the next.
    pub(super) fn pass(&mut self, plain: &mut Plain) -> Result<(), ArchiveError> {
        let mut next = self.first();
        let from = plain.bytes.len().saturating_sub(WINDOW);
        next.bytes.extend_from_slice(plain.bytes.get(from..).unwrap_or_default());
        next.start = next.bytes.len();
        self.send(std::mem::replace(plain, next))
    }

    /// Sends a stream's last batch.
    pub(super) fn send(&mut self, plain: Plain) -> Result<(), ArchiveError> {
        let (done, batch) = sync_channel(1);
        self.jobs.send(Job { plain, done }).map_err(|_| ArchiveError::Stopped)?;
        self.step(Part::Batch(batch))
    }

    fn buffer(&self) -> Vec<u8> {
        let spare = self.spares.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // Half as much again: EUC-JP's two bytes for a character are UTF-8's three.
        spare.unwrap_or_else(|| Vec::with_capacity(BATCH.saturating_add(BATCH / 2)))
    }
}

impl Compressor {
    /// Compresses until the outlet is closed.
    pub(super) fn run(&self) {
        let mut encoder = Encoder::new(self.effort);
        loop {
            let job = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Job { plain, done }) = job else { return };
            // A writer that has stopped knows why.
            let _ = done.send(batch(&mut encoder, &plain));
            let mut spare = plain.bytes;
            spare.clear();
            self.spares.lock().unwrap_or_else(PoisonError::into_inner).push(spare);
        }
    }
}

fn batch(encoder: &mut Encoder, plain: &Plain) -> Batch {
    let mut deflated = Vec::with_capacity(plain.len().saturating_div(2).saturating_add(1024));
    encoder.chunk(&plain.bytes, plain.start, &mut deflated);
    let bytes = plain.bytes.get(plain.start..).unwrap_or_default();
    Batch { deflated, adler: adler32(bytes), length: bytes.len() as u64 }
}

/// Content that is compressed at once, for tests that write an archive by hand.
#[cfg(test)]
pub(super) fn alone(bytes: &[u8]) -> Part {
    let plain = Plain { bytes: bytes.to_vec(), start: 0 };
    let (done, receiver) = sync_channel(1);
    let sent = done.send(batch(&mut Encoder::new(Effort::Default), &plain));
    sent.expect("the receiver is at hand");
    Part::Batch(receiver)
}
