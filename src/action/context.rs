//! What an action is given: the clinic's values, the clock, the working folder, the journal.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::portal_import::sum_of;
use crate::clock::Clock;
use crate::diag::{Fact, Kind, Problem};
use crate::disk::{self, Reserve};
use crate::fault;
use crate::ids::{Sha256, StepId};
use crate::journal::store::{Place, PostgresConfig, Store};
use crate::journal::{Contents, Event, Journal, JournalError};
use crate::playbook::{CheckedPlaybook, Clinic, PostgresPlace, Step};
use crate::progress::Progress;

/// The working folder: everything a run writes lies in it, readable by its owner only.
#[derive(Clone, Debug)]
pub struct WorkDir {
    path: PathBuf,
    journal: Place,
}

impl WorkDir {
    /// The clinic's folder as it is, for looking; nothing is made.
    pub fn of(clinic: &Clinic) -> Self {
        let path = clinic.work_dir.clone();
        let postgres = clinic.journal.as_ref().and_then(|journal| journal.postgres.as_ref());
        let journal = match postgres {
            Some(place) => Place::Postgres(Box::new(postgres_config(clinic, place))),
            None => Place::File(path.join("journal.sqlite")),
        };
        Self { path, journal }
    }

    /// Opens the clinic's folder and makes what is missing, mode 0700.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn open(clinic: &Clinic) -> Result<Self, Problem> {
        let work = Self::of(clinic);
        work.make()?;
        Ok(work)
    }

    fn make(&self) -> Result<(), Problem> {
        for part in ["", "archives", "logs", "outbox", "plans", "reports"] {
            let folder = self.path.join(part);
            disk::make_private(&folder).map_err(|error| {
                Problem::new("run-work-dir", Kind::Environment)
                    .with(Fact::local("path", folder.display()))
                    .with(Fact::local("reason", error))
            })?;
        }
        Ok(())
    }

    /// The same folder with its records in another store.
    #[must_use]
    pub fn with_journal(mut self, journal: Place) -> Self {
        self.journal = journal;
        self
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the records lie.
    pub fn journal(&self) -> &Place {
        &self.journal
    }

    /// Opens the store of the records; with `create` it is made where it is missing.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub async fn store(&self, create: bool) -> Result<Arc<dyn Store>, JournalError> {
        self.journal.open(create).await
    }

    /// The file whose lock keeps a second process out.
    pub fn lock(&self) -> PathBuf {
        self.path.join("run.lock")
    }

    /// The file of the archive `name`.
    pub fn archive(&self, name: &str) -> PathBuf {
        self.path.join("archives").join(name)
    }

    /// The mail spool.
    pub fn outbox(&self) -> PathBuf {
        self.path.join("outbox")
    }

    /// A raw log's file.
    pub fn log(&self, name: &str) -> PathBuf {
        self.path.join("logs").join(name)
    }

    /// A report's file.
    pub fn report(&self, name: &str) -> PathBuf {
        self.path.join("reports").join(name)
    }
}

fn postgres_config(clinic: &Clinic, place: &PostgresPlace) -> PostgresConfig {
    PostgresConfig {
        host: place.host.clone(),
        socket_dir: place.socket_dir.clone(),
        port: place.port,
        database: place.database.clone(),
        schema: place.schema.clone(),
        user: place.user.clone(),
        password: place.password.clone(),
        ca: place.ca.clone(),
        clinic: clinic.clinic_id.clone(),
    }
}

/// What an action is given. Cheap to clone.
#[derive(Clone)]
pub struct StepCx {
    /// The playbook, with the clinic's values.
    pub playbook: Arc<CheckedPlaybook>,
    /// The step that is carried out.
    pub step: Step,
    /// The clock.
    pub clock: Clock,
    /// The working folder.
    pub work: WorkDir,
    /// Counters that renderers read.
    pub progress: Progress,
    /// The run's journal.
    pub journal: Journal,
}

impl StepCx {
    /// The clinic's values.
    pub fn clinic(&self) -> &Clinic {
        &self.playbook.clinic
    }

    /// The step's id.
    pub fn id(&self) -> &StepId {
        &self.step.id
    }

    /// The step's time limit.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.step.timeout_secs)
    }

    /// Writes into the journal that a file with patient data is about to be created, so that a
    /// purge finds it whatever happens next.
    ///
    /// # Errors
    /// Where the journal cannot be written; the file must then not be created.
    pub async fn register(&self, path: &Path, contents: Contents) -> Result<(), Problem> {
        self.journal
            .append(Event::FileRegistered {
                path: path.display().to_string(),
                contents,
                step: self.id().clone(),
            })
            .await?;
        Ok(())
    }

    /// The file of the archive `name`, for a step that reads it.
    ///
    /// # Errors
    /// Where it is there no more in clear.
    pub async fn archive_in_clear(&self, name: &str) -> Result<PathBuf, Problem> {
        let path = self.work.archive(name);
        let state = self.journal.state().await;
        let entry = state.files.get(&path.display().to_string());
        match entry.and_then(|file| file.sealed_as.as_ref()).filter(|_| !path.exists()) {
            Some(sealed) => Err(Problem::new("run-archive-sealed", Kind::Data)
                .with(Fact::open("archive", name))
                .with(Fact::local("path", sealed))),
            None => Ok(path),
        }
    }

    /// What a large file leaves free on a disk that it shares with the journal.
    ///
    /// # Errors
    /// Where the folder of the archives cannot be looked at.
    pub fn reserve(&self) -> Result<Option<Reserve>, Problem> {
        let folder = self.work.path().join("archives");
        Reserve::of(&folder, self.work.path()).map(Some).map_err(|error| {
            Problem::new("run-work-dir", Kind::Environment)
                .with(Fact::local("path", folder.display()))
                .with(Fact::local("reason", error))
        })
    }

    /// Gives an archive of this name that is there already another name, so that nothing is ever
    /// overwritten: it may be the only copy of what an import destroyed.
    ///
    /// # Errors
    /// Where the journal cannot be written or the file not renamed.
    pub async fn make_room(&self, path: &Path, contents: Contents) -> Result<(), Problem> {
        if !path.exists() {
            return Ok(());
        }
        let free = (1..).map(|number: u32| path.with_extension(format!("{number}.dump")));
        let Some(kept) = free.into_iter().find(|kept| !kept.exists()) else { return Ok(()) };
        let known = self.journal.state().await.files.get(&path.display().to_string()).cloned();
        self.register(&kept, contents).await?;
        let moved = std::fs::rename(path, &kept).and_then(|()| disk::sync_folder_of(path));
        moved.map_err(|error| {
            Problem::new("run-file-unwritable", Kind::Environment)
                .with(Fact::local("path", kept.display()))
                .with(Fact::local("reason", error))
        })?;
        // Of an earlier run's file this run's journal knows neither size nor hash.
        let (bytes, sha256) = match known.and_then(|file| file.complete) {
            Some(sums) => sums,
            None => {
                let kept = kept.clone();
                blocking(move || sum_of(&kept)).await?
            }
        };
        self.completed(&kept, bytes, sha256.as_str()).await
    }

    /// Writes into the journal that a registered file is complete.
    ///
    /// # Errors
    /// Where the journal cannot be written.
    pub async fn completed(&self, path: &Path, bytes: u64, sha256: &str) -> Result<(), Problem> {
        self.journal
            .append(Event::FileCompleted {
                path: path.display().to_string(),
                bytes,
                sha256: Sha256(sha256.to_owned()),
            })
            .await?;
        Ok(())
    }
}

/// Runs blocking work on its own thread.
///
/// # Errors
/// Those of the work; a panic in it becomes a problem of kind [`Kind::Internal`].
pub(super) async fn blocking<T, E, F>(work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    E: Into<Problem> + Send + 'static,
    F: FnOnce() -> Result<T, E> + Send + 'static,
{
    let spot = fault::here();
    match tokio::task::spawn_blocking(move || spot.within(work)).await {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(Problem::new("run-defect", Kind::Internal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::fixture::step;
    use crate::playbook::StepAction;

    #[tokio::test]
    async fn an_archive_that_is_there_is_kept_under_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let cx = step(folder.path(), StepAction::MailProbe {}, 60).await;
        let path = cx.work.archive("before-production.dump");
        // Nothing there, nothing to keep.
        cx.make_room(&path, Contents::CloudDump).await.unwrap();
        for content in ["first", "second", "third"] {
            cx.make_room(&path, Contents::CloudDump).await.unwrap();
            assert!(!path.exists());
            cx.register(&path, Contents::CloudDump).await.unwrap();
            std::fs::write(&path, content).unwrap();
            cx.completed(&path, content.len() as u64, content).await.unwrap();
        }
        let kept = |name: &str| std::fs::read_to_string(cx.work.archive(name)).unwrap();
        assert_eq!(kept("before-production.1.dump"), "first");
        assert_eq!(kept("before-production.2.dump"), "second");
        assert_eq!(kept("before-production.dump"), "third");
        // Each is known, with its own sum, so that it is found when its time is over.
        let files = cx.journal.state().await.files;
        let sum = |name: &str| {
            let file = &files[&cx.work.archive(name).display().to_string()];
            file.complete.clone().unwrap().1.0
        };
        assert_eq!(files.len(), 3);
        assert_eq!(sum("before-production.1.dump"), "first");
        assert_eq!(sum("before-production.2.dump"), "second");
    }
}
