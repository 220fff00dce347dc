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
        let path = cx.work.archive(&self.archive);
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
