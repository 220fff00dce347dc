//! Lines for the mapping file, so that whoever takes all of them has one file that is read:
//! nothing is said twice, and nothing stands where it does not belong.

use std::collections::{BTreeSet, HashMap};

use super::advice::ReadingView;
use super::view::CodeView;
use crate::archive::{Place, ScanReport};
use crate::charset::{Reason, Verdict, dotted, quoted};

/// Characters that show what a reading of the whole database makes of it.
const READ_ALIKE: usize = 20;

/// Leaves every line where it stands first. The same character can be found as different bytes,
/// and the same bytes for different reasons; the mapping file refuses what is said twice.
pub(super) fn offer_once(codes: &mut [CodeView]) {
    let mut first: HashMap<String, usize> = HashMap::new();
    for at in 0..codes.len() {
        let (before, rest) = codes.split_at_mut(at);
        let Some(code) = rest.first_mut().filter(|code| !code.rules.is_empty()) else { continue };
        let known = first.get(&code.ruled).copied().and_then(|at| before.get_mut(at));
        let Some(known) = known else {
            first.insert(code.ruled.clone(), at);
            continue;
        };
        for line in std::mem::take(&mut code.rules) {
            if !known.rules.contains(&line) {
                known.rules.push(line);
            }
        }
    }
}

/// What the mapping file can say about the database, and about columns with packed records or
/// without a label.
pub(super) fn column_rules(report: &ScanReport, codes: &[CodeView]) -> Vec<String> {
    let mut lines = reading_rules(codes);
    if codes.iter().any(|code| code.reason == Reason::Cut) {
        lines.push("cut_characters: geta  # geta / drop".to_owned());
    }
    lines.extend(packed_columns(report));
    lines.extend(encodings(report));
    lines
}

/// The line that decides for all codes that two standards read differently, with what each of
/// them would make of this database. Both are comments: which of them holds, a person decides.
fn reading_rules(codes: &[CodeView]) -> Vec<String> {
    let collide = |code: &&CodeView| {
        code.reason == Reason::Ambiguous
            && (code.code.starts_with("8FF3") || code.code.starts_with("8FF4"))
            && code.readings.len() > 1
    };
    let codes: Vec<&CodeView> = codes.iter().filter(collide).take(READ_ALIKE).collect();
    let said = |word: &str, at: usize| {
        let glyphs = codes.iter().filter_map(|code| code.readings.get(at));
        let glyphs: Vec<&str> = glyphs.map(ReadingView::shown).collect();
        format!("# reading: {word}  # {}", glyphs.join(" "))
    };
    if codes.is_empty() {
        return Vec::new();
    }
    vec![said("eucjp-ms", 0), said("jis-x-0213", 1)]
}

fn packed_columns(report: &ScanReport) -> Vec<String> {
    let packed = report.codes.iter().filter(|code| code.reason == Reason::Packed);
    let packed: BTreeSet<u32> = packed.flat_map(|code| code.places.iter().copied()).collect();
    let places = packed.into_iter().filter_map(|at| report.places.get(usize::try_from(at).ok()?));
    let lines = places.map(|counts| format!("  {}: apart  # apart / join", name(&counts.place)));
    headed("packed_columns:", lines)
}

fn encodings(report: &ScanReport) -> Vec<String> {
    let lines = report.evidence.iter().filter_map(|column| {
        let Verdict::Is(form) = column.verdict else { return None };
        let in_doubt = column.evidence.several > 0 || column.evidence.none > 0;
        let columns = format!("[{}]", name(&column.place));
        in_doubt.then(|| format!("  - {{encoding: {}, columns: {columns}}}", form.word()))
    });
    headed("encodings:", lines)
}

fn headed(head: &str, lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines = lines.peekable();
    let head = lines.peek().map(|_| head.to_owned());
    head.into_iter().chain(lines).collect()
}

/// A column as the mapping file names it.
fn name(place: &Place) -> String {
    quoted(&dotted(&[&place.schema, &place.table, &place.column]))
}
