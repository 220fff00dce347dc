//! Sealing that is broken off between any two of its operations.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use async_trait::async_trait;
use sha2::{Digest, Sha256 as Sha};

use super::seal::seal;
use crate::clock::Clock;
use crate::ids::{PlanDigest, RunId, Sha256};
use crate::journal::store::{Leases, SqliteStore, Store};
use crate::journal::{Contents, Event, Journal, JournalError, Row, State};
use crate::playbook::{AtRest, Clinic};

const ROWS: &[u8] = "COPY tbl_ptinf ... 金糸雀　鳥太郎".as_bytes();

/// A store whose process dies at a record: before it is on the disk, or right after.
struct Dying {
    inner: SqliteStore,
    left: AtomicI32,
    written: bool,
}

#[async_trait]
impl Store for Dying {
    async fn write(
        &self,
        stream: &RunId,
        row: &Row,
        token: Option<u64>,
    ) -> Result<(), JournalError> {
        let left = self.left.fetch_sub(1, Ordering::SeqCst);
        let dead = || JournalError::Unwritable { reason: "killed".to_owned() };
        if left < 0 || (left == 0 && !self.written) {
            return Err(dead());
        }
        self.inner.write(stream, row, token).await?;
        if left == 0 { Err(dead()) } else { Ok(()) }
    }

    async fn rows(&self, stream: &RunId, after: u64) -> Result<Vec<Row>, JournalError> {
        self.inner.rows(stream, after).await
    }

    async fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        self.inner.runs().await
    }

    fn leases(&self) -> &dyn Leases {
        self.inner.leases()
    }
}

struct Stage {
    folder: tempfile::TempDir,
    run: RunId,
    clinic: Clinic,
    key: PathBuf,
}

impl Stage {
    /// A run with one complete dump.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        let said = duct::cmd!("age-keygen", "-o", &key).stderr_to_stdout().read().unwrap();
        let yaml = include_str!("../../examples/clinic.yaml");
        let source = crate::diag::SourceText { name: "clinic.yaml".to_owned(), text: yaml.into() };
        let mut clinic = crate::playbook::load_clinic(&source).unwrap();
        let recipient = said.rsplit(' ').next().unwrap().trim().to_owned();
        clinic.at_rest = Some(AtRest { recipients: vec![recipient] });
        let stage = Self { folder, run: RunId::fresh(), clinic, key };
        let started = Event::RunStarted {
            run: stage.run.clone(),
            playbook: "cutover".into(),
            clinic: "見本".into(),
            clinic_id: "JPN000000000452".into(),
            plan: PlanDigest("0".repeat(64)),
            operator: "test".into(),
            host: "test".into(),
            tool: "0".into(),
            rehearsal: true,
        };
        let store = Arc::new(stage.store(true).await);
        let journal = Journal::begin(store, Clock::System, stage.run.clone(), started, None);
        stage.dump(&journal.await.unwrap()).await;
        stage
    }

    async fn store(&self, create: bool) -> SqliteStore {
        SqliteStore::open(&self.folder.path().join("journal.sqlite"), create).await.unwrap()
    }

    async fn journal(&self) -> Journal {
        let store = Arc::new(self.store(false).await);
        Journal::take_up(store, Clock::System, self.run.clone(), None).await.unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn dump(&self, journal: &Journal) {
        let path = self.path("test.dump").display().to_string();
        let contents = Contents::SourceDump;
        let step = "dump".into();
        journal.append(Event::FileRegistered { path: path.clone(), contents, step }).await.unwrap();
        std::fs::write(&path, ROWS).unwrap();
        let sha256 = Sha256(hex::encode(Sha::digest(ROWS)));
        let bytes = ROWS.len() as u64;
        journal.append(Event::FileCompleted { path, bytes, sha256 }).await.unwrap();
    }

    /// What is true at every moment: nothing unregistered lies there, and the rows can be had.
    async fn check(&self, what: &str) -> State {
        let state = self.journal().await.state().await;
        let mut had = false;
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            if !name.contains("test.dump") {
                continue;
            }
            let registered = name.trim_end_matches(".part");
            assert!(state.files.contains_key(registered), "{what}: {name} is not registered");
            let complete = state.files[registered].complete.is_some();
            had |= name.ends_with(".dump") && std::fs::read(&path).unwrap() == ROWS;
            had |= name.ends_with(".age") && complete && self.opened(&path) == ROWS;
        }
        assert!(had, "{what}: the rows are lost");
        state
    }

    fn opened(&self, path: &Path) -> Vec<u8> {
        duct::cmd!("age", "-d", "-i", &self.key, path).stdout_capture().run().unwrap().stdout
    }

    async fn seal(&self, journal: &Journal) -> Result<(), crate::diag::Problem> {
        seal(&self.clinic, journal, &BTreeSet::new()).await
    }
}

#[tokio::test]
async fn killed_between_any_two_operations_one_of_both_is_registered_and_the_next_call_ends_it() {
    let mut deaths = 0;
    for at in 0..4 {
        for written in [false, true] {
            let what = format!("record {at}, written: {written}");
            let stage = Stage::new().await;
            let inner = stage.store(false).await;
            let store = Arc::new(Dying { inner, left: AtomicI32::new(at), written });
            let journal =
                Journal::take_up(store, Clock::System, stage.run.clone(), None).await.unwrap();
            let died = stage.seal(&journal).await.is_err();
            deaths += i32::from(died);
            assert_eq!(died, at < 3, "{what}");
            stage.check(&what).await;
            let again = stage.journal().await;
            stage.seal(&again).await.unwrap();
            let state = stage.check(&what).await;
            let clear = &state.files[&stage.path("test.dump").display().to_string()];
            assert!(!stage.path("test.dump").exists(), "{what}");
            let sealed = clear.sealed_as.clone().unwrap();
            assert_eq!(stage.opened(Path::new(&sealed)), ROWS);
            let held = state.files[&sealed].seals.clone();
            assert_eq!(held, clear.complete.as_ref().map(|(_, sha256)| sha256.clone()), "{what}");
            // And once more there is nothing to do.
            let records = state.seq;
            stage.seal(&again).await.unwrap();
            assert_eq!(stage.journal().await.state().await.seq, records, "{what}");
        }
    }
    assert_eq!(deaths, 6);
}

#[tokio::test]
async fn a_step_that_still_reads_a_file_keeps_it_in_clear() {
    let stage = Stage::new().await;
    let journal = stage.journal().await;
    let in_use = BTreeSet::from([stage.path("test.dump")]);
    seal(&stage.clinic, &journal, &in_use).await.unwrap();
    assert!(stage.path("test.dump").exists() && !stage.path("test.dump.age").exists());
    // Without recipients nothing is encrypted.
    let plain = Clinic { at_rest: None, ..stage.clinic.clone() };
    seal(&plain, &journal, &BTreeSet::new()).await.unwrap();
    assert!(stage.path("test.dump").exists() && !stage.path("test.dump.age").exists());
}

/// A process died between the file's name and the record that says so.
#[tokio::test]
async fn a_whole_file_that_nobody_called_complete_is_encrypted_as_well() {
    let stage = Stage::new().await;
    let journal = stage.journal().await;
    let path = stage.path("test.dump").display().to_string();
    let (contents, step) = (Contents::SourceDump, "dump".into());
    journal.append(Event::FileRegistered { path, contents, step }).await.unwrap();
    let in_use = BTreeSet::from([stage.path("test.dump")]);
    seal(&stage.clinic, &journal, &in_use).await.unwrap();
    assert!(stage.path("test.dump").exists());
    stage.seal(&journal).await.unwrap();
    assert!(!stage.path("test.dump").exists());
    assert_eq!(stage.opened(&stage.path("test.dump.age")), ROWS);
}

#[tokio::test]
async fn a_file_that_is_not_the_recorded_one_is_neither_encrypted_nor_removed() {
    let stage = Stage::new().await;
    let journal = stage.journal().await;
    std::fs::write(stage.path("test.dump"), b"something else").unwrap();
    let problem = stage.seal(&journal).await.unwrap_err();
    assert_eq!(problem.code, "run-archive-changed");
    assert_eq!(std::fs::read(stage.path("test.dump")).unwrap(), b"something else");
    assert!(!stage.path("test.dump.age").exists());
}

#[tokio::test]
async fn nothing_encrypted_is_ever_overwritten() {
    let stage = Stage::new().await;
    let journal = stage.journal().await;
    // Another run's file of the same name.
    std::fs::write(stage.path("test.dump.age"), b"another run's").unwrap();
    stage.seal(&journal).await.unwrap();
    stage.dump(&journal).await;
    stage.seal(&journal).await.unwrap();
    assert_eq!(std::fs::read(stage.path("test.dump.age")).unwrap(), b"another run's");
    for name in ["test.dump.1.age", "test.dump.2.age"] {
        assert_eq!(stage.opened(&stage.path(name)), ROWS, "{name}");
    }
}
