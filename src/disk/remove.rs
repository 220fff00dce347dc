//! Removes a file so that it stays removed.

use std::io;
use std::path::Path;

use super::sync_folder_of;

/// Removes a file, brings that to the disk, and looks whether it is gone. False where there was
/// none; its folder is brought to the disk all the same, since an earlier attempt may have ended
/// between the two.
///
/// # Errors
/// Where it cannot be removed, or is still there.
pub fn remove(path: &Path) -> io::Result<bool> {
    let was_there = match std::fs::remove_file(path) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    match sync_folder_of(path) {
        // A folder that is gone holds nothing.
        Err(error) if !was_there && error.kind() == io::ErrorKind::NotFound => return Ok(false),
        synced => synced?,
    }
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(was_there),
        Err(error) => Err(error),
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_gone_when_that_is_said_and_one_that_cannot_be_removed_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.dump");
        std::fs::write(&file, b"x").unwrap();
        assert!(remove(&file).unwrap());
        assert!(!file.exists());
        assert!(!remove(&file).unwrap());
        assert!(!remove(&folder.path().join("gone/a.dump")).unwrap());
        std::fs::create_dir(&file).unwrap();
        assert!(remove(&file).is_err());
    }
}
