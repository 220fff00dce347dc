//! Gathers what a scan finds: every finding goes to the spool, counts and the first findings
//! stay in memory.
//!
//! Every count is bounded, since what is scanned may be hostile; what goes over a bound is
//! counted in one sum.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::ArchiveError;
use super::excerpt::Excerpts;
use super::finding::TextFinding;
use super::limits::MAX_FINDINGS;
use super::reader::Table;
use super::row_text::Findings;
use super::scan_report::{CodeCount, ColumnEvidence, Place, PlaceCount, ScanFinding};
use super::scan_spool::SpoolWriter;
use crate::charset::{Evidence, Reason};

/// Codes that are counted one by one. EUC-JP has about 24,000; a clinic uses some dozens that
/// need a decision.
const MAX_CODES: usize = 10_000;
/// Columns that are remembered for a code; an ordinary database has some hundred with text.
const MAX_PLACES: usize = 256;
/// Findings that are remembered for a code.
const FIRST: usize = 5;

/// What has been found so far.
pub(super) struct ScanNotes {
    spool: SpoolWriter,
    /// Shows values and keys, where that was asked for.
    excerpts: Option<Excerpts>,
    /// The spool's first failure. A finding cannot be refused, so it waits for [`Self::check`].
    failed: Option<ArchiveError>,
    numbers: HashMap<Place, u32>,
    places: Vec<PlaceCount>,
    codes: BTreeMap<(Reason, String), CodeCount>,
    /// How many of the codes are left to decide. They have a budget of their own, as their
    /// findings have: what was decided must not hide what was not.
    open_codes: usize,
    uncounted: u64,
    keys_not_held: Vec<String>,
    reasons: BTreeMap<Reason, u64>,
    open: Vec<ScanFinding>,
    decided: Vec<ScanFinding>,
    /// Joined kana by column of the current table.
    joined: Vec<u64>,
    /// What speaks for which encoding, by column of the current table.
    observed: Vec<Evidence>,
    evidence: Vec<ColumnEvidence>,
}

/// What is left when the scan is over.
pub(super) struct Gathered {
    pub(super) spool: SpoolWriter,
    pub(super) places: Vec<PlaceCount>,
    pub(super) codes: Vec<CodeCount>,
    pub(super) uncounted: u64,
    pub(super) keys_not_held: Vec<String>,
    pub(super) reasons: BTreeMap<Reason, u64>,
    pub(super) listed: Vec<ScanFinding>,
    pub(super) evidence: Vec<ColumnEvidence>,
}

impl ScanNotes {
    pub(super) fn new(spool: SpoolWriter, excerpts: Option<Excerpts>) -> Self {
        Self {
            spool,
            excerpts,
            failed: None,
            numbers: HashMap::new(),
            places: Vec::new(),
            codes: BTreeMap::new(),
            open_codes: 0,
            uncounted: 0,
            keys_not_held: Vec::new(),
            reasons: BTreeMap::new(),
            open: Vec::new(),
            decided: Vec::new(),
            joined: Vec::new(),
            observed: Vec::new(),
            evidence: Vec::new(),
        }
    }

    /// Says whether all findings so far could be kept.
    pub(super) fn check(&mut self) -> Result<(), ArchiveError> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Gives the columns of a finished table what was counted by position.
    pub(super) fn settle(&mut self, table: &Table) {
        let joined = std::mem::take(&mut self.joined);
        let observed = std::mem::take(&mut self.observed);
        let places = table.columns.iter().flatten().map(|column| Place {
            schema: table.schema.clone(),
            table: table.name.clone(),
            column: column.clone(),
        });
        let places: Vec<Place> = places.collect();
        for (place, count) in places.iter().zip(joined).filter(|(_, count)| *count > 0) {
            if let Some(place) = self.place(place).1 {
                place.joined = place.joined.saturating_add(count);
            }
        }
        for (place, evidence) in places.into_iter().zip(observed) {
            if evidence != Evidence::default() {
                let verdict = evidence.verdict();
                self.evidence.push(ColumnEvidence { place, evidence, verdict });
            }
        }
    }

    /// The end: the most frequent code comes first.
    pub(super) fn finish(self) -> Gathered {
        let mut codes: Vec<CodeCount> = self.codes.into_values().collect();
        codes.sort_by(|a, b| {
            let order = b.reason.blocks().cmp(&a.reason.blocks());
            order.then(b.count.cmp(&a.count)).then_with(|| a.code.cmp(&b.code))
        });
        Gathered {
            spool: self.spool,
            places: self.places,
            codes,
            uncounted: self.uncounted,
            keys_not_held: self.keys_not_held,
            reasons: self.reasons,
            listed: self.open.into_iter().chain(self.decided).collect(),
            evidence: self.evidence,
        }
    }

    /// A column's number and counts. Columns are bounded by the table of contents.
    fn place(&mut self, place: &Place) -> (u32, Option<&mut PlaceCount>) {
        let next = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let number = match self.numbers.get(place) {
            Some(number) => *number,
            None => {
                self.numbers.insert(place.clone(), next);
                let place = place.clone();
                self.places.push(PlaceCount { place, open: 0, decided: 0, joined: 0 });
                next
            }
        };
        (number, usize::try_from(number).ok().and_then(|at| self.places.get_mut(at)))
    }

    fn count_place(&mut self, finding: &TextFinding) -> u32 {
        let place = Place {
            schema: finding.schema.clone(),
            table: finding.table.clone(),
            column: finding.column.clone(),
        };
        let (number, counts) = self.place(&place);
        if let Some(counts) = counts {
            let count = match finding.reason {
                // Nothing is to be decided and nothing was: it is among the reasons.
                Reason::DefinitionChanged => return number,
                Reason::Lossy => &mut counts.decided,
                Reason::Shortened => &mut counts.joined,
                Reason::OutsideJisX0213
                | Reason::Ambiguous
                | Reason::Invalid
                | Reason::NotAscii
                | Reason::Undecided
                | Reason::Cut
                | Reason::Packed
                | Reason::TooWide
                | Reason::TooLong
                | Reason::BecameEqual => &mut counts.open,
            };
            *count = count.saturating_add(1);
        }
        number
    }

    /// Makes room for one more code, where there is any.
    fn takes_code(&mut self, open: bool) -> bool {
        let decided = self.codes.len().saturating_sub(self.open_codes);
        let room = if open { self.open_codes } else { decided } < MAX_CODES;
        if room && open {
            self.open_codes = self.open_codes.saturating_add(1);
        }
        room
    }

    fn count_code(&mut self, place: u32, found: &ScanFinding) {
        let finding = &found.finding;
        let key = (finding.reason, finding.code.clone());
        if !self.codes.contains_key(&key) && !self.takes_code(finding.reason.blocks()) {
            self.uncounted = self.uncounted.saturating_add(1);
            return;
        }
        let code = self.codes.entry(key).or_insert_with(|| CodeCount {
            reason: finding.reason,
            code: finding.code.clone(),
            character: finding.character.clone(),
            reading: finding.reading.clone(),
            rule: finding.rule.clone(),
            count: 0,
            places: BTreeSet::new(),
            more_places: false,
            first: Vec::new(),
        });
        code.count = code.count.saturating_add(1);
        if code.places.len() < MAX_PLACES {
            code.places.insert(place);
        } else if !code.places.contains(&place) {
            code.more_places = true;
        }
        if code.first.len() < FIRST {
            code.first.push(found.clone());
        }
    }
}

impl Findings for ScanNotes {
    fn note(&mut self, finding: TextFinding, value: &[u8]) {
        let value = self.excerpts.as_ref().and_then(|shown| shown.value(&finding, value));
        let found = ScanFinding { finding, value };
        let reasons = self.reasons.entry(found.finding.reason).or_default();
        *reasons = reasons.saturating_add(1);
        let place = self.count_place(&found.finding);
        self.count_code(place, &found);
        if self.failed.is_none() {
            self.failed = self.spool.push(place, &found).err();
        }
        let blocks = found.finding.reason.blocks();
        let listed = if blocks { &mut self.open } else { &mut self.decided };
        if listed.len() < MAX_FINDINGS {
            listed.push(found);
        }
    }

    fn only_counts_shortened(&self) -> bool {
        true
    }

    fn count_shortened(&mut self, _: &Table, column: usize) {
        if self.joined.len() <= column {
            self.joined.resize(column.saturating_add(1), 0);
        }
        if let Some(count) = self.joined.get_mut(column) {
            *count = count.saturating_add(1);
        }
    }

    fn not_all_keys_held(&mut self, table: &Table) {
        self.keys_not_held.push(format!("{}.{}", table.schema, table.name));
    }

    fn observe(&mut self, _: &Table, column: usize, value: &[u8]) {
        if self.observed.len() <= column {
            self.observed.resize_with(column.saturating_add(1), Evidence::default);
        }
        if let Some(evidence) = self.observed.get_mut(column) {
            evidence.observe(value);
        }
    }

    fn key_text(&self, value: &[u8]) -> Option<String> {
        self.excerpts.as_ref().map(|shown| shown.key(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(reason: Reason, code: usize, column: usize) -> TextFinding {
        TextFinding {
            reason,
            code: format!("{code:06X}"),
            character: None,
            reading: None,
            rule: None,
            schema: "public".into(),
            table: "t".into(),
            column: format!("c{column}"),
            row: 1,
            offset: 0,
            key: format!("{code}/{column}"),
        }
    }

    fn gathered(findings: impl Iterator<Item = TextFinding>) -> Gathered {
        let spool = SpoolWriter::create(&std::env::temp_dir()).unwrap();
        let mut notes = ScanNotes::new(spool, None);
        findings.for_each(|finding| notes.note(finding, &[]));
        notes.check().unwrap();
        notes.finish()
    }

    #[test]
    fn what_is_decided_hides_nothing_that_is_open() {
        let decided = (0..MAX_CODES + 7).map(|code| finding(Reason::Lossy, code, 0));
        let open = (0..3).map(|code| finding(Reason::Ambiguous, code, 0));
        let found = gathered(decided.chain(open));
        let first = found.codes.iter().map(|code| code.reason).take(4).collect::<Vec<_>>();
        assert_eq!(first, [Reason::Ambiguous, Reason::Ambiguous, Reason::Ambiguous, Reason::Lossy]);
        assert_eq!((found.uncounted, found.listed.len()), (7, 3 + MAX_FINDINGS));
        assert!(found.listed.iter().take(3).all(|found| found.finding.reason.blocks()));
    }

    #[test]
    fn a_count_that_stopped_says_so() {
        for (columns, more) in [(MAX_PLACES, false), (MAX_PLACES + 1, true)] {
            let found = gathered((0..columns).map(|column| finding(Reason::Ambiguous, 1, column)));
            assert_eq!(
                (found.codes[0].places.len(), found.codes[0].more_places),
                (MAX_PLACES, more)
            );
        }
    }
}
