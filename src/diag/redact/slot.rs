//! What may stand in a message's slot, and what of it is kept. It must not know messages.

use super::words::{OS_ERRORS, TOC_KINDS, TYPES};

/// What stands in place of what is not kept.
pub(super) const MASK: &str = "…";
/// PostgreSQL's names have at most 63 bytes (NAMEDATALEN - 1).
const MAX_NAME_BYTES: usize = 63;
/// Digits of the largest 64-bit number.
const MAX_DIGITS: usize = 20;
/// The bytes that PostgreSQL shows of a character it cannot read: at most 8.
const MAX_SHOWN_BYTES: usize = 8;

/// The kind of a slot in a [`super::template::Template`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// `{id}`: the name of a table, column, constraint, encoding; kept where it looks like one.
    Id,
    /// `{ids}`: names with commas between.
    Ids,
    /// `{n}`: a number of PostgreSQL's own: a line, an OID, a port, a count.
    Number,
    /// `{hex}`: `0xfc 0xe2`.
    Bytes,
    /// `{ver}`: `1.14`, `9.6.24 (Debian ...)`; the leading number is kept.
    Version,
    /// `{type}`: a data type that PostgreSQL brings along.
    Type,
    /// `{os}`: the operating system's text of an error.
    OsError,
    /// `{toc}`: `TABLE DATA tbl_x orca`: kind and name are kept, the owner is not.
    TocEntry,
    /// `{kind}`: `TABLE`, `FK CONSTRAINT`.
    TocKind,
    /// `{msg}`: another message.
    Message,
    /// `{*}`: a value; never kept.
    Value,
}

impl Slot {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "id" => Self::Id,
            "ids" => Self::Ids,
            "n" => Self::Number,
            "hex" => Self::Bytes,
            "ver" => Self::Version,
            "type" => Self::Type,
            "os" => Self::OsError,
            "toc" => Self::TocEntry,
            "kind" => Self::TocKind,
            "msg" => Self::Message,
            "*" => Self::Value,
            _ => return None,
        })
    }

    /// Whether `text` can stand here at all. Slots of a strict form refuse anything else, so that
    /// the whole line is masked.
    pub(super) fn accepts(self, text: &str) -> bool {
        match self {
            Self::Number => is_number(text),
            Self::Bytes => is_bytes(text),
            Self::Version => text.starts_with(|first: char| first.is_ascii_digit()),
            Self::TocKind => TOC_KINDS.contains(&text),
            Self::Id | Self::Ids | Self::Type | Self::OsError | Self::TocEntry => !text.is_empty(),
            Self::Message | Self::Value => true,
        }
    }

    /// What is kept of `text`. Inside a value's later lines no name can be trusted.
    pub(super) fn keep(self, text: &str, trust_names: bool) -> String {
        match self {
            Self::Id if trust_names && is_name(text) => text.to_owned(),
            Self::Ids if trust_names => {
                let kept = |name: &str| if is_name(name) { name.to_owned() } else { MASK.into() };
                text.split(',').map(|name| kept(name.trim())).collect::<Vec<_>>().join(", ")
            }
            Self::Number | Self::Bytes | Self::TocKind => text.to_owned(),
            Self::Version => keep_version(text),
            Self::Type => keep_type(text),
            Self::OsError if OS_ERRORS.contains(&text) => text.to_owned(),
            Self::TocEntry => keep_toc_entry(text, trust_names),
            _ => MASK.to_owned(),
        }
    }
}

/// Letters, digits, `_`, `.`, `$`, not beginning with a digit: a number alone may be a patient's.
fn is_name(text: &str) -> bool {
    text.len() <= MAX_NAME_BYTES
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$'))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_bytes(text: &str) -> bool {
    let is_byte = |part: &str| {
        part.len() == 4
            && part
                .strip_prefix("0x")
                .is_some_and(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    text.split(' ').count() <= MAX_SHOWN_BYTES && text.split(' ').all(is_byte)
}

fn keep_version(text: &str) -> String {
    let number: String =
        text.chars().take(MAX_DIGITS).take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    if number.len() == text.len() { number } else { format!("{number} {MASK}") }
}

/// `character varying(10)`: the base is on the list, what stands in parentheses is digits.
fn keep_type(text: &str) -> String {
    let (base, length) = match text.split_once('(') {
        Some((base, rest)) => (base, rest.strip_suffix(')')),
        None => (text, Some("0")),
    };
    let length_is_digits = length.is_some_and(|length| length.split(',').all(is_number));
    if length_is_digits && TYPES.contains(&base) { text.to_owned() } else { MASK.to_owned() }
}

/// `CONSTRAINT tbl_x tbl_x_pkey orca` → `CONSTRAINT tbl_x tbl_x_pkey …`.
fn keep_toc_entry(text: &str, trust_names: bool) -> String {
    let kind = TOC_KINDS
        .iter()
        .filter(|kind| {
            text.strip_prefix(**kind).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
        .max_by_key(|kind| kind.len());
    let Some(kind) = kind else { return MASK.to_owned() };
    let rest: Vec<&str> =
        text.strip_prefix(kind).unwrap_or_default().split(' ').filter(|t| !t.is_empty()).collect();
    let mut kept = (*kind).to_owned();
    for (at, name) in rest.iter().enumerate() {
        // The last one is the owner, a user's name.
        let is_owner = at.saturating_add(1) == rest.len();
        kept.push(' ');
        kept.push_str(if trust_names && !is_owner && is_name(name) { name } else { MASK });
    }
    kept
}
