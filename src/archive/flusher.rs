//! Brings a file to the disk while it is still being written, so that the last `fsync` has
//! little left to do.

use std::fs::File;
use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Syncs in a thread of its own whenever it is told that there is something.
pub(super) struct Flusher {
    signal: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Flusher {
    pub(super) fn start(file: &File) -> io::Result<Self> {
        let file = file.try_clone()?;
        let (signal, signals) = sync_channel(1);
        let thread = std::thread::spawn(move || {
            // The kernel tells a failure once only: it is kept for [`Flusher::end`].
            signals.iter().try_for_each(|()| file.sync_data())
        });
        Ok(Self { signal, thread })
    }

    /// There is more to bring to the disk. Never waits.
    pub(super) fn nudge(&self) {
        // A full channel means that the thread will look anyway.
        let _ = self.signal.try_send(());
    }

    /// What became of it.
    pub(super) fn end(self) -> io::Result<()> {
        drop(self.signal);
        self.thread.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_sync_is_told_at_the_end() {
        // A character device takes bytes and cannot be synced.
        let flusher = Flusher::start(&File::open("/dev/null").unwrap()).unwrap();
        flusher.nudge();
        assert!(flusher.end().is_err());
        let flusher = Flusher::start(&tempfile::tempfile().unwrap()).unwrap();
        flusher.nudge();
        flusher.end().unwrap();
    }
}
