//! How much of everything the reader accepts. An archive may come from anywhere.

/// Most entries of a table of contents. A real ORCA database has about 2,000.
pub(super) const MAX_TOC_ENTRIES: usize = 1_000_000;
/// Longest string of the table of contents: the longest function body is far below.
pub(super) const MAX_STRING_BYTES: usize = 16 << 20;
/// All strings of the table of contents together; it is held in memory.
pub(super) const MAX_TOC_BYTES: usize = 256 << 20;
/// Most columns of a table; PostgreSQL allows 1,600.
pub(super) const MAX_COLUMNS: usize = 1_600;
/// Longest piece of a value without a single ASCII byte; it has to be held in memory, because
/// only an ASCII byte is surely a border between characters.
pub(super) const MAX_TEXT_RUN: usize = 16 << 20;
/// Findings that are kept with their places; the rest are counted only.
pub(super) const MAX_FINDINGS: usize = 1_000;
/// Bytes read at a time.
pub(super) const READ_BUFFER: usize = 256 << 10;
/// Bytes handed to the compressing thread at a time.
pub(super) const BATCH: usize = 256 << 10;
/// Batches under way between the two threads: 8 x 256 kB of memory at most.
pub(super) const BATCHES_UNDER_WAY: usize = 8;
/// Compressed bytes gathered before a chunk is written.
pub(super) const CHUNK: usize = 128 << 10;
