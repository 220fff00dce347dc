//! One line: program, severity and SQLSTATE are told apart, the rest is laid over the templates.
//! It must not keep anything of a line that it cannot name.

use std::sync::OnceLock;

use super::messages::PATTERNS;
use super::slot::{MASK, Slot};
use super::template::{End, Opener, Piece, Template};
use super::words::{PARTS_OF_ARCHIVERS, PROGRAMS, SEVERITIES, SQLSTATE_CLASSES};

/// How deep a message may hold another: `query failed: ERROR: ...` is two.
const MAX_DEPTH: u32 = 4;
/// White space that is kept before a line.
const MAX_INDENT: usize = 8;

/// A line after it was read.
pub(super) enum Seen {
    /// What is kept.
    Known(String),
    /// Nothing is kept.
    Masked {
        /// The line's length.
        characters: u64,
    },
    /// There was nothing.
    Blank,
}

/// Where in the text the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between messages.
    Between,
    /// The line before ended in a value that was closed.
    AfterValue,
    /// The line before ended within a value: this one is, or may be, its next line.
    WithinValue(Opener),
}

/// Reads lines in their order; a value may span several.
pub(super) struct Reader {
    place: Place,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { place: Place::Between }
    }

    /// A reader that trusts no name before a value can have ended.
    pub(super) fn within_a_value() -> Self {
        Self { place: Place::WithinValue(Opener::Either) }
    }

    pub(super) fn read(&mut self, line: &str) -> Seen {
        let line = line.trim_end();
        if line.is_empty() {
            return Seen::Blank;
        }
        let characters = u64::try_from(line.chars().count()).unwrap_or(u64::MAX);
        let (prefix, rest) = take_prefix(line);
        // A line that begins with a program's name is no value's next line; one that begins with
        // a severity may be (a person's text may hold a whole message), so names count only once
        // the value has been closed.
        let place = if prefix.has_program { Place::Between } else { self.place };
        let trust = Trust {
            names: place == Place::Between || (place == Place::AfterValue && prefix.is_marked),
            slots: place == Place::Between || prefix.is_marked,
        };
        let message = read_message(rest, trust, 0);
        self.place = next_place(place, message.as_ref(), prefix.is_marked, line);
        match message {
            Some(message) => Seen::Known(format!("{}{}", prefix.text, message.text)),
            None if prefix.is_marked => {
                let masked = rest.chars().count();
                Seen::Known(format!("{}[line masked: {masked} characters]", prefix.text))
            }
            None => Seen::Masked { characters },
        }
    }
}

fn next_place(place: Place, message: Option<&Message>, is_marked: bool, line: &str) -> Place {
    match (place, message.map(|message| message.end)) {
        (Place::WithinValue(opener), _) if !closes(opener, line) => place,
        (_, Some(End::Opened(opener))) if !closes(opener, line) => Place::WithinValue(opener),
        (_, Some(End::Opened(_) | End::Value)) => Place::AfterValue,
        // A masked message may have further lines of its own.
        (_, None) if is_marked => Place::AfterValue,
        (Place::Between, _) => Place::Between,
        (Place::AfterValue, Some(End::Complete)) if is_marked => Place::Between,
        _ => Place::AfterValue,
    }
}

/// What a line may keep.
#[derive(Clone, Copy)]
struct Trust {
    /// Names in slots.
    names: bool,
    /// Messages with slots at all.
    slots: bool,
}

/// Whether a value that `opener` began, in this line or before, can have ended with this line.
fn closes(opener: Opener, line: &str) -> bool {
    const AFTER_PARENTHESIS: [&str; 9] = [
        ")",
        ").",
        ") already exists.",
        ") is duplicated.",
        "を含みます",
        "すでに存在します。",
        "は重複しています。",
        ")がありません",
        "から参照されています",
    ];
    let quote = line.ends_with('"');
    let parenthesis = AFTER_PARENTHESIS.iter().any(|closer| line.ends_with(closer))
        || (line.ends_with("\".") && line.contains(") is "));
    match opener {
        Opener::Quote => quote,
        Opener::Parenthesis => parenthesis,
        Opener::Either => quote || parenthesis,
    }
}

/// What stands before a message.
#[derive(Default)]
struct Prefix {
    text: String,
    /// A program was named.
    has_program: bool,
    /// A program or a severity was named.
    is_marked: bool,
}

fn take_prefix(line: &str) -> (Prefix, &str) {
    let rest = line.trim_start();
    let indent = line.len().saturating_sub(rest.len()).min(MAX_INDENT);
    let mut prefix = Prefix { text: " ".repeat(indent), ..Prefix::default() };
    let rest = take_timestamp(rest, &mut prefix);
    let rest = take_program(rest, &mut prefix);
    let rest = take_severity(rest, &mut prefix);
    (prefix, rest)
}

/// `2027-01-21 19:00:03.123 JST [1234] `, as the server's log begins its lines.
fn take_timestamp<'a>(line: &'a str, prefix: &mut Prefix) -> &'a str {
    const FORM: &[u8] = b"0000-00-00 00:00:00";
    let Some((stamp, rest)) = line.split_at_checked(FORM.len()) else { return line };
    let fits = stamp.bytes().zip(FORM).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        other => byte == *other,
    });
    if !fits {
        return line;
    }
    prefix.text.push_str(stamp);
    prefix.text.push(' ');
    // Fraction, zone and process are of no use to a reader; users and databases are not shown.
    let mut rest = rest;
    for _ in 0..3 {
        let Some((word, after)) = rest.split_once(' ') else { break };
        let is_fraction = word.is_empty()
            || (word.starts_with('.') && word.bytes().skip(1).all(|b| b.is_ascii_digit()));
        let is_zone = matches!(word, "JST" | "UTC" | "GMT");
        let is_process = word
            .strip_prefix('[')
            .and_then(|word| word.trim_end_matches(':').strip_suffix(']'))
            .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        if !(is_fraction || is_zone || is_process) {
            break;
        }
        rest = after;
    }
    rest
}

/// `pg_restore: `, `/usr/lib/postgresql/15/bin/pg_dump: `, `psql:file.sql:12: `,
/// `pg_restore: [archiver (db)] `.
fn take_program<'a>(line: &'a str, prefix: &mut Prefix) -> &'a str {
    let Some((word, after)) = line.split_once(':') else { return line };
    let name = word.rsplit('/').next().unwrap_or(word);
    let Some(name) = PROGRAMS.iter().find(|program| **program == name) else { return line };
    prefix.text.push_str(name);
    prefix.has_program = true;
    prefix.is_marked = true;
    let mut rest = after;
    if *name == "psql" && !after.starts_with(' ') {
        // The file's name stays here, its line goes on.
        if let Some((_, behind)) = after.split_once(':')
            && let Some((number, behind)) = behind.split_once(':')
            && Slot::Number.accepts(number)
        {
            prefix.text.push_str(&format!(":{MASK}:{number}"));
            rest = behind;
        }
    }
    prefix.text.push_str(": ");
    let rest = rest.trim_start();
    for part in PARTS_OF_ARCHIVERS {
        if let Some(after) = rest.strip_prefix(part) {
            prefix.text.push_str(part);
            prefix.text.push(' ');
            return after.trim_start();
        }
    }
    rest
}

/// `ERROR:  22021: `; PostgreSQL's programs write `error: `.
fn take_severity<'a>(line: &'a str, prefix: &mut Prefix) -> &'a str {
    let found = SEVERITIES.iter().find_map(|severity| {
        let after = line.strip_prefix(severity)?.strip_prefix(':')?;
        Some((severity, after))
    });
    let Some((severity, after)) = found else { return line };
    prefix.is_marked = true;
    prefix.text.push_str(severity);
    prefix.text.push_str(": ");
    let rest = after.trim_start();
    match rest.split_once(':') {
        Some((state, behind)) if is_sqlstate(state) => {
            prefix.text.push_str(state);
            prefix.text.push_str(": ");
            behind.trim_start()
        }
        _ => rest,
    }
}

fn is_sqlstate(text: &str) -> bool {
    text.len() == 5
        && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        && text.get(..2).is_some_and(|class| SQLSTATE_CLASSES.contains(&class))
}

struct Message {
    text: String,
    end: End,
}

fn read_message(text: &str, trust: Trust, depth: u32) -> Option<Message> {
    if depth > MAX_DEPTH {
        return None;
    }
    templates().iter().find_map(|template| {
        let pieces = template.find(text)?;
        let has_slots = pieces.iter().any(|piece| matches!(piece, Piece::Slot(..)));
        if has_slots && !trust.slots {
            return None;
        }
        let mut message = Message { text: String::new(), end: template.end() };
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => message.text.push_str(literal),
                Piece::Slot(Slot::Message, inner) => {
                    let inner = read_inner(inner, trust, depth);
                    message.text.push_str(&inner.text);
                    message.end = inner.end;
                }
                Piece::Slot(slot, text) => message.text.push_str(&slot.keep(text, trust.names)),
            }
        }
        Some(message)
    })
}

fn read_inner(text: &str, trust: Trust, depth: u32) -> Message {
    let mut prefix = Prefix::default();
    let rest = take_severity(text.trim_start(), &mut prefix);
    match read_message(rest, trust, depth.saturating_add(1)) {
        Some(message) => Message { text: format!("{}{}", prefix.text, message.text), ..message },
        // What is not known may be a value, and may go on.
        None if rest.is_empty() => Message { text: prefix.text, end: End::Complete },
        None => Message { text: format!("{}{MASK}", prefix.text), end: End::Value },
    }
}

/// Every known message, parsed once.
pub(super) fn templates() -> &'static [Template] {
    static TEMPLATES: OnceLock<Vec<Template>> = OnceLock::new();
    TEMPLATES.get_or_init(|| PATTERNS.iter().map(|pattern| Template::parse(pattern)).collect())
}
