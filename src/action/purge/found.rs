//! What a purge finds: every registered file with what becomes of it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;

use crate::action::WorkDir;
use crate::clock::Jst;
use crate::diag::Problem;
use crate::ids::RunId;
use crate::journal::store::Store;
use crate::journal::{Contents, DatabaseEntry, Event, Outcome, Record, RunStatus, State, fold};
use crate::playbook::{Retention, time_delta};

/// How far a purge goes, and who says so.
#[derive(Clone, Debug)]
pub struct PurgeOrder {
    /// A person, or the program's scheduled work.
    pub by: String,
    /// Why data goes before its time; `None` where only what is due goes.
    pub all: Option<String>,
    /// True: look and tell, nothing else.
    pub dry_run: bool,
    /// True where no run is being carried out, and none can begin meanwhile.
    pub alone: bool,
}

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Fate {
    /// It may go, and has not gone yet.
    Due,
    /// It is gone: removed, and looked for.
    Removed,
    /// Its time is not over.
    Kept {
        /// When it is.
        #[serde(with = "crate::clock::serde_jst")]
        until: Jst,
    },
    /// Its run is not over, and may still need it.
    RunOpen,
    /// A process is writing it.
    Busy,
    /// Nobody registered it: a person has to look.
    NeedsPerson,
    /// It could not be removed.
    Failed {
        /// Why.
        problem: Problem,
    },
}

/// A registered file.
#[derive(Clone, Debug, Serialize)]
pub struct FoundFile {
    /// Its run.
    pub run: RunId,
    /// Its path.
    pub path: PathBuf,
    /// What it holds.
    pub contents: Contents,
    /// Its size in bytes; `None` where it is not there.
    pub bytes: Option<u64>,
    /// What becomes of it.
    pub fate: Fate,
}

/// A file that no run registered.
#[derive(Clone, Debug, Serialize)]
pub struct Unregistered {
    /// Its path.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// True where it is the rest of a file that was being written.
    pub part: bool,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a database beside the clinic's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum DatabaseFate {
    /// The clinic works on it.
    InUse,
    /// Its run is not over, and may still need it.
    RunOpen,
    /// No run needs it; it may be dropped.
    NotNeeded,
    /// It was dropped.
    Dropped,
    /// It is not there.
    Gone,
    /// The server could not be asked, or did not do it.
    Failed {
        /// Why.
        problem: Problem,
    },
}

/// A database that a run made.
#[derive(Clone, Debug, Serialize)]
pub struct FoundDatabase {
    /// Its run.
    pub run: RunId,
    /// The name it was made under.
    pub database: String,
    /// The server's number for it.
    pub oid: u32,
    /// What becomes of it.
    pub fate: DatabaseFate,
}

/// Everything that a purge found and did.
#[derive(Clone, Debug, Serialize)]
pub struct Purge {
    /// When it looked.
    #[serde(with = "crate::clock::serde_jst")]
    pub at: Jst,
    /// Who ordered it.
    pub by: String,
    /// Why data goes before its time.
    pub reason: Option<String>,
    /// True where nothing was done.
    pub dry_run: bool,
    /// Registered files that were not purged before.
    pub files: Vec<FoundFile>,
    /// Files that nobody registered.
    pub unregistered: Vec<Unregistered>,
    /// Databases beside the clinic's.
    pub databases: Vec<FoundDatabase>,
    /// The paper that says so; `None` where nothing was removed.
    pub report: Option<PathBuf>,
}

impl Purge {
    /// What could not be removed.
    pub fn problems(&self) -> Vec<&Problem> {
        let files = self.files.iter().map(|file| &file.fate);
        let fates = files.chain(self.unregistered.iter().map(|file| &file.fate));
        let files = fates.filter_map(|fate| match fate {
            Fate::Failed { problem } => Some(problem),
            _ => None,
        });
        let databases = self.databases.iter().filter_map(|database| match &database.fate {
            DatabaseFate::Failed { problem } => Some(problem),
            _ => None,
        });
        files.chain(databases).collect()
    }
}

/// A run as a purge sees it.
pub(super) struct SeenRun {
    pub(super) run: RunId,
    /// When it ended for good; `None` where it waits or its process died: it may still need what
    /// it made.
    pub(super) over: Option<Jst>,
    pub(super) state: State,
}

/// Every run of the clinic.
pub(super) async fn runs(store: &dyn Store) -> Result<Vec<SeenRun>, Problem> {
    let mut seen = Vec::new();
    for run in store.runs().await? {
        let records = store.load(&run).await?;
        let Some(state) = fold(&records)? else { continue };
        seen.push(SeenRun { run, over: over(&state, &records), state });
    }
    Ok(seen)
}

/// The end itself, not the last record: mails are sent and files purged after it, and neither may
/// put off what is due.
fn over(state: &State, records: &[Record]) -> Option<Jst> {
    let for_good =
        matches!(state.status, RunStatus::Ended { outcome: Outcome::Done | Outcome::Failed, .. });
    let ends = |record: &&Record| matches!(record.event, Event::RunEnded { .. });
    for_good.then(|| records.iter().rev().find(ends).map(|record| record.at)).flatten()
}

/// The registered files that are not purged, and the paths of all that ever were.
pub(super) fn files(
    runs: &[SeenRun],
    retention: &Retention,
    order: &PurgeOrder,
    now: Jst,
) -> (Vec<FoundFile>, BTreeSet<PathBuf>) {
    let (mut found, mut known) = (Vec::new(), BTreeSet::new());
    for seen in runs {
        for (path, file) in &seen.state.files {
            let path = PathBuf::from(path);
            known.insert(path.clone());
            // What was sealed is registered under its new name, and gone under this one.
            if file.purged || file.sealed_as.is_some() {
                continue;
            }
            let fate = match seen.over {
                None => Fate::RunOpen,
                Some(over) => {
                    let until = over + time_delta(kept_secs(retention, file.contents));
                    if order.all.is_some() || now >= until {
                        Fate::Due
                    } else {
                        Fate::Kept { until }
                    }
                }
            };
            let bytes = std::fs::symlink_metadata(&path).ok().map(|meta| meta.len());
            let (run, contents) = (seen.run.clone(), file.contents);
            found.push(FoundFile { run, path, contents, bytes, fate });
        }
    }
    // A path that a later run has registered anew is that run's: it may still need it.
    let open: BTreeSet<PathBuf> =
        found.iter().filter(|file| file.fate != Fate::Due).map(|file| file.path.clone()).collect();
    for file in &mut found {
        if file.fate == Fate::Due && open.contains(&file.path) {
            file.fate = Fate::RunOpen;
        }
    }
    (found, known)
}

fn kept_secs(retention: &Retention, contents: Contents) -> u64 {
    match contents {
        Contents::SourceDump | Contents::CloudDump => retention.dumps_secs,
        Contents::ImportLog => retention.logs_secs,
    }
}

/// Databases that stand in the records as made and not dropped.
pub(super) fn databases(seen: &SeenRun) -> impl Iterator<Item = (u32, &DatabaseEntry)> {
    seen.state.databases.iter().filter(|(_, made)| !made.dropped).map(|(oid, made)| (*oid, made))
}

/// True where there may be anything to look at.
pub(super) fn anything(work: &WorkDir) -> bool {
    work.path().exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Sha256;
    use crate::journal::ClinicState;
    use crate::journal::fixture::{at, records, started};
    use chrono::TimeDelta;

    fn registered(path: &str, contents: Contents) -> Event {
        Event::FileRegistered { path: path.into(), contents, step: "dump".into() }
    }

    fn ended(outcome: Outcome) -> Event {
        Event::RunEnded { outcome, clinic: ClinicState::Unchanged }
    }

    /// A dump that is whole, one whose process died before it was, a log, and one that is gone;
    /// after the end only a mail's fate.
    fn run(outcome: Option<Outcome>) -> SeenRun {
        let mut events = vec![
            started(),
            registered("whole.dump", Contents::SourceDump),
            Event::FileCompleted {
                path: "whole.dump".into(),
                bytes: 1,
                sha256: Sha256("0".repeat(64)),
            },
            registered("half.dump", Contents::CloudDump),
            registered("import.log", Contents::ImportLog),
            registered("gone.dump", Contents::SourceDump),
            Event::FilePurged { path: "gone.dump".into() },
            Event::MailQueued { message_id: "m".into(), about: "test".into(), recipients: 1 },
        ];
        if let Some(outcome) = outcome {
            events.push(ended(outcome));
            events.push(Event::MailSent { message_id: "m".into() });
        }
        let records = records(events);
        let state = fold(&records).unwrap().unwrap();
        SeenRun { run: state.info.run.clone(), over: over(&state, &records), state }
    }

    fn due(seen: &SeenRun, all: bool, secs: i64) -> Vec<String> {
        let retention = Retention { dumps_secs: 100, logs_secs: 50 };
        let order = PurgeOrder {
            by: "test".into(),
            all: all.then(|| "why".to_owned()),
            dry_run: true,
            alone: true,
        };
        let seen = [SeenRun { run: seen.run.clone(), over: seen.over, state: seen.state.clone() }];
        let (found, known) = files(&seen, &retention, &order, at(9) + TimeDelta::seconds(secs));
        assert_eq!(known.len(), 4, "a file that is gone is known all the same");
        let due = found.iter().filter(|file| file.fate == Fate::Due);
        due.map(|file| file.path.display().to_string()).collect()
    }

    #[test]
    fn what_was_registered_goes_when_its_time_is_over_complete_or_not() {
        for outcome in [Outcome::Done, Outcome::Failed] {
            let run = run(Some(outcome));
            // The mail that went afterwards puts nothing off.
            assert_eq!((run.over, run.state.at), (Some(at(9)), at(10)));
            assert!(due(&run, false, 49).is_empty());
            assert_eq!(due(&run, false, 50), ["import.log"]);
            assert_eq!(due(&run, false, 99), ["import.log"]);
            assert_eq!(due(&run, false, 100), ["half.dump", "import.log", "whole.dump"]);
            assert_eq!(due(&run, true, 0), ["half.dump", "import.log", "whole.dump"]);
        }
        // What may still be needed stays, however long, whoever asks.
        for seen in [run(Some(Outcome::Waiting)), run(Some(Outcome::InDoubt)), run(None)] {
            assert!(due(&seen, true, 1_000_000).is_empty(), "{:?}", seen.state.status);
        }
    }
}
