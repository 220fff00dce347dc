//! What a history is judged from.

use super::Outline;

/// What a history is judged from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// The playbook.
    pub(crate) outline: Outline,
    /// The runs, oldest first.
    pub(crate) runs: Vec<Stream>,
    /// Records that the program called durable.
    pub(crate) acknowledged: Vec<Acknowledged>,
    /// The twin's own record.
    pub(crate) twin: Twin,
}

/// One run's records as they are stored.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) run: String,
    pub(crate) rows: Vec<RawRow>,
}

/// One record as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct RawRow {
    pub(crate) seq: u64,
    /// RFC 3339.
    pub(crate) at: String,
    /// The event's JSON.
    pub(crate) text: String,
    pub(crate) hash: String,
    /// Its place among everything that happened in the world, where that is known.
    pub(crate) order: Option<u64>,
}

/// A record that the program called durable.
#[derive(Clone, Debug)]
pub(crate) struct Acknowledged {
    pub(crate) run: String,
    pub(crate) seq: u64,
    pub(crate) hash: String,
}

/// When something happened in the twin.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct When {
    /// Milliseconds since 1970.
    pub(crate) millis: i64,
    /// Its place among everything that happened in the world, where that is known.
    pub(crate) order: Option<u64>,
}

/// The twin's own record. What it does not write down is `None` or empty, and not judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Twin {
    /// Imports in the order in which they were begun.
    pub(crate) imports: Vec<TwinImport>,
    /// Other effects of the program.
    pub(crate) effects: Vec<Effect>,
    /// Dumps that the program deleted on the site.
    pub(crate) deletions: Vec<DumpDeletion>,
    /// The clinic's server at the ends of runs.
    pub(crate) ends: Vec<SourceAtEnd>,
    /// Resumptions (run, record) in which a person takes back by force.
    pub(crate) forced: Vec<(String, u64)>,
}

/// An import as the site knows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct TwinImport {
    pub(crate) began: When,
    /// When its end could be seen.
    pub(crate) ended: Option<When>,
    pub(crate) bytes: Option<u64>,
    pub(crate) sha256: Option<String>,
    pub(crate) landed: Landed,
    /// True where the site said that it failed although it landed.
    pub(crate) said_failed: bool,
    /// Whether every export made since the last import lay intact when it was begun.
    pub(crate) exports_intact: Option<bool>,
    /// Whether the clinic's server was open to writers when it was begun.
    pub(crate) source_open: Option<bool>,
    /// Rows that were in the clinic's database and not in the archive when it was begun.
    pub(crate) rows_missing: Option<u64>,
}

/// What became of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Landed {
    /// It goes on.
    Running,
    /// The tenant holds the archive's rows.
    #[default]
    Yes,
    /// It ended badly.
    No,
}

/// An effect of a step of this kind (`fence`, `service_stop`, `portal_export`, ...).
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    pub(crate) kind: String,
    /// True where it takes back what such a step does.
    pub(crate) undo: bool,
    pub(crate) when: When,
}

/// A dump that the program deleted on the site.
#[derive(Clone, Debug)]
pub(crate) struct DumpDeletion {
    pub(crate) when: When,
    /// True where the program made it in this run, or was told to delete it.
    pub(crate) may: bool,
    /// SHA-256 of the dump.
    pub(crate) sha256: String,
}

/// The clinic's server when a process had written the end of a run.
#[derive(Clone, Debug)]
pub(crate) struct SourceAtEnd {
    pub(crate) run: String,
    /// The record with the end.
    pub(crate) seq: u64,
    /// True where the service runs and everyone may write.
    pub(crate) open: bool,
}
