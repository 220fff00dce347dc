//! Where a word of SQL ends: strings, quoted names, comments, numbers.
//!
//! All of it works on bytes: in EUC-JP and UTF-8 alike no byte of a Japanese character is below
//! 0x80.

use super::sql::Kind;

/// The kind and length of what `rest` begins with; no kind for white space and comments.
pub(super) fn next(rest: &[u8], escapes: bool) -> (Option<Kind>, usize) {
    let while_is = |is: fn(&u8) -> bool| rest.iter().position(|b| !is(b)).unwrap_or(rest.len());
    match rest {
        [b' ' | b'\t' | b'\n' | b'\r', ..] => (None, while_is(u8::is_ascii_whitespace).max(1)),
        [b'-', b'-', ..] => (None, while_is(|byte| *byte != b'\n')),
        [b'/', b'*', ..] => (None, comment(rest)),
        [b'\'', ..] => (Some(Kind::Text), quoted(rest, b'\'', escapes)),
        [b'E' | b'e', b'\'', text @ ..] => {
            (Some(Kind::Text), quoted_after(text, b'\'', true).saturating_add(2))
        }
        [b'"', ..] => (Some(Kind::Name), quoted(rest, b'"', false)),
        [b'$', ..] => match dollar(rest) {
            Some(length) => (Some(Kind::Text), length),
            None => (Some(Kind::Mark), 1),
        },
        [first, ..] if first.is_ascii_alphabetic() || *first == b'_' || *first >= 0x80 => {
            let in_word =
                |b: &u8| b.is_ascii_alphanumeric() || matches!(*b, b'_' | b'$') || *b >= 0x80;
            (Some(Kind::Word), while_is(in_word))
        }
        [b'0'..=b'9', ..] => (Some(Kind::Mark), while_is(u8::is_ascii_digit)),
        _ => (Some(Kind::Mark), 1),
    }
}

fn quoted(rest: &[u8], quote: u8, escapes: bool) -> usize {
    quoted_after(rest.get(1..).unwrap_or_default(), quote, escapes).saturating_add(1)
}

/// The length up to and with the closing quote; a doubled quote is none.
fn quoted_after(text: &[u8], quote: u8, escapes: bool) -> usize {
    let mut at = 0_usize;
    while let Some(byte) = text.get(at) {
        let next = text.get(at.saturating_add(1));
        at = at.saturating_add(1);
        if *byte == quote {
            if next != Some(&quote) {
                return at;
            }
            at = at.saturating_add(1);
        } else if *byte == b'\\' && escapes {
            at = at.saturating_add(1);
        }
    }
    text.len()
}

/// Comments of this kind can be nested.
fn comment(rest: &[u8]) -> usize {
    let (mut at, mut open) = (0_usize, 0_usize);
    while at < rest.len() {
        match rest.get(at..at.saturating_add(2)) {
            Some(b"/*") => open = open.saturating_add(1),
            Some(b"*/") => open = open.saturating_sub(1),
            _ => {
                at = at.saturating_add(1);
                continue;
            }
        }
        at = at.saturating_add(2);
        if open == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length of `$tag$ ... $tag$`; `None` where no such string begins.
fn dollar(rest: &[u8]) -> Option<usize> {
    let tag = rest.get(1..)?.iter().position(|byte| *byte == b'$')?.saturating_add(2);
    let mark = rest.get(..tag)?;
    let name = mark.get(1..tag.saturating_sub(1))?;
    let named = name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80);
    if !named || name.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let body = rest.get(tag..)?;
    let end = body.windows(tag).position(|window| window == mark);
    Some(end.map_or(rest.len(), |end| end.saturating_add(tag).saturating_add(tag)))
}
