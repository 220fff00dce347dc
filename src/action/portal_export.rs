//! Makes a dump of the tenant on the management site, downloads it and reads it through.

use async_trait::async_trait;

use super::context::blocking;
use super::{Action, Failure, StepCx, cloud_dump, connect, tenant};
use crate::archive;
use crate::diag::Problem;
use crate::fault::{self, Point};
use crate::journal::Contents;
use crate::playbook::Outputs;
use crate::portal::Session;

pub(super) struct PortalExport {
    pub(super) archive: String,
    pub(super) release_slot: bool,
}

#[async_trait]
impl Action for PortalExport {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let path = cx.work.archive(&self.archive);
        let mut session = Session::open(connect::portal(cx.clinic(), &cx.clock)?).await?;
        let (row, surely_ours) = match cloud_dump::left(cx, &mut session).await? {
            Some(left) => left,
            None => (cloud_dump::make(cx, &mut session).await?, true),
        };
        // Only what is surely this step's own dump is ever deleted.
        let release = self.release_slot && surely_ours;
        cx.make_room(&path, Contents::CloudDump).await?;
        cx.register(&path, Contents::CloudDump).await?;
        let got = session.download(&row, &path, &cx.progress, cx.reserve()?).await?;
        cx.completed(&path, got.bytes, got.sha256.as_str()).await?;
        let (reading, progress) = (path.clone(), cx.progress.clone());
        let report = blocking(move || archive::verify(&reading, &progress)).await?;
        if release {
            cx.journal.confirm().await?;
            // Only now: it lies here, hashed and read.
            session.delete_dump(&row).await?;
            fault::reach(Point::SlotReleased).await?;
        }
        Ok(Outputs::from([
            ("archive".to_owned(), path.display().to_string().into()),
            ("bytes".to_owned(), got.bytes.into()),
            ("sha256".to_owned(), got.sha256.0.into()),
            ("tables".to_owned(), report.tables.len().into()),
            ("rows".to_owned(), report.rows.into()),
            (tenant::PATIENTS.to_owned(), tenant::patients(&report.tables).into()),
            ("slot_released".to_owned(), release.into()),
        ]))
    }

    /// Reads the export through and holds it against the hash that it was downloaded with. What is
    /// gone, cut or damaged is no way back.
    async fn holds(&self, cx: &StepCx) -> Result<bool, Problem> {
        let path = cx.work.archive(&self.archive);
        let state = cx.journal.state().await;
        let file = state.files.get(&path.display().to_string());
        let Some((_, sha256)) = file.and_then(|file| file.complete.clone()) else {
            return Ok(false);
        };
        let progress = cx.progress.clone();
        let read = blocking(move || archive::verify(&path, &progress)).await;
        Ok(read.is_ok_and(|report| report.sha256 == sha256))
    }
}
