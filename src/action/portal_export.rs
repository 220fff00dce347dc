//! Makes a dump of the tenant on the management site, downloads it and reads it through.

use async_trait::async_trait;

use super::context::blocking;
use super::{Action, Failure, StepCx, connect};
use crate::archive;
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
        let row = session.export_start().await?;
        session.export_wait(&row, cx.timeout()).await?;
        cx.register(&path, Contents::CloudDump).await?;
        let got = session.download(&row, &path, &cx.progress).await?;
        cx.completed(&path, got.bytes, got.sha256.as_str()).await?;
        let (reading, progress) = (path.clone(), cx.progress.clone());
        let report = blocking(move || archive::verify(&reading, &progress)).await?;
        if self.release_slot {
            // Only now, and only the dump that this step made: it lies here, hashed and read.
            session.delete_dump(&row).await?;
        }
        Ok(Outputs::from([
            ("archive".to_owned(), path.display().to_string().into()),
            ("bytes".to_owned(), got.bytes.into()),
            ("sha256".to_owned(), got.sha256.0.into()),
            ("tables".to_owned(), report.tables.len().into()),
            ("rows".to_owned(), report.rows.into()),
            ("slot_released".to_owned(), self.release_slot.into()),
        ]))
    }
}
