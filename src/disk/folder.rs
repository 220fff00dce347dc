//! Folders: made for their owner only, and brought to the disk with what they name.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Brings the folder that holds `path` to the disk: without it a name that was given, changed or
/// taken away may come back with the power.
///
/// # Errors
/// Where the folder cannot be opened or the disk refuses.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// A bare file name has an empty folder, which means the current one.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a folder, mode 0700, and those above it that are missing; each is on the disk before
/// anything is written into it.
///
/// # Errors
/// Where one cannot be made, or a file has its name.
pub fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        // Whoever made it may have been killed before it was on the disk.
        return match sync_folder_of(folder) {
            // Not ours to look into, so it is older than anything that is ours.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            synced => synced,
        };
    }
    let above = folder_of(folder);
    if above != folder {
        make_private(above)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        // Another process was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made?,
    }
    sync_folder_of(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn folders_are_their_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let made = dir.path().join("a/b");
        make_private(&made).unwrap();
        make_private(&made).unwrap();
        for folder in [&made, &dir.path().join("a")] {
            assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
        }
        std::fs::write(dir.path().join("file"), "").unwrap();
        assert!(make_private(&dir.path().join("file/c")).is_err());
        assert!(make_private(&dir.path().join("file")).is_err());
    }
}
