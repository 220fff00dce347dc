//! Lines of normalised characters, each with the place of the original it came from.
//!
//! Everything after this step sees one way of writing a digit, a colon, a dash or a space. What
//! would change the meaning by normalising is taken out first: a circled number before a date
//! (`①1月`) must not become `11月`, a footnote mark after a time not a further digit.

use unicode_normalization::UnicodeNormalization;

use super::markup::{self, Piece};

/// One normalised character and the bytes of the text it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) ch: char,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Begins and ends text that is struck through.
pub(super) const STRUCK: char = '\u{E000}';
pub(super) const UNSTRUCK: char = '\u{E001}';
/// A number or bullet in front of an item.
pub(super) const BULLET: char = '●';

/// A line of the text; a piece of markup may make several of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// The number in the text, from 1.
    pub(super) number: usize,
    pub(super) glyphs: Vec<Glyph>,
}

impl Line {
    /// True where nothing is written.
    pub(super) fn is_blank(&self) -> bool {
        self.glyphs.iter().all(|glyph| glyph.ch.is_whitespace())
    }
}

/// The lines of a text.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let html = markup::is_marked_up(text);
    let mut lines = Vec::new();
    let mut line = Line { number: 1, glyphs: Vec::new() };
    let mut at = 0;
    let mut number = 1;
    let mut close = |line: &mut Line, number: usize| {
        let next = Line { number, glyphs: Vec::new() };
        let mut done = std::mem::replace(line, next);
        strip_quotes(&mut done.glyphs);
        lines.push(done);
    };
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if html && let Some((piece, length)) = markup::piece(rest) {
            match piece {
                Piece::Break => close(&mut line, number),
                Piece::Nothing => {}
                Piece::Char(ch) => push(&mut line.glyphs, ch, at, at + length),
            }
            at += length;
            continue;
        }
        let mut chars = rest.chars();
        let Some(ch) = chars.next() else { break };
        let mut length = ch.len_utf8();
        // A half-width kana and its voicing mark are one letter.
        let mark = chars.next().filter(|next| {
            matches!(next, '\u{FF9E}' | '\u{FF9F}' | '\u{3099}' | '\u{309A}') && is_kana(ch)
        });
        length += mark.map_or(0, char::len_utf8);
        if ch == '\n' || (ch == '\r' && !rest.starts_with("\r\n")) {
            number += 1;
            close(&mut line, number);
        } else if let Some(mark) = mark {
            for ch in [ch, mark].into_iter().nfkc() {
                line.glyphs.push(Glyph { ch, start: at, end: at + length });
            }
        } else {
            push(&mut line.glyphs, ch, at, at + length);
        }
        at += length;
    }
    close(&mut line, number);
    lines
}

fn is_kana(ch: char) -> bool {
    matches!(ch, '\u{3041}'..='\u{30FF}' | '\u{FF66}'..='\u{FF9D}')
}

fn push(glyphs: &mut Vec<Glyph>, ch: char, start: usize, end: usize) {
    let mut add = |ch| glyphs.push(Glyph { ch, start, end });
    match ch {
        // Invisible: byte order marks, joiners, direction and variation marks.
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' => {}
        '\u{FEFF}' | '\u{00AD}' | '\u{FE00}'..='\u{FE0F}' | '\r' => {}
        // Keycap digits: the digit stands before the mark.
        '\u{20E3}' => {
            glyphs.pop();
            glyphs.push(Glyph { ch: BULLET, start, end });
        }
        // Numbers in circles and brackets, and with a full stop, are bullets.
        '\u{2460}'..='\u{249B}' | '\u{24EA}'..='\u{24FF}' | '\u{2776}'..='\u{2793}' => add(BULLET),
        '\u{3220}'..='\u{3229}' | '\u{3280}'..='\u{3289}' | '\u{3251}'..='\u{325F}' => add(BULLET),
        '\u{32B1}'..='\u{32BF}' => add(BULLET),
        // Footnote marks and fractions.
        '\u{00B2}' | '\u{00B3}' | '\u{00B9}' | '\u{2070}'..='\u{209C}' => add(' '),
        '\u{00BC}'..='\u{00BE}' | '\u{2150}'..='\u{215F}' => add('%'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{2043}' => add('-'),
        '\u{2500}' | '\u{2501}' | '\u{2574}' => add('-'),
        '\u{301C}' | '\u{223C}' | '\u{223E}' | '\u{2053}' | '\u{3030}' | '\u{02DC}' => add('~'),
        '\u{27A1}' | '\u{21D2}' | '\u{27F6}' | '\u{2794}' | '\u{21E8}' | '\u{27F9}' => add('→'),
        '\u{2236}' | '\u{A789}' | '\u{FE30}' | '\u{FE13}' => add(':'),
        '\u{2502}' | '\u{2503}' | '\u{2551}' | '\u{00A6}' => add('|'),
        '\u{2215}' | '\u{2044}' => add('/'),
        '\u{2019}' | '\u{2018}' | '\u{02BC}' => add('\''),
        '\t' => add('\t'),
        _ if ch.is_whitespace() => add(' '),
        _ if ch.is_ascii() => add(ch),
        _ => {
            for ch in std::iter::once(ch).nfkc() {
                add(if ch.is_whitespace() { ' ' } else { ch });
            }
        }
    }
}

/// Takes the `>` of quoted mail from the beginning of a line.
fn strip_quotes(glyphs: &mut Vec<Glyph>) {
    let quotes = glyphs.iter().take_while(|glyph| matches!(glyph.ch, '>' | ' ')).count();
    if glyphs.iter().take(quotes).any(|glyph| glyph.ch == '>') {
        glyphs.drain(..quotes);
    }
}
