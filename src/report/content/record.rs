//! The change record: hashes of what the plan rests on, and who said yes or took it back.

use super::{Content, NOTHING};
use crate::clock::Jst;

/// Something that happened to the plan.
pub(in crate::report) struct RecordRow {
    pub(in crate::report) what: String,
    pub(in crate::report) who: String,
    pub(in crate::report) role: String,
    pub(in crate::report) at: Jst,
    /// Rules done without, or why a yes counts no more.
    pub(in crate::report) note: String,
}

impl Content<'_> {
    /// Oldest first.
    pub(in crate::report) fn record(&self) -> Vec<RecordRow> {
        let w = self.w;
        let made = RecordRow {
            what: w.say("report-record-made"),
            who: NOTHING.to_owned(),
            role: NOTHING.to_owned(),
            at: self.plan.made_at,
            note: String::new(),
        };
        let Some(entry) = self.entry else { return vec![made] };
        let mut rows = vec![
            made,
            RecordRow {
                what: w.say("report-record-saved"),
                who: entry.saved_by.name.clone(),
                role: NOTHING.to_owned(),
                at: entry.saved_at,
                note: self.number(),
            },
        ];
        rows.extend(entry.approval.as_ref().map(|approval| RecordRow {
            what: w.say("report-record-approved"),
            who: approval.by.name.clone(),
            role: w.role(&approval.role),
            at: approval.at,
            note: self.criteria(&approval.overrides),
        }));
        rows.extend(entry.revoked.as_ref().map(|revoked| RecordRow {
            what: w.say("report-record-revoked"),
            who: revoked.by.name.clone(),
            role: NOTHING.to_owned(),
            at: revoked.at,
            note: w.message(&revoked.problem),
        }));
        rows
    }

    /// The criteria that a person does without.
    fn criteria(&self, codes: &[String]) -> String {
        let named = codes.iter().map(|code| {
            let check = self.plan.checks.iter().find(|check| check.code == *code);
            check.map_or_else(|| code.clone(), |check| check.criterion(self.w.lang))
        });
        let named = named.collect::<Vec<_>>().join(" / ");
        if named.is_empty() {
            return named;
        }
        crate::t!(self.w.lang, "report-record-without", rules = named)
    }

    /// The parts that an approval is bound to, with their hashes; the program's is its version.
    pub(in crate::report) fn parts(&self) -> Vec<(String, String)> {
        let parts = self.plan.inputs.parts();
        parts
            .into_iter()
            .filter(|(_, hash)| !hash.is_empty())
            .map(|(name, hash)| (self.w.say(&format!("plan-part-{name}")), hash.to_owned()))
            .collect()
    }
}
