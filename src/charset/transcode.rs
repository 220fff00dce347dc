//! Turns one value's bytes into UTF-8 by policy and mapping rules.
//!
//! It never loses a byte silently: what cannot be converted is reported and leaves U+FFFD. It
//! knows nothing of tables, rows or escapes; ASCII passes untouched, so a COPY row's separators
//! may stand in the bytes it is given.

use std::collections::HashMap;
use std::sync::Arc;

use super::mapping::Code;
use super::policy::euc_length;
use super::rules::{self, JIS_FORMS, VENDOR_FORMS};
use super::table::{self, Jis};
use super::{Mapping, Policy, RuleCount, SourceEncoding, Tally, kana};

use serde::{Deserialize, Serialize};

/// Why a code is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A legal character that JIS X 0213 does not have (髙).
    OutsideJisX0213,
    /// A legal code without a character: user-defined, or one of several other readings.
    Ambiguous,
    /// Bytes that the declared encoding forbids.
    Invalid,
    /// A non-ASCII byte in a `SQL_ASCII` database, where its meaning is not known.
    NotAscii,
    /// A rule that loses information was applied; this one does not block.
    Lossy,
    /// Two half-width codes became one character. Nothing is lost, but a fixed-width record
    /// inside the value has moved; this one does not block.
    Shortened,
}

impl Reason {
    /// True where the value cannot be converted until a person decides.
    pub fn blocks(self) -> bool {
        !matches!(self, Self::Lossy | Self::Shortened)
    }
}

/// One reported code.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// Why.
    pub reason: Reason,
    /// Its bytes in the source.
    pub code: &'a [u8],
    /// The character that PostgreSQL reads there.
    pub character: Option<char>,
    /// The character that a reading as EUC_JIS_2004 gives, a help for the person who decides.
    pub reading: Option<char>,
    /// Where it begins, in bytes from the start of what was given.
    pub offset: usize,
    /// The lossy rule that was applied.
    pub rule: Option<&'a str>,
}

#[derive(Clone, Copy, Debug)]
struct Action {
    rule: usize,
    to: Option<char>,
}

/// Converts values. Cheap to clone; [`Transcoder::for_table`] narrows the mapping to a table.
#[derive(Clone, Debug)]
pub struct Transcoder {
    source: SourceEncoding,
    policy: Policy,
    mapping: Arc<Mapping>,
    names: Arc<[(String, bool)]>,
    by_bytes: HashMap<Vec<u8>, Action>,
    by_char: HashMap<char, Action>,
}

/// What stands at the beginning of some bytes.
enum Unit {
    Char(char),
    Fault(Reason),
}

impl Transcoder {
    /// A transcoder with the mapping's rules that name no table.
    pub fn new(source: SourceEncoding, policy: Policy, mapping: Mapping) -> Self {
        let mut names = rules::built_in();
        names.extend(mapping.decisions.iter().map(|d| (d.name.clone(), d.lossy)));
        let mut transcoder = Self {
            source,
            policy,
            mapping: Arc::new(mapping),
            names: names.into(),
            by_bytes: HashMap::new(),
            by_char: HashMap::new(),
        };
        transcoder.take_rules(|tables| tables.is_empty());
        transcoder
    }

    /// The same with the rules that hold for one table; a rule that names it goes before one
    /// that is for all.
    #[must_use]
    pub fn for_table(&self, schema: &str, table: &str) -> Self {
        let qualified = format!("{schema}.{table}");
        let mut narrowed = self.clone();
        narrowed
            .take_rules(|tables| tables.iter().any(|name| *name == table || *name == qualified));
        narrowed
    }

    fn take_rules(&mut self, wanted: impl Fn(&[String]) -> bool) {
        let mapping = Arc::clone(&self.mapping);
        for (at, decision) in mapping.decisions.iter().enumerate() {
            if !wanted(&decision.tables) {
                continue;
            }
            let action = Action { rule: rules::MAPPING_AT.saturating_add(at), to: decision.to };
            match &decision.code {
                Code::Bytes(bytes) => self.by_bytes.insert(bytes.clone(), action),
                Code::Char(c) => self.by_char.insert(*c, action),
            };
        }
    }

    /// Every rule that was applied at least once.
    pub fn counts(&self, tally: &Tally) -> Vec<RuleCount> {
        let named = self.names.iter().enumerate();
        let counted = named.map(|(at, (rule, lossy))| RuleCount {
            rule: rule.clone(),
            count: tally.of(at),
            lossy: *lossy,
        });
        counted.filter(|rule| rule.count > 0).collect()
    }

    /// Appends `bytes` in UTF-8 to `out`; counts rules and reports codes.
    ///
    /// `bytes` must begin and end at a character's border, as every value does.
    pub fn transcode_value(
        &self,
        bytes: &[u8],
        out: &mut Vec<u8>,
        tally: &mut Tally,
        on_finding: &mut dyn FnMut(Hit<'_>),
    ) {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let run = rest.iter().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
            out.extend_from_slice(rest.get(..run).unwrap_or_default());
            at = at.saturating_add(run);
            let rest = rest.get(run..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            let mut job = Job { of: self, out, tally, on_finding, offset: at };
            at = at.saturating_add(job.code(rest).max(1));
        }
    }

    // Most clinics have no rule or a few; every character asks, so the empty case is cheap.
    fn rule_for_bytes(&self, code: &[u8]) -> Option<Action> {
        if self.by_bytes.is_empty() { None } else { self.by_bytes.get(code).copied() }
    }

    fn rule_for_char(&self, c: char) -> Option<Action> {
        if self.by_char.is_empty() { None } else { self.by_char.get(&c).copied() }
    }

    fn decode(&self, bytes: &[u8]) -> (usize, Unit) {
        match self.source {
            SourceEncoding::SqlAscii => (1, Unit::Fault(Reason::NotAscii)),
            SourceEncoding::EucJp => match euc_length(bytes) {
                None => (1, Unit::Fault(Reason::Invalid)),
                Some(length) => {
                    let code = bytes.get(..length).unwrap_or_default();
                    let unit = table::euc_jp(code).map(Unit::Char);
                    (length, unit.unwrap_or(Unit::Fault(Reason::Ambiguous)))
                }
            },
            SourceEncoding::Utf8 => {
                // Four bytes hold any character; only the first of them is taken.
                let head = bytes.get(..4.min(bytes.len())).unwrap_or_default();
                let valid = match std::str::from_utf8(head) {
                    Ok(text) => text,
                    Err(error) => {
                        let sound = head.get(..error.valid_up_to()).unwrap_or_default();
                        std::str::from_utf8(sound).unwrap_or_default()
                    }
                };
                match valid.chars().next() {
                    Some(c) => (c.len_utf8(), Unit::Char(c)),
                    None => (1, Unit::Fault(Reason::Invalid)),
                }
            }
        }
    }
}

/// One code on its way from `of`'s source to `out`.
struct Job<'a> {
    of: &'a Transcoder,
    out: &'a mut Vec<u8>,
    tally: &'a mut Tally,
    on_finding: &'a mut dyn FnMut(Hit<'_>),
    offset: usize,
}

impl Job<'_> {
    /// Converts the code at the start of `rest`, with what belongs to it; gives its length.
    fn code(&mut self, rest: &[u8]) -> usize {
        let (length, unit) = self.of.decode(rest);
        let code = rest.get(..length).unwrap_or_default();
        let by_bytes = self.of.rule_for_bytes(code);
        match unit {
            Unit::Fault(reason) => match by_bytes {
                Some(action) => self.act(action, code, None),
                None => self.refuse(reason, code, None),
            },
            Unit::Char(c) => match by_bytes.or_else(|| self.of.rule_for_char(c)) {
                Some(action) => self.act(action, code, Some(c)),
                None if self.of.policy == Policy::Postgres => self.push(c),
                None => {
                    if let Some(second) = self.pair(c, rest, length) {
                        return length.saturating_add(second);
                    }
                    self.orca(c, code);
                }
            },
        }
        length
    }

    /// A kana with its sound mark, or a sequence that is one character of JIS X 0213. Gives the
    /// length of the second part.
    fn pair(&mut self, c: char, rest: &[u8], first: usize) -> Option<usize> {
        let following = rest.get(first..).unwrap_or_default();
        if following.first().is_none_or(u8::is_ascii) {
            return None;
        }
        let euc = self.of.source == SourceEncoding::EucJp;
        if euc && !kana::is_half_width(c) {
            return None;
        }
        let (length, Unit::Char(mark)) = self.of.decode(following) else { return None };
        if euc {
            let joined = kana::joined(c, mark)?;
            self.tally.count(rules::KANA_JOINED);
            (self.on_finding)(Hit {
                reason: Reason::Shortened,
                code: rest.get(..first.saturating_add(length)).unwrap_or_default(),
                character: Some(joined),
                reading: None,
                offset: self.offset,
                rule: None,
            });
            self.push(joined);
        } else if Jis::get().has_pair(c, mark) {
            self.push(c);
            self.push(mark);
        } else {
            let composed = kana::composed(c, mark)?;
            self.tally.count(rules::MARK_COMPOSED);
            self.push(composed);
        }
        Some(length)
    }

    fn orca(&mut self, c: char, code: &[u8]) {
        if let Some(at) = JIS_FORMS.iter().position(|rule| rule.from == c) {
            self.tally.count(at);
            self.push(JIS_FORMS.get(at).map_or(c, |rule| rule.to));
            return;
        }
        if self.of.policy == Policy::OrcaVendor
            && let Some(at) = VENDOR_FORMS.iter().position(|rule| rule.from == c)
        {
            let to = VENDOR_FORMS.get(at).map(|rule| rule.to);
            return self.act(
                Action { rule: rules::VENDOR_AT.saturating_add(at), to },
                code,
                Some(c),
            );
        }
        // On the EUC path the application's own conversion makes kana full-width; in a UTF-8
        // database half-width kana are legal and stay.
        if self.of.source == SourceEncoding::EucJp
            && let Some(full) = kana::full_width(c)
        {
            self.tally.count(rules::KANA_FULL_WIDTH);
            return self.push(full);
        }
        if Jis::get().has(c) {
            self.push(c);
        } else {
            self.refuse(Reason::OutsideJisX0213, code, Some(c));
        }
    }

    fn act(&mut self, action: Action, code: &[u8], character: Option<char>) {
        let Some(written) = action.to.or(character) else {
            return self.refuse(Reason::Ambiguous, code, None);
        };
        self.tally.count(action.rule);
        if let Some((name, true)) = self.of.names.get(action.rule) {
            let rule = Some(name.as_str());
            let hit = Hit {
                reason: Reason::Lossy,
                code,
                character,
                reading: None,
                offset: self.offset,
                rule,
            };
            (self.on_finding)(hit);
        }
        self.push(written);
    }

    fn refuse(&mut self, reason: Reason, code: &[u8], character: Option<char>) {
        let euc = self.of.source == SourceEncoding::EucJp;
        let reading = if euc { table::jis_2004(code) } else { None };
        (self.on_finding)(Hit {
            reason,
            code,
            character,
            reading,
            offset: self.offset,
            rule: None,
        });
        self.push(char::REPLACEMENT_CHARACTER);
    }

    fn push(&mut self, c: char) {
        self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

#[cfg(test)]
#[path = "transcode_tests.rs"]
mod tests;
