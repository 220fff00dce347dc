//! Reads an archive from a stream to its end: format only, no judgement of rows or text.
//!
//! It needs no file and keeps nothing, so it also serves where the bytes come from strangers.

use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::ArchiveError;
use super::header::{Compression, Version};
use super::reader::{Block, Reader};
use crate::progress::Progress;

/// What came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadThrough {
    /// As in the header.
    pub archive_version: Version,
    /// How its data is compressed.
    pub compression: Compression,
    /// Entries of the table of contents.
    pub entries: usize,
    /// Data blocks, a table's or a group of large objects'.
    pub blocks: u64,
    /// Bytes of them, decompressed, with their numbers.
    pub content_bytes: u64,
    /// A digest of all content in the archive's order, with the number of each block.
    pub content: String,
}

/// Reads `source` to its end.
///
/// # Errors
/// When it is no archive, is damaged, or ends too early; the error says where.
pub fn read_through(source: impl Read) -> Result<ReadThrough, ArchiveError> {
    let mut reader = Reader::new(source, Path::new("-"), false, &Progress::default())?;
    let (mut blocks, mut content_bytes, mut sha) = (0_u64, 0_u64, Sha256::new());
    while let Some(block) = reader.next_block()? {
        blocks = blocks.saturating_add(1);
        let mut take = |bytes: &[u8], _| {
            content_bytes = content_bytes.saturating_add(bytes.len() as u64);
            sha.update(bytes);
            Ok(())
        };
        match block {
            Block::Table(id) => {
                take(&id.to_le_bytes(), 0)?;
                reader.content(&mut take)?;
            }
            Block::Blobs(id) => {
                take(&id.to_le_bytes(), 0)?;
                while let Some(oid) = reader.next_blob()? {
                    take(&oid.to_le_bytes(), 0)?;
                    reader.content(&mut take)?;
                }
            }
        }
    }
    Ok(ReadThrough {
        archive_version: reader.header.version,
        compression: reader.header.compression,
        entries: reader.entries.len(),
        blocks,
        content_bytes,
        content: hex::encode(sha.finalize()),
    })
}
