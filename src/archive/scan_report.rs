//! What a scan found, counted; the findings themselves are in the [`Spool`](super::Spool).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::finding::TextFinding;
use super::header::Version;
use crate::charset::{AbsentPlace, Evidence, Policy, Reason, RuleCount, SourceEncoding, Verdict};

/// One finding; the value only where it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScanFinding {
    /// The code, its place, and why it is reported.
    #[serde(flatten)]
    pub finding: TextFinding,
    /// The value around the code, in clear. It is patient data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A column, or a text of the table of contents: then the schema is empty and the table is the
/// kind of the entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// Schema.
    pub schema: String,
    /// Table.
    pub table: String,
    /// Column.
    pub column: String,
}

/// A code with everything that was counted about it.
#[derive(Clone, Debug, Serialize)]
pub struct CodeCount {
    /// Why it is reported.
    pub reason: Reason,
    /// Its bytes, hexadecimal.
    pub code: String,
    /// What PostgreSQL reads there, `U+9AD9`.
    pub character: Option<String>,
    /// What a reading as EUC_JIS_2004 gives.
    pub reading: Option<String>,
    /// The lossy rule that was applied.
    pub rule: Option<String>,
    /// How often.
    pub count: u64,
    /// The columns, as positions in [`ScanReport::places`]; the first 256 of them.
    #[serde(skip)]
    pub places: BTreeSet<u32>,
    /// True where there are more columns than these.
    #[serde(skip)]
    pub more_places: bool,
    /// The first ones.
    pub first: Vec<ScanFinding>,
}

/// How many findings a column has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceCount {
    /// The column.
    #[serde(flatten)]
    pub place: Place,
    /// Findings that need a decision.
    pub open: u64,
    /// Where a lossy rule was applied.
    pub decided: u64,
    /// Half-width kana joined with their sound marks.
    pub joined: u64,
}

/// What speaks for which encoding in a column of a `SQL_ASCII` database; values that are ASCII
/// are not counted.
#[derive(Clone, Debug, Serialize)]
pub struct ColumnEvidence {
    /// The column.
    #[serde(flatten)]
    pub place: Place,
    /// Values by what they can be.
    #[serde(flatten)]
    pub evidence: Evidence,
    /// What they say together.
    pub verdict: Verdict,
}

/// Everything but the list of all findings.
#[derive(Clone, Debug, Serialize)]
pub struct ScanReport {
    /// The encoding that the archive declares.
    pub encoding: SourceEncoding,
    /// The archive's version.
    pub archive_version: Version,
    /// The database's name, as the header says it.
    pub database: String,
    /// The server's version, as the header says it.
    pub server_version: String,
    /// pg_dump's version, as the header says it.
    pub pg_dump_version: String,
    /// Local time of the machine that made the dump.
    pub created: String,
    /// The policy that was applied.
    pub policy: Policy,
    /// Bytes that were read.
    pub bytes: u64,
    /// Tables with data.
    pub tables: usize,
    /// Rows.
    pub rows: u64,
    /// Findings that need a decision.
    pub open: u64,
    /// Places where a rule that loses information was applied, as was decided.
    pub decided: u64,
    /// Characters that a rule changed in SQL that is carried out: each needs a look.
    pub definitions: u64,
    /// Half-width kana that are joined with their sound marks; nothing is lost.
    pub joined: u64,
    /// Findings by reason.
    pub reasons: BTreeMap<Reason, u64>,
    /// Findings by code, the most frequent first.
    pub codes: Vec<CodeCount>,
    /// Findings whose code is not among the counted ones, because there are too many codes.
    pub uncounted: u64,
    /// Tables with too many keys to hold all of them against one another.
    pub keys_not_held: Vec<String>,
    /// Every column that findings have been counted in.
    pub places: Vec<PlaceCount>,
    /// Of a `SQL_ASCII` database, the columns with text.
    pub evidence: Vec<ColumnEvidence>,
    /// Every rule that was applied, lossless ones too.
    pub rules: Vec<RuleCount>,
    /// The first findings: those that need a decision before the others.
    pub listed: Vec<ScanFinding>,
    /// What the mapping file names and the database does not have.
    pub unknown_places: Vec<AbsentPlace>,
}

impl ScanReport {
    /// True where nothing is left to decide.
    pub fn is_clean(&self) -> bool {
        self.open == 0
    }
}
