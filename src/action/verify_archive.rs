//! Reads an archive through, and holds it against the hash it was written with.

use async_trait::async_trait;

use super::context::blocking;
use super::{Action, Failure, StepCx};
use crate::archive;
use crate::diag::{Fact, Kind, Problem};
use crate::playbook::Outputs;

pub(super) struct VerifyArchive {
    pub(super) archive: String,
}

#[async_trait]
impl Action for VerifyArchive {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let path = cx.archive_in_clear(&self.archive).await?;
        let progress = cx.progress.clone();
        let reading = path.clone();
        let report = blocking(move || archive::verify(&reading, &progress)).await?;
        let key = path.display().to_string();
        let written =
            cx.journal.state().await.files.get(&key).and_then(|file| file.complete.clone());
        // What is not in the journal was not written by this run: it may be any file.
        let written = written.ok_or_else(|| {
            Problem::new("run-archive-unknown", Kind::Data)
                .with(Fact::open("archive", &self.archive))
        })?;
        if written.1 != report.sha256 {
            return Err(Problem::new("run-archive-changed", Kind::Data)
                .with(Fact::open("archive", &self.archive))
                .with(Fact::open("expected", &written.1))
                .with(Fact::open("found", &report.sha256))
                .into());
        }
        Ok(Outputs::from([
            ("sha256".to_owned(), report.sha256.0.into()),
            ("tables".to_owned(), report.tables.len().into()),
            ("rows".to_owned(), report.rows.into()),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::fixture::step;
    use crate::journal::Contents;
    use crate::playbook::StepAction;

    #[tokio::test]
    async fn only_the_archive_that_this_run_wrote_is_verified() {
        let archive = "final.dump".to_owned();
        let folder = tempfile::tempdir().unwrap();
        let action = StepAction::VerifyArchive { archive: archive.clone() };
        let cx = step(folder.path(), action, 60).await;
        let verify = VerifyArchive { archive };
        let code = async || verify.apply(&cx).await.err().map(|error| error.problem.code);
        let path = cx.work.archive("final.dump");
        let fixture = std::path::Path::new("tests/fixtures/archives");
        let mut dumps: Vec<_> = std::fs::read_dir(fixture)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "dump"))
            .collect();
        dumps.sort();
        let readable = |path: &&std::path::PathBuf| {
            archive::verify(path, &crate::progress::Progress::default()).is_ok()
        };
        let dumps: Vec<_> = dumps.iter().filter(readable).take(2).collect();
        std::fs::copy(dumps[0], &path).unwrap();
        // A good archive, but nobody's.
        assert_eq!(code().await.as_deref(), Some("run-archive-unknown"));
        cx.register(&path, Contents::SourceDump).await.unwrap();
        assert_eq!(code().await.as_deref(), Some("run-archive-unknown"));
        let theirs = duct::cmd!("sha256sum", &path).read().unwrap();
        let (sum, length) = (theirs.split(' ').next().unwrap(), path.metadata().unwrap().len());
        cx.completed(&path, length, sum).await.unwrap();
        assert_eq!(code().await, None);
        // Another good archive in its place; a cut one.
        std::fs::copy(dumps[1], &path).unwrap();
        assert_eq!(code().await.as_deref(), Some("run-archive-changed"));
        std::fs::File::options().write(true).open(&path).unwrap().set_len(length / 2).unwrap();
        assert!(code().await.is_some());
        std::fs::remove_file(&path).unwrap();
        assert!(code().await.is_some());
    }
}
