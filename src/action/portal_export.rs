//! Makes a dump of the tenant on the management site, downloads it and reads it through.

use async_trait::async_trait;

use super::context::blocking;
use super::{Action, Failure, StepCx, connect, tenant};
use crate::archive;
use crate::journal::{Contents, Event};
use crate::playbook::Outputs;
use crate::portal::{DumpRow, PortalError, Session};

pub(super) struct PortalExport {
    pub(super) archive: String,
    pub(super) release_slot: bool,
}

#[async_trait]
impl Action for PortalExport {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let path = cx.work.archive(&self.archive);
        let mut session = Session::open(connect::portal(cx.clinic(), &cx.clock)?).await?;
        let row = self.row(cx, &mut session).await?;
        cx.make_room(&path, Contents::CloudDump).await?;
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
            (tenant::PATIENTS.to_owned(), tenant::patients(&report.tables).into()),
            ("slot_released".to_owned(), self.release_slot.into()),
        ]))
    }
}

impl PortalExport {
    /// The finished dump's row. An attempt that was interrupted left the row that it began: it
    /// is waited for, rather than taking another of the tenant's five places.
    async fn row(&self, cx: &StepCx, session: &mut Session) -> Result<DumpRow, Failure> {
        let begun = cx.journal.state().await.notes.get(cx.id()).cloned();
        if let Some(row) = begun.and_then(|note| serde_json::from_value::<DumpRow>(note).ok()) {
            match session.export_wait(&row, cx.timeout()).await {
                Ok(()) => return Ok(row),
                // Somebody deleted it: a new one is needed.
                Err(PortalError::DumpGone { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let row = session.export_start().await?;
        let note = serde_json::to_value(&row).unwrap_or_default();
        cx.journal.append(Event::StepNoted { step: cx.id().clone(), note }).await?;
        session.export_wait(&row, cx.timeout()).await?;
        Ok(row)
    }
}
