//! Free space of a folder.

use std::path::Path;

use super::SourceError;
use crate::disk;

/// Bytes that this user may still write under `folder`.
///
/// # Errors
/// When the folder does not exist or its file system does not answer.
pub fn free_bytes(folder: &Path) -> Result<u64, SourceError> {
    disk::free_bytes(folder).map_err(|error| unreadable(folder, &error))
}

/// True where both folders lie on one file system, so that what fills one fills the other.
///
/// # Errors
/// When either does not exist.
pub fn share_space(one: &Path, other: &Path) -> Result<bool, SourceError> {
    disk::share_space(one, other).map_err(|error| unreadable(one, &error))
}

fn unreadable(folder: &Path, error: &std::io::Error) -> SourceError {
    SourceError::Folder { path: folder.to_owned(), reason: error.kind().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Explain;

    #[test]
    fn a_missing_folder_is_named() {
        let error = free_bytes(Path::new("/no/such/folder")).unwrap_err();
        assert_eq!(error.code(), "source-folder-unreadable");
    }
}
