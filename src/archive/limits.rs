//! How much of everything the reader accepts. An archive may come from anywhere.

/// Most entries of a table of contents. A real ORCA database has about 2,000.
pub(super) const MAX_TOC_ENTRIES: usize = 1_000_000;
/// Longest string of the table of contents: the longest function body is far below.
pub(super) const MAX_STRING_BYTES: usize = 16 << 20;
/// All strings of the table of contents together; it is held in memory.
pub(super) const MAX_TOC_BYTES: usize = 96 << 20;
/// Most columns of a table; PostgreSQL allows 1,600.
pub(super) const MAX_COLUMNS: usize = 1_600;
/// Most columns of all tables together; their names are held several times over. A clinic has
/// some ten thousand.
pub(super) const MAX_ALL_COLUMNS: usize = 200_000;
/// What a text of the table of contents takes beside its bytes: the allocator rounds up.
pub(super) const TEXT_OVERHEAD: usize = 32;
/// Longest piece of a value without a single ASCII byte; it has to be held in memory, because
/// only an ASCII byte is surely a border between characters.
pub(super) const MAX_TEXT_RUN: usize = 16 << 20;
/// Findings that are kept with their places; the rest are counted only.
pub(super) const MAX_FINDINGS: usize = 1_000;
/// Hashes of a table's keys that are held against one another: with what the set itself takes,
/// 18 MB, and one more would make the set twice as large.
pub(super) const MAX_HELD_KEYS: usize = 1_800_000;
/// Longest value of a key in a row that comes in pieces; an index takes a third of it.
pub(super) const MAX_KEY_VALUE: usize = 8 << 10;
/// Bytes read at a time.
pub(super) const READ_BUFFER: usize = 256 << 10;
/// Longest row that is held whole. Clinics' rows have some hundred bytes; what is longer is a
/// document, and goes through in pieces.
pub(super) const MAX_HELD_ROW: usize = 1 << 20;
/// Bytes compressed at a time by one thread. The 32 kB that prime each are then a sixteenth of
/// the work, and a table of a few megabytes already keeps several threads busy.
pub(super) const BATCH: usize = 512 << 10;
/// Batches under way between the threads: with their output some 10 MB of memory at most.
pub(super) const BATCHES_UNDER_WAY: usize = 12;
/// Bytes gathered before the file is written.
pub(super) const WRITE_BUFFER: usize = 256 << 10;
/// Bytes after which what was written is brought to the disk.
pub(super) const FLUSH_EVERY: u64 = 32 << 20;
/// Most compressing threads. More would wait for the one that converts.
pub(super) const MAX_COMPRESSORS: usize = 6;
/// Bytes decompressed at a time; a stream may expand a thousandfold, memory does not.
pub(super) const DECODED: usize = 128 << 10;
/// Largest Zstandard window: what `pg_dump -Z zstd:long` uses and what `zstd -d` accepts itself.
pub(super) const MAX_ZSTD_WINDOW: u64 = 128 << 20;
/// What a Zstandard block may expand to without question.
pub(super) const FREE_EXPANSION: u64 = 1 << 30;
/// Past that, bytes out per byte in. zlib reaches 1,032 and LZ4 255 at the very most; a table of
/// nothing but equal rows stays below 10,000.
pub(super) const MAX_EXPANSION: u64 = 20_000;
/// Longest definition that is looked at for what an older server does not know. A table of
/// 1,600 columns stays below 150 kB; what is longer is a function's body.
pub(super) const MAX_SQL_BYTES: usize = 256 << 10;
/// Most places of the table of contents that a server can fail to know.
pub(super) const MAX_NEEDS: usize = 10_000;
