//! What the site remembers: imports, dumps and the tenant's log, kept in a file so that a
//! rehearsal that is taken up again after a crash finds the site as it was.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::SiteError;

/// The manual: at most five dumps.
pub(super) const MAX_DUMPS: usize = 5;
/// Log lines, log-ins and imports: the newest are kept; a rehearsal makes a few dozen.
const MAX_ROWS: usize = 200;

/// What the site remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SiteState {
    /// The ports of the last start: control, log-in, management.
    pub(super) ports: Option<(u16, u16, u16)>,
    /// Uploads so far, cut ones included; the next one's number is one more.
    pub uploads: u32,
    /// Imports, oldest first.
    pub imports: Vec<ImportRow>,
    /// The number of the newest dump.
    pub(super) last_dump: u32,
    /// Dumps, oldest first.
    pub dumps: Vec<DumpRow>,
    /// The テナントログ, oldest first.
    pub log: Vec<LogRow>,
    /// Successful log-ins, oldest first.
    pub logins: Vec<DateTime<Utc>>,
}

/// One import.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportRow {
    /// The number in its address; equal to the number of its upload.
    pub id: u32,
    /// The chosen version, such as `9.6`.
    pub version: String,
    /// Bytes of the uploaded file.
    pub bytes: u64,
    /// SHA-256 of the uploaded file, hexadecimal; empty in the state of an older version.
    #[serde(default)]
    pub sha256: String,
    /// When it was begun.
    pub at: DateTime<Utc>,
    /// How far it is.
    pub status: ImportStatus,
    /// The インポートログ that the page shows.
    pub log: Option<String>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportStatus {
    /// It waits or runs.
    Running,
    /// It ended well.
    Done,
    /// It ended with a log.
    Failed,
}

/// One dump.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DumpRow {
    /// The number in its address.
    pub id: u32,
    /// When it was asked for.
    pub at: DateTime<Utc>,
    /// How far it is.
    pub status: DumpStatus,
}

/// How far a dump is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DumpStatus {
    /// 待機中 (inferred: only ダンプ済み is known)
    Waiting,
    /// ダンプ中 (inferred)
    Running,
    /// ダンプ済み
    Done,
    /// 失敗 (inferred)
    Failed,
    /// A word that nobody knows.
    Odd,
}

impl DumpStatus {
    /// The word in the column 状態.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "待機中",
            Self::Running => "ダンプ中",
            Self::Done => "ダンプ済み",
            Self::Failed => "失敗",
            Self::Odd => "保留",
        }
    }
}

/// One line of the テナントログ.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogRow {
    /// When.
    pub at: DateTime<Utc>,
    /// `DBインポート`, `DBダンプ`, `DBダンプ削除`.
    pub what: String,
    /// The number of the import or dump.
    pub id: u32,
    /// `開始`, `正常終了`, `異常終了`.
    pub result: String,
}

impl SiteState {
    /// Adds a line to the tenant's log.
    pub(super) fn note(&mut self, at: DateTime<Utc>, what: &str, id: u32, result: &str) {
        let row = LogRow { at, what: what.to_owned(), id, result: result.to_owned() };
        keep(&mut self.log, row);
    }

    /// Adds an import.
    pub(super) fn add_import(&mut self, row: ImportRow) {
        self.note(row.at, "DBインポート", row.id, "開始");
        keep(&mut self.imports, row);
    }

    /// Adds a successful log-in.
    pub(super) fn add_login(&mut self, at: DateTime<Utc>) {
        keep(&mut self.logins, at);
    }

    /// Adds a dump and returns its number, or nothing where all places are taken.
    pub(super) fn add_dump(&mut self, at: DateTime<Utc>, status: DumpStatus) -> Option<u32> {
        if self.dumps.len() >= MAX_DUMPS {
            return None;
        }
        self.last_dump = self.last_dump.saturating_add(1);
        self.dumps.push(DumpRow { id: self.last_dump, at, status });
        Some(self.last_dump)
    }
}

/// Adds to a list that keeps only its newest entries.
fn keep<T>(list: &mut Vec<T>, entry: T) {
    if list.len() >= MAX_ROWS {
        list.remove(0);
    }
    list.push(entry);
}

/// The state and its file.
pub(super) struct Store {
    path: PathBuf,
    state: Mutex<SiteState>,
}

impl Store {
    /// Reads the state that lies in `dir`. The flag is true where there was none.
    pub(super) fn open(dir: &Path) -> Result<(Self, bool), SiteError> {
        let path = dir.join("state.json");
        let (mut state, fresh) = match std::fs::read(&path) {
            Ok(bytes) => {
                let state = serde_json::from_slice(&bytes)
                    .map_err(|e| SiteError::State { path: path.clone(), why: e.to_string() })?;
                (state, false)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                (SiteState::default(), true)
            }
            Err(error) => return Err(SiteError::file(&path)(error)),
        };
        end_what_was_cut_off(&mut state);
        Ok((Self { path, state: Mutex::new(state) }, fresh))
    }

    /// A copy of the state.
    pub(super) fn read(&self) -> SiteState {
        self.lock().clone()
    }

    /// Changes the state and writes it down before anyone else sees it.
    pub(super) fn change<T>(&self, with: impl FnOnce(&mut SiteState) -> T) -> Result<T, SiteError> {
        let mut state = self.lock();
        let result = with(&mut state);
        let part = self.path.with_extension("part");
        let text = serde_json::to_vec_pretty(&*state)
            .map_err(|e| SiteError::State { path: self.path.clone(), why: e.to_string() })?;
        std::fs::write(&part, text).map_err(SiteError::file(&part))?;
        std::fs::rename(&part, &self.path).map_err(SiteError::file(&self.path))?;
        Ok(result)
    }

    fn lock(&self) -> MutexGuard<'_, SiteState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Jobs die with the process that ran them.
fn end_what_was_cut_off(state: &mut SiteState) {
    for import in &mut state.imports {
        if import.status == ImportStatus::Running {
            import.status = ImportStatus::Failed;
            import.log = Some("インポート処理が中断されました。".to_owned());
        }
    }
    for dump in &mut state.dumps {
        if matches!(dump.status, DumpStatus::Waiting | DumpStatus::Running) {
            dump.status = DumpStatus::Failed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_survives_and_what_ran_has_failed() {
        let dir = tempfile::tempdir().unwrap();
        let (store, fresh) = Store::open(dir.path()).unwrap();
        assert!(fresh);
        let at = Utc::now();
        store
            .change(|state| {
                for status in [DumpStatus::Done, DumpStatus::Running] {
                    state.add_dump(at, status);
                }
            })
            .unwrap();
        let (store, fresh) = Store::open(dir.path()).unwrap();
        assert!(!fresh);
        let seen: Vec<_> = store.read().dumps.iter().map(|dump| (dump.id, dump.status)).collect();
        assert_eq!(seen, [(1, DumpStatus::Done), (2, DumpStatus::Failed)]);
    }

    #[test]
    fn a_sixth_dump_finds_no_place_and_numbers_are_never_used_again() {
        let mut state = SiteState::default();
        let at = Utc::now();
        for id in 1..=5 {
            assert_eq!(state.add_dump(at, DumpStatus::Done), Some(id));
        }
        assert_eq!(state.add_dump(at, DumpStatus::Done), None);
        state.dumps.remove(4);
        assert_eq!(state.add_dump(at, DumpStatus::Done), Some(6));
    }
}
