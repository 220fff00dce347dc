//! One rule of the mapping file: a code or a character, and what is done with it.

use super::super::CharsetError;
use super::super::hit::SHIFT_JIS_MARK;
use super::super::policy::Form;
use super::super::reading::{self, Standard};
use super::super::table::Jis;
use super::super::text::Text;
use super::super::view;
use super::check::word;
use super::file::{RuleEntry, Word};

/// What a rule speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in super::super) enum Code {
    /// Bytes of the source, and the encoding they are of.
    Bytes(Form, Vec<u8>),
    /// A character, by whatever bytes it came.
    Char(char),
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Action {
    /// Write this instead.
    To(Text),
    /// Write what PostgreSQL gives.
    Keep,
    /// Take the code for this character; the usual rules go on from there.
    Read(Text),
}

/// A rule that has been checked.
#[derive(Clone, Debug)]
pub(in super::super) struct Decision {
    pub(in super::super) name: String,
    pub(in super::super) code: Code,
    pub(in super::super) action: Action,
    pub(in super::super) lossy: bool,
}

/// Checks the `number`-th rule.
pub(super) fn decide(number: usize, rule: &RuleEntry) -> Result<Decision, CharsetError> {
    let line = rule.code.referenced.line();
    let code_text = short(&rule.code.value);
    let Some(code) = code(&rule.code.value) else {
        return Err(CharsetError::MappingCode { rule: number, line, code: code_text });
    };
    let action = match (&rule.to, rule.keep, &rule.reading) {
        (Some(to), false, None) => Action::To(target(number, to)?),
        (None, true, None) => Action::Keep,
        (None, false, Some(name)) => {
            let standard = standard(name)?;
            let read = match &code {
                Code::Bytes(Form::EucJp, bytes) => reading::read(bytes, standard),
                Code::Bytes(..) | Code::Char(_) => None,
            };
            let none = || CharsetError::MappingReading {
                rule: number,
                line,
                code: code_text.clone(),
                reading: standard.word(),
            };
            Action::Read(read.ok_or_else(none)?)
        }
        _ => return Err(CharsetError::MappingAction { rule: number, line }),
    };
    if let (Action::Keep, Code::Bytes(form, bytes)) = (action, &code)
        && view::postgres(*form, bytes).is_none()
    {
        return Err(CharsetError::MappingKeepsNothing { rule: number, line, code: code_text });
    }
    Ok(Decision {
        name: format!("map-{}", rule.code.value.to_uppercase()),
        code,
        action,
        lossy: rule.lossy.unwrap_or(matches!(action, Action::To(_))),
    })
}

/// The convention of a name.
pub(super) fn standard(name: &Word) -> Result<Standard, CharsetError> {
    word(name, "reading", &Standard::ALL.map(|standard| (standard.word(), standard)))
}

/// One character for one code. A sequence of two is longer than what it replaces; whoever knows
/// the column's width must look at it.
fn target(number: usize, to: &Word) -> Result<Text, CharsetError> {
    let wrong = || CharsetError::MappingTarget {
        rule: number,
        line: to.referenced.line(),
        to: short(&to.value),
    };
    // What has a meaning in COPY, arrays, records, ranges, JSON, XML or SQL would change the
    // structure of what stands around it: PostgreSQL puts no quotes round the character it replaces.
    let structural = |c: &char| c.is_control() || "\\\"'`,;:{}()[]<>&$%".contains(*c);
    let fits = |c: &char| Jis::get().has(*c) && !structural(c);
    let mut parts = to.value.split_whitespace().map(character);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Some(c)), None, None) if fits(&c) => Ok(Text::from(c)),
        (Some(Some(c)), Some(Some(mark)), None) if Jis::get().has_pair(c, mark) => {
            Ok(Text::pair(c, mark))
        }
        _ => Err(wrong()),
    }
}

fn short(text: &str) -> String {
    text.chars().take(32).collect()
}

fn code(text: &str) -> Option<Code> {
    if let Some(digits) = text.strip_prefix(SHIFT_JIS_MARK) {
        let bytes = hex::decode(digits).ok()?;
        return (bytes.len() == 2 && Form::ShiftJis.length(&bytes) == Some(2))
            .then_some(Code::Bytes(Form::ShiftJis, bytes));
    }
    let euc = |bytes| Code::Bytes(Form::EucJp, bytes);
    character(text).map(Code::Char).or_else(|| bytes(text).map(euc))
}

/// `U+9AD9`; of ASCII only what can be seen, and the space.
fn character(text: &str) -> Option<char> {
    let digits = text.strip_prefix("U+").or_else(|| text.strip_prefix("u+"))?;
    if !(4..=6).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let c = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    (!c.is_ascii() || c.is_ascii_graphic() || c == ' ').then_some(c)
}

/// Bytes of a two- or three-byte code of EUC-JP. ASCII has no rules: it is the structure of the archive.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = hex::decode(text).ok()?;
    (matches!(bytes.len(), 2 | 3) && bytes.iter().all(|byte| !byte.is_ascii())).then_some(bytes)
}
