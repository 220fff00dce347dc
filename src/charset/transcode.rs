//! Turns values into UTF-8 by policy and mapping rules.
//!
//! It never loses a byte silently: what cannot be converted is reported and leaves U+FFFD. It
//! knows nothing of tables, rows or escapes; in EUC-JP and UTF-8 ASCII passes untouched, so a
//! whole block of COPY rows may be given at once.

use std::fmt;
use std::sync::Arc;

use super::baked::Baked;
use super::judge::{self, Judged};
use super::policy::{Encoding, Form};
use super::special::Job;
use super::view::{self, View};
use super::{Hit, Mapping, Policy, Reason, RuleCount, SourceEncoding, Tally, fast, rules};

/// Converts values. Cheap to clone; [`Transcoder::for_table`] narrows the mapping to a table.
#[derive(Clone)]
pub struct Transcoder {
    source: SourceEncoding,
    pub(super) mapping: Arc<Mapping>,
    pub(super) view: Arc<View>,
    /// By [`Form`]; only those that the source can need.
    baked: [Option<Arc<Baked>>; 3],
}

impl fmt::Debug for Transcoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Transcoder");
        shown.field("source", &self.source).field("policy", &self.view.policy);
        shown.field("mapping", &self.mapping).finish_non_exhaustive()
    }
}

impl Transcoder {
    /// A transcoder with the mapping's rules that name no table.
    pub fn new(source: SourceEncoding, policy: Policy, mapping: Mapping) -> Self {
        let view = View::new(policy, &mapping, None, None);
        Self::with(source, Arc::new(mapping), view)
    }

    fn with(source: SourceEncoding, mapping: Arc<Mapping>, view: View) -> Self {
        let plain = mapping.decisions.is_empty() && mapping.readings.is_empty();
        let bake = |form: Form| match source.forms().contains(&form) {
            false => None,
            true if plain => Some(Baked::plain(form, &view)),
            true => Some(Arc::new(Baked::new(form, &view))),
        };
        let baked = Form::ALL.map(bake);
        Self { source, mapping, view: Arc::new(view), baked }
    }

    /// The same with the rules that hold for one table; a rule that names it goes before one
    /// that is for all.
    #[must_use]
    pub fn for_table(&self, schema: &str, table: &str) -> Self {
        if !self.mapping.places().any(|places| places.names_table(schema, table)) {
            return self.clone();
        }
        let view = View::new(self.view.policy, &self.mapping, Some((schema, table)), None);
        Self::with(self.source, Arc::clone(&self.mapping), view)
    }

    /// The transcoder for a column, where something holds there that does not hold in the rest
    /// of its table: a rule, a reading, an encoding, a fixed-width record. To be asked of the
    /// transcoder that [`Transcoder::for_table`] gave.
    pub fn for_column(&self, schema: &str, table: &str, column: &str) -> Option<Self> {
        if !view::is_special(&self.mapping, schema, table, column) {
            return None;
        }
        let place = Some((schema, table));
        let view = View::new(self.view.policy, &self.mapping, place, Some(column));
        let only_packed = !self.mapping.places().any(|p| p.names_column(schema, table, column));
        if only_packed {
            // The tables do not know of records: they send what they may concern the slow way.
            let may_concern = view.policy != Policy::Postgres;
            return may_concern.then(|| Self { view: Arc::new(view), ..self.clone() });
        }
        Some(Self::with(self.source, Arc::clone(&self.mapping), view))
    }

    /// What the source declares.
    pub fn source(&self) -> SourceEncoding {
        self.source
    }

    /// True where a rule can make two characters of one: then a value can outgrow its column.
    pub fn lengthens(&self) -> bool {
        self.mapping.lengthens()
    }

    /// Every rule that was applied at least once.
    pub fn counts(&self, tally: &Tally) -> Vec<RuleCount> {
        let named = self.view.names.iter().enumerate();
        let counted = named.map(|(at, (rule, lossy))| RuleCount {
            rule: rule.clone(),
            count: tally.of(at),
            lossy: *lossy,
        });
        counted.filter(|rule| rule.count > 0).collect()
    }

    /// Appends `bytes` in UTF-8 to `out`; counts rules and reports codes.
    ///
    /// `bytes` must begin and end at a character's border, as every value does; values with
    /// ASCII between them may be given together. Of a `SQL_ASCII` source it must be one whole
    /// value without escapes, since its encoding is judged by all of it.
    pub fn transcode_value(
        &self,
        bytes: &[u8],
        out: &mut Vec<u8>,
        tally: &mut Tally,
        on_hit: &mut dyn FnMut(Hit<'_>),
    ) {
        let mut job = Job { view: &self.view, out, tally, on_hit };
        match self.source {
            SourceEncoding::EucJp => self.convert(Form::EucJp, bytes, &mut job),
            SourceEncoding::Utf8 => self.convert(Form::Utf8, bytes, &mut job),
            SourceEncoding::SqlAscii if bytes.is_ascii() => job.out.extend_from_slice(bytes),
            SourceEncoding::SqlAscii => self.convert_unlabelled(bytes, &mut job),
        }
    }

    /// A value of a `SQL_ASCII` database.
    fn convert_unlabelled(&self, bytes: &[u8], job: &mut Job<'_, '_>) {
        let form = match self.view.encoding {
            Some(Encoding::Is(form)) => form,
            Some(Encoding::Mixed) | None => match judge::judge(bytes) {
                Judged::Only(form) | Judged::Cut(form) | Judged::Same(form) => {
                    job.tally.count(rules::value(form));
                    form
                }
                Judged::Ascii => Form::EucJp,
                Judged::Several => return job.refuse_value(Reason::Undecided, bytes),
                Judged::None => return job.refuse_value(Reason::NotAscii, bytes),
            },
        };
        let end = judge::cut_at(form, bytes);
        self.convert(form, bytes.get(..end).unwrap_or_default(), job);
        if let Some(rest) = bytes.get(end..).filter(|rest| !rest.is_empty()) {
            job.cut(form, rest, end);
        }
    }

    /// The fast way from one special code to the next.
    fn convert(&self, form: Form, bytes: &[u8], job: &mut Job<'_, '_>) {
        let baked = self.baked.get(form as usize).and_then(Option::as_deref);
        let mut at = 0_usize;
        // No character before this can be a sound mark's kana.
        let mut floor = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if let Some(baked) = baked {
                at = at.saturating_add(fast::run(form, baked, rest, job.out, job.tally));
            }
            if at < bytes.len() {
                let taken = job.code(form, bytes, at, floor);
                at = at.saturating_add(taken.length.max(1));
                if taken.is_joined {
                    floor = at;
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "transcode_tests.rs"]
mod tests;
