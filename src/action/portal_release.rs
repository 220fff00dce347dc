//! Frees places for dumps: each dump that the clinic file names is downloaded, hashed and read
//! through, and only then deleted on the management site.

use async_trait::async_trait;

use super::context::blocking;
use super::{Action, Failure, StepCx, connect};
use crate::archive;
use crate::diag::{Fact, Kind, Problem};
use crate::fault::{self, Point};
use crate::journal::Contents;
use crate::playbook::Outputs;
use crate::portal::{DumpRow, Session};

pub(super) struct PortalRelease;

#[async_trait]
impl Action for PortalRelease {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let named = cx.clinic().portal.release_dumps.clone();
        let mut session = Session::open(connect::portal(cx.clinic(), &cx.clock)?).await?;
        for created in &named {
            release(cx, &mut session, created).await?;
        }
        Ok(Outputs::from([("released".to_owned(), named.into())]))
    }
}

async fn release(cx: &StepCx, session: &mut Session, created: &str) -> Result<(), Failure> {
    let path = cx.work.archive(&file_name(created));
    let rows = session.dumps().await?;
    let ours: Vec<&DumpRow> = rows.iter().filter(|row| row.created == created).collect();
    let row = match ours.as_slice() {
        [row] => (*row).clone(),
        // An attempt that was interrupted had come to its end for this one.
        [] if is_kept(cx, &path).await => return Ok(()),
        rows => {
            return Err(Problem::new("run-release-not-one", Kind::Blocked)
                .with(Fact::open("created", created))
                .with(Fact::open("count", rows.len()))
                .into());
        }
    };
    cx.make_room(&path, Contents::CloudDump).await?;
    cx.register(&path, Contents::CloudDump).await?;
    let got = session.download(&row, &path, &cx.progress, cx.reserve()?).await?;
    let (reading, progress) = (path.clone(), cx.progress.clone());
    blocking(move || archive::verify(&reading, &progress)).await?;
    cx.completed(&path, got.bytes, got.sha256.as_str()).await?;
    cx.journal.confirm().await?;
    // Only now: it lies here, hashed and read.
    session.delete_dump(&row).await?;
    fault::reach(Point::SlotReleased).await?;
    Ok(())
}

async fn is_kept(cx: &StepCx, path: &std::path::Path) -> bool {
    let state = cx.journal.state().await;
    state.files.get(&path.display().to_string()).is_some_and(|file| file.complete.is_some())
}

/// `released-20190625100810.dump`
fn file_name(created: &str) -> String {
    let digits: String = created.chars().filter(char::is_ascii_digit).collect();
    format!("released-{digits}.dump")
}
