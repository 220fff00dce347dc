//! The one view of a scan that every renderer uses.

use serde::Serialize;

use super::advice::{Adviser, ReadingView};
use super::lines::{column_rules, offer_once};
use crate::archive::{CodeCount, Place, ScanFinding, ScanReport};
use crate::charset::{AbsentPlace, Evidence, Reason, RuleCount, SourceEncoding, Verdict, dotted};
use crate::i18n::Lang;
use crate::t;

/// Columns that are named for a code.
const NAMED_COLUMNS: usize = 8;

/// What was scanned, and by which rules.
#[derive(Clone, Debug, Serialize)]
pub struct ScannedView {
    /// The dump's file name, or the clinic's name for its live database.
    pub name: String,
    /// True for a live database.
    pub live: bool,
    /// The database.
    pub database: String,
    /// Its encoding.
    pub encoding: String,
    /// The server's version.
    pub server_version: String,
    /// When the data was read, by the clock of the machine that made the dump.
    pub created: String,
    /// The policy.
    pub policy: String,
    /// Rules of the mapping file.
    pub mapping_rules: usize,
    /// Tables with data.
    pub tables: usize,
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Findings of one reason.
#[derive(Clone, Debug, Serialize)]
pub struct ReasonView {
    /// The reason.
    pub reason: Reason,
    /// In words.
    pub meaning: String,
    /// How many.
    pub count: u64,
    /// True where a decision is needed.
    pub open: bool,
}

/// A code with everything that helps to decide about it.
#[derive(Clone, Debug, Serialize)]
pub struct CodeView {
    /// Why it is reported.
    pub reason: Reason,
    /// In words.
    pub meaning: String,
    /// True where a decision is needed.
    pub open: bool,
    /// The code, `8FF4FB`.
    pub code: String,
    /// The code with spaces.
    pub bytes: String,
    /// What PostgreSQL reads there.
    pub character: Option<String>,
    /// Every possible reading.
    pub readings: Vec<ReadingView>,
    /// How often it occurs.
    pub count: u64,
    /// In how many tables.
    pub tables: usize,
    /// In how many columns.
    pub columns: usize,
    /// True where there are more tables and columns than were counted.
    pub more_columns: bool,
    /// Some of them.
    pub named_columns: Vec<String>,
    /// The first places.
    pub first: Vec<FindingView>,
    /// What to do.
    pub suggestion: String,
    /// Lines of the mapping file to pick from; none where another code has the same ones.
    pub rules: Vec<String>,
    /// What these lines speak of: the bytes, or their character.
    #[serde(skip)]
    pub ruled: String,
}

/// How many findings a column has.
#[derive(Clone, Debug, Serialize)]
pub struct ColumnView {
    /// `schema.table.column`.
    pub name: String,
    /// Findings that need a decision.
    pub open: u64,
    /// Where a lossy rule was applied.
    pub decided: u64,
    /// Half-width kana that are joined with their sound marks.
    pub joined: u64,
}

/// What speaks for which encoding in a column of a `SQL_ASCII` database.
#[derive(Clone, Debug, Serialize)]
pub struct EvidenceView {
    /// `schema.table.column`.
    pub name: String,
    /// Values by what they can be; ASCII is not counted.
    #[serde(flatten)]
    pub evidence: Evidence,
    /// What they say together.
    pub verdict: Verdict,
    /// In words.
    #[serde(skip)]
    pub meaning: String,
}

/// One finding.
#[derive(Clone, Debug, Serialize)]
pub struct FindingView {
    /// Why it is reported.
    pub reason: Reason,
    /// Schema; empty for a text of the table of contents.
    pub schema: String,
    /// Table, or the kind of entry in the table of contents.
    pub table: String,
    /// Column.
    pub column: String,
    /// The primary key, masked unless values are shown.
    pub key: String,
    /// Row in the table's data, from 1; 0 in the table of contents.
    pub row: u64,
    /// Byte in the value, from 0.
    pub offset: u64,
    /// The code, `8FF4FB`.
    pub code: String,
    /// Every possible reading.
    pub readings: Vec<ReadingView>,
    /// What to do.
    pub suggestion: String,
    /// The value around the code, where values are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// In words; `reason` says it to machines.
    #[serde(skip)]
    pub meaning: String,
    /// The code with spaces.
    #[serde(skip)]
    pub bytes: String,
}

/// A whole scan.
#[derive(Clone, Debug, Serialize)]
pub struct ScanView {
    /// What was scanned.
    pub scanned: ScannedView,
    /// True where nothing is left to decide.
    pub clean: bool,
    /// Findings that need a decision.
    pub open: u64,
    /// Places where a rule that loses information was applied, as was decided.
    pub decided: u64,
    /// Characters that a rule changed in SQL that is carried out: each needs a look.
    pub definitions: u64,
    /// Half-width kana that are joined with their sound marks.
    pub joined: u64,
    /// Codes of which something is to be decided.
    pub open_codes: usize,
    /// By reason.
    pub reasons: Vec<ReasonView>,
    /// By code: open ones first, then the most frequent.
    pub codes: Vec<CodeView>,
    /// Findings of codes that are not listed, since there are too many codes.
    pub uncounted: u64,
    /// Tables with too many keys to hold all of them against one another.
    pub keys_not_held: Vec<String>,
    /// By column.
    pub columns: Vec<ColumnView>,
    /// Of a `SQL_ASCII` database, what speaks for which encoding by column.
    pub evidence: Vec<EvidenceView>,
    /// Lines of the mapping file that decide about the database and its columns.
    pub column_rules: Vec<String>,
    /// What the mapping file names and the database does not have.
    pub unknown_places: Vec<AbsentPlace>,
    /// Every rule that was applied.
    pub rules: Vec<RuleCount>,
    /// True where keys and values are in clear.
    pub values_shown: bool,
    /// The first findings; the other renderers of all findings do not need them.
    #[serde(skip)]
    pub listed: Vec<FindingView>,
    /// What the database declares.
    #[serde(skip)]
    pub encoding: SourceEncoding,
    /// The file with all findings.
    #[serde(skip)]
    pub all_in: Option<String>,
}

impl ScanView {
    /// The view of a report.
    pub fn new(
        report: &ScanReport,
        scanned: ScannedView,
        values_shown: bool,
        all_in: Option<String>,
        lang: Lang,
    ) -> Self {
        let adviser = &mut Adviser::new(lang, report.encoding);
        let mut codes: Vec<CodeView> =
            report.codes.iter().map(|code| code_view(code, report, adviser)).collect();
        offer_once(&mut codes);
        Self {
            scanned,
            clean: report.is_clean(),
            open: report.open,
            decided: report.decided,
            definitions: report.definitions,
            joined: report.joined,
            open_codes: codes.iter().filter(|code| code.open).count(),
            reasons: reasons(report, lang),
            column_rules: column_rules(report, &codes),
            codes,
            uncounted: report.uncounted,
            keys_not_held: report.keys_not_held.clone(),
            columns: columns(report),
            evidence: evidence(report, lang),
            unknown_places: report.unknown_places.clone(),
            rules: report.rules.clone(),
            values_shown,
            listed: report.listed.iter().map(|f| FindingView::new(f, adviser)).collect(),
            encoding: report.encoding,
            all_in,
        }
    }

    /// Gives the advice for the findings that are not listed here.
    pub fn adviser(&self, lang: Lang) -> Adviser {
        Adviser::new(lang, self.encoding)
    }

    /// All findings, the joined kana not among them.
    pub fn total(&self) -> u64 {
        self.open.saturating_add(self.decided).saturating_add(self.definitions)
    }
}

impl FindingView {
    /// The view of one finding.
    pub fn new(found: &ScanFinding, adviser: &mut Adviser) -> Self {
        let advice = adviser.advise(&found.finding);
        let finding = &found.finding;
        Self {
            reason: finding.reason,
            schema: finding.schema.clone(),
            table: finding.table.clone(),
            column: finding.column.clone(),
            key: finding.key.clone(),
            row: finding.row,
            offset: finding.offset,
            code: finding.code.clone(),
            readings: advice.readings,
            suggestion: advice.suggestion,
            value: found.value.clone(),
            meaning: advice.meaning,
            bytes: advice.bytes,
        }
    }

    /// `schema.table.column`.
    pub fn place(&self) -> String {
        place_name(&self.schema, &self.table, &self.column)
    }
}

/// `髙 (EUC_JP) / 鴉 (JIS X 0213)`
pub(super) fn readings_text(readings: &[ReadingView]) -> String {
    let shown = readings.iter().map(|r| format!("{} ({})", r.shown(), r.standard));
    shown.collect::<Vec<_>>().join(" / ")
}

fn place_name(schema: &str, table: &str, column: &str) -> String {
    if schema.is_empty() { format!("{table}: {column}") } else { dotted(&[schema, table, column]) }
}

fn reasons(report: &ScanReport, lang: Lang) -> Vec<ReasonView> {
    let mut reasons: Vec<_> = report
        .reasons
        .iter()
        .map(|(reason, count)| ReasonView {
            reason: *reason,
            meaning: t!(lang, reason.text_id()),
            count: *count,
            open: reason.blocks(),
        })
        .collect();
    reasons.sort_by(|a, b| b.open.cmp(&a.open).then(b.count.cmp(&a.count)));
    reasons
}

fn evidence(report: &ScanReport, lang: Lang) -> Vec<EvidenceView> {
    let views = report.evidence.iter().map(|column| EvidenceView {
        name: place_name(&column.place.schema, &column.place.table, &column.place.column),
        evidence: column.evidence,
        verdict: column.verdict,
        meaning: match column.verdict {
            Verdict::Ascii => t!(lang, "scan-verdict-ascii"),
            Verdict::Is(form) => t!(lang, "scan-verdict-is", encoding = form.word()),
            Verdict::Mixed => t!(lang, "scan-verdict-mixed"),
            Verdict::Unknown => t!(lang, "scan-verdict-unknown"),
        },
    });
    views.collect()
}

fn columns(report: &ScanReport) -> Vec<ColumnView> {
    let mut columns: Vec<_> = report
        .places
        .iter()
        .map(|counts| ColumnView {
            name: place_name(&counts.place.schema, &counts.place.table, &counts.place.column),
            open: counts.open,
            decided: counts.decided,
            joined: counts.joined,
        })
        .collect();
    let order = |c: &ColumnView| std::cmp::Reverse((c.open, c.decided, c.joined));
    columns.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.name.cmp(&b.name)));
    columns
}

fn code_view(code: &CodeCount, report: &ScanReport, adviser: &mut Adviser) -> CodeView {
    let first: Vec<_> = code.first.iter().map(|f| FindingView::new(f, adviser)).collect();
    let advice = code.first.first().map(|found| adviser.advise(&found.finding));
    let places: Vec<&Place> = code
        .places
        .iter()
        .filter_map(|at| report.places.get(usize::try_from(*at).ok()?).map(|counts| &counts.place))
        .collect();
    let mut tables: Vec<_> = places.iter().map(|place| (&place.schema, &place.table)).collect();
    tables.sort_unstable();
    tables.dedup();
    let named = places.iter().take(NAMED_COLUMNS);
    CodeView {
        reason: code.reason,
        meaning: advice.as_ref().map(|a| a.meaning.clone()).unwrap_or_default(),
        open: code.reason.blocks(),
        code: code.code.clone(),
        bytes: advice.as_ref().map(|a| a.bytes.clone()).unwrap_or_default(),
        character: code.character.as_deref().and_then(super::advice::glyph).map(String::from),
        readings: advice.as_ref().map(|a| a.readings.clone()).unwrap_or_default(),
        count: code.count,
        tables: tables.len(),
        columns: places.len(),
        more_columns: code.more_places,
        named_columns: named.map(|p| place_name(&p.schema, &p.table, &p.column)).collect(),
        first,
        suggestion: advice.as_ref().map(|a| a.suggestion.clone()).unwrap_or_default(),
        ruled: advice.as_ref().map(|a| a.ruled.clone()).unwrap_or_default(),
        rules: advice.map(|a| a.rules).unwrap_or_default(),
    }
}
