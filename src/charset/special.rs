//! The slow way: one code that needs more than a look into a table.
//!
//! Sound marks, findings, rules that lose information, bytes that are no code. It takes its
//! decisions from [`View`]; it only carries them out and reports.

use super::policy::{CutRule, Form, Packed, first_char};
use super::table::{self, Jis};
use super::view::{Outcome, View};
use super::{Hit, Policy, Reason, Tally, kana, rules};

/// Where codes go that are converted one by one.
pub(super) struct Job<'v, 'o> {
    pub(super) view: &'v View,
    pub(super) out: &'o mut Vec<u8>,
    pub(super) tally: &'o mut Tally,
    pub(super) on_hit: &'o mut dyn FnMut(Hit<'_>),
}

/// What was taken of the input.
pub(super) struct Taken {
    /// Its length in bytes.
    pub(super) length: usize,
    /// True where the end of it belongs to a character with what was before it.
    pub(super) is_joined: bool,
}

impl Job<'_, '_> {
    /// Converts the code of `bytes` at `at`, with the sound mark that belongs to it. What was
    /// before `floor` takes no part any more.
    pub(super) fn code(&mut self, form: Form, bytes: &[u8], at: usize, floor: usize) -> Taken {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(length) = form.length(rest) else {
            self.refuse(Reason::Invalid, form, rest.get(..1).unwrap_or_default(), None, at);
            return Taken { length: 1, is_joined: false };
        };
        let code = rest.get(..length).unwrap_or_default();
        if self.view.policy != Policy::Postgres {
            if form == Form::Utf8 && self.mark(code, bytes.get(floor..at).unwrap_or_default(), at) {
                return Taken { length, is_joined: true };
            }
            if let Some(both) = self.kana(form, rest, length, at) {
                return Taken { length: both, is_joined: true };
            }
        }
        let outcome = self.view.code(form, code);
        let pair = outcome.written.is_ok_and(|text| text.single().is_none());
        if pair && matches!(self.view.packed, Some(Packed::Undecided | Packed::Apart)) {
            // One character would become two, and all behind it would move.
            self.refuse(Reason::Packed, form, code, None, at);
            return Taken { length, is_joined: false };
        }
        self.write(form, outcome, code, at);
        Taken { length, is_joined: false }
    }

    /// A combining mark behind the character that it belongs to, which is written already.
    fn mark(&mut self, code: &[u8], before: &[u8], at: usize) -> bool {
        let Some(mark) = first_char(code) else { return false };
        let Some(base) = last_char(before) else { return false };
        let base_code = base.encode_utf8(&mut [0; 4]).to_owned();
        let ruled = self.view.is_ruled(Form::Utf8, base_code.as_bytes(), base)
            || !self.out.ends_with(base_code.as_bytes());
        if ruled {
            return false;
        }
        if Jis::get().has_pair(base, mark) {
            self.push(mark);
            return true;
        }
        let Some(composed) = kana::composed(base, mark) else { return false };
        match self.view.packed {
            Some(Packed::Apart) => {
                self.tally.count(rules::KANA_APART);
                self.push(kana::spacing(mark));
                return true;
            }
            Some(Packed::Undecided) => {
                let (reason, character) = (Reason::Packed, Some(composed));
                let form = Some(Form::Utf8);
                let hit =
                    Hit { reason, form, code, character, reading: None, offset: at, rule: None };
                (self.on_hit)(hit);
                self.push(char::REPLACEMENT_CHARACTER);
                return true;
            }
            Some(Packed::Join) | None => {}
        }
        self.out.truncate(self.out.len().saturating_sub(base_code.len()));
        self.tally.count(rules::MARK_COMPOSED);
        self.push(composed);
        true
    }

    /// A half-width kana with a half-width sound mark; gives the length of both.
    fn kana(&mut self, form: Form, rest: &[u8], length: usize, at: usize) -> Option<usize> {
        if !self.view.widens_kana() {
            return None;
        }
        let code = rest.get(..length)?;
        let base = half_width(form, code).filter(|c| !self.view.is_ruled(form, code, *c))?;
        let behind = rest.get(length..)?;
        let mark_code = behind.get(..form.length(behind)?)?;
        let mark =
            half_width(form, mark_code).filter(|c| !self.view.is_ruled(form, mark_code, *c))?;
        let joined = kana::joined(base, mark)?;
        let both = length.saturating_add(mark_code.len());
        let reason = match self.view.packed {
            Some(Packed::Apart) => {
                self.tally.count(rules::KANA_APART);
                for c in [base, mark] {
                    self.tally.count(rules::KANA_FULL_WIDTH);
                    self.push(kana::full_width(c).unwrap_or(c));
                }
                return Some(both);
            }
            Some(Packed::Undecided) => Reason::Packed,
            Some(Packed::Join) | None => Reason::Shortened,
        };
        (self.on_hit)(Hit {
            reason,
            form: Some(form),
            code: rest.get(..both)?,
            character: Some(joined),
            reading: None,
            offset: at,
            rule: None,
        });
        if reason.blocks() {
            self.push(char::REPLACEMENT_CHARACTER);
        } else {
            self.tally.count(rules::KANA_JOINED);
            self.push(joined);
        }
        Some(both)
    }

    fn write(&mut self, form: Form, outcome: Outcome, code: &[u8], at: usize) {
        let text = match outcome.written {
            Ok(text) => text,
            Err(reason) => return self.refuse(reason, form, code, outcome.character, at),
        };
        for rule in outcome.read.into_iter().chain(outcome.rule) {
            self.tally.count(rule);
            if let Some((name, true)) = self.view.names.get(rule) {
                let character = outcome.character;
                let rule = Some(name.as_str());
                let reason = Reason::Lossy;
                let form = Some(form);
                (self.on_hit)(Hit {
                    reason,
                    form,
                    code,
                    character,
                    reading: None,
                    offset: at,
                    rule,
                });
            }
        }
        text.push(self.out);
    }

    /// The rest of a character that was cut off.
    pub(super) fn cut(&mut self, form: Form, code: &[u8], offset: usize) {
        let (reason, form) = (Reason::Cut, Some(form));
        let hit = Hit { reason, form, code, character: None, reading: None, offset, rule: None };
        let (rule, written) = match self.view.cut {
            None => {
                (self.on_hit)(hit);
                return self.push(char::REPLACEMENT_CHARACTER);
            }
            Some(CutRule::Geta) => (rules::CUT_TO_GETA, Some('〓')),
            Some(CutRule::Drop) => (rules::CUT_DROPPED, None),
        };
        self.tally.count(rule);
        let rule = self.view.names.get(rule).map(|(name, _)| name.as_str());
        (self.on_hit)(Hit { reason: Reason::Lossy, rule, ..hit });
        if let Some(written) = written {
            self.push(written);
        }
    }

    /// A value that cannot be read as a whole. Of its bytes only the first code is reported:
    /// a value must not leave through its findings.
    pub(super) fn refuse_value(&mut self, reason: Reason, bytes: &[u8]) {
        let offset = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
        let rest = bytes.get(offset..).unwrap_or_default();
        let length = Form::ALL.iter().filter_map(|form| form.length(rest)).max().unwrap_or(1);
        let code = rest.get(..length).unwrap_or_default();
        let (form, character) = (None, None);
        (self.on_hit)(Hit { reason, form, code, character, reading: None, offset, rule: None });
        self.push(char::REPLACEMENT_CHARACTER);
    }

    fn refuse(
        &mut self,
        reason: Reason,
        form: Form,
        code: &[u8],
        character: Option<char>,
        offset: usize,
    ) {
        let read = if form == Form::EucJp { table::jis_2004(code) } else { None };
        let reading = read.and_then(|text| text.single());
        let form = Some(form);
        (self.on_hit)(Hit { reason, form, code, character, reading, offset, rule: None });
        self.push(char::REPLACEMENT_CHARACTER);
    }

    fn push(&mut self, c: char) {
        self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// The half-width kana that a code is.
fn half_width(form: Form, code: &[u8]) -> Option<char> {
    let c = match form {
        Form::EucJp => table::euc_jp(code),
        Form::ShiftJis => table::sjis(code),
        Form::Utf8 => first_char(code),
    };
    c.filter(|c| kana::is_half_width(*c))
}

/// The character at the end of UTF-8 text.
fn last_char(bytes: &[u8]) -> Option<char> {
    let from = bytes.len().saturating_sub(4);
    let start = (from..bytes.len())
        .rev()
        .find(|at| bytes.get(*at).is_some_and(|byte| byte & 0xc0 != 0x80))?;
    let text = std::str::from_utf8(bytes.get(start..)?).ok()?;
    text.chars().next_back()
}
