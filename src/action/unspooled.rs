//! The last letter that could not even be put into the outbox: a file that `status` reads, since
//! neither the letter nor the outbox can tell.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::WorkDir;
use crate::clock::{Jst, show};
use crate::diag::{Fact, Kind, Problem};
use crate::disk::write_private;

/// A letter that nobody will get.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Unspooled {
    /// What it was about: `failure`, `finished`, `test`, or the scheduled work.
    about: String,
    #[serde(with = "crate::clock::serde_jst")]
    at: Jst,
    why: Problem,
    /// How many letters were lost in the same way and are not known to anybody yet.
    count: u32,
}

fn file(work: &WorkDir) -> PathBuf {
    work.path().join("mail-unspooled.json")
}

/// Writes down that a letter could not be put into the outbox. A disk that refuses this as well is
/// told by the exit status alone.
pub(super) fn note_unspooled(work: &WorkDir, about: &str, at: Jst, why: &Problem) {
    let count = read(work).and_then(Result::ok).map_or(0, |known| known.count).saturating_add(1);
    let note = Unspooled { about: about.to_owned(), at, why: why.clone(), count };
    let _ = serde_json::to_vec_pretty(&note).map(|json| write_private(&file(work), &json));
}

/// The last letter that could not be put into the outbox, until a person says that it is known.
pub(super) fn unspooled(work: &WorkDir) -> Option<Problem> {
    Some(match read(work)? {
        Ok(lost) => Problem::new("run-mail-unspooled", Kind::MailUndelivered)
            .with(Fact::open("about", lost.about))
            .with(Fact::open("at", show(&lost.at)))
            .with(Fact::open("count", lost.count))
            .with(Fact::open("code", lost.why.code)),
        Err(()) => Problem::new("mail-entry-unreadable", Kind::Data)
            .with(Fact::local("path", file(work).display())),
    })
}

fn read(work: &WorkDir) -> Option<Result<Unspooled, ()>> {
    let text = std::fs::read(file(work)).ok()?;
    Some(serde_json::from_slice(&text).map_err(drop))
}

/// A person knows of it.
///
/// # Errors
/// Where the file cannot be removed.
pub(super) fn forget_unspooled(work: &WorkDir) -> Result<(), Problem> {
    let path = file(work);
    std::fs::remove_file(&path).map_err(|error| {
        Problem::new("mail-spool-unusable", Kind::Environment)
            .with(Fact::local("path", path.display()))
            .with(Fact::open("reason", error.kind()))
    })
}
