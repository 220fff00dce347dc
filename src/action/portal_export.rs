//! Makes a dump of the tenant on the management site, downloads it and reads it through.

use async_trait::async_trait;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::context::blocking;
use super::{Action, Failure, StepCx, connect, tenant};
use crate::archive;
use crate::clock::Jst;
use crate::diag::Problem;
use crate::fault::{self, Point};
use crate::journal::{Contents, Event};
use crate::playbook::Outputs;
use crate::portal::{DumpRow, PortalError, Session};

/// A dump that came this soon after one was asked for shows the tenant as it was then; a later one
/// may be of another day.
const SOON: TimeDelta = TimeDelta::hours(1);

/// An export that is older is of another night: what was entered into the tenant since would have
/// no copy.
pub const FRESH: TimeDelta = TimeDelta::hours(12);

pub(super) struct PortalExport {
    pub(super) archive: String,
    pub(super) release_slot: bool,
}

#[async_trait]
impl Action for PortalExport {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let path = cx.work.archive(&self.archive);
        let mut session = Session::open(connect::portal(cx.clinic(), &cx.clock)?).await?;
        let (row, surely_ours) = self.row(cx, &mut session).await?;
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

/// What a later attempt must know of an interrupted one.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Note {
    /// A dump was about to be asked for.
    Asked {
        /// When.
        #[serde(with = "crate::clock::serde_jst")]
        at: Jst,
        /// The dumps that were there before.
        before: Vec<DumpRow>,
    },
    /// The dump that was asked for.
    Begun {
        /// When.
        #[serde(with = "crate::clock::serde_jst")]
        at: Jst,
        /// Its row.
        row: DumpRow,
    },
}

impl PortalExport {
    /// The finished dump's row, and whether it is surely this step's own. An attempt that was
    /// interrupted left the row that it began: it is waited for, rather than taking another of the
    /// tenant's five places.
    async fn row(&self, cx: &StepCx, session: &mut Session) -> Result<(DumpRow, bool), Failure> {
        let note = cx.journal.state().await.notes.get(cx.id()).cloned();
        let begun = match note.and_then(|note| serde_json::from_value(note).ok()) {
            Some(Note::Begun { at, row }) if cx.clock.now() - at <= FRESH => Some((row, true)),
            // It died between asking and seeing: the one dump that has come since is as good as
            // one of its own to read, whoever asked for it.
            Some(Note::Asked { at, before }) if cx.clock.now() - at <= SOON => {
                session.one_since(&before).await?.map(|row| (row, false))
            }
            _ => None,
        };
        if let Some((row, surely_ours)) = begun {
            match session.export_wait(&row, cx.timeout()).await {
                Ok(()) => return Ok((row, surely_ours)),
                // Somebody deleted it: a new one is needed.
                Err(PortalError::DumpGone { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let (at, before) = (cx.clock.now(), session.dumps().await?);
        self.note(cx, &Note::Asked { at, before }).await?;
        let row = session.export_start().await?;
        fault::reach(Point::ExportSeen).await?;
        self.note(cx, &Note::Begun { at, row: row.clone() }).await?;
        fault::reach(Point::ExportNoted).await?;
        session.export_wait(&row, cx.timeout()).await?;
        Ok((row, true))
    }

    async fn note(&self, cx: &StepCx, note: &Note) -> Result<(), Failure> {
        let note = serde_json::to_value(note).unwrap_or_default();
        cx.journal.append(Event::StepNoted { step: cx.id().clone(), note }).await?;
        Ok(())
    }
}
