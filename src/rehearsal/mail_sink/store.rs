//! The sink's folder. It must not know SMTP.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Numbered mails in a folder.
pub(super) struct Store {
    dir: PathBuf,
    /// The last number given; the lock also keeps mails in the order of their numbers.
    last: Mutex<u32>,
}

impl Store {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let store = Self { dir: dir.to_owned(), last: Mutex::new(0) };
        let number = |path: &PathBuf| path.file_stem()?.to_str()?.parse::<u32>().ok();
        let last = store.received().iter().filter_map(number).max().unwrap_or(0);
        *store.last.lock().unwrap_or_else(PoisonError::into_inner) = last;
        Ok(store)
    }

    /// Stores a mail; it is on disk when this returns.
    pub(super) fn add(&self, mail: &[u8]) -> io::Result<PathBuf> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let number = last.saturating_add(1);
        let path = self.dir.join(format!("{number:04}.eml"));
        let part = self.dir.join(format!("{number:04}.part"));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(mail)?;
        file.sync_all()?;
        fs::rename(&part, &path)?;
        File::open(&self.dir)?.sync_all()?;
        *last = number;
        Ok(path)
    }

    pub(super) fn received(&self) -> Vec<PathBuf> {
        let Ok(files) = fs::read_dir(&self.dir) else { return Vec::new() };
        let mut mails: Vec<PathBuf> = files
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|found| found == "eml"))
            .collect();
        mails.sort();
        mails
    }
}
