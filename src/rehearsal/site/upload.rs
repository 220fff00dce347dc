//! Takes an upload to disk, piece by piece. It must never hold a dump in memory, and a half
//! upload must leave nothing behind.

use std::io::Write;

use axum::extract::Multipart;
use axum::extract::multipart::Field;
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};

use super::SiteError;
use super::server::Shared;

/// Far above any clinic's dump; it only keeps a mistake from filling the disk.
const MAX_UPLOAD_BYTES: u64 = 64 * 1024 * 1024 * 1024;
/// Tokens and versions are short.
const MAX_FIELD_BYTES: usize = 4096;

/// A whole upload. Its file goes away with it.
pub(super) struct Upload {
    pub(super) token: String,
    pub(super) version: String,
    pub(super) file: TempPath,
    pub(super) bytes: u64,
    /// SHA-256 of the file, hexadecimal.
    pub(super) sha256: String,
}

/// Why an upload was not taken.
pub(super) enum Refusal {
    /// The connection is to be cut here.
    Cut,
    /// No file was chosen, or it is empty.
    NoFile,
    /// It is larger than any dump.
    TooLarge,
    /// The body is not what it says, or ended early.
    Broken,
    /// The site cannot write the file.
    Site(SiteError),
}

/// Reads the form's three fields; `cut_after` bytes of the file the connection is to be cut.
pub(super) async fn receive(
    shared: &Shared,
    mut multipart: Multipart,
    cut_after: Option<u64>,
) -> Result<Upload, Refusal> {
    let (mut token, mut version, mut file) = (String::new(), String::new(), None);
    while let Some(field) = multipart.next_field().await.map_err(|_| Refusal::Broken)? {
        match field.name() {
            Some("authenticity_token") => token = short(field).await?,
            Some("db_import[version]") => version = short(field).await?,
            Some("db_import[dump_file]") => file = Some(to_disk(shared, field, cut_after).await?),
            // Rails ignores what it does not know, such as the name of the clicked button.
            _ => {
                short(field).await?;
            }
        }
    }
    match file {
        Some((file, bytes, sha256)) if bytes > 0 => {
            Ok(Upload { token, version, file, bytes, sha256 })
        }
        _ => Err(Refusal::NoFile),
    }
}

async fn short(mut field: Field<'_>) -> Result<String, Refusal> {
    let mut value = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|_| Refusal::Broken)? {
        value.extend_from_slice(&piece);
        if value.len() > MAX_FIELD_BYTES {
            return Err(Refusal::TooLarge);
        }
    }
    String::from_utf8(value).map_err(|_| Refusal::Broken)
}

async fn to_disk(
    shared: &Shared,
    mut field: Field<'_>,
    cut_after: Option<u64>,
) -> Result<(TempPath, u64, String), Refusal> {
    let dir = shared.config.dir.join("uploads");
    let site = |error| Refusal::Site(SiteError::file(&dir)(error));
    let file = NamedTempFile::with_prefix_in("upload-", &dir).map_err(site)?;
    let (mut file, path) = file.into_parts();
    let mut bytes = 0_u64;
    let mut sha = Sha256::new();
    while let Some(piece) = field.chunk().await.map_err(|_| Refusal::Broken)? {
        bytes = bytes.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if cut_after.is_some_and(|limit| bytes >= limit) {
            return Err(Refusal::Cut);
        }
        if bytes > MAX_UPLOAD_BYTES {
            return Err(Refusal::TooLarge);
        }
        // A piece is a few kilobytes into the page cache; handing it to a thread costs more.
        file.write_all(&piece).map_err(site)?;
        sha.update(&piece);
    }
    // A cut that lies behind the end of a small file still cuts.
    if cut_after.is_some() {
        return Err(Refusal::Cut);
    }
    Ok((path, bytes, hex::encode(sha.finalize())))
}
