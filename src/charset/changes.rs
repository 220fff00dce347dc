//! Which codes of a text a rule changes: told one by one, where a count is not enough.
//!
//! The conversion itself only counts its lossless rules. Here the same decisions are asked again
//! for a text that a person has to look at.

use super::policy::{CutRule, Encoding, Form};
use super::view::View;
use super::{Policy, SourceEncoding, Transcoder, judge, kana, policy, rules, table};

/// A code, or a kana and its sound mark, of which something else was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// Its bytes.
    pub code: &'a [u8],
    /// Where it begins.
    pub offset: usize,
    /// The character that PostgreSQL reads there; of a kana with its mark the kana.
    pub character: Option<char>,
    /// The rule's name.
    pub rule: &'a str,
}

impl Transcoder {
    /// Gives every code of `bytes` that a rule changes, until `on_change` says that it has seen
    /// enough. What cannot be converted at all is none.
    pub fn changes<'a>(&'a self, bytes: &'a [u8], on_change: &mut dyn FnMut(Change<'a>) -> bool) {
        let form = match (self.source(), self.view.encoding) {
            (SourceEncoding::EucJp, _) => Form::EucJp,
            (SourceEncoding::Utf8, _) => Form::Utf8,
            (SourceEncoding::SqlAscii, Some(Encoding::Is(form))) => form,
            (SourceEncoding::SqlAscii, _) => match judge::judge(bytes) {
                judge::Judged::Only(form)
                | judge::Judged::Cut(form)
                | judge::Judged::Same(form) => form,
                _ => return,
            },
        };
        let mut at = 0_usize;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let length = form.length(rest).unwrap_or(1);
            let code = rest.get(..length).unwrap_or_default();
            let character = plain(form, code);
            let behind = rest.get(length..).unwrap_or_default();
            let mark = behind.get(..form.length(behind).unwrap_or_default()).unwrap_or_default();
            let joined = self.view.joined(form, (code, character), (mark, plain(form, mark)));
            let taken = if joined.is_some() { length.saturating_add(mark.len()) } else { length };
            let rule = joined.or_else(|| self.view.changed(form, code, character));
            if let Some((name, _)) = rule.and_then(|rule| self.view.names.get(rule)) {
                let code = rest.get(..taken).unwrap_or_default();
                if !on_change(Change { code, offset: at, character, rule: name }) {
                    return;
                }
            }
            at = at.saturating_add(taken.max(1));
        }
    }

    /// True where a rule can make ASCII, or nothing at all, of something else.
    pub fn makes_ascii(&self) -> bool {
        self.view.policy == Policy::OrcaVendor
            || self.view.cut == Some(CutRule::Drop)
            || self.mapping.makes_ascii()
    }
}

impl View {
    /// The rule by which two codes become one character.
    fn joined(
        &self,
        form: Form,
        (code, kana): (&[u8], Option<char>),
        (mark_code, mark): (&[u8], Option<char>),
    ) -> Option<usize> {
        let (kana, mark) = (kana?, mark?);
        if self.policy == Policy::Postgres || self.is_ruled(form, code, kana) {
            return None;
        }
        if form == Form::Utf8 && kana::composed(kana, mark).is_some() {
            return Some(rules::MARK_COMPOSED);
        }
        let joins = self.widens_kana()
            && kana::is_half_width(kana)
            && kana::joined(kana, mark).is_some()
            && !self.is_ruled(form, mark_code, mark);
        joins.then_some(rules::KANA_JOINED)
    }

    /// The rule that makes something else of a code.
    fn changed(&self, form: Form, code: &[u8], character: Option<char>) -> Option<usize> {
        if code.is_ascii() {
            return None;
        }
        let outcome = self.code(form, code);
        let written = outcome.written.ok()?;
        let rule = outcome.rule.or(outcome.read)?;
        (character.is_none() || written.single() != character).then_some(rule)
    }
}

/// The character that PostgreSQL reads.
fn plain(form: Form, code: &[u8]) -> Option<char> {
    match form {
        _ if code.is_empty() => None,
        Form::EucJp => table::euc_jp(code),
        Form::ShiftJis => table::sjis(code),
        Form::Utf8 => policy::first_char(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charset::Mapping;

    fn changed(source: SourceEncoding, mapping: &str, bytes: &[u8]) -> Vec<String> {
        let mapping: Mapping = format!("{{{mapping}}}").parse().unwrap();
        let transcoder = Transcoder::new(source, Policy::Orca, mapping);
        let mut told = Vec::new();
        transcoder.changes(bytes, &mut |change| {
            let character = change.character.map(String::from).unwrap_or_default();
            let code = hex::encode_upper(change.code);
            told.push(format!("{}:{code}:{character}:{}", change.offset, change.rule));
            told.len() < 4
        });
        told
    }

    #[test]
    fn every_code_that_a_rule_changes_is_told_with_its_rule() {
        let (euc, utf8) = (SourceEncoding::EucJp, SourceEncoding::Utf8);
        let text = b"a\xb4\xc1\x8e\xb1\x8e\xb6\x8e\xde\xa1\xc1\xff";
        let expected = [
            "3:8EB1:ｱ:kana-full-width",
            "5:8EB68EDE:ｶ:kana-sound-mark-joined",
            "9:A1C1:～:jis-wave-dash",
        ];
        assert_eq!(changed(euc, "rules: []", text), expected);
        assert_eq!(changed(euc, "half_width_kana: keep", text), expected[2..]);
        let expected = ["0:EFBDB1:ｱ:kana-full-width", "3:E3818BE38299:か:sound-mark-composed"];
        assert_eq!(changed(utf8, "rules: []", "ｱか\u{3099}漢\u{3099}".as_bytes()), expected);
        // What a rule keeps or reads as PostgreSQL does is not changed.
        let mapping =
            "reading: eucjp-ms, rules: [{code: U+9AD9, keep: true}, {code: A4F7, to: U+304B}]";
        assert_eq!(changed(euc, mapping, b"\x8f\xf4\xfb\xa4\xf7"), ["3:A4F7::map-A4F7"]);
        let ascii = SourceEncoding::SqlAscii;
        let shift_jis = b"a\x8a\xbf\xb1\x8e\x9a\x81\x60";
        assert_eq!(
            changed(ascii, "encodings: [{encoding: shift-jis}]", shift_jis)[0],
            "3:B1:ｱ:kana-full-width"
        );
        assert!(changed(ascii, "rules: []", b"\xa4\xa2").is_empty());
        assert_eq!(changed(euc, "rules: []", &b"\x8e\xb1".repeat(9)).len(), 4);
    }

    #[test]
    fn ascii_is_made_only_by_some_rules() {
        let makes = |policy, mapping: &str| {
            let mapping = mapping.parse().unwrap();
            Transcoder::new(SourceEncoding::EucJp, policy, mapping).makes_ascii()
        };
        assert!(!makes(Policy::Orca, "rules: [{code: U+9AD9, to: U+9AD8}]"));
        assert!(makes(Policy::OrcaVendor, "rules: []"));
        assert!(makes(Policy::Orca, "rules: [{code: U+9AD9, to: U+0041}]"));
        assert!(makes(Policy::Orca, "cut_characters: drop"));
    }
}
