//! Reading a program's output in large pieces.
//!
//! `pg_dump` fills its pipe by 4 kB. A reader that is quicker would be woken for each of them, and
//! every time both sides lose a turn of the processor: a quarter of a million turns for 1.9 GB.
//! Only speed rests on what is done here; where it cannot be done, all is read the same.

use std::os::fd::AsFd;
use std::time::Duration;

/// Room of a pipe: the most that Linux gives to a user without asking.
const ROOM: usize = 1 << 20;
/// What is worth a turn. A quarter of the room: the writer goes on meanwhile.
const WORTHWHILE: u64 = 256 << 10;
/// How long the writer is given for more; 500 MB/s would just fill the room.
const NAP: Duration = Duration::from_millis(1);
/// Most naps in a row, so that a slow writer, or the stream's end, waits for no more than these.
const NAPS: usize = 3;

/// Gives a pipe as much room as a user may have. Anything else is left as it is.
pub(crate) fn widen(pipe: impl AsFd) {
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, ROOM);
}

/// Lets a pipe fill up a little before it is read.
pub(crate) fn let_gather(pipe: impl AsFd) {
    for _ in 0..NAPS {
        match rustix::io::ioctl_fionread(&pipe) {
            Ok(there) if there < WORTHWHILE => std::thread::sleep(NAP),
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write, pipe};
    use std::time::Instant;

    use super::*;

    #[test]
    fn small_writes_come_as_large_reads_and_a_slow_writer_is_not_waited_for() {
        let (mut reader, mut writer) = pipe().unwrap();
        widen(&reader);
        let writing = std::thread::spawn(move || {
            for _ in 0..4096 {
                writer.write_all(&[7; 4096]).unwrap();
            }
            std::thread::sleep(Duration::from_millis(50));
            writer.write_all(b"end").unwrap();
        });
        let mut buffer = vec![0; 256 << 10];
        let (mut reads, mut bytes) = (0, 0);
        let mut longest = Duration::ZERO;
        loop {
            let before = Instant::now();
            let_gather(&reader);
            longest = longest.max(before.elapsed());
            let read = reader.read(&mut buffer).unwrap();
            if read == 0 {
                break;
            }
            reads += 1;
            bytes += read;
        }
        writing.join().unwrap();
        assert_eq!(bytes, 4096 * 4096 + 3);
        assert!(reads < 1024, "{reads} reads for 4096 writes");
        assert!(longest < Duration::from_secs(1), "{longest:?}");
    }

    #[test]
    fn what_is_no_pipe_is_left_alone() {
        let file = tempfile::tempfile().unwrap();
        widen(&file);
        let_gather(&file);
        let_gather(std::fs::File::open("/dev/null").unwrap());
    }
}
