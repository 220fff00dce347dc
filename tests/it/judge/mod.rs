//! The separate checker: reads the records of a clinic's runs as they lie in the store, and what
//! the twin itself wrote down, and says what must never have happened.
//!
//! It shares no code with the product: the chain is reckoned anew, the steps' states are folded
//! anew, from JSON. What it knows of a playbook it reads from the YAML.

mod attempts;
mod chain;
mod effects;
mod ends;
mod evidence;
mod history;
mod imports;
mod outline;
mod read;
mod starts;
mod story;
mod tests;

pub(crate) use evidence::{
    Acknowledged, DumpDeletion, Effect, Evidence, Landed, RawRow, SourceAtEnd, Stream, Twin,
    TwinImport, When,
};
pub(crate) use outline::Outline;
pub(crate) use read::of_world;

use std::fmt;

/// What must never happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// Numbers have a gap, or a hash is not that of record and predecessor.
    Chain,
    /// A record that was acknowledged is not in the store.
    AcknowledgedLost,
    /// A run does not start with its first event, or starts twice.
    FirstEvent,
    /// Something other than a resumption, a settlement or a mail's fate follows the end.
    AfterEnd,
    /// An attempt's number does not follow.
    Attempt,
    /// A step goes where it cannot go from where it is.
    Transition,
    /// A step that the playbook does not have, or with another effect or role than its kind has.
    OtherStep,
    /// A step starts before an earlier phase is complete.
    Phases,
    /// A step starts before what it needs.
    Needs,
    /// Something runs beside an import.
    BesideImport,
    /// An import starts while the outcome of one is unknown.
    ImportUnsettled,
    /// An import takes effect or is started again although nobody said that it had none.
    ImportRepeated,
    /// An import starts without an export of the tenant, verified, after the last import.
    NoExport,
    /// The export is not intact while the import that needs it takes place.
    ExportDamaged,
    /// An import starts with an archive that was not read through since it was made.
    NotVerified,
    /// What was imported is not what was verified.
    OtherArchive,
    /// The window was not checked since the process began.
    WindowUnchecked,
    /// The site was not looked at since the process began.
    SiteUnchecked,
    /// An import starts outside of its time.
    OutsideWindow,
    /// The test import was not proved, or less than 7 x 24 hours ago.
    TestTooLate,
    /// The final dump was not made behind the closed door, or nobody looked for later writes.
    StaleDump,
    /// The clinic's server was open while its data was imported for production.
    OpenAtImport,
    /// Rows of the clinic are not in what was imported for production.
    RowsLost,
    /// The twin has an import that no attempt explains.
    ImportUnexplained,
    /// An import that is done by the journal is none by the twin.
    DoneWithoutImport,
    /// A proof said what is not so.
    FalseProof,
    /// An effect comes before its intent or after its outcome.
    EffectOutsideAttempt,
    /// A new run starts after a production import that took place or may have.
    SecondRun,
    /// A new run starts while an earlier one is unsettled or holds the server closed.
    UnsettledRun,
    /// What was closed is opened after the production import, and nobody forced it.
    UndoneAfterImport,
    /// A person's settlement lacks name or reason.
    PersonUnnamed,
    /// A run failed before the point of no return, and the clinic's server is not open.
    LeftClosed,
    /// The clinic's server is closed, and the run's end does not say so.
    ClosedUntold,
    /// A run is called done although a step is open, or in doubt although none is.
    EndUntrue,
    /// A dump on the site was deleted that this run neither made nor was told to delete, or
    /// before it lay here complete.
    DumpDeleted,
}

impl Rule {
    /// All of them.
    pub(crate) const ALL: [Self; 35] = [
        Self::Chain,
        Self::AcknowledgedLost,
        Self::FirstEvent,
        Self::AfterEnd,
        Self::Attempt,
        Self::Transition,
        Self::OtherStep,
        Self::Phases,
        Self::Needs,
        Self::BesideImport,
        Self::ImportUnsettled,
        Self::ImportRepeated,
        Self::NoExport,
        Self::ExportDamaged,
        Self::NotVerified,
        Self::OtherArchive,
        Self::WindowUnchecked,
        Self::SiteUnchecked,
        Self::OutsideWindow,
        Self::TestTooLate,
        Self::StaleDump,
        Self::OpenAtImport,
        Self::RowsLost,
        Self::ImportUnexplained,
        Self::DoneWithoutImport,
        Self::FalseProof,
        Self::EffectOutsideAttempt,
        Self::SecondRun,
        Self::UnsettledRun,
        Self::UndoneAfterImport,
        Self::PersonUnnamed,
        Self::LeftClosed,
        Self::ClosedUntold,
        Self::EndUntrue,
        Self::DumpDeleted,
    ];
}

/// Something that must not have happened, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The rule.
    pub(crate) rule: Rule,
    /// The run.
    pub(crate) run: String,
    /// The record's number; 0 where it is not about one.
    pub(crate) seq: u64,
    /// What is wrong.
    pub(crate) what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: run {} record {}: {}", self.rule, self.run, self.seq, self.what)
    }
}

/// Everything that is wrong in a history; empty where nothing is.
pub(crate) fn judge(evidence: &Evidence) -> Vec<Violation> {
    let mut found = chain::check(evidence);
    let history = history::History::fold(evidence, &mut found);
    imports::check(evidence, &history, &mut found);
    effects::check(evidence, &history, &mut found);
    ends::check(evidence, &history, &mut found);
    found
}
