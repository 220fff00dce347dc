//! Free space of a folder.

use std::path::Path;

use super::SourceError;

/// Bytes that this user may still write under `folder`.
///
/// # Errors
/// When the folder does not exist or its file system does not answer.
pub fn free_bytes(folder: &Path) -> Result<u64, SourceError> {
    let stat = rustix::fs::statvfs(folder).map_err(|error| SourceError::Folder {
        path: folder.to_owned(),
        reason: std::io::Error::from(error).kind().to_string(),
    })?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// True where both folders lie on one file system, so that what fills one fills the other.
///
/// # Errors
/// When either does not exist.
pub fn share_space(one: &Path, other: &Path) -> Result<bool, SourceError> {
    let device = |folder: &Path| {
        rustix::fs::stat(folder).map(|stat| stat.st_dev).map_err(|error| SourceError::Folder {
            path: folder.to_owned(),
            reason: std::io::Error::from(error).kind().to_string(),
        })
    };
    Ok(device(one)? == device(other)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Explain;

    #[test]
    fn agrees_with_df() {
        let df = duct::cmd!("df", "-B1", "--output=avail", "/").read().unwrap();
        let df: u64 = df.lines().nth(1).unwrap().trim().parse().unwrap();
        let ours = free_bytes(Path::new("/")).unwrap();
        // Others write at the same time.
        assert!(ours.abs_diff(df) < 2_000_000_000, "{ours} {df}");
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = free_bytes(Path::new("/no/such/folder")).unwrap_err();
        assert_eq!(error.code(), "source-folder-unreadable");
    }
}
