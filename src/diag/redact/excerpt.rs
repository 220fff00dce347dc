//! The head and the tail of a log of any length, in bounded memory. It must not look into lines.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

/// Bytes kept of one line. PostgreSQL cuts the values it shows in a context at 100 characters;
/// only whole rows and statements are longer, and they are masked anyhow.
const MAX_LINE_BYTES: usize = 8 * 1024;
/// Bytes kept of a log's beginning, where the first error stands.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// Bytes kept of a log's end, where the summary stands.
const MAX_TAIL_BYTES: usize = 128 * 1024;

/// The first and the last lines of a log.
#[derive(Default)]
pub(super) struct Excerpt {
    head: Vec<Vec<u8>>,
    head_bytes: usize,
    head_full: bool,
    tail: VecDeque<Vec<u8>>,
    tail_bytes: usize,
    left_out_lines: u64,
    left_out_bytes: u64,
}

impl Excerpt {
    /// Reads a log to its end.
    pub(super) fn read(mut log: impl BufRead) -> io::Result<Self> {
        let mut excerpt = Self::default();
        let mut line = Vec::new();
        loop {
            line.clear();
            let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
            let read = log.by_ref().take(limit).read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(excerpt);
            }
            if line.last() == Some(&b'\n') {
                line.pop();
            } else {
                skip_line(&mut log)?;
            }
            excerpt.push(&line);
        }
    }

    /// Adds one line without its newline.
    pub(super) fn push(&mut self, line: &[u8]) {
        let line = line.get(..MAX_LINE_BYTES).unwrap_or(line);
        // One byte more, so that endless empty lines fill the room too.
        let size = line.len().saturating_add(1);
        if !self.head_full && self.head_bytes.saturating_add(size) <= MAX_HEAD_BYTES {
            self.head_bytes = self.head_bytes.saturating_add(size);
            self.head.push(line.to_vec());
            return;
        }
        self.head_full = true;
        self.tail_bytes = self.tail_bytes.saturating_add(size);
        self.tail.push_back(line.to_vec());
        while self.tail_bytes > MAX_TAIL_BYTES {
            let Some(dropped) = self.tail.pop_front() else { break };
            let size = dropped.len().saturating_add(1);
            self.tail_bytes = self.tail_bytes.saturating_sub(size);
            self.left_out_lines = self.left_out_lines.saturating_add(1);
            let size = u64::try_from(size).unwrap_or(u64::MAX);
            self.left_out_bytes = self.left_out_bytes.saturating_add(size);
        }
    }

    pub(super) fn head(&self) -> impl Iterator<Item = &[u8]> {
        self.head.iter().map(Vec::as_slice)
    }

    pub(super) fn tail(&self) -> impl Iterator<Item = &[u8]> {
        self.tail.iter().map(Vec::as_slice)
    }

    /// Lines and bytes between head and tail, where any were left out.
    pub(super) fn left_out(&self) -> Option<(u64, u64)> {
        (self.left_out_lines > 0).then_some((self.left_out_lines, self.left_out_bytes))
    }
}

/// Reads to the end of a line without keeping it.
fn skip_line(log: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = log.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => {
                log.consume(at.saturating_add(1));
                return Ok(());
            }
            None => {
                let all = buffer.len();
                log.consume(all);
            }
        }
    }
}
