//! The little of HTML that stands in a copied notice: breaks, cells, strikes, entities.

use super::normalise::{STRUCK, UNSTRUCK};

/// What a piece of markup is read as.
pub(super) enum Piece {
    /// A new line.
    Break,
    /// Nothing at all.
    Nothing,
    /// A character.
    Char(char),
}

/// Longest tag that is looked at, in bytes; a longer one is text.
const MAX_TAG: usize = 400;

const BREAKS: [&str; 20] = [
    "br", "p", "div", "li", "ul", "ol", "tr", "table", "tbody", "thead", "h1", "h2", "h3", "h4",
    "h5", "hr", "dl", "dt", "section", "article",
];
const CELLS: [&str; 3] = ["td", "th", "dd"];
const STRIKES: [&str; 3] = ["s", "del", "strike"];
const NOTHING: [&str; 14] = [
    "span", "b", "strong", "em", "i", "u", "font", "a", "small", "html", "body", "time", "pre",
    "ins",
];

/// True where the text has tags of a page; a mail address in `<…>` is none.
pub(super) fn is_marked_up(text: &str) -> bool {
    let mut tags = text.match_indices('<').take(10_000);
    tags.any(|(at, _)| text.get(at..).and_then(tag).is_some()) || text.contains("&nbsp;")
}

/// The piece of markup that `rest` begins with, and its length in bytes.
pub(super) fn piece(rest: &str) -> Option<(Piece, usize)> {
    match rest.as_bytes().first()? {
        b'<' => tag(rest),
        b'&' => entity(rest),
        _ => None,
    }
}

fn tag(rest: &str) -> Option<(Piece, usize)> {
    let inner = rest.strip_prefix('<')?;
    let end = inner.bytes().take(MAX_TAG).position(|byte| matches!(byte, b'>' | b'<' | b'\n'))?;
    let inner = inner.get(..end).filter(|_| rest.as_bytes().get(end + 1) == Some(&b'>'))?;
    let (closing, inner) = inner.strip_prefix('/').map_or((false, inner), |rest| (true, rest));
    let name: String = inner
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .map(|ch| ch.to_ascii_lowercase())
        .collect();
    let after = inner.get(name.len()..)?;
    if !(after.is_empty() || after.starts_with([' ', '/'])) {
        return None;
    }
    let known = |list: &[&str]| list.contains(&name.as_str());
    let piece = if known(&BREAKS) {
        Piece::Break
    } else if known(&CELLS) {
        if closing { Piece::Nothing } else { Piece::Char('\t') }
    } else if known(&STRIKES) {
        Piece::Char(if closing { UNSTRUCK } else { STRUCK })
    } else if known(&NOTHING) {
        Piece::Nothing
    } else {
        return None;
    };
    Some((piece, end + 2))
}

fn entity(rest: &str) -> Option<(Piece, usize)> {
    let end = rest.bytes().take(12).position(|byte| byte == b';')?;
    let name = rest.get(1..end)?;
    let ch = match name {
        "nbsp" | "ensp" | "emsp" => ' ',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "ndash" | "mdash" | "minus" => '-',
        "sim" => '~',
        "rarr" => '→',
        "middot" => '・',
        "colon" => ':',
        _ => {
            let digits = name.strip_prefix('#')?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(number).filter(|ch| !ch.is_control())?
        }
    };
    Some((Piece::Char(ch), end + 1))
}
