//! Lays the files of the evidence out in a zip archive with a manifest.

use std::io::{Cursor, Write};

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::files::{Files, PlanFile, Streams, files};
use crate::journal::JournalError;

/// The folder that everything lies in, so that unpacking mixes it with nothing.
const FOLDER: &str = "orca-cutover-evidence";

/// What is listed everywhere else and lists everything else.
const MANIFEST: &str = "MANIFEST.sha256";

/// The archive, and what to keep apart from it.
pub struct Bundle {
    /// The zip archive.
    pub bytes: Vec<u8>,
    /// How many files it holds.
    pub files: usize,
    /// SHA-256 of the archive.
    pub sha256: String,
    /// SHA-256 of its manifest, which stands for all files however they are packed.
    pub manifest_sha256: String,
    /// What a full bundle would hold and this one does not, by its name in the archive.
    pub missing: Vec<String>,
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum NoBundle {
    /// The records do not follow from one another.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The archive cannot be made.
    #[error("the archive cannot be made: {0}")]
    Zip(#[from] zip::result::ZipError),
}

/// Packs everything.
///
/// # Errors
/// Where records do not follow from one another: such a journal proves nothing.
pub fn bundle(streams: &Streams, plans: &[PlanFile]) -> Result<Bundle, NoBundle> {
    let (mut files, missing) = files(streams, plans)?;
    let manifest = manifest(&files);
    let manifest_sha256 = hex::encode(Sha256::digest(manifest.as_bytes()));
    files.insert(MANIFEST.to_owned(), manifest.into_bytes());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // No time of day and no owner: the bytes depend on the journal alone.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o600);
    for (name, bytes) in &files {
        zip.start_file(format!("{FOLDER}/{name}"), options)?;
        zip.write_all(bytes).map_err(zip::result::ZipError::Io)?;
    }
    let bytes = zip.finish()?.into_inner();
    let sha256 = hex::encode(Sha256::digest(&bytes));
    Ok(Bundle { files: files.len(), sha256, manifest_sha256, missing, bytes })
}

/// As `sha256sum -c` reads it.
fn manifest(files: &Files) -> String {
    let line = |(name, bytes): (&String, &Vec<u8>)| {
        format!("{}  {name}\n", hex::encode(Sha256::digest(bytes)))
    };
    files.iter().map(line).collect()
}
