//! Threads that read parts of archives at the same time, and help one another where one part
//! is too large for one thread.
//!
//! A job decompresses; what it yields goes through a lane, in order, to whoever checks it: the
//! same thread while all have jobs, an idle one otherwise. It knows nothing of archives' form.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};

use super::ArchiveError;

/// Most threads; past that the disk or the memory's speed is the limit, and each has a buffer.
const MAX_WORKERS: usize = 8;
/// Pieces that wait in a lane; with 128 kB each a lane holds a megabyte.
const MAX_WAITING: usize = 8;

/// Something to do. Larger ones are begun first, so that the last to end is a small one.
pub(super) struct Job<'env> {
    /// How much there is to do, in bytes to read.
    pub(super) size: u64,
    /// The work.
    pub(super) work: Box<dyn FnOnce(&Crew<'env>) + Send + 'env>,
}

/// Takes a stream's pieces in order.
pub(super) trait Take {
    /// The next piece; `offset` is for errors.
    fn take(&mut self, bytes: &[u8], offset: u64) -> Result<(), ArchiveError>;
    /// The stream's end; what was found out is handed on from here.
    fn finish(self: Box<Self>, offset: u64) -> Result<(), ArchiveError>;
}

/// The threads' common board.
pub(super) struct Crew<'env> {
    board: Mutex<Board<'env>>,
    bell: Condvar,
    /// Threads without a job of their own.
    helpers: AtomicUsize,
}

struct Board<'env> {
    jobs: Vec<Job<'env>>,
    running: usize,
    lanes: Vec<Arc<Lane<'env>>>,
}

/// One stream on its way to what checks it.
pub(super) struct Lane<'env> {
    waiting: Mutex<Waiting>,
    taker: Mutex<Taker<'env>>,
    failed: AtomicBool,
}

#[derive(Default)]
struct Waiting {
    pieces: VecDeque<(Vec<u8>, u64)>,
    free: Vec<Vec<u8>>,
}

struct Taker<'env> {
    take: Box<dyn Take + Send + 'env>,
    error: Option<ArchiveError>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does all jobs.
///
/// # Errors
/// Where a thread ended without a word.
pub(super) fn run(mut jobs: Vec<Job<'_>>) -> Result<(), ArchiveError> {
    jobs.sort_by_key(|job| job.size);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let crew = Crew {
        board: Mutex::new(Board { jobs, running: 0, lanes: Vec::new() }),
        bell: Condvar::new(),
        helpers: AtomicUsize::new(0),
    };
    std::thread::scope(|scope| {
        let threads = (0..cores.min(MAX_WORKERS)).map(|_| scope.spawn(|| crew.work()));
        let threads: Vec<_> = threads.collect();
        let ended = threads.into_iter().map(|thread| thread.join().map_err(|_| ()));
        // All are waited for before one's end counts.
        let ended: Vec<_> = ended.collect();
        ended.into_iter().collect::<Result<(), ()>>().map_err(|()| ArchiveError::Stopped)
    })
}

/// Reports a job's end even where it panics: the others wait for it.
struct Running<'a, 'env>(&'a Crew<'env>);

impl Drop for Running<'_, '_> {
    fn drop(&mut self) {
        let mut board = locked(&self.0.board);
        board.running = board.running.saturating_sub(1);
        self.0.bell.notify_all();
    }
}

impl<'env> Crew<'env> {
    fn work(&self) {
        loop {
            let job = {
                let mut board = locked(&self.board);
                let job = board.jobs.pop();
                board.running = board.running.saturating_add(usize::from(job.is_some()));
                job
            };
            let Some(job) = job else { break };
            let _running = Running(self);
            (job.work)(self);
        }
        self.helpers.fetch_add(1, Ordering::Relaxed);
        while let Some(lane) = self.next_lane() {
            lane.drain_if_free();
        }
    }

    /// Waits for a lane with something in it, `None` when all jobs are done.
    fn next_lane(&self) -> Option<Arc<Lane<'env>>> {
        let mut board = locked(&self.board);
        loop {
            if board.running == 0 {
                return None;
            }
            if let Some(lane) = board.lanes.iter().find(|lane| lane.wants_help()) {
                return Some(Arc::clone(lane));
            }
            board = self.bell.wait(board).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Sends a stream through `take`: `read` gets the function that sends a piece. The first
    /// error in the stream's order is the one that is given.
    pub(super) fn stream(
        &self,
        take: Box<dyn Take + Send + 'env>,
        read: impl FnOnce(
            &mut dyn FnMut(&[u8], u64) -> Result<(), ArchiveError>,
        ) -> Result<(), ArchiveError>,
    ) -> Result<Box<dyn Take + Send + 'env>, ArchiveError> {
        let lane = Arc::new(Lane {
            waiting: Mutex::default(),
            taker: Mutex::new(Taker { take, error: None }),
            failed: AtomicBool::new(false),
        });
        locked(&self.board).lanes.push(Arc::clone(&lane));
        let done = read(&mut |bytes, offset| lane.send(self, bytes, offset));
        lane.drain(locked(&lane.taker));
        locked(&self.board).lanes.retain(|other| !Arc::ptr_eq(other, &lane));
        let mut taker = locked(&lane.taker);
        // What was taken stands before what could not be read any more.
        if let Some(error) = taker.error.take() {
            return Err(error);
        }
        done?;
        Ok(std::mem::replace(&mut taker.take, Box::new(Nothing)))
    }
}

impl Lane<'_> {
    fn wants_help(&self) -> bool {
        let free = !matches!(self.taker.try_lock(), Err(TryLockError::WouldBlock));
        free && !locked(&self.waiting).pieces.is_empty()
    }

    fn send(&self, crew: &Crew<'_>, bytes: &[u8], offset: u64) -> Result<(), ArchiveError> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(ArchiveError::Stopped);
        }
        let mut waiting = locked(&self.waiting);
        let alone = crew.helpers.load(Ordering::Relaxed) == 0;
        if alone && waiting.pieces.is_empty() {
            drop(waiting);
            self.take(&mut locked(&self.taker), bytes, offset);
            return Ok(());
        }
        let mut piece = waiting.free.pop().unwrap_or_default();
        piece.extend_from_slice(bytes);
        waiting.pieces.push_back((piece, offset));
        let full = waiting.pieces.len() >= MAX_WAITING;
        drop(waiting);
        if full {
            self.drain(locked(&self.taker));
        } else {
            // The board's lock makes sure that nobody falls asleep in between.
            drop(locked(&crew.board));
            crew.bell.notify_one();
        }
        Ok(())
    }

    fn drain_if_free(&self) {
        match self.taker.try_lock() {
            Ok(taker) => self.drain(taker),
            Err(TryLockError::Poisoned(taker)) => self.drain(taker.into_inner()),
            Err(TryLockError::WouldBlock) => {}
        }
    }

    /// Takes all that waits. Pieces leave the queue under the taker's lock: that keeps them in
    /// order.
    fn drain(&self, mut taker: MutexGuard<'_, Taker<'_>>) {
        loop {
            let Some((mut piece, offset)) = locked(&self.waiting).pieces.pop_front() else {
                return;
            };
            self.take(&mut taker, &piece, offset);
            piece.clear();
            locked(&self.waiting).free.push(piece);
        }
    }

    fn take(&self, taker: &mut Taker<'_>, bytes: &[u8], offset: u64) {
        if taker.error.is_none()
            && let Err(error) = taker.take.take(bytes, offset)
        {
            taker.error = Some(error);
            self.failed.store(true, Ordering::Relaxed);
        }
    }
}

/// Stands in for a taker that has gone.
struct Nothing;

impl Take for Nothing {
    fn take(&mut self, _: &[u8], _: u64) -> Result<(), ArchiveError> {
        Ok(())
    }
    fn finish(self: Box<Self>, _: u64) -> Result<(), ArchiveError> {
        Ok(())
    }
}
