//! A dump of the tenant that a step makes on the management site, and finds again when it was
//! interrupted: each takes one of the tenant's five places.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Failure, StepCx};
use crate::clock::Jst;
use crate::fault::{self, Point};
use crate::journal::Event;
use crate::portal::{DumpRow, PortalError, Session};

/// A dump that came this soon after one was asked for shows the tenant as it was then; a later one
/// may be of another day.
const SOON: TimeDelta = TimeDelta::hours(1);

/// An export that is older is of another night: what was entered into the tenant since would have
/// no copy.
pub const FRESH: TimeDelta = TimeDelta::hours(12);

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

/// The finished dump that an interrupted attempt of the step left, and whether it is surely the
/// step's own: it is waited for, rather than taking another place.
///
/// # Errors
/// Where the site cannot be asked.
pub(super) async fn left(
    cx: &StepCx,
    session: &mut Session,
) -> Result<Option<(DumpRow, bool)>, Failure> {
    let note = cx.journal.state().await.notes.get(cx.id()).cloned();
    let begun = match note.and_then(|note| serde_json::from_value(note).ok()) {
        Some(Note::Begun { at, row }) if cx.clock.now() - at <= FRESH => Some((row, true)),
        // It died between asking and seeing: the one dump that has come since is as good as one of
        // its own to read, whoever asked for it.
        Some(Note::Asked { at, before }) if cx.clock.now() - at <= SOON => {
            session.one_since(&before).await?.map(|row| (row, false))
        }
        _ => None,
    };
    let Some((row, surely_ours)) = begun else { return Ok(None) };
    match session.export_wait(&row, cx.timeout()).await {
        Ok(()) => Ok(Some((row, surely_ours))),
        // Somebody deleted it, or it never came to anything: a new one is needed.
        Err(PortalError::DumpGone { .. } | PortalError::DumpFailed { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Makes a dump and waits for it.
///
/// # Errors
/// Where no place is free, the site cannot be asked or says that the dump failed, or the journal
/// cannot be written.
pub(super) async fn make(cx: &StepCx, session: &mut Session) -> Result<DumpRow, Failure> {
    let (at, before) = (cx.clock.now(), session.dumps().await?);
    note(cx, &Note::Asked { at, before }).await?;
    let row = session.export_start().await?;
    fault::reach(Point::ExportSeen).await?;
    note(cx, &Note::Begun { at, row: row.clone() }).await?;
    fault::reach(Point::ExportNoted).await?;
    session.export_wait(&row, cx.timeout()).await?;
    Ok(row)
}

async fn note(cx: &StepCx, note: &Note) -> Result<(), Failure> {
    let note = serde_json::to_value(note).unwrap_or_default();
    cx.journal.append(Event::StepNoted { step: cx.id().clone(), note }).await?;
    Ok(())
}
